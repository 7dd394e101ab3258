"""People who work in whole districts, and roles that they have in a part of it alone."""

import pytest

from radar_core.book import Record, book_sheets
from tests.unit.test_book import Rows, only_mistake, read, records, small


def project(id_: str, district: str) -> dict[str, str]:
    return {"id": id_, "district": district, "name": id_, "timezone": "Asia/Shanghai"}


def district() -> Rows:
    """Return the small book with a second district, E, of one project, C."""
    rows = small()
    rows["districts"].append({"id": "E", "name": "East", "domain": "e.example"})
    rows["projects"].append(
        {"id": "C", "district": "E", "name": "Cedar"} | {"timezone": "Asia/Shanghai"}
    )
    return rows


def staffed(roles: str, projects: str) -> Rows:
    rows = district()
    rows["staff"].append({"id": "X", "name": "Xu", "roles": roles, "projects": projects})
    return rows


def held(rows: Rows) -> dict[str, object]:
    """Return what X is in each project, and check that all the records say the same of the rest."""
    found = {key[0]: body for key, body in records(rows).items() if key[1:] == ("staff", "X")}
    rest = [{name: body[name] for name in body if name != "roles"} for body in found.values()]
    assert all(one == rest[0] for one in rest)
    assert rest[0]["projects"] == [*found]
    return {project: body["roles"] for project, body in found.items()}


@pytest.mark.parametrize(
    ("roles", "projects", "wanted"),
    [
        ("guard", "D", {"A": ["guard"], "B": ["guard"]}),
        ("guard", "C;D", {"C": ["guard"], "A": ["guard"], "B": ["guard"]}),
        ("guard", "B;D", {"B": ["guard"], "A": ["guard"]}),
        ("guard;supervisor@A", "D", {"A": ["guard", "supervisor"], "B": ["guard"]}),
        ("Supervisor @ E；guard\uff20D", "D;E",
         {"A": ["guard"], "B": ["guard"], "C": ["supervisor"]}),
        ("guard;guard@A", "A", {"A": ["guard"]}),
        ("guard;supervisor@D", "A;C", {"A": ["guard", "supervisor"], "C": ["guard"]}),
    ],
)  # fmt: skip
def test_a_role_holds_where_the_book_says(
    roles: str, projects: str, wanted: dict[str, list[str]]
) -> None:
    assert held(staffed(roles, projects)) == wanted


def test_a_project_that_comes_to_a_district_comes_to_its_people() -> None:
    rows = staffed("guard;supervisor@D", "D")
    rows["projects"].append(project("F", "D"))
    assert held(rows) == {name: ["guard", "supervisor"] for name in ("A", "B", "F")}


def test_of_a_project_and_a_district_of_one_name_the_project_is_meant() -> None:
    rows = staffed("guard", "D")
    rows["projects"][0]["id"] = "D"
    for sheet in ("places", "assets", "tags", "routes", "schedules"):
        for row in rows[sheet]:
            row.update({"project": "D"} if row.get("project") == "A" else {})
    for person in rows["staff"][:2]:
        person["projects"] = person["projects"].replace("A", "D")
    assert held(rows) == {"D": ["guard"]}


@pytest.mark.parametrize(
    ("roles", "projects", "column", "words"),
    [
        ("guard", "Dd", "projects", "There is no Dd in the sheet projects; did you mean D?"),
        ("guard@Q9", "A", "roles", "There is no Q9 in the sheet projects."),
        ("guard;supervisor@E", "D", "roles", "supervisor@E: in E this person does not work."),
        ("supervisor@A", "D", "roles", "In the project B this person has no role."),
        ("boss@A", "A", "roles", "boss is none of these"),
        ("guard@", "A", "roles", "is no id"),
        ("guard@A@B", "D", "roles", "A@B is no id"),
        ("@A", "A", "roles", "is none of these"),
        ("guard@A;guard@A", "A", "roles", "guard@A stands twice in this list."),
    ],
)
def test_what_a_person_cannot_be_is_named(
    roles: str, projects: str, column: str, words: str
) -> None:
    found = only_mistake(read(staffed(roles, projects)))
    assert (found.sheet, found.row, found.column) == ("staff", 4, column)
    assert words in found.message.format(**found.values)


def test_who_is_not_that_in_this_project_is_given_no_work_of_it() -> None:
    rows = district()
    rows["staff"][1] |= {"roles": "guard;engineer@B", "projects": "D"}
    rows["schedules"][1]["staff"] = "E"
    found = only_mistake(read(rows))
    assert found.message.format(**found.values) == "E is no engineer."
    rows["staff"][1]["roles"] = "guard;engineer@A"
    assert records(rows)["A", "staff", "E"]["roles"] == ["guard", "engineer"]


@pytest.mark.parametrize(
    ("roles", "projects"),
    [("guard;supervisor@E", "D;C"), ("guard", "D"), ("manager@C", "C"), ("guard;cleaner", "A;B")],
)
def test_what_was_written_is_exported_as_it_was_and_says_the_same_again(
    roles: str, projects: str
) -> None:
    rows = staffed(roles, projects)
    made = [Record(*key, body) for key, body in records(rows).items()]
    sheets = {sheet.name: sheet for sheet in book_sheets(made)}
    row = next(row.cells for row in sheets["staff"].rows if row.cells[0] == "X")
    assert dict(zip(sheets["staff"].header, row, strict=True)) == {
        "id": "X", "name": "Xu", "name_zh": "", "roles": roles, "projects": projects,
    }  # fmt: skip
