"""Answers as tables for a spreadsheet: RFC 4180, in UTF-8, and no cell that would be a formula."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from radar_cli.output import plain

BOM = "\ufeff"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for a formula, wide ones too; a ' before it tells that it is text."""
Data = Mapping[str, Any]

BOARD_COLUMNS = (
    "project", "part", "name", "count", "as_of", "task", "title", "title_zh", "at", "staff",
    "place", "level",
)  # fmt: skip
TASK_COLUMNS = (
    "id", "kind", "title", "title_zh", "state", "due_from", "due_to", "place", "path", "path_zh",
    "checkpoints", "left", "steps", "answered", "project", "category", "priority", "assignee",
)  # fmt: skip
EVENT_COLUMNS = (
    "wall", "kind", "staff", "name", "name_zh", "outcome", "via", "task", "step", "value", "unit",
    "outside", "text", "reason", "clock", "error_s", "evidence", "action_id",
)  # fmt: skip

FIGURE_COLUMNS = (
    "project", "month", "part", "name", "count", "of", "mean_s", "median_s", "stars", "task",
    "title", "title_zh", "at", "staff", "place",
)  # fmt: skip


AUDIT_COLUMNS = ("seq", "at", "act", "by", "user", "details", "hash")


def csv_text(columns: Sequence[str], rows: Iterable[Data]) -> str:
    """Return rows as CSV below their columns; what a row does not have is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in columns])
    return out.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        text = plain(value, kept="\n\t")  # `--csv -` may go to a terminal
        return f"'{text}" if text.startswith(FORMULA) or text.lstrip().startswith(FORMULA) else text
    return json.dumps(value, ensure_ascii=False)


def table_of(view: str, data: Data) -> tuple[Sequence[str], list[Data]]:
    """Return an answer's columns and rows; each verb has its own."""
    columns, rows = _TABLES[view]
    return columns, list(rows(data))


def _board(data: Data) -> Iterator[Data]:
    """Yield a row for each figure, each exception and each phone."""
    for project in data["projects"]:
        own: dict[str, object] = {"project": project["id"]}
        as_of: Data = project.get("as_of", {})
        for part in ("rounds", "cleaning", "maintenance", "sla"):
            for name, count in project.get(part, {}).items():
                figure = {"part": part, "name": name, "count": count, "as_of": as_of.get(part)}
                yield own | figure
        for part in ("tags", "assets", "quarantined"):
            yield own | {"part": part, "count": project[part], "as_of": data["as_of"]}
        yield from ({**own, **row} for row in _shown(project))


def _figures(data: Data) -> Iterator[Data]:
    """Yield a row for each figure, of all together and of each project, then what is behind it."""
    projects: list[Data] = [{"id": "", "figures": data["figures"]}, *data["projects"]]
    for project in projects:
        own: Data = {"project": project["id"], "month": data["month"]}
        for part in ("on_line", "on_time", "sla", "handling", "response", "satisfaction", "rework"):
            told = project["figures"][part]
            named = {"": told} if "count" in told else told
            for name, figure in named.items():
                yield {**own, "part": part, "name": name, **figure}
        for month in project["figures"]["trend"]:
            yield {**own, "part": "trend", **month}
        for part in ("rounds", "cleaning", "maintenance"):
            for name, count in project.get(part, {}).items():
                yield {**own, "part": part, "name": name, "count": count}
        yield from ({**own, **row} for row in _shown(project))


def _shown(project: Data) -> Iterator[Data]:
    """Yield the exceptions and the phones of a project."""
    for row in project.get("exceptions", ()):
        place = row.get("place") or {}
        told: Data = {**row, "part": "exception", "name": row["kind"], "place": place.get("id")}
        yield told
    for row in project.get("phones", ()):
        phone: Data = {"part": "phone", "name": row["device"], "title": row["name"]}
        yield {**phone, "staff": row["staff"], "at": row["last_sync"]}


def _tasks(data: Data) -> Iterator[Data]:
    for row in data["tasks"]:
        spot = row["place"] or {}
        yield {
            **row,
            "place": spot.get("id"),
            "path": spot.get("path"),
            "path_zh": spot.get("path_zh"),
        }


def _events(data: Data) -> Iterator[Data]:
    """Yield what was done, newest first."""
    for row in data["history"]:
        evidence = row.get("evidence") or {}
        yield {**row, "evidence": evidence.get("grade")}


def _entries(data: Data) -> Iterator[Data]:
    """Yield what was done at the centre, oldest first."""
    yield from data["entries"]


_TABLES: dict[str, tuple[Sequence[str], Callable[[Data], Iterator[Data]]]] = {
    "board": (BOARD_COLUMNS, _board),
    "figures": (FIGURE_COLUMNS, _figures),
    "tasks": (TASK_COLUMNS, _tasks),
    "query": (EVENT_COLUMNS, _events),
    "admin_audit": (AUDIT_COLUMNS, _entries),
}
