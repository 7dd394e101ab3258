"""What the rows about work must be: routes, schedules, holidays, meters, deadlines."""

from collections.abc import Iterator, Mapping

from radar_core.book_cells import split_list
from radar_core.book_forms import FORM_OF, MEASURED
from radar_core.book_sheet import Findings, Problem, problem
from radar_core.book_staff import Posts
from radar_core.book_tables import Entry, Tables
from radar_core.failures import N_
from radar_core.schedules import happens

CHECKPOINTS_MAX = 200
BY_METER = ("meter", "every", "above", "below")


def check_work(tables: Tables, posts: Posts, findings: Findings) -> None:
    """Check each row that says which work there is, and when."""
    _check_routes(tables, findings)
    _check_schedules(tables, posts, findings)
    _check_once(tables, findings, "holidays", "date")
    _check_once(tables, findings, "sla", "priority")
    _check_meters(tables, findings)
    _check_deadlines(tables, findings)


def named(entry: Entry, *columns: str) -> list[str]:
    """Return those of the columns that say something."""
    return [column for column in columns if entry[column]]


def not_one(columns: str) -> Problem:
    """Return the problem that none or several of the columns say something."""
    return problem(N_("Exactly one of {columns} must be named."), columns=columns)


def _crossed(entry: Entry, least: str, most: str, *, equal: bool = False) -> bool:
    """Tell whether two columns that both say a number say them the wrong way round."""
    if entry.bad & {least, most} or not (entry[least] and entry[most]):
        return False
    low, high = float(entry[least]), float(entry[most])
    return low > high or (equal and low == high)


def _check_routes(tables: Tables, findings: Findings) -> None:
    routes: dict[str, set[tuple[str, str]]] = {}
    for entry in tables.entries["routes"]:
        seen = routes.setdefault(entry["route"], set())
        spots = named(entry, "place", "asset")
        if len(spots) != 1:
            findings.add("routes", entry.row, "", not_one("place, asset"))
            continue
        for column, found in _rule_problems(entry):
            findings.add("routes", entry.row, column, found)
        checkpoint = (spots[0], entry[spots[0]])
        if checkpoint in seen:
            found = problem(N_("The route visits {value} already."), value=checkpoint[1])
            findings.add("routes", entry.row, spots[0], found)
        seen.add(checkpoint)
        if len(seen) == CHECKPOINTS_MAX + 1:
            found = problem(
                N_("A route has at most {most} checkpoints."), most=str(CHECKPOINTS_MAX)
            )
            findings.add("routes", entry.row, "", found)


def _rule_problems(entry: Entry) -> Iterator[tuple[str, Problem]]:
    if _crossed(entry, "open_min", "close_min", equal=True):
        found = N_("The checkpoint closes at {close}, before it opens at {open}.")
        yield "close_min", problem(found, close=entry["close_min"], open=entry["open_min"])
    if _crossed(entry, "gap_min", "gap_max"):
        found = N_("gap_max {most} is less than gap_min {least}.")
        yield "gap_max", problem(found, most=entry["gap_max"], least=entry["gap_min"])


def _check_schedules(tables: Tables, posts: Posts, findings: Findings) -> None:
    opens: dict[str, dict[str, int]] = {}
    for entry in tables.entries["routes"]:
        if entry["open_min"] and "open_min" not in entry.bad:
            spot = entry["place"] or entry["asset"]
            opens.setdefault(entry["route"], {})[spot] = int(entry["open_min"])
    for entry in tables.entries["schedules"]:
        found = [
            *_spot_problems(entry, opens.get(entry["route"], {})),
            *_exdate_problems(entry),
            *_repeat_problems(entry),
        ]
        if not _can_do(tables, posts, entry):
            no = problem(N_("{value} is no {role}."), value=entry["staff"], role=entry["role"])
            found.append(("staff", no))
        for column, one in found:
            findings.add("schedules", entry.row, column, one)


def _spot_problems(entry: Entry, opens: Mapping[str, int]) -> Iterator[tuple[str, Problem]]:
    spots = named(entry, "place", "asset", "route")
    if len(spots) != 1:
        yield "", not_one("place, asset, route")
    elif entry["kind"] == "patrol" and spots != ["route"]:
        yield "route", problem(N_("A patrol goes along a route; name it here."))
    for late in _closed_all_along(entry, opens):
        yield "duration_min", problem(N_("Its round is over before {value} opens."), value=late)


