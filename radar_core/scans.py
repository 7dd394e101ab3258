"""A scan as evidence sees it: read from an action, whatever its body may hold. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import isfinite

from radar_core.actions import Action, wall_ms

UNKNOWN = -1
"""The error of a time that nobody can bound."""
HASH_DIGITS = 16
PHOTO_S = 15 * 60
"""So long after a scan a photograph still belongs to it, in seconds."""
_ACCURACY_M_MAX = 100_000.0


@dataclass(frozen=True, slots=True)
class Position:
    """A fix: degrees, its accuracy in metres, whether a program made it up, how old it was."""

    lat: float
    lon: float
    accuracy_m: float
    mock: bool = False
    age_s: int = 0


@dataclass(frozen=True, slots=True)
class Dated:
    """When an action was: the centre's grade of its clock, the time, how wrong that may be.

    The grade is that of `sync.grading`, or empty where no centre has looked at it yet.
    """

    at_ms: int
    grade: str = ""
    error_ms: int = UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One scan. What is not known is empty: a text, a list, or None.

    `wall_ms` is what the phone's clock told, `dated` the best that is known. `hash` is the 64 bits
    of its frame, `deleted` whether its position was deleted on schedule, `photo` the state of the
    photographs with it: `promised`, `arrived`, `deleted` or empty.
    """

    id: str
    epoch: str
    seq: int
    staff: str
    tag: str
    place: str
    via: str
    boot: str
    mono_ms: int
    wall_ms: int | None
    dated: Dated
    task: str = ""
    hash: int | None = None
    position: Position | None = None
    deleted: bool = False
    photo: str = ""

    @property
    def run(self) -> tuple[str, str]:
        """The phone and its boot: within one, nobody can set the monotonic clock."""
        return (self.epoch, self.boot)


def scan_of(action: Action, dated: Dated | None = None) -> Scan:
    """Return an action of the kind `scan` as evidence sees it; nothing in its body is a mistake."""
    assert action.kind == "scan", action.kind
    told_ms, body = wall_ms(action.wall), action.body
    frame = body.get("frame")
    return Scan(
        id=action.id,
        epoch=action.epoch,
        seq=action.seq,
        staff=action.staff,
        tag=_text(body, "tag"),
        place=_text(body, "place"),
        via=_text(body, "via"),
        task=_text(body, "task"),
        boot=action.boot,
        mono_ms=action.mono_ms,
        wall_ms=told_ms,
        dated=dated or Dated(told_ms if told_ms is not None else action.at_s * 1000),
        hash=_hash(frame.get("hash")) if isinstance(frame, dict) else None,
        position=position_of(body.get("position"), told_ms),
        deleted=isinstance(body.get("position"), str),
    )


def read_scans(
    actions: Iterable[tuple[Action, Dated | None]],
    arrived: Collection[str] = (),
    deleted: Collection[str] = (),
) -> Iterator[Scan]:
    """Yield the scans among actions, each with the photographs that the same phone took at it.

    `arrived` are the SHA-256 of the photographs that the centre holds, `deleted` of those that were
    deleted on schedule.
    """
    before: Scan | None = None
    for action, dated in sorted(actions, key=lambda pair: (pair[0].epoch, pair[0].seq)):
        if action.kind == "photo" and before is not None and _belongs(action, before):
            named = action.body.get("sha256")
            told = "arrived" if named in arrived else "deleted" if named in deleted else "promised"
            before = replace(before, photo=min(filter(None, (before.photo, told))))
        elif action.kind == "scan":
            if before is not None:
                yield before
            before = scan_of(action, dated)
    if before is not None:
        yield before


def hash_distance(one: int, other: int) -> int:
    """Return in how many of their 64 bits the hashes of two frames differ."""
    return (one ^ other).bit_count()


def _belongs(photo: Action, scan: Scan) -> bool:
    place = photo.body.get("place")
    soon = 0 <= photo.mono_ms - scan.mono_ms <= PHOTO_S * 1000
    return (photo.epoch, photo.boot) == scan.run and soon and place in (None, "", scan.place)


def _text(body: Mapping[str, object], name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""


def _hash(value: object) -> int | None:
    if not isinstance(value, str) or len(value) != HASH_DIGITS or not value.isalnum():
        return None
    try:
        return int(value, 16)
    except ValueError:
        return None


def position_of(value: object, told_ms: int | None = None) -> Position | None:
    """Return the position in a body, None for what is none; `told_ms` is the time of the scan."""
    if not isinstance(value, dict):
        return None
    lat, lon, accuracy = (finite(value.get(name)) for name in ("lat", "lon", "accuracy_m"))
    if lat is None or lon is None or abs(lat) > 90 or abs(lon) > 180:  # noqa: PLR2004 - degrees
        return None
    if accuracy is None or not 0 <= accuracy <= _ACCURACY_M_MAX:
        accuracy = _ACCURACY_M_MAX
    at = value.get("at")
    at_ms = wall_ms(at) if isinstance(at, str) else None
    age_ms = told_ms - at_ms if told_ms is not None and at_ms is not None else 0
    return Position(lat, lon, accuracy, value.get("mock") is True, max(0, age_ms // 1000))


def finite(value: object) -> float | None:
    """Return a number of the wire as it can be counted with, None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if isfinite(number) else None
