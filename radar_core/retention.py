"""How long positions and photos are kept: what a project's record says, or else as here. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

POSITIONS_DAYS, PHOTOS_DAYS = 90, 365
"""Where the site book says nothing."""
DAYS_MAX = 3650
DAY_MS = 86_400_000


class Keeping(NamedTuple):
    """For how many days a project keeps where its people were, and their photos and signatures."""

    positions_days: int = POSITIONS_DAYS
    photos_days: int = PHOTOS_DAYS

    def positions_until_ms(self, now_ms: int) -> int:
        """Return the instant before which the time of a position is over."""
        return now_ms - self.positions_days * DAY_MS

    def photos_until_ms(self, now_ms: int) -> int:
        """Return the instant before which the time of a photo is over."""
        return now_ms - self.photos_days * DAY_MS


def keeping_of(project: Mapping[str, object]) -> Keeping:
    """Return what a project's record says; what is no number of days is as if it said nothing."""
    return Keeping(
        _days(project.get("keep_positions_days"), POSITIONS_DAYS),
        _days(project.get("keep_photos_days"), PHOTOS_DAYS),
    )


def _days(value: object, otherwise: int) -> int:
    return value if type(value) is int and 1 <= value <= DAYS_MAX else otherwise
