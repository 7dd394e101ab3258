"""docs/privacy.md says of all that is kept what it is: no column and no member is forgotten."""

import ast
import re
import sqlite3
from collections.abc import Iterator

import pytest
from sqlmodel import SQLModel

import radar_server.tables
from commands.projection import SCHEMA as DERIVED
from radar_core.retention import PHOTOS_DAYS, POSITIONS_DAYS
from sync.schema import SCHEMA
from tests.house import ROOT

PAGES = {
    name: (ROOT / name).read_text("utf-8") for name in ("docs/privacy.md", "docs/zh/privacy.md")
}
BODIES = ("body", "kept", "more")
"""What the verbs call an action's body while they make it."""


def rows(text: str) -> dict[str, set[str]]:
    """Return the columns that a page's tables name, by table."""
    found = re.findall(r"^\| `(\w+)` \| ((?:`\w+` ?)+) ?\|$", text, re.MULTILINE)
    return {name: set(re.findall(r"\w+", columns)) for name, columns in found}


@pytest.mark.parametrize("page", PAGES)
def test_each_column_of_the_centre_is_there_and_no_other(page: str) -> None:
    assert radar_server.tables.SCHEMA
    centre, _, _ = PAGES[page].rpartition("| `meta` |")
    tables = {
        table.name: {column.name for column in table.columns}
        for table in SQLModel.metadata.sorted_tables
    }
    assert rows(centre) == tables


@pytest.mark.parametrize("page", PAGES)
def test_each_column_of_a_phone_is_there_and_no_other(page: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript(SCHEMA + DERIVED)
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    tables = {
        name: {row[1] for row in connection.execute(f"PRAGMA table_info({name})")}
        for (name,) in names
    }
    _, meta, phone = PAGES[page].rpartition("| `meta` |")
    assert rows(meta + phone) == tables


def keys(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        for key in inner.keys if isinstance(inner, ast.Dict) else ():
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value


def is_body(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in BODIES


def members() -> set[str]:
    """Return the members that the verbs give to the bodies of actions."""
    found: set[str] = set()
    for path in sorted((ROOT / "commands").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case (
                    ast.Assign(targets=[target], value=value)
                    | ast.AugAssign(target=target, value=value)
                ):
                    pass
                case ast.AnnAssign(target=target, value=ast.expr() as value):
                    pass
                case ast.BinOp(left=target, op=ast.BitOr(), right=value):
                    pass
                case ast.Call(func=ast.Attribute(attr="write") | ast.Name(id="_write"), args=args):
                    found |= {key for arg in args for key in keys(arg)}
                    continue
                case ast.FunctionDef(name="_blob"):
                    found |= set(keys(node))
                    continue
                case _:
                    continue
            if is_body(target):
                found |= set(keys(value))
            elif isinstance(target, ast.Subscript) and is_body(target.value):
                found |= {str(k.value) for k in [target.slice] if isinstance(k, ast.Constant)}
    return found


@pytest.mark.parametrize("page", PAGES)
def test_each_member_of_an_action_s_body_is_there(page: str) -> None:
    named = set(
        re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\| `.*$", PAGES[page], re.MULTILINE)))
    )
    made = members()
    assert {"position", "text", "sha256", "failed", "stars", "orders", "badge"} <= made
    assert made - named == set()


@pytest.mark.parametrize("page", PAGES)
def test_how_long_is_what_the_code_says(page: str) -> None:
    for name, days in (("positions", POSITIONS_DAYS), ("photos", PHOTOS_DAYS)):
        assert re.search(rf"`keep_{name}_days` \| {days} ", PAGES[page])
