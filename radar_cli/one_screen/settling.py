"""The list of troubles: each in a line, then with its sentences and what resolves it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from commands.phone import Phone
from commands.troubles import see, troubles
from radar_cli.one_screen.asks import NOTHING, Choice, Page, Row, Said, said
from radar_cli.one_screen.desk import Desk
from radar_cli.troubles_view import resolved_sentence, wrong_sentence
from radar_cli.words import KINDS
from radar_core.answers import Answer
from radar_core.failures import N_

Data = Mapping[str, Any]

KIND_WORDS: dict[str, str] = {
    "quarantined": N_("kept aside"),
    "rejected": N_("left out"),
    "conflict": N_("did not count"),
    "doubt": N_("doubtful"),
    "photo_lost": N_("photo lost"),
    "photo_waits": N_("photo does not go up"),
    "parted": N_("copied phone"),
    "restored": N_("restored centre"),
}
HOW_WORDS: dict[str, str] = {
    "wait": N_("your supervisor decides"),
    "tell": N_("tell your supervisor"),
    "again": N_("do it again"),
    "correct": N_("take it back, or keep it"),
    "look": N_("look at the task"),
    "nothing": N_("nothing to do"),
}
TONES = {"wait": "warn", "nothing": "plain"}
AGAIN: dict[str, tuple[str, str]] = {
    "note": ("note", N_("Write the note again")),
    "report": ("report", N_("Report it again")),
    "photo": ("photo", N_("Take the photo again")),
    "bind_tag": ("bind", N_("Bind the tag again")),
}
"""What can be recorded again at once, by the kind of action: the way, and how it is called."""


def _listed(desk: Desk) -> list[Data]:
    rows = troubles(desk.phone).data["troubles"]
    return rows if isinstance(rows, list) else []


def settling(desk: Desk) -> Page:
    """Return the list of what is wrong."""
    rows = [_row(row) for row in _listed(desk)]
    if not rows:
        return Page(said(N_("Nothing is wrong.")))
    every = Choice(said(N_("I have seen all of it")), "see", ("all",))
    heading = said(N_("To settle: {count}"), count=len(rows))
    return Page(heading, (*rows, Row("·", every.label, choice=every)))


def _row(row: Data) -> Row:
    kind: Said = (KIND_WORDS[row["kind"]], {})
    text = kind
    if row["about"] is not None:
        what: Said = (KINDS.get(row["what"]) or str(row["what"]), {})
        about = {name: row["about"][name] for name in ("name", "name_zh")}
        text = said("{kind}: {what}, {about}", kind=kind, what=what, about=about)
    choice = Choice(NOTHING, "trouble", (str(row["id"]),))
    tone = TONES.get(row["how"], "bad")
    mark = {"bad": "✗", "warn": "!"}.get(tone, "·")
    return Row(mark, text, (HOW_WORDS[row["how"]], {}), tone, choice)


def trouble(desk: Desk, id_: str) -> Page:
    """Return one trouble with its sentences, and what resolves it; the list where it is over."""
    found = next((row for row in _listed(desk) if row["id"] == id_), None)
    if found is None:
        return settling(desk)
    texts = desk.output.texts
    lines = (wrong_sentence(found, texts), "", f"→ {resolved_sentence(found, texts)}")
    return Page((KIND_WORDS[found["kind"]], {}), (), _choices(found), lines)


def _choices(row: Data) -> tuple[Choice, ...]:
    """Return what resolves a trouble, the likeliest first; to have seen it is the last."""
    found: list[Choice] = []
    task_id, action_id = row["task_id"], row["action_id"]
    if row["how"] == "correct":
        found.append(Choice(said(N_("Take it back")), "correct", (str(action_id),)))
    if row["how"] == "again":
        found += _again(row)
    if task_id:
        found.append(Choice(said(N_("Look at the task")), "task", (str(task_id),)))
    seen = N_("It is right") if row["kind"] == "doubt" else N_("I have seen it")
    found.append(Choice(said(seen), "see", (str(row["id"]),), default=not found))
    return tuple(found)


def _again(row: Data) -> list[Choice]:
    way = AGAIN.get(row["what"])
    about = str((row["about"] or {}).get("ref") or "")
    if row["what"] == "bind_tag":
        about = str(row["subject"])
    if way is None or not about:
        return []
    return [Choice(said(way[1]), way[0], (about,), default=True)]


def see_it(phone: Phone, id_: str) -> Answer:
    """Remember that a trouble was seen, and tell how many are left."""
    left = see(phone, id_).data["troubles"]
    return Answer("seen", {"left": len(left) if isinstance(left, list) else 0})
