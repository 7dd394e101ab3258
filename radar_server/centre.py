"""The centre as its parts see it: where it keeps things, its key, its clock, its randomness."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Engine

from radar_server.agenda import Agendas
from radar_server.replays import Replays
from radar_server.shelf import Shelf
from sync.keys import KeyPair

Kept = dict[str, tuple[int, list[dict[str, object]]]]
"""What was told of each project and when, in milliseconds since 1970 UTC."""


@dataclass(frozen=True, slots=True)
class Centre:
    """`now_ms` gives milliseconds since 1970 UTC, `randomness` so many random bytes.

    `shelf` has the photos and signatures, `replays` has seen each request of late. `agendas` and
    `weak` are kept for the boards, and `stale` names the projects whose `weak` is to be made anew;
    `retained` has up to which position of a project those who were where are deleted. Nothing but
    time depends on them.
    `authority` is what phones are told to check the centre's certificate by, as PEM.
    """

    engine: Engine
    keys: KeyPair
    now_ms: Callable[[], int]
    randomness: Callable[[int], bytes]
    shelf: Shelf
    authority: str = ""
    agendas: Agendas = field(default_factory=Agendas)
    weak: Kept = field(default_factory=dict)
    stale: set[str] = field(default_factory=set)
    retained: dict[str, int] = field(default_factory=dict)
    replays: Replays = field(default_factory=Replays)


LAST_S = 253_402_300_799
"""The last second of the year 9999; a phone's clock may claim a later one."""


def rfc3339(at_ms: int) -> str:
    """Return an instant as RFC 3339 in UTC, to the second."""
    return f"{datetime.fromtimestamp(min(at_ms // 1000, LAST_S), UTC):%Y-%m-%dT%H:%M:%SZ}"
