"""Which known codes may be meant by one that was mistyped: pure, as eyes and fingers err."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

MOST = 3
"""So many suggestions: more would be guessing."""
FAR = 3
"""Beyond this distance a code is another one."""
_ALIKE_COST = 1
_OTHER_COST = 2
_SWAP_COST = 2

_ALIKE = {
    frozenset(pair)
    for pair in ("8B", "5S", "2Z", "0D", "0Q", "DQ", "1J", "1T", "1Y", "7T", "6G", "VY", "VW", "MN")
}
"""Characters of the alphabet that are taken for each other on a worn or dirty label."""


def distance(one: str, other: str) -> int:
    """Return how far apart two codes are; more than `FAR` for others than a slip of the hand.

    A character taken for one that looks like it counts 1, another wrong one 2, two neighbours
    swapped 2.
    """
    if len(one) != len(other):
        return FAR + 1
    wrong = [at for at in range(len(one)) if one[at] != other[at]]
    if len(wrong) == 2 and _are_swapped(one, other, *wrong):  # noqa: PLR2004 - neighbours
        return _SWAP_COST
    return sum(
        _ALIKE_COST if frozenset((one[at], other[at])) in _ALIKE else _OTHER_COST for at in wrong
    )


def _are_swapped(one: str, other: str, first: int, second: int) -> bool:
    neighbours = second == first + 1
    return neighbours and one[first] == other[second] and one[second] == other[first]


def nearest(code: str, known: "Mapping[str, bool]") -> list[str]:
    """Return at most `MOST` known codes that may be meant, those that have a place first.

    `known` says of each code whether the site book knows a place for it.
    """
    near = [(not placed, distance(code, one), one) for one, placed in known.items()]
    return [one for _, far, one in sorted(near) if far <= FAR][:MOST]
