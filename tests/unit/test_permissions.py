"""The table of roles forgets nothing that can be asked or recorded, and nobody reads around it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Route

from radar_core.actions import KINDS
from radar_core.permissions import (
    ASKED,
    DECISIONS,
    EVERYBODY,
    OWN_REPORT,
    PUBLIC,
    RECORDED,
    REVOKED,
    ROLES,
    WORK,
    may_ask,
    may_record,
)
from radar_server.database import migrate, open_engine, sqlite_url
from radar_server.http import make_app
from tests.contract.centre_parts import Clock, new_centre
from tests.house import ROOT, Source, sources
from tests.role_table import PAGES, QUESTIONS, RECORDS, renewed

DOORS = "radar_server/doors.py"
ELSEWHERE = {"decide"}
"""What is asked at the centre's own console, by no route."""


def test_every_kind_of_action_has_its_place_in_the_table() -> None:
    assert set(RECORDED) == KINDS
    assert not WORK & DECISIONS
    assert OWN_REPORT <= DECISIONS


def test_every_route_of_the_centre_has_its_place_in_the_table(tmp_path: Path) -> None:
    engine = open_engine(sqlite_url(tmp_path / "centre.db"))
    migrate(engine)
    app = make_app(new_centre(engine, Clock()))
    names = {
        route.endpoint.__name__ if isinstance(route, APIRoute) else route.name
        for route in app.routes
        if isinstance(route, Route)
    }
    assert len(app.routes) == len(names)
    assert names == (set(ASKED) - ELSEWHERE) | PUBLIC
    engine.dispose()


def test_what_is_not_in_the_table_nobody_may() -> None:
    for role in ROLES:
        assert not may_record([role], "new_kind")
        assert not may_ask([role], "new_route")
    for nobody in ([], ["janitor"], ["Admin"]):
        assert not any(may_record(nobody, kind) for kind in KINDS)
        assert not any(may_ask(nobody, question) for question in ASKED)


def test_the_table_names_no_role_that_there_is_not() -> None:
    assert all(roles <= EVERYBODY for roles in [*RECORDED.values(), *ASKED.values()])
    assert set(ASKED) >= REVOKED
    assert not PUBLIC & set(ASKED)


@pytest.mark.parametrize("path", PAGES)
def test_the_page_of_roles_is_what_the_table_says(path: str) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == renewed(path), "run: make roles"


def test_the_page_of_roles_explains_all_that_the_table_has() -> None:
    assert set(RECORDS) == set(RECORDED)
    assert set(QUESTIONS) == set(ASKED) | PUBLIC


def around_the_doors(source: Source) -> Iterator[str]:
    """Yield what a file of the centre decides, or reads of roles, by itself."""
    for node in source.walk():
        if isinstance(node, ast.ImportFrom) and node.module == "radar_core.permissions":
            yield "imports the table"
        if isinstance(node, ast.Import) and "radar_core.permissions" in ast.unparse(node):
            yield "imports the table"
        if isinstance(node, ast.ImportFrom) and node.module == "radar_server.requests":
            yield from ("asks who it is" for one in node.names if one.name == "authenticate")
        if isinstance(node, ast.Constant) and node.value in {"roles", "supervisor", "revoked"}:
            yield f"reads {node.value}"
        if isinstance(node, ast.Attribute) and node.attr in {"roles", "authenticate"}:
            yield f"reads {node.attr}"


ALLOWED = {
    # It defines the problem, the reason, the form of an answer, and what is told of a phone.
    "radar_server/problems.py": {"reads revoked"},
    "radar_server/envelope.py": {"reads revoked"},
    "radar_server/forms.py": {"reads revoked"},
    "radar_server/quarantine.py": {"reads revoked"},
    "radar_server/handling.py": {"reads revoked"},
    "radar_server/person.py": {"reads revoked"},
    "radar_server/locked_out.py": {"reads revoked"},
}


@pytest.mark.parametrize(
    "source", [s for s in sources() if s.path.startswith("radar_server/")], ids=lambda s: s.path
)
def test_no_file_of_the_centre_decides_around_the_doors(source: Source) -> None:
    if source.path != DOORS:
        assert set(around_the_doors(source)) <= ALLOWED.get(source.path, set())


@pytest.mark.parametrize(
    "line",
    [
        "from radar_core.permissions import LEADERS",
        "import radar_core.permissions",
        "from radar_server.requests import Asked, authenticate",
        'roles = body["roles"]',
        'if "supervisor" in body.values(): pass',
        "person.roles",
        "requests.authenticate(centre, asked, body)",
    ],
)
def test_a_way_around_the_doors_is_seen(line: str) -> None:
    assert list(around_the_doors(Source("radar_server/planted.py", line)))
