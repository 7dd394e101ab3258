"""The site that is measured on: projects of one shape, their people, and what these record.

An action has the shape of what the verbs record, about tasks that the schedules really make, with
stamps, codes and remarks that do not repeat; about 380 bytes a line.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from itertools import accumulate, pairwise

from radar_core.actions import Draft, Moment
from radar_core.book import Record
from radar_core.tags import CODE_RANDOM_BYTES, make_code

PROJECTS = [f"P{number}" for number in range(8)]
PLACES, ASSETS, GUARDS = 24, 12, 16
HERE = timezone(timedelta(hours=8))
GAP_S = 240.0
"""The mean time between two actions of one person."""
BOOT_MS = 302_400_000
REMARKS = """
boiler pump valve leak corridor stairwell lift filter meter gas water smoke alarm tested ok replaced
gasket tenant absent access refused key returned bin store lamp flicker changed door closer adjusted
roof gutter cleared moss north east wing basement panel reset breaker pressure low topped up bar
noise bearing ordered spare sealed repainted swept mopped emptied full half
"""
WORDS = REMARKS.split()
KINDS = {"scan": 44, "answer": 14, "note": 18, "reading": 8, "start": 6, "complete": 6, "photo": 4}
STEPS = ("leak", "noise", "pressure", "hours", "remark")


def guard(number: int) -> tuple[str, str]:
    """Return a person and their project; neighbours in number work in different projects."""
    project = PROJECTS[number % len(PROJECTS)]
    return f"{project}-G{number // len(PROJECTS):02d}", project


def book() -> list[Record]:
    """Return the records of all projects."""
    return [record for project in PROJECTS for record in _project(project)]


def _project(name: str) -> Iterator[Record]:
    chance = random.Random(name)  # noqa: S311 - a workload
    about = {"district": "WC", "name": f"Project {name}", "timezone": "Asia/Shanghai"}
    yield Record(name, "district", "WC", {"name": "West Coast", "domain": "R.EXAMPLE"})
    yield Record(name, "project", name, {**about})
    for place in _places(name):
        path = f"Project {name} / {place}"
        yield Record(name, "place", place, {"kind": "room", "name": place, "path": path})
    for place, asset in zip(_places(name), _assets(name), strict=False):
        yield Record(name, "asset", asset, {"place": place, "class": "pump", "name": asset})
    for place in _places(name):
        code = make_code(chance.randbytes(CODE_RANDOM_BYTES))
        yield Record(name, "tag", code, {"place": place, "state": "bound"})
    for number in range(GUARDS):
        person: dict[str, object] = {"name": f"Person {number}", "roles": ["guard"]}
        yield Record(name, "staff", f"{name}-G{number:02d}", person | {"projects": [name]})
    steps = [{"id": step, "type": "text", "title": step, "required": False} for step in STEPS]
    yield Record(name, "checklist", f"{name}-CL", {"name": "Checks", "steps": steps})
    points = [f"place:{place}" for place in _places(name)]
    yield Record(name, "route", f"{name}-RT", {"name": "Round", "checkpoints": points})
    yield from (Record(name, "schedule", id_, body) for id_, body in _schedules(name).items())


def _places(project: str) -> list[str]:
    return [f"{project}-T{number // 6}-F{number:02d}" for number in range(PLACES)]


def _assets(project: str) -> list[str]:
    return [f"{project}-PUMP{number}" for number in range(ASSETS)]


def _schedules(project: str) -> dict[str, dict[str, object]]:
    """Return rounds every two hours, a cleaning of each place a day, a daily look at each pump."""
    common: dict[str, object] = {"role": "guard", "grace_min": 10, "rrule": "FREQ=DAILY"}
    round_ = {"kind": "patrol", "title": "Round", "route": f"{project}-RT", "duration_min": 120}
    found: dict[str, dict[str, object]] = {
        f"{project}-R{hour:02d}": common | round_ | {"start": f"2025-01-01T{hour:02d}:00"}
        for hour in range(0, 24, 2)
    }
    for place in _places(project):
        cleaning = {"kind": "cleaning", "title": "Cleaning", "place": place, "duration_min": 480}
        found[f"{project}-C-{place}"] = common | cleaning | {"start": "2025-01-01T08:00"}
    for asset in _assets(project):
        job = {"kind": "maintenance", "title": "Daily look", "asset": asset, "duration_min": 600}
        job |= {"checklist": f"{project}-CL", "start": "2025-01-01T07:00"}
        found[f"{project}-M-{asset}"] = common | job
    return found


def times(number: int, until_ms: int, actions: int) -> list[int]:
    """Return when a person offline for weeks acts so many times, the last time at `until_ms`."""
    chance = random.Random(f"{number} {until_ms}")  # noqa: S311 - a workload
    gaps = [int(chance.expovariate(1 / GAP_S) * 1000) + 1 for _ in range(actions)]
    return list(accumulate(gaps, initial=until_ms - sum(gaps)))[1:]


def drafts(number: int, times_ms: Sequence[int]) -> Iterator[tuple[Draft, Moment]]:
    """Yield what a person records at these times."""
    staff, project = guard(number)
    scribe = _Scribe(staff, project, random.Random(f"{number} {times_ms[:1]}"))  # noqa: S311 - a workload
    for at_ms in times_ms:
        yield scribe.draft(at_ms), moment_at(at_ms)


def moment_at(at_ms: int) -> Moment:
    """Return a time as a phone's clocks tell it, the phone being switched on anew twice a week."""
    wall = datetime.fromtimestamp(at_ms / 1000, HERE).isoformat(timespec="milliseconds")
    boot, mono_ms = divmod(at_ms, BOOT_MS)
    return Moment(wall, at_ms, f"{boot:08x}", mono_ms)


