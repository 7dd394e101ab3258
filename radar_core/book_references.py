"""An id that nothing has: which one was probably meant."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from radar_core.book_sheet import Problem, problem
from radar_core.failures import N_

_ID_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"


def dangling(name: str, sheet: str, known: AbstractSet[str]) -> Problem:
    """Return the problem that no thing of a sheet has this id, with the one that may be meant."""
    suggestion = next((near for near in _one_edit_away(name) if near in known), "")
    if suggestion:
        return problem(
            N_("There is no {value} in the sheet {sheet}; did you mean {suggestion}?"),
            value=name,
            sheet=sheet,
            suggestion=suggestion,
        )
    return problem(N_("There is no {value} in the sheet {sheet}."), value=name, sheet=sheet)


def _one_edit_away(name: str) -> Iterator[str]:
    """Yield what one slip of the finger makes of an id: cheap whatever the size of the book."""
    yield from (name.upper(), name.lower())
    for i in range(len(name)):
        yield name[:i] + name[i + 1 :]
        yield name[:i] + name[i : i + 2][::-1] + name[i + 2 :]
    for i in range(len(name) + 1):
        for char in _ID_CHARS:
            yield name[:i] + char + name[i:]
            yield name[:i] + char + name[i + 1 :]
