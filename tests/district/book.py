"""The district's book for 90 busy days: West Coast, with what a real one has more of.

More rounds (every hour of the day, random ones too, with questions and least times on the way),
more cleaning (each lobby several times a day) and daily readings of all plant.
"""

from collections.abc import Collection, Iterator
from zoneinfo import available_timezones

from radar_core.book import Mistakes, Record, read_book
from radar_core.west_coast import west_coast

Body = dict[str, object]
ROUNDS = {"NIGHT": (0, 4, 20), "DAY": (7, 11, 13, 17), "GARAGE": (1, 6, 10, 14, 18, 23)}
LOBBY_HOURS, REFUSE_HOURS = (10, 13, 16), (6, 14)
RANDOM_HOURS = (2, 8, 12, 16, 21)
PLANT = ("pump", "generator", "transformer", "fan", "tank", "panel", "battery", "meter")
HOLIDAYS = ["2026-04-05", "2026-05-01", "2026-06-19"]


def district_book(projects: Collection[str] = ()) -> list[Record]:
    """Return the records of the book, of some projects only if any are named."""
    book = read_book(west_coast(), zones=available_timezones())
    assert not isinstance(book, Mistakes), book
    found = [record for record in book.records() if not projects or record.project in projects]
    for project in sorted({record.project for record in found}):
        found += _more(project, [record for record in found if record.project == project])
    return found


def _more(project: str, records: list[Record]) -> Iterator[Record]:
    there: dict[str, dict[str, Body]] = {}
    for record in records:
        there.setdefault(record.kind, {})[record.id] = record.body
    yield Record(project, "holidays", "OFFICE", {"name": "Office", "dates": list(HOLIDAYS)})
    for name, hours in ROUNDS.items():
        like = there["schedule"][f"{project}-R-{name}1"]
        for hour in hours:
            start = {"start": f"2026-01-01T{hour:02}:30"}
            yield Record(project, "schedule", f"{project}-R-{name}-{hour:02}", like | start)
    yield from _random_rounds(project, there)
    for spot, hours, likes in (
        ("LOBBY", LOBBY_HOURS, "LOBBY-CLEANING"),
        ("REFUSE", REFUSE_HOURS, "STAIR-CLEANING"),
    ):
        for place in there["place"]:
            if place.endswith(f"-{spot}"):
                for hour in hours:
                    yield _cleaning(project, place, hour, likes)
    for asset, body in there["asset"].items():
        if body.get("class") in PLANT and "-T" not in asset:
            yield _inspection(project, asset)


def _random_rounds(project: str, there: dict[str, dict[str, Body]]) -> Iterator[Record]:
    """A round in random order, with questions at every third checkpoint and times between."""
    places = [place for place in there["place"] if place.endswith(("-LOBBY", "-ROOF", "-YARD"))]
    gaps: Body = {"gap_min_s": 20, "gap_max_s": 900}
    rules = [gaps if n % 3 else gaps | {"checklist": "STAIR-CLEANING"} for n in range(10)]
    points = [f"place:{place}" for place in places[: len(rules)]]
    route: Body = {"name": "Random round", "ordered": False, "order": "random"}
    route |= {"checkpoints": points, "rules": rules}
    yield Record(project, "route", f"{project}-RANDOM", route)
    likes = there["schedule"][f"{project}-R-DAY1"] | {"route": f"{project}-RANDOM"}
    for hour in RANDOM_HOURS:
        start = {"start": f"2026-01-01T{hour:02}:00"}
        yield Record(project, "schedule", f"{project}-R-RANDOM-{hour:02}", likes | start)


def _cleaning(project: str, place: str, hour: int, checklist: str) -> Record:
    body: Body = {"kind": "cleaning", "title": "Cleaning", "role": "cleaner", "place": place}
    body |= {"rrule": "FREQ=DAILY", "start": f"2026-01-01T{hour:02}:00", "duration_min": 120}
    body |= {"grace_min": 30, "checklist": checklist, "calendar": "OFFICE"}
    return Record(project, "schedule", f"C-{place}-{hour:02}", body)


def _inspection(project: str, asset: str) -> Record:
    body: Body = {"kind": "maintenance", "title": "Readings", "role": "engineer", "asset": asset}
    body |= {"rrule": "FREQ=DAILY", "start": "2026-01-01T08:00", "duration_min": 600}
    body |= {"grace_min": 0, "checklist": "PUMP-DAILY", "seasons": ["01-01..12-30"]}
    return Record(project, "schedule", f"M-{asset}-DAILY", body)
