"""The people and the phones of a board: who did what today, and which phone is silent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from radar_cli.one_screen.ages import Data, age_of, as_of, clock_of, listed, names_in, seconds_of
from radar_cli.one_screen.asks import NOTHING, Choice, Row, said
from radar_cli.one_screen.desk import Desk
from radar_core.failures import N_
from radar_core.tasks import FINISHED

SILENT_S = 12 * 3600
"""A phone that is silent for longer is told with a mark."""


def people_of(desk: Desk, projects: Iterable[Data]) -> list[Row]:
    """Return who did what, those first who did something last."""
    found: dict[str, dict[str, Any]] = {}
    for project in projects:
        for row in project.get("people", ()):
            one = found.setdefault(row["staff"], dict(row) | {"work": {}, "given": 0})
            for state, count in row["work"].items():
                one["work"][state] = one["work"].get(state, 0) + count
            one["given"] += row["given"]
            one["at"] = max(one["at"] or "", row["at"] or "") or None
    ordered = sorted(found.values(), key=lambda one: (one["at"] or "", one["staff"]), reverse=True)
    return [_person(desk, one) for one in ordered]


def _person(desk: Desk, one: Data) -> Row:
    done = sum(count for state, count in one["work"].items() if state in FINISHED)
    going = sum(count for state, count in one["work"].items() if state not in FINISHED)
    words = [
        said(N_("{count} done"), count=done) if done else "",
        said(N_("{count} under way"), count=going) if going else "",
        said(N_("{count} waiting"), count=one["given"]) if one["given"] else "",
    ]
    detail = listed(words if any(words) else [said(N_("nothing yet"))])
    fresh = as_of(desk, one["as_of"], said(N_("no phone")))
    text = said("{who} · {fresh}", who=names_in(one), fresh=fresh)
    mark = "✓" if done else ">" if going else "·"
    return Row(mark, text, detail, "plain", _about(one["staff"]))


def phones_of(desk: Desk, projects: Iterable[Data]) -> list[Row]:
    """Return the phones, the one that is silent for longest first; never heard is longest."""
    found = {row["device"]: row for project in projects for row in project["phones"]}
    ordered = sorted(found.values(), key=lambda row: (row["last_sync"] or "", row["device"]))
    return [_phone(desk, row) for row in ordered]


def _phone(desk: Desk, row: Data) -> Row:
    last = row["last_sync"]
    silent = not last or desk.now_s() - seconds_of(last) > SILENT_S
    whose: object = names_in(row) if row["name"] else row["staff"]
    if row.get("shared"):
        whose = said(N_("shared phone {device}"), device=row["device"])
    seen = said(N_("synced {at}"), at=clock_of(desk, last)) if last else said(N_("never synced"))
    text = listed([whose, seen])
    age = age_of(desk, last) if last else NOTHING
    return Row(
        "!" if silent else "●", text, age, "warn" if silent else "plain", _about(row["staff"])
    )


def _about(staff: str) -> Choice | None:
    return Choice(NOTHING, "thing", (f"staff:{staff}",)) if staff else None
