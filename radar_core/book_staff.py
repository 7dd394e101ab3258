"""Where the people of a site book work, and in which role: projects, districts, limited roles."""

from collections.abc import Iterator, Mapping

from radar_core.book_cells import LIMIT, split_list
from radar_core.book_references import dangling
from radar_core.book_sheet import Findings, Problem, problem
from radar_core.book_tables import Entry, Tables
from radar_core.failures import N_


class Posts:
    """The projects and districts of a book, by which its people say where they work."""

    def __init__(self, tables: Tables) -> None:
        self._within: dict[str, list[str]] = {}
        for entry in tables.entries["projects"]:
            self._within.setdefault(entry["district"], []).append(entry["id"])
        # Where both have one name, the project is meant: it is the smaller of the two.
        self._within |= {entry["id"]: [entry["id"]] for entry in tables.entries["projects"]}

    def within(self, name: str) -> list[str]:
        """Return the project of a name, or the projects of such a district; none for neither."""
        return self._within.get(name, [])

    def unknown(self, name: str) -> Problem:
        """Return the problem that neither a project nor a district has this name."""
        return dangling(name, "projects", self._within.keys())

    def projects(self, person: Entry) -> list[str]:
        """Return the projects in which somebody works, in the order in which they are named."""
        named = split_list(person["projects"])
        return [*dict.fromkeys(one for name in named for one in self.within(name))]

    def roles(self, person: Entry) -> Mapping[str, list[str]]:
        """Return somebody's roles in each of their projects, which may be none."""
        held: dict[str, list[str]] = {project: [] for project in self.projects(person)}
        for word in split_list(person["roles"]):
            role, limit, name = word.partition(LIMIT)
            for project in self.within(name) if limit else held:
                if role not in held.get(project, [role]):
                    held[project].append(role)
        return held


def check_staff(tables: Tables, posts: Posts, findings: Findings) -> None:
    """Check that people work where there is something, and are something wherever they work."""
    if tables.unread & {"districts", "projects"}:
        return
    for entry in tables.entries["staff"]:
        for column, found in _problems(posts, entry):
            findings.add("staff", entry.row, column, found)


def _problems(posts: Posts, entry: Entry) -> Iterator[tuple[str, Problem]]:
    if "projects" in entry.bad:
        return
    missing = [name for name in split_list(entry["projects"]) if not posts.within(name)]
    for name in missing:
        yield "projects", posts.unknown(name)
    if missing or "roles" in entry.bad:
        return
    held = posts.roles(entry)
    for word in split_list(entry["roles"]):
        _, limit, name = word.partition(LIMIT)
        if limit and not posts.within(name):
            yield "roles", posts.unknown(name)
            return
        if limit and held.keys().isdisjoint(posts.within(name)):
            found = N_("{value}: in {other} this person does not work.")
            yield "roles", problem(found, value=word, other=name)
            return
    idle = next((project for project, roles in held.items() if not roles), "")
    if idle:
        found = N_("In the project {project} this person has no role.")
        yield "roles", problem(found, project=idle)
