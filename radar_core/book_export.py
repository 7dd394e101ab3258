"""From records back to sheets, so that what is exported can be imported again."""

from collections.abc import Iterable, Mapping

from radar_core.book_cells import LIST_SEPARATOR, decimal, escape, is_ours
from radar_core.book_forms import FORMS, SHEET_OF_KIND, Form, sheet_of
from radar_core.book_records import RULE_KEYS, WINDOW_COLUMNS, Record
from radar_core.book_sheet import Sheet

_SENT_TO_SEVERAL = frozenset(("district", "staff", "checklist", "holidays"))


def book_sheets(records: Iterable[Record]) -> list[Sheet]:
    """Return the sheets of a book with these records, things in the order of their first record.

    Records of other kinds are passed over; what is sent to several projects stands once. An id
    that two projects have by mistake stands twice, so that import will name it. An optional
    sheet without a row is left out.
    """
    things: dict[str, dict[tuple[str, str], Record]] = {form.name: {} for form in FORMS}
    for record in records:
        if record.kind in SHEET_OF_KIND:
            owner = "" if record.kind in _SENT_TO_SEVERAL else record.project
            things[SHEET_OF_KIND[record.kind]].setdefault((owner, record.id), record)
    return [
        sheet_of(
            form, (row for record in things[form.name].values() for row in _rows(form, record))
        )
        for form in FORMS
        if things[form.name] or not form.optional
    ]


def _rows(form: Form, record: Record) -> list[dict[str, str]]:
    cells = {name: _cell(value) for name, value in record.body.items()}
    cells |= {form.key: record.id, "project": record.project}
    if form.name == "tags":
        foreign = "" if is_ours(record.id) else "yes"
        return [cells | {"code": escape(record.id), "foreign": foreign}]
    said = record.body.get("said")
    if form.name == "staff" and isinstance(said, dict):
        return [cells | {name: _cell(value) for name, value in said.items()}]
    if form.name == "sla":
        return [cells | {"priority": record.id}]
    if form.grouped:
        shared = {column.name for column in form.columns if column.shared}
        more = {name: text for name, text in cells.items() if name not in shared}
        parts = [_step(step) for step in _objects(record.body, "steps")]
        rules = _objects(record.body, "rules")
        for index, name in enumerate(_list(record.body, "checkpoints")):
            parts.append(_checkpoint(name) | _rule(rules[index] if rules else {}))
        parts += [{"date": _cell(date)} for date in _list(record.body, "dates")]
        if record.body.get("order"):
            cells["ordered"] = _cell(record.body["order"])
        return [(more if count else cells) | part for count, part in enumerate(parts)]
    return [cells]


def _cell(value: object) -> str:
    """Return a JSON value as a cell says it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return LIST_SEPARATOR.join(_cell(item) for item in _items(value))
    if isinstance(value, float):
        return str(decimal(f"{value:.6f}"))
    return str(value) if isinstance(value, str | int) else ""


def _items(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


def _list(body: Mapping[str, object], name: str) -> list[object]:
    return _items(body.get(name))


def _objects(body: Mapping[str, object], name: str) -> list[dict[str, object]]:
    return [dict(item) for item in _list(body, name) if isinstance(item, dict)]


def _step(step: Mapping[str, object]) -> dict[str, str]:
    cells = {name: _cell(value) for name, value in step.items()}
    return cells | {"step": cells.pop("id", "")}


def _checkpoint(name: object) -> dict[str, str]:
    kind, _, target = str(name).partition(":")
    return {kind: target}


def _rule(rule: Mapping[str, object]) -> dict[str, str]:
    """Return the columns of a checkpoint's rule."""
    cells = {name: _cell(rule.get(key)) for name, key in RULE_KEYS.items()}
    return {
        name: str(int(text) // 60) if name in WINDOW_COLUMNS and text else text
        for name, text in cells.items()
    }
