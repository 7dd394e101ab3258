"""How old what a board tells is, and the names in it, as values of templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from radar_cli.one_screen.asks import Said, said
from radar_cli.one_screen.desk import Desk
from radar_core.failures import N_

Data = Mapping[str, Any]


def seconds_of(at: object) -> float:
    """Return a time of the board in seconds since 1970 UTC."""
    return datetime.fromisoformat(str(at)).timestamp()


def clock_of(desk: Desk, at: object) -> str:
    """Return a time of the board as a local time of day."""
    return desk.time_of(int(seconds_of(at)))


def age_of(desk: Desk, at: object) -> Said:
    """Return how long ago something was, or in how long it will be, as roughly as people say it."""
    seconds = desk.now_s() - seconds_of(at)
    size = abs(seconds)
    if size < 60:  # noqa: PLR2004 - a minute
        return said(N_("just now"))
    age = said(N_("{count} min"), count=int(size // 60))
    if size >= 2 * 86400:
        age = said(N_("{count} days"), count=int(size // 86400))
    elif size >= 2 * 3600:
        age = said(N_("{count} h"), count=int(size // 3600))
    return age if seconds >= 0 else said(N_("in {age}"), age=age)


def as_of(desk: Desk, at: object, unknown: Said) -> Said:
    """Return as of when something is (law 12), `unknown` where no phone could tell."""
    return said(N_("as of {at}"), at=clock_of(desk, at)) if at else unknown


def names_in(one: Data) -> dict[str, object]:
    """Return what something of the board is called, in both languages."""
    return {"name": one["name"], "name_zh": one.get("name_zh") or one["name"]}


def listed(words: Iterable[object]) -> Said:
    """Return words behind each other, those that are empty left out."""
    told = {f"w{at}": word for at, word in enumerate(words) if word not in ("", ("", {}))}
    return " · ".join(f"{{{name}}}" for name in told), told