def _closed_all_along(entry: Entry, opens: Mapping[str, int]) -> list[str]:
    """Return the checkpoints that open only when the round's window and grace are over."""
    if entry.bad & {"duration_min", "grace_min"}:
        return []
    most = int(entry["duration_min"]) + int(entry["grace_min"] or 0)
    return [spot for spot, minutes in opens.items() if minutes > most]


def _can_do(tables: Tables, posts: Posts, entry: Entry) -> bool:
    person = tables.first["staff"].get(entry["staff"])
    if person is None or "roles" in person.bad or entry.bad & {"staff", "role"}:
        return True
    held = posts.roles(person)
    # Who does not work there is named for that alone.
    return entry["role"] in held.get(entry["project"], [entry["role"]])


def _exdate_problems(entry: Entry) -> Iterator[tuple[str, Problem]]:
    """A date alone means the start of that day, which only a rule with one start a day has."""
    if entry.bad & {"exdates", "rrule"}:
        return
    often = any(word in entry["rrule"] for word in ("BYHOUR", "BYMINUTE", "HOURLY"))
    day = next((day for day in split_list(entry["exdates"]) if "T" not in day), "")
    if often and day:
        found = N_("{value} needs its time too, as in 2026-01-31 22:00: the rule has hours.")
        yield "exdates", problem(found, value=day)


def _repeat_problems(entry: Entry) -> Iterator[tuple[str, Problem]]:
    if "repeat" in entry.bad:
        return
    if entry["repeat"] == "meter":
        yield from _meter_problems(entry)
        return
    for column in named(entry, *BY_METER):
        yield column, problem(N_("Only a schedule that repeats by meter has this."))
    if not entry["rrule"]:
        yield "rrule", problem(N_("This cell must not be empty."))
    elif not entry.bad & {"rrule", "start", "seasons"} and not happens(
        entry["rrule"], entry["start"], split_list(entry["seasons"])
    ):
        yield "rrule", problem(N_("From its start on and in its seasons, this never happens."))


def _meter_problems(entry: Entry) -> Iterator[tuple[str, Problem]]:
    if not entry["meter"]:
        yield "meter", problem(N_("A schedule that repeats by meter names its meter here."))
    if bool(entry["every"]) == bool(named(entry, "above", "below")):
        yield "every", problem(N_("Say either every, or above or below."))
    if _crossed(entry, "below", "above", equal=True):
        yield (
            "below",
            problem(N_("Every reading is below this or above that; one of them is wrong.")),
        )
    if entry["rrule"]:
        yield "rrule", problem(N_("A schedule that repeats by meter has no rule."))


# Holidays, meters, deadlines.


def _check_once(tables: Tables, findings: Findings, sheet: str, column: str) -> None:
    """Of the rows of one thing no two may say the same in a column."""
    key = FORM_OF[sheet].key
    seen: dict[tuple[str, str], int] = {}
    for entry in tables.entries[sheet]:
        first = seen.setdefault((entry[key], entry[column]), entry.row)
        if first != entry.row and column not in entry.bad:
            message = N_("{value} stands in row {row} already.")
            found = problem(message, value=entry[column], row=str(first))
            findings.add(sheet, entry.row, column, found)


def _check_meters(tables: Tables, findings: Findings) -> None:
    if "checklists" in tables.unread:
        return
    known = {one["step"] for one in tables.entries["checklists"] if one["type"] in MEASURED}
    for entry in tables.entries["meters"]:
        if entry["step"] and entry["step"] not in known and "step" not in entry.bad:
            found = problem(N_("No checklist has a reading {value}."), value=entry["step"])
            findings.add("meters", entry.row, "step", found)


def _check_deadlines(tables: Tables, findings: Findings) -> None:
    for entry in tables.entries["sla"]:
        if not named(entry, "response_min", "resolution_min"):
            found = problem(N_("Say response_min, resolution_min or both."))
            findings.add("sla", entry.row, "", found)
        elif _crossed(entry, "response_min", "resolution_min"):
            found = problem(N_("The work would be done before anybody has to answer."))
            findings.add("sla", entry.row, "resolution_min", found)
