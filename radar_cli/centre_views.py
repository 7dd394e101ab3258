"""How the centre's answers look: the board, and what its administrator did."""

from collections.abc import Mapping
from typing import Any

from radar_cli.moments import local_minute
from radar_cli.texts import Texts
from radar_cli.words import KINDS, MARKS, STATES
from radar_core.failures import N_

EXCEPTIONS_SHOWN = 8
PHONES_SHOWN = 8
Data = Mapping[str, Any]


def board_lines(data: Data, texts: Texts) -> list[str]:
    """Return a district's board: each project's work by state, exceptions, phones by last sync."""
    moment = local_minute(data["as_of"])
    lines = [
        texts.say(N_("{district}   as of {moment}"), district=_district(data, texts), moment=moment)
    ]
    if data.get("offline"):
        lines.append(texts.say(N_("! Without signal: this is the last board that came.")))
    for project in data["projects"]:
        lines.append(f"■ {texts.pick(project, 'name')} ({project['id']})")
        lines += [
            f"  {texts.say(KINDS[kind])}: {_states(project[kind], texts)}"
            for kind in ("rounds", "cleaning", "maintenance")
            if project[kind]
        ]
        lines += _exceptions(project, texts) + _phones(project, texts)
    return lines


def _district(data: Data, texts: Texts) -> str:
    district = data["district"]
    return texts.pick(district, "name") if isinstance(district, dict) else str(district)


def _states(counts: Data, texts: Texts) -> str:
    return "  ".join(
        f"{MARKS[state]} {texts.say(STATES[state])} {counts[state]}"
        for state in STATES
        if counts.get(state)
    )


def _exceptions(project: Data, texts: Texts) -> list[str]:
    rows = project["exceptions"]
    lines = [
        f"  ! {texts.say(STATES.get(row['kind']) or row['kind'])}: {texts.pick(row, 'title')}"
        for row in rows[:EXCEPTIONS_SHOWN]
    ]
    if len(rows) > EXCEPTIONS_SHOWN:
        lines.append(
            "  " + texts.say(N_("… and {count} more."), count=len(rows) - EXCEPTIONS_SHOWN)
        )
    return lines


def _phones(project: Data, texts: Texts) -> list[str]:
    lines = []
    for row in project["phones"][:PHONES_SHOWN]:
        seen = local_minute(row["last_sync"])
        never = texts.say(N_("never"))
        name = texts.pick(row, "name") or row["staff"]
        lines.append(
            "  " + texts.say(N_("phone of {name}: last sync {seen}"), name=name, seen=seen or never)
        )
    return lines


def init_lines(data: Data, texts: Texts) -> list[str]:
    """Return what a new centre's administrator does next."""
    return [
        texts.say(N_("✓ The centre is ready in {home}."), home=data["home"]),
        "  → " + texts.say(N_("Its site book: radar admin import BOOK    Then: radar serve")),
    ]


def book_lines(data: Data, texts: Texts) -> list[str]:
    """Return what an import changed or would change, or what an export wrote."""
    rows = ", ".join(f"{name} {count}" for name, count in data["things"].items())
    lines = [texts.say(N_("{book}: {rows}"), book=data["book"], rows=rows)]
    if "added" in data:
        sums = {name: sum(data[name].values()) for name in ("added", "changed", "removed")}
        text = N_("✓ Records added {added}, changed {changed}, removed {removed}.")
        lines.append(texts.say(text, **sums))
    if data.get("dry_run"):
        lines.append(texts.say(N_("That is what would happen; nothing was changed.")))
    return lines


def enrol_code_lines(data: Data, texts: Texts) -> list[str]:
    """Return a code to hand out, large and alone."""
    template = N_("For {staff}, until {expires}. On the phone: radar enrol URL CODE")
    return [
        str(data["code"]),
        "  → " + texts.say(template, **{k: data[k] for k in ("staff", "expires")}),
    ]
