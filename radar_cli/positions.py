"""A scan's position: as the person says it, or of the phone where the setting `position` is on."""

import time
from collections.abc import Callable, Mapping

from radar_cli.world import local_text
from radar_core.failures import USAGE, Failure, N_
from radar_core.scans import position_of
from scanners.positions import Fix, read_fix

Body = Mapping[str, object]


def said(words: str) -> Callable[[], Body]:
    """Return what gives a position of the form `LAT,LON,ACCURACY`; raise Failure for another."""
    try:
        lat, lon, accuracy_m = (float(word) for word in words.split(","))
    except ValueError:
        raise _wrong(words) from None
    body = {"lat": lat, "lon": lon, "accuracy_m": accuracy_m}
    if position_of(body) is None:
        raise _wrong(words)
    return lambda: body


def of_phone(environ: Mapping[str, str]) -> Callable[[], Body | None]:
    """Return what asks the phone where it is."""

    def ask() -> Body | None:
        fix = read_fix(environ)
        return body_of(fix) if fix is not None else None

    return ask


def body_of(fix: Fix) -> Body | None:
    """Return a fix as it stands in an action, None where it is no place on earth."""
    at = local_text(round(time.time() - fix.age_s))
    body = {"lat": fix.lat, "lon": fix.lon, "accuracy_m": fix.accuracy_m, "at": at}
    return body if position_of(body) is not None else None


def _wrong(words: str) -> Failure:
    return Failure(
        "usage",
        N_("{words} is no position; nothing was scanned."),
        N_("Degrees and metres, such as: --position 36.0672,120.3826,12"),
        exit_code=USAGE,
        words=words[:80],
    )