class _Scribe:
    """What one person records: the site as they know it, and their chance."""

    def __init__(self, staff: str, project: str, chance: random.Random) -> None:
        self._staff, self._project, self._chance = staff, project, chance
        records = list(_project(project))
        self._codes = {str(r.body["place"]): r.id for r in records if r.kind == "tag"}
        self._places, self._assets = _places(project), _assets(project)

    def draft(self, at_ms: int) -> Draft:
        """Return what is recorded at that time."""
        (kind,) = self._chance.choices(list(KINDS), list(KINDS.values()))
        at = datetime.fromtimestamp(at_ms / 1000, HERE)
        subject, body = self._scan(at) if kind == "scan" else self._work(kind, at)
        return Draft(
            staff=self._staff, project=self._project, kind=kind, subject=subject, body=body
        )

    def _scan(self, at: datetime) -> tuple[str, dict[str, object]]:
        number = self._chance.randrange(PLACES)
        place = self._places[number]
        code = self._codes[place]
        round_ = f"{self._project}-R{at.hour // 2 * 2:02d}@{at:%Y%m%d}-{at.hour // 2 * 2:02d}00"
        body: dict[str, object] = {"text": f"HTTPS://R.EXAMPLE/{code}", "via": "picture"}
        body |= {"outcome": "on_round", "tag": code, "place": place}
        return code, body | {"task": round_, "checkpoint": number}

    def _work(self, kind: str, at: datetime) -> tuple[str, dict[str, object]]:
        chance = self._chance
        if kind in ("answer", "reading") or chance.random() < 0.5:
            asset = chance.choice(self._assets)
            task = f"{self._project}-M-{asset}@{at:%Y%m%d}-0700"
            body: dict[str, object] = {"task": task, "asset": asset}
        else:
            place = chance.choice(self._places)
            task = f"{self._project}-C-{place}@{at:%Y%m%d}-0800"
            body = {"task": task, "place": place}
        if kind == "answer":
            body |= {"step": chance.choice(STEPS), "value": self._text(6, 14)}
        elif kind == "reading":
            body |= {"step": "hours", "value": round(chance.random() * 9999, 2), "unit": "kWh"}
        elif kind == "note":
            body["text"] = self._text(16, 36)
        elif kind == "photo":
            body |= {"sha256": chance.randbytes(32).hex(), "text": self._text(4, 10)}
        return task, body

    def _text(self, least: int, most: int) -> str:
        return " ".join(self._chance.choices(WORDS, k=self._chance.randint(least, most)))


def spread(total: int, parts: int) -> list[int]:
    """Return `total` as so many nearly equal whole parts."""
    cuts = [total * part // parts for part in range(parts + 1)]
    return [high - low for low, high in pairwise(cuts)]
