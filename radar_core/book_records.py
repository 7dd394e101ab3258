"""From the tables of a site book to its records: what the centre stores and sends down."""

from collections.abc import Iterator
from dataclasses import dataclass

from radar_core.book_cells import LIMIT, split_list, unescape
from radar_core.book_staff import Posts
from radar_core.book_tables import Entry, Tables

PATH_SEPARATOR = " / "
WINDOW_COLUMNS = frozenset(("open_min", "close_min"))
"""Those of a checkpoint's columns that count minutes."""
RULE_KEYS = {
    "open_min": "open_s",
    "close_min": "close_s",
    "gap_min": "gap_min_s",
    "gap_max": "gap_max_s",
    "checklist": "checklist",
}
"""What a checkpoint's columns are called in its rule."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the site book as it goes to phones; `body` is a JSON object."""

    project: str
    kind: str
    id: str
    body: dict[str, object]


def book_records(tables: Tables) -> Iterator[Record]:
    """Yield the records of tables without a mistake, sheet by sheet in the order of the rows."""
    yield from _districts(tables)
    yield from _projects(tables)
    yield from _places(tables)
    yield from _assets(tables)
    yield from _tags(tables)
    yield from _staff(tables)
    yield from _checklists(tables)
    yield from _routes(tables)
    yield from _schedules(tables)
    yield from _holidays(tables)
    yield from _meters(tables)
    yield from _orders(tables)
    yield from _sla(tables)


def _texts(entry: Entry, *columns: str) -> dict[str, object]:
    """Return the columns that say something, as text."""
    return {column: entry[column] for column in columns if entry[column]}


def _numbers(entry: Entry, *columns: str) -> dict[str, object]:
    """Return the columns that say something, as numbers."""
    return {column: _number(entry[column]) for column in columns if entry[column]}


def _districts(tables: Tables) -> Iterator[Record]:
    for entry in tables.entries["districts"]:
        body = _texts(entry, "name", "name_zh", "domain")
        for project in tables.entries["projects"]:
            if project["district"] == entry["id"]:
                yield Record(project["id"], "district", entry["id"], body)


def _projects(tables: Tables) -> Iterator[Record]:
    for entry in tables.entries["projects"]:
        body = _texts(entry, "district", "name", "name_zh", "timezone")
        if entry["symbologies"]:
            body["symbologies"] = split_list(entry["symbologies"])
        body |= _texts(entry, "calendar")
        if entry["hours"]:
            body["hours"] = split_list(entry["hours"])
        body |= _numbers(entry, "keep_positions_days", "keep_photos_days")
        yield Record(entry["id"], "project", entry["id"], body)


def _places(tables: Tables) -> Iterator[Record]:
    paths = _Paths(tables)
    for entry in tables.entries["places"]:
        body = _texts(entry, "parent", "kind", "name", "name_zh")
        body |= _numbers(entry, "lat", "lon", "level")
        body["path"] = paths.path(entry, "name")
        body["path_zh"] = paths.path(entry, "name_zh")
        yield Record(entry["project"], "place", entry["id"], body)


class _Paths:
    """The way from the project to each place in words, each step worked out once."""

    def __init__(self, tables: Tables) -> None:
        self._places = tables.first["places"]
        self._projects = tables.first["projects"]
        self._known: dict[tuple[str, str], str] = {}

    def path(self, place: Entry, language: str) -> str:
        key = (place["id"], language)
        if key not in self._known:
            if place["parent"]:
                above = self.path(self._places[place["parent"]], language)
            else:
                above = _name(self._projects[place["project"]], language)
            self._known[key] = above + PATH_SEPARATOR + _name(place, language)
        return self._known[key]


def _name(entry: Entry, language: str) -> str:
    return entry[language] or entry["name"]


def _assets(tables: Tables) -> Iterator[Record]:
    for entry in tables.entries["assets"]:
        body = _texts(entry, "place", "class", "name", "name_zh")
        yield Record(entry["project"], "asset", entry["id"], body)


def _tags(tables: Tables) -> Iterator[Record]:
    for entry in tables.entries["tags"]:
        body = _texts(entry, "place", "asset")
        body["state"] = entry["state"] or ("bound" if body else "blank")
        exact = unescape(entry["code"])
        assert exact is not None, "the code was read already"
        yield Record(entry["project"], "tag", exact, body)


def _staff(tables: Tables) -> Iterator[Record]:
    """A person goes to each of their projects with their roles there, and what the book `said`."""
    posts = Posts(tables)
    for entry in tables.entries["staff"]:
        body, held = _texts(entry, "name", "name_zh"), posts.roles(entry)
        body["projects"] = [*held]
        said = {name: split_list(entry[name]) for name in ("roles", "projects")}
        if LIMIT in entry["roles"] or said["projects"] != body["projects"]:
            body["said"] = said
        for project, roles in held.items():
            yield Record(project, "staff", entry["id"], body | {"roles": roles})


