"""What a decoder saw in a picture: one reading for each code, in a stable order."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    Corners = tuple[tuple[float, float], ...]


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
    """Return the readings from top to bottom and left to right, each code once."""
    kept: dict[tuple[str, bytes], Reading] = {}
    for reading in sorted(readings, key=_place):
        if reading.raw:
            kept.setdefault((reading.symbology, reading.raw), reading)
    return list(kept.values())


def _place(reading: Reading) -> tuple[float, float, str, bytes]:
    top = min(y for _, y in reading.corners)
    left = min(x for x, _ in reading.corners)
    return top, left, reading.symbology, reading.raw
