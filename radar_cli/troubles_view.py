"""How troubles look: a sentence that says what is wrong, another that says what resolves it."""

from collections.abc import Callable, Mapping
from typing import Any

from radar_cli.moments import local_minute
from radar_cli.texts import Texts
from radar_cli.views import as_of, word_of
from radar_cli.words import KINDS
from radar_core.failures import N_

Data = Mapping[str, Any]

WRONG = {
    "quarantined": N_("“{what}” on {about} ({at}) is kept aside: {reason}"),
    "rejected": N_("“{what}” on {about} ({at}) was left out by a supervisor: {reason}"),
    "conflict": N_("“{what}” on {about} by {who} ({at}) did not count: {by} was first."),
    "unfitting": N_("“{what}” on {about} by {who} ({at}) did not count: it came too late."),
    "doubt": N_("The reading {value} on {about} ({at}) is doubtful: {why}."),
    "photo_lost": N_("A photo of {about} ({at}) is gone from this phone; the centre has none."),
    "photo_waits": N_("A photo of {about} ({at}) has not gone up for more than a day."),
    "parted": N_("There is a copy of this phone, or it is one. Nothing is lost or doubled."),
    "restored": N_("The centre was restored from a backup. This phone sent {count} actions again."),
}
"""What is wrong, by kind; `unfitting` is a conflict in which nobody else was first."""
DOUBTS = {
    "rollover": N_("the counter has begun again"),
    "backwards": N_("it is below the last one"),
    "jump": N_("it is far from the last one"),
}
RESOLVED = {
    "wait": N_("Your supervisor decides. You need do nothing."),
    "tell": N_("Tell your supervisor. What you did stays on this phone."),
    "again": N_("Do it again. If it is refused again, tell your supervisor."),
    "correct": N_("If it is wrong, take it back. If it is right, it stays."),
    "look": N_("Look at the task, and say so if it is wrong."),
    "nothing": N_("You need do nothing."),
}
"""What resolves it, by `how`."""
TYPED = {
    "correct": N_("If it is wrong: radar correct {action} REASON"),
    "look": N_("What was done, and by whom: radar query {task}"),
}
"""The same for who types: what is typed."""


def wrong_sentence(row: Data, texts: Texts) -> str:
    """Return what is wrong."""
    kind, by, who = row["kind"], row["by"] or {}, row["who"] or {}
    if kind == "conflict" and by.get("staff") in (None, who.get("staff")):
        kind = "unfitting"
    return texts.say(
        WRONG[kind],
        what=word_of(KINDS, row["what"], texts),
        about=texts.pick(row["about"], "name"),
        at=local_minute(row["wall"])[5:],
        reason=texts.say(row["reason"]) if row["reason"] else "-",
        who=texts.pick(who, "name"),
        by=texts.pick(by, "name"),
        value=row["value"],
        why=texts.say(DOUBTS.get(row["code"], "")) or row["code"],
        count=row["count"],
    )


def resolved_sentence(row: Data, texts: Texts) -> str:
    """Return what a person does about it."""
    return texts.say(RESOLVED[row["how"]])


def _troubles(data: Data, texts: Texts) -> list[str]:
    lines: list[str] = []
    for number, row in enumerate(data["troubles"], 1):
        lines.append(f"{number} ! {wrong_sentence(row, texts)}")
        typed = TYPED.get(row["how"], RESOLVED[row["how"]])
        lines.append("  → " + texts.say(typed, action=row["action_id"], task=row["task_id"]))
    if not lines:
        return [texts.say(N_("✓ Nothing is wrong.")), as_of(data, texts)]
    seen = texts.say(N_("What you have seen goes: radar troubles --seen NUMBER, or all"))
    return [*lines, seen, as_of(data, texts)]


def _seen(data: Data, texts: Texts) -> list[str]:
    left = texts.say(N_("{left} are left."), left=data["left"]) if data["left"] else ""
    return [f"{texts.say(N_('✓ It does not come again.'))} {left}".rstrip()]


TROUBLES_VIEWS: dict[str, Callable[[Data, Texts], list[str]]] = {
    "troubles": _troubles,
    "seen": _seen,
}
