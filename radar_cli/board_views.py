"""How the board looks: each project's figures with their age, what to look at, silent phones."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from radar_cli.moments import local_minute
from radar_cli.texts import Texts
from radar_cli.words import DEADLINES, EXCEPTIONS, KINDS, LEVELS, MARKS, STATES
from radar_core.failures import N_

ROWS_SHOWN = 7
"""How many exceptions and how many phones a board shows; several projects share them."""
SECTIONS = ("rounds", "cleaning", "maintenance")
_DEADLINE_MARKS = {"ok": "✓", "at_risk": "!", "breached": "✗"}
Data = Mapping[str, Any]


def board_lines(data: Data, texts: Texts) -> list[str]:
    """Return a district's board: each project's work by state, exceptions, phones by last sync."""
    moment = local_minute(data["as_of"])
    district = texts.pick(data["district"], "name") or texts.say(N_("Several districts"))
    lines = [texts.say(N_("{district}   as of {moment}"), district=district, moment=moment)]
    if data.get("offline"):
        lines.append(texts.say(N_("! Without signal: this is the last board that came.")))
    shown = max(1, ROWS_SHOWN // max(1, len(data["projects"])))
    for project in data["projects"]:
        lines.append(f"■ {texts.pick(project, 'name')}  {project['id']}")
        lines += [
            _figure(project, kind, states_of(project[kind], texts), moment, texts)
            for kind in SECTIONS
            if project[kind]
        ]
        if project.get("sla"):
            counts = _counts(project["sla"], _DEADLINE_MARKS, DEADLINES, texts)
            lines.append(_figure(project, "sla", counts, moment, texts))
        rows = project["exceptions"]
        more = project.get("exceptions_count", len(rows))
        lines += _first(rows, more, shown, _exception, texts)
        lines += _first(project["phones"], len(project["phones"]), shown, _phone, texts)
    return lines


def _figure(project: Data, part: str, counts: str, moment: str, texts: Texts) -> str:
    """Return a line of figures with as of when they are, where that is not just now."""
    line = f"  {texts.say(KINDS[part])}  {counts}"
    if "as_of" not in project:
        return line
    at = local_minute(project["as_of"][part])
    if not at:
        return "  ".join([line, texts.say(N_("(no phone that could tell)"))])
    if at == moment:
        return line
    near = at[11:] if at[:10] == moment[:10] else at[5:]
    return "  ".join([line, texts.say(N_("(as of {moment})"), moment=near)])


def states_of(counts: Data, texts: Texts) -> str:
    """Return how much work is in each state."""
    return _counts(counts, MARKS, STATES, texts)


def _counts(counts: Data, marks: Data, words: Mapping[str, str], texts: Texts) -> str:
    return "  ".join(
        f"{marks[state]} {texts.say(words[state])} {counts[state]}"
        for state in words
        if counts.get(state)
    )


def _first(
    rows: Sequence[Data], count: int, shown: int, line: Callable[[Data, Texts], str], texts: Texts
) -> list[str]:
    """Return the first rows as lines, and how many more there are."""
    lines = [f"  {line(row, texts)}" for row in rows[:shown]]
    if count > len(lines):
        lines.append("  " + texts.say(N_("… and {count} more."), count=count - len(lines)))
    return lines


def _exception(row: Data, texts: Texts) -> str:
    kind = texts.say(EXCEPTIONS.get(row["kind"]) or row["kind"])
    line = f"! {kind}  {local_minute(row['at'])[5:]}  {texts.pick(row, 'title')}"
    if row.get("level"):
        line += "  → " + texts.say(LEVELS[row["level"]])
    if row["kind"] == "weak_evidence":
        from radar_cli.evidence_view import evidence_lines

        why = evidence_lines(row["scans"][0], texts, whole=False)
        line = "  ".join([line.rstrip(), texts.pick(row, "name"), *why[:1]])
    return line


def _phone(row: Data, texts: Texts) -> str:
    seen = local_minute(row["last_sync"]) or texts.say(N_("never"))
    if row.get("shared"):
        told = N_("shared phone {device}: last sync {seen}")
        return texts.say(told, device=row["device"], seen=seen)
    name = texts.pick(row, "name") or row["staff"]
    return texts.say(N_("phone of {name}: last sync {seen}"), name=name, seen=seen)


def table_lines(data: Data, texts: Texts) -> list[str]:
    """Return where a table was written to."""
    return [texts.say(N_("✓ {rows} rows in {out}."), rows=data["rows"], out=data["out"])]