def _checklists(tables: Tables) -> Iterator[Record]:
    """A checklist goes to the projects whose schedules or routes use it."""
    steps: dict[str, list[Entry]] = {}
    for entry in tables.entries["checklists"]:
        steps.setdefault(entry["checklist"], []).append(entry)
    users = _users(tables, "checklist", "schedules", "routes")
    for name, entries in steps.items():
        body = _texts(entries[0], "name", "name_zh")
        body["steps"] = [_step(entry) for entry in entries]
        yield from _to_users(tables, users, "checklist", name, body)


def _users(tables: Tables, column: str, *sheets: str) -> dict[str, set[str]]:
    """Return the projects whose rows name each thing of another sheet in a column."""
    users: dict[str, set[str]] = {}
    for sheet in sheets:
        for entry in tables.entries[sheet]:
            project = entry["id"] if sheet == "projects" else entry["project"]
            users.setdefault(entry[column], set()).add(project)
    return users


def _to_users(
    tables: Tables, users: dict[str, set[str]], kind: str, name: str, body: dict[str, object]
) -> Iterator[Record]:
    """Yield the record for each project that uses it; one that none uses goes to all."""
    for project in tables.entries["projects"]:
        if name not in users or project["id"] in users[name]:
            yield Record(project["id"], kind, name, body)


def _step(entry: Entry) -> dict[str, object]:
    step: dict[str, object] = {"id": entry["step"]}
    step |= _texts(entry, "type", "title", "title_zh", "unit") | _numbers(entry, "min", "max")
    if entry["choices"]:
        step["choices"] = split_list(entry["choices"])
    step["required"] = entry["required"] == "yes"
    return step


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def _routes(tables: Tables) -> Iterator[Record]:
    routes: dict[str, list[Entry]] = {}
    for entry in tables.entries["routes"]:
        routes.setdefault(entry["route"], []).append(entry)
    for name, entries in routes.items():
        body = _texts(entries[0], "name", "name_zh")
        body["ordered"] = entries[0]["ordered"] == "yes"
        if entries[0]["ordered"] == "random":
            body["order"] = "random"
        body["checkpoints"] = [_checkpoint(entry) for entry in entries]
        rules = [_rule(entry) for entry in entries]
        if any(rules):
            body["rules"] = rules
        yield Record(entries[0]["project"], "route", name, body)


def _checkpoint(entry: Entry) -> str:
    return f"place:{entry['place']}" if entry["place"] else f"asset:{entry['asset']}"


def _rule(entry: Entry) -> dict[str, object]:
    """Return what holds for one checkpoint alone, under the names of `RULE_KEYS`."""
    rule: dict[str, object] = {}
    for column, key in RULE_KEYS.items():
        if entry[column]:
            text = entry[column]
            rule[key] = text if column == "checklist" else int(text)
            rule |= {key: int(text) * 60} if column in WINDOW_COLUMNS else {}
    return rule


def _schedules(tables: Tables) -> Iterator[Record]:
    for entry in tables.entries["schedules"]:
        body = _texts(entry, "kind", "title", "title_zh", "role", "staff", "rrule", "start")
        body["duration_min"] = int(entry["duration_min"])
        body["grace_min"] = int(entry["grace_min"] or 0)
        if int(entry["early_min"] or 0):
            body["early_min"] = int(entry["early_min"])
        body |= _texts(entry, "place", "asset", "route", "checklist", "calendar", "meter")
        body |= _numbers(entry, "every", "above", "below")
        if entry["repeat"] not in ("", "fixed"):
            body["repeat"] = entry["repeat"]
        if entry["seasons"]:
            body["seasons"] = split_list(entry["seasons"])
        if entry["exdates"]:
            time = entry["start"].partition("T")[2]
            days = split_list(entry["exdates"])
            body["exdates"] = [day if "T" in day else f"{day}T{time}" for day in days]
        yield Record(entry["project"], "schedule", entry["id"], body)


def _holidays(tables: Tables) -> Iterator[Record]:
    calendars: dict[str, list[Entry]] = {}
    for entry in tables.entries["holidays"]:
        calendars.setdefault(entry["calendar"], []).append(entry)
    users = _users(tables, "calendar", "schedules", "projects")
    for name, entries in calendars.items():
        body = _texts(entries[0], "name", "name_zh")
        body["dates"] = [entry["date"] for entry in entries]
        yield from _to_users(tables, users, "holidays", name, body)


def _meters(tables: Tables) -> Iterator[Record]:
    for entry in tables.entries["meters"]:
        body = _texts(entry, "asset", "step", "name", "name_zh", "unit")
        body |= _numbers(entry, "rollover", "jump")
        yield Record(entry["project"], "meter", entry["id"], body)


def _orders(tables: Tables) -> Iterator[Record]:
    for entry in tables.entries["orders"]:
        body = _texts(entry, "role", "title", "title_zh", "text", "text_zh")
        yield Record(entry["project"], "order", entry["id"], body)


def _sla(tables: Tables) -> Iterator[Record]:
    for entry in tables.entries["sla"]:
        body = _numbers(entry, "response_min", "resolution_min")
        yield Record(entry["project"], "sla", entry["priority"], body)
