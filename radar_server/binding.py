"""Binding: the actions that change the site book's tags. The latest by its stamp holds (law 5)."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, select
from sqlmodel import col

from radar_core.actions import Action
from radar_core.jsontext import encode
from radar_core.tags import LABEL_CHARS_MAX
from radar_server.heads import Head
from radar_server.records import Change, read_records, write_changes
from radar_server.reference import key_of
from radar_server.tables import RecordRow
from sync.clock import ZERO

TARGETS = ("place", "asset")


def misfits(connection: Connection, actions: Iterable[Action]) -> dict[str, str]:
    """Return the code of the mistake, by action id, of those bindings that cannot be made."""
    codes: dict[str, str] = {}
    wanted: dict[tuple[str, str], dict[str, str]] = {}
    for action in actions:
        if action.kind == "bind_tag":
            target = _target(action)
            if target is None:
                codes[action.id] = "bad_tag"
            else:
                wanted.setdefault((action.project, target[0]), {})[action.id] = target[1]
    for (project, kind), names in wanted.items():
        there = read_records(connection, [project], kind, set(names.values()))
        codes |= {
            id_: f"unknown_{kind}" for id_, name in names.items() if (project, name) not in there
        }
    return codes


def bind_tags(connection: Connection, heads: Mapping[str, Head], actions: Sequence[Action]) -> None:
    """Bring the tag records in step with bindings that fit, unless a later one holds already."""
    latest: dict[tuple[str, str], Action] = {}
    for action in sorted((a for a in actions if a.kind == "bind_tag"), key=lambda a: a.order):
        latest[action.project, str(action.body["tag"])] = action
    changes = [
        change
        for (project, tag), action in sorted(latest.items())
        if (change := _change(connection, project, tag, action)) is not None
    ]
    write_changes(connection, heads, changes)


def _target(action: Action) -> tuple[str, str] | None:
    tag = action.body.get("tag")
    if not isinstance(tag, str) or not 0 < len(tag) <= LABEL_CHARS_MAX or tag != action.subject:
        return None
    named = [(kind, action.body.get(kind)) for kind in TARGETS if action.body.get(kind)]
    if len(named) != 1:
        return None
    kind, name = named[0]
    return (kind, name) if isinstance(name, str) else None


def _change(connection: Connection, project: str, tag: str, action: Action) -> Change | None:
    wanted = select(col(RecordRow.body), col(RecordRow.gone), col(RecordRow.hlc)).where(
        col(RecordRow.project) == project,
        col(RecordRow.kind) == "tag",
        col(RecordRow.key) == key_of(tag),
    )
    body, gone, hlc = connection.execute(wanted).one_or_none() or ("", True, ZERO)
    target = _target(action)
    if target is None or action.hlc <= hlc:
        return None
    new = encode({target[0]: target[1], "state": "bound"})
    return Change(project, "tag", tag, None if gone else body, new, action.hlc)
