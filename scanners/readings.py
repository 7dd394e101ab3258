"""What a decoder saw in a picture: one reading for each code, in a stable order."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    Corners = tuple[tuple[float, float], ...]

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

    def __repr__(self) -> str:
        return f"Reading({self.text!r}, {self.symbology}, {self.engine})"


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
