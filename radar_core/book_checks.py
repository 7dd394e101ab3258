"""What the cells of a site book must be to each other: references, trees, rules of a row."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from radar_core.book_cells import closest, is_ours, looks_like_ours, split_list
from radar_core.book_forms import FORMS, MEASURED, OWNED, Column
from radar_core.book_references import dangling
from radar_core.book_sheet import Findings, Problem, problem
from radar_core.book_staff import Posts, check_staff
from radar_core.book_tables import Entry, Tables
from radar_core.book_work_checks import check_work, named, not_one
from radar_core.failures import N_

PLACE_DEPTH_MAX = 12
"""The most places one inside the other, from the project down."""
STEPS_MAX = 100


def check_tables(tables: Tables, zones: AbstractSet[str], findings: Findings) -> None:
    """Check everything that one cell cannot show; `zones` are the time zones that are known."""
    posts = Posts(tables)
    _check_references(tables, posts, findings)
    _check_districts(tables, findings)
    _check_zones(tables, zones, findings)
    _check_trees(tables, findings)
    _check_tags(tables, findings)
    _check_checklists(tables, findings)
    _check_positions(tables, findings)
    check_staff(tables, posts, findings)
    check_work(tables, posts, findings)


# References: what is named must be there, and belong to the same project.


def _check_references(tables: Tables, posts: Posts, findings: Findings) -> None:
    for form in FORMS:
        columns = [column for column in form.columns if column.refers not in tables.unread]
        for column in (column for column in columns if column.refers):
            for entry in tables.entries[form.name]:
                for found in _reference_problems(tables, posts, entry, column):
                    findings.add(form.name, entry.row, column.name, found)


def _reference_problems(
    tables: Tables, posts: Posts, entry: Entry, column: Column
) -> Iterator[Problem]:
    if column.name in entry.bad:
        return
    known = tables.first[column.refers]
    for name in split_list(entry[column.name]):
        target = known.get(name)
        if target is None:
            yield dangling(name, column.refers, known.keys())
        elif column.refers in OWNED and _foreign(entry, target):
            yield problem(
                N_("{value} belongs to the project {other}, not to {project}."),
                value=name,
                other=target["project"],
                project=entry["project"],
            )
        elif column.refers == "staff" and not _works_there(posts, entry, target):
            yield problem(
                N_("{value} does not work in the project {project}."),
                value=name,
                project=entry["project"],
            )


def _foreign(entry: Entry, target: Entry) -> bool:
    if "project" in entry.bad or "project" in target.bad:
        return False
    return entry["project"] != target["project"]


def _works_there(posts: Posts, entry: Entry, person: Entry) -> bool:
    if "project" in entry.bad or "projects" in person.bad:
        return True
    return entry["project"] in (*posts.projects(person), *split_list(person["projects"]))


# Districts, projects, places.


def _check_districts(tables: Tables, findings: Findings) -> None:
    """A district that nobody belongs to would be lost: it is sent with its projects."""
    if "projects" in tables.unread:
        return
    for sheet in ("districts", "projects"):
        if not tables.entries[sheet] and sheet not in tables.unread:
            findings.add(
                sheet, 0, "", problem(N_("The sheet is empty; a book needs one row here."))
            )
    used = {entry["district"] for entry in tables.entries["projects"]}
    for entry in tables.entries["districts"]:
        if entry["id"] not in used:
            found = problem(N_("No project belongs to the district {value}."), value=entry["id"])
            findings.add("districts", entry.row, "id", found)


def _check_zones(tables: Tables, zones: AbstractSet[str], findings: Findings) -> None:
    for entry in tables.entries["projects"]:
        name = entry["timezone"]
        if "timezone" in entry.bad or name in zones:
            continue
        suggestion = closest(name, sorted(zones)) or "Asia/Shanghai"
        found = problem(
            N_("{value} is no time zone; did you mean {suggestion}?"),
            value=name,
            suggestion=suggestion,
        )
        findings.add("projects", entry.row, "timezone", found)


def _check_trees(tables: Tables, findings: Findings) -> None:
    """Every place hangs from its project: no ring, and not too deep. A ring is named once."""
    places = tables.first["places"]
    depth: dict[str, int] = {}
    for start in places:
        chain: dict[str, None] = {}
        name = start
        while name in places and name not in depth and name not in chain:
            chain[name] = None
            name = places[name]["parent"]
        if name in chain:
            findings.add("places", places[name].row, "parent", _ring(list(chain), name))
        above = 0 if name in chain else depth.get(name, 0)
        depth |= {member: above + count for count, member in enumerate(reversed(chain), 1)}
        if above <= PLACE_DEPTH_MAX < depth[start] and name not in chain:
            found = problem(
                N_("{value} is deeper than {most} places one inside the other."),
                value=start,
                most=str(PLACE_DEPTH_MAX),
            )
            findings.add("places", places[start].row, "parent", found)


def _ring(chain: list[str], name: str) -> Problem:
    ring = " → ".join([*chain[chain.index(name) :], name])
    return problem(N_("The places stand in a ring: {ring}."), ring=ring)


# Rules of a row.


def _check_positions(tables: Tables, findings: Findings) -> None:
    for entry in tables.entries["places"]:
        if len(named(entry, "lat", "lon")) == 1:
            found = problem(N_("A position needs both lat and lon."))
            findings.add("places", entry.row, "", found)


def _check_tags(tables: Tables, findings: Findings) -> None:
    for entry in tables.entries["tags"]:
        if not entry.bad & {"code", "foreign"}:
            found = _code_problem(entry["code"], is_foreign=entry["foreign"] == "yes")
            if found:
                findings.add("tags", entry.row, "code", found)
        spots = named(entry, "place", "asset")
        if len(spots) > 1 or (not spots and entry["state"] not in ("", "blank")):
            findings.add("tags", entry.row, "", not_one("place, asset"))
        elif spots and entry["state"] == "blank":
            found = problem(N_("A blank tag stands for nothing yet: no place and no asset."))
            findings.add("tags", entry.row, "state", found)


def _code_problem(code: str, *, is_foreign: bool) -> Problem | None:
    if is_foreign and is_ours(code):
        return problem(N_("{value} is a RADAR code, not a foreign one."), value=code)
    if not is_foreign and not is_ours(code) and looks_like_ours(code):
        return problem(
            N_(
                "{value} has a wrong check character: mistyped? If it is a foreign code of this "
                "form, write yes in the column foreign."
            ),
            value=code,
        )
    return None


def _check_checklists(tables: Tables, findings: Findings) -> None:
    steps: dict[str, set[str]] = {}
    for entry in tables.entries["checklists"]:
        seen = steps.setdefault(entry["checklist"], set())
        if entry["step"] in seen and "step" not in entry.bad:
            found = problem(N_("The checklist has a step {value} already."), value=entry["step"])
            findings.add("checklists", entry.row, "step", found)
        seen.add(entry["step"])
        if len(seen) == STEPS_MAX + 1:
            found = problem(N_("A checklist has at most {most} steps."), most=str(STEPS_MAX))
            findings.add("checklists", entry.row, "", found)
        if "type" not in entry.bad:
            for column, found in _step_problems(entry):
                findings.add("checklists", entry.row, column, found)


def _step_problems(entry: Entry) -> Iterator[tuple[str, Problem]]:
    kind = entry["type"]
    if kind == "choice" and not entry["choices"]:
        yield "choices", problem(N_("A choice needs choices, separated by ; between them."))
    if kind != "choice" and entry["choices"]:
        yield "choices", problem(N_("Only a step of type choice has choices."))
    if kind not in MEASURED:
        for column in named(entry, "unit", "min", "max"):
            yield column, problem(N_("Only a number or a reading has a unit, a min or a max."))
    elif _limits_crossed(entry):
        found = N_("min {least} is more than max {most}.")
        yield "min", problem(found, least=entry["min"], most=entry["max"])


def _limits_crossed(entry: Entry) -> bool:
    if entry.bad & {"min", "max"} or not (entry["min"] and entry["max"]):
        return False
    return float(entry["min"]) > float(entry["max"])
