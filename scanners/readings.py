"""What a decoder saw in a picture: one reading for each code, in a stable order."""

from radar_core.tags import code_of_label

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Corners = tuple[tuple[float, float], ...]

UNCHECKED = frozenset({"Code39", "ITF"})
"""Symbologies without a check of their own: a reading counts when two steps agree on it."""

_BLANK = bytes(range(33)) + b"\x7f"


class Reading:
    r"""One code in a picture.

    `raw` are the bytes that the code holds. `text` is `raw` as UTF-8, with every byte that is
    not valid there written as a backslash escape (`\xe9`), so that all engines and the keyboard
    wedge spell the same code alike: no engine's guess of a character set enters a text.
    `corners` are four (x, y) points in pixels of the picture.
    """

    __slots__ = ("corners", "engine", "raw", "symbology", "text")

    def __init__(self, raw: bytes, symbology: str, engine: str, corners: "Corners") -> None:
        self.raw = raw
        self.text = raw.decode("utf-8", "backslashreplace")
        self.symbology = symbology
        self.engine = engine
        self.corners = corners

    def placed(self, corners: "Corners") -> "Reading":
        """Return the same reading with other corners."""
        return Reading(self.raw, self.symbology, self.engine, corners)

    def moved(self, across: float, down: float) -> "Reading":
        """Return it in a picture whose sides are `across` and `down` times as long."""
        return self.placed(_moved(self.corners, across, down))

    def __repr__(self) -> str:
        return f"Reading({self.text!r}, {self.symbology}, {self.engine})"


class Unread:
    """A QR code that was seen where it is, with too many wrong modules to be read.

    `corners` are those of the square, from its upper left the way round, in pixels of the
    picture; `version`, `level` and `mask` are the code's own word (ISO/IEC 18004).
    """

    __slots__ = ("corners", "level", "mask", "version")

    def __init__(self, corners: "Corners", version: int, level: str, mask: int) -> None:
        self.corners = corners
        self.version = version
        self.level = level
        self.mask = mask

    def moved(self, across: float, down: float) -> "Unread":
        """Return it in a picture whose sides are `across` and `down` times as long."""
        corners = _moved(self.corners, across, down)
        return Unread(corners, self.version, self.level, self.mask)

    def __repr__(self) -> str:
        return f"Unread(version {self.version}-{self.level}, {self.corners})"


def same_place(one: "Corners", other: "Corners") -> bool:
    """Say whether two codes lie on each other: two stickers never do."""
    (x, y), (u, v) = _centre(one), _centre(other)
    reach = max(_diagonal(one), _diagonal(other)) / 4
    return abs(x - u) <= reach and abs(y - v) <= reach


def settled(steps: "Sequence[Sequence[Reading]]") -> list[Reading]:
    """Return what may be believed of all that several steps read, in order.

    Two texts at one place contradict each other, unless one step saw both (a code printed within
    a code): a label of RADAR's whose check character is right wins, else what more steps read; as
    many for each leaves none. What a symbology of `UNCHECKED` says counts when two steps read it.
    """
    seen_by: dict[tuple[str, bytes], set[int]] = {}
    first: dict[tuple[str, bytes], Reading] = {}
    for number, readings in enumerate(steps):
        for reading in readings:
            key = reading.symbology, reading.raw
            seen_by.setdefault(key, set()).add(number)
            first.setdefault(key, reading)
    believed = [
        key
        for key, reading in first.items()
        if reading.symbology not in UNCHECKED or len(seen_by[key]) > 1
    ]

    def weight(key: tuple[str, bytes]) -> tuple[bool, int]:
        return code_of_label(first[key].text) is not None, len(seen_by[key])

    def beaten(key: tuple[str, bytes]) -> bool:
        return any(
            not seen_by[other] & seen_by[key]
            and same_place(first[other].corners, first[key].corners)
            and weight(other) >= weight(key)
            for other in believed
        )

    return in_order(first[key] for key in believed if not beaten(key))


def in_order(readings: "Iterable[Reading]") -> list[Reading]:
    """Return the readings row by row from the top, each row from the left, each code once.

    Codes that hold nothing but blanks and control characters are left out.
    """
    rows: list[list[Reading]] = []
    for reading in sorted(readings, key=_top):
        # A row is what begins above the middle of its first code: no photo is level to a pixel.
        if rows and _top(reading)[0] < _middle(rows[-1][0]):
            rows[-1].append(reading)
        else:
            rows.append([reading])
    kept: dict[tuple[str, bytes], Reading] = {}
    for row in rows:
        for reading in sorted(row, key=_left):
            if reading.raw.translate(None, _BLANK):
                kept.setdefault((reading.symbology, reading.raw), reading)
    return list(kept.values())


def _top(reading: Reading) -> tuple[float, str, bytes]:
    return min(y for _, y in reading.corners), reading.symbology, reading.raw


def _left(reading: Reading) -> tuple[float, str, bytes]:
    return min(x for x, _ in reading.corners), reading.symbology, reading.raw


def _middle(reading: Reading) -> float:
    heights = [y for _, y in reading.corners]
    return (min(heights) + max(heights)) / 2


def _moved(corners: "Corners", across: float, down: float) -> "Corners":
    return tuple((x * across, y * down) for x, y in corners)


def _centre(corners: "Corners") -> tuple[float, float]:
    return sum(x for x, _ in corners) / len(corners), sum(y for _, y in corners) / len(corners)


def _diagonal(corners: "Corners") -> float:
    (x, y), (u, v) = corners[0], corners[len(corners) // 2]
    return float(((x - u) ** 2 + (y - v) ** 2) ** 0.5)
