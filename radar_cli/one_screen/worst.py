"""The exceptions of a board, the worst first: what it is, how old, whose; alike ones in one row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from commands.thing import names_of
from radar_cli.one_screen.ages import Data, age_of, listed, names_in
from radar_cli.one_screen.asks import NOTHING, Choice, Row, Said, said
from radar_cli.one_screen.desk import Desk
from radar_cli.words import EXCEPTIONS, LEVELS
from radar_core.failures import N_
from radar_core.jsontext import decode_object
from radar_core.tasks import Task

WORST = (
    *("sla_breached", "missed", "late", "revoked", "fork", "restored", "sla_at_risk"),
    *("rejected", "conflict", "weak_evidence", "reading_doubt", "ended_early"),
    *("unknown", "done_late"),
)
"""Kinds of exceptions, the worst first."""
MARKS = dict.fromkeys(WORST[:4], "✗") | {"unknown": "?", "done_late": "·"}
"""What marks a kind; all others `!`."""
TONES = {"✗": "bad", "!": "warn", "?": "plain", "·": "plain"}
Found = tuple[Data, Data]
"""An exception with its project."""


def count_of(projects: Iterable[Data]) -> int:
    """Return how many exceptions projects have, those that are not listed too."""
    return sum(one.get("exceptions_count", len(one["exceptions"])) for one in projects)


def worst_first(projects: Iterable[Data]) -> list[list[Found]]:
    """Return the exceptions, the worst kind first, in each the oldest.

    Those of one kind, of one schedule and project stand together: a daily task that nobody did for
    a week is one row.
    """
    ranks = {kind: rank for rank, kind in enumerate(WORST)}
    found = [(row, project) for project in projects for row in project["exceptions"]]
    found.sort(key=lambda one: (ranks.get(one[0]["kind"], len(ranks)), str(one[0]["at"])))
    groups: dict[tuple[str, str, str], list[Found]] = {}
    for at, one in enumerate(found):
        kind, schedule, project = alike(one)
        groups.setdefault((kind, schedule or str(at), project), []).append(one)
    return list(groups.values())


def alike(found: Found) -> tuple[str, str, str]:
    """Return what exceptions that stand together have in common: kind, schedule, project."""
    row, project = found
    schedule = str(row["task"]).partition("@")[0].partition("#")[0]
    return str(row["kind"]), schedule, str(project["id"])


def sentence_of(found: Sequence[Found]) -> Said:
    """Return what exceptions that stand together are: the kind, how many, the title."""
    row = found[0][0]
    kind = EXCEPTIONS.get(row["kind"]) or str(row["kind"])
    title = {"name": row["title"], "name_zh": row.get("title_zh") or row["title"]}
    if len(found) == 1:
        return said(N_("{kind}: {title}"), kind=(kind, {}), title=title)
    return said(N_("{kind} ×{count}: {title}"), kind=(kind, {}), count=len(found), title=title)


def mark_of(projects: Iterable[Data]) -> str:
    """Return the mark of the worst exception of projects, ✓ where there is none."""
    kinds = {row["kind"] for project in projects for row in project["exceptions"]}
    marks = {MARKS.get(kind, "!") for kind in kinds}
    return next((mark for mark in "✗!?" if mark in marks), "✓")


def rows_of(desk: Desk, groups: Iterable[Sequence[Found]], *, several: bool) -> Iterator[Row]:
    """Yield a row for each group; with `several` projects it says which."""
    for found in groups:
        row, project = found[0]
        words: list[object] = [age_of(desk, row["at"]), _whose(desk, row)]
        if row.get("level"):
            words.append(("→ {who}", {"who": (LEVELS[row["level"]], {})}))
        if several:
            words.append(names_in(project))
        mark = MARKS.get(str(row["kind"]), "!")
        yield Row(mark, sentence_of(found), listed(words), TONES[mark], _opens(found))


def _opens(found: Sequence[Found]) -> Choice | None:
    """Return what a row opens: its task, the list of several, or whose phone it is about."""
    row = found[0][0]
    if len(found) > 1:
        return Choice(NOTHING, "alike", alike(found[0]))
    if row["task"]:
        return Choice(NOTHING, "task", (str(row["task"]),))
    staff = row.get("staff")
    return Choice(NOTHING, "thing", (f"staff:{staff}",)) if staff else None


def _whose(desk: Desk, row: Data) -> object:
    """Return who has it or did it; else whose work it is; nothing where that is not known."""
    staff = row.get("assignee") or row.get("staff")
    if staff:
        return names_of(desk.phone, str(staff))
    if row["kind"].startswith("sla_"):
        return N_("nobody has it"), {}
    found = desk.phone.journal.connection.execute(
        "SELECT body FROM task WHERE id = ?", (row["task"],)
    ).fetchone()
    if found is None:
        return ""
    task = Task(decode_object(found[0]))
    return names_of(desk.phone, task.staff) if task.staff else (task.role, {})
