"""How answers look to a person: short lines, a mark and a word for each state, newest first."""

from __future__ import annotations

from radar_cli.moments import local_minute
from radar_cli.texts import Texts
from radar_cli.words import (
    CHECKS,
    CLOCKS,
    KINDS,
    MARKS,
    OUTCOMES,
    PRIORITIES,
    STATES,
    VERDICTS,
    listed,
)
from radar_core.answers import Answer
from radar_core.failures import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    Data = Mapping[str, Any]
    View = Callable[[Data, Texts], list[str]]

TASKS_SHOWN = 18
SUBJECT_CHARS_SHOWN = 24


def view_lines(answer: Answer, texts: Texts) -> list[str]:
    """Return the lines of an answer for a person."""
    view = VIEWS.get(answer.view)
    if view is None:
        from radar_cli.centre_views import OTHER_VIEWS
        from radar_cli.patrol_views import PATROL_VIEWS
        from radar_cli.phone_views import PHONE_VIEWS
        from radar_cli.troubles_view import TROUBLES_VIEWS
        from radar_cli.work_views import WORK_VIEWS

        views = WORK_VIEWS | PATROL_VIEWS | PHONE_VIEWS | OTHER_VIEWS | TROUBLES_VIEWS
        view = views[answer.view]
    return view(answer.data, texts)


def as_of(data: Data, texts: Texts) -> str:
    """Return how fresh an answer is (law 12)."""
    moment = local_minute(data.get("data_as_of"))
    if not moment:
        return texts.say(N_("Never synced yet: radar sync"))
    return texts.say(N_("As of {moment}."), moment=moment)


def _tasks(data: Data, texts: Texts) -> list[str]:
    rows: Sequence[Data] = data["tasks"]
    lines = [line for row in rows[:TASKS_SHOWN] for line in _task_lines(row, texts)]
    if not rows:
        lines = [texts.say(N_("Nothing is due for you now."))]
    if len(rows) > TASKS_SHOWN:
        lines.append(texts.say(N_("… and {count} more."), count=len(rows) - TASKS_SHOWN))
    return [*lines, as_of(data, texts)]


def _ical(data: Data, texts: Texts) -> list[str]:
    said = N_("{out}: {tasks} tasks of the coming {days} days. Open it with your calendar.")
    return [texts.say(said, **data)]


def _task_lines(row: Data, texts: Texts) -> tuple[str, str]:
    words = [state_words(row, texts), texts.pick(row, "title")]
    if row["late"]:
        words.insert(1, texts.say(N_("late")))
    if row["priority"] in ("high", "urgent"):
        words.insert(0, texts.say(PRIORITIES[row["priority"]]))
    if row["category"] and row["assignee"]:
        words.append(texts.say(N_("for {who}"), who=row["assignee"]))
    if row["left"]:
        words.append(
            texts.say(N_("({left} of {all} to visit)"), left=row["left"], all=row["checkpoints"])
        )
    return "  ".join(words), f"  {window(row, texts)}  {row['id']}"


def window(row: Data, texts: Texts) -> str:
    """Return when work is due: the hours of one day, or else the bound that matters next."""
    begin, end = str(row["due_from"]), str(row["due_to"])
    if begin[:10] == end[:10]:
        return f"{begin[5:10]} {begin[11:16]}-{end[11:16]}"
    if row["state"] == "planned":
        return texts.say(N_("from {moment}"), moment=f"{begin[5:10]} {begin[11:16]}")
    return texts.say(N_("until {moment}"), moment=f"{end[5:10]} {end[11:16]}")


def _status(data: Data, texts: Texts) -> list[str]:
    who = texts.pick(data, "name") or str(data["staff"])
    template = N_("{who} ({staff}), phone {device}")
    if data["shared"]:
        template = N_("Shared phone {device}; signed in: {who} ({staff})")
        if not data["staff"]:
            template = N_("Shared phone {device}; nobody is signed in: radar badge PICTURE")
    lines = [texts.say(template, who=who, **_only(data, "staff", "device"))]
    lines.append(
        texts.say(
            N_("Unsent: {unsent}   In quarantine: {quarantined}"),
            **_only(data, "unsent", "quarantined"),
        )
    )
    lines += _photos(data["photos"], texts)
    if data["receipt"]:
        text = N_("Receipt: the centre holds your actions up to {seq} ({at}).")
        receipt = data["receipt"]
        lines.append(texts.say(text, seq=receipt["seq"], at=local_minute(receipt["at"])))
    states = [f"{texts.say(STATES[state])} {count}" for state, count in data["tasks"].items()]
    lines.append(texts.say(N_("Tasks: {tasks}"), tasks=listed(states, texts) or "-"))
    return [*lines, as_of(data, texts)]


def _only(data: Data, *names: str) -> dict[str, Any]:
    return {name: data[name] for name in names}


def _log(data: Data, texts: Texts) -> list[str]:
    lines = [_logged(row, texts) for row in data["actions"]]
    return lines or [texts.say(N_("Nothing was recorded on this phone yet."))]


def _logged(row: Data, texts: Texts) -> str:
    wall, kind = row["wall"][5:16].replace("T", " "), word_of(KINDS, row["kind"], texts)
    about = row["subject"].partition("@")[0][:SUBJECT_CHARS_SHOWN]
    words = [f"{row['seq']:>4}", wall, kind, about, texts.say(STATES[row["state"]])]
    if row["verdict"]:
        words.append(texts.say(VERDICTS[row["verdict"]]))
    return "  ".join([*words, texts.say(row["reason"])] if row["reason"] else words)


def word_of(words: Mapping[str, str], key: Any, texts: Texts) -> str:  # noqa: ANN401 - from JSON
    """Return what people call a kind or an outcome; a newer one keeps its own name."""
    return texts.say(words.get(str(key), str(key)))


def about_word(data: Data, texts: Texts) -> str:
    """Return what something is about: as people call it where that is told, else by its id."""
    kind, _, id_ = str(data["about"]).partition(":")
    return texts.pick(data, "about_name") or f"{word_of(KINDS, kind, texts)} {id_}"


def _verified(data: Data, texts: Texts) -> list[str]:
    return [texts.say(N_("✓ All {verified} actions fit the chain: nothing was changed."), **data)]


def _receipts(data: Data, texts: Texts) -> list[str]:
    """Return what the centre's word is for, and where it was written."""
    lines = [_held(row, texts) for row in data["receipts"]]
    if not lines:
        return [
            texts.say(N_("There is no receipt yet.")),
            "  → " + texts.say(N_("When there is signal: radar sync")),
        ]
    if data["proof"]:
        lines.append(
            "  " + texts.say(N_("It proves action {action}."), **_only(data["proof"], "action"))
        )
    lines.append("  " + texts.say(N_("The centre's key: {key}"), key=data["centre_key"]))
    hint = N_("To hand it on: radar receipt --out FILE")
    if data["out"]:
        hint = N_("Anybody checks it: radar receipt --verify {path} --key HEX")
    return [*lines, "  → " + texts.say(hint, path=data["out"])]


def _held(row: Data, texts: Texts) -> str:
    text = N_("The centre holds the actions of phone {device} up to {epoch}.{seq} ({at}).")
    return texts.say(text, **_only(row, "device", "epoch", "seq"), at=local_minute(row["at"]))


def _receipt_verified(data: Data, texts: Texts) -> list[str]:
    """Return what is proved, and by which key."""
    lines = [f"✓ {_held(row, texts)}" for row in data["receipts"]]
    if data["action"]:
        text = N_("✓ Action {action} is among them, just as it was recorded:")
        lines += [texts.say(text, action=data["action"]), f"  {data['line']}"]
    if not data["key_given"]:
        lines.append(texts.say(N_("! This key came with the file and proves nothing by itself:")))
        lines.append(f"  {data['key']}")
        lines.append("  → " + texts.say(N_("Ask the centre for its key, then add: --key HEX")))
    return lines


def _watched(data: Data, texts: Texts) -> list[str]:
    """Return what one sync of many did; the receipts are for who looks: radar log."""
    return _sync(dict(data) | {"receipt": None}, texts)


def _sync(data: Data, texts: Texts) -> list[str]:
    template = N_("✓ In step. Sent {sent}, received {received}, unsent {unsent}.")
    lines = [texts.say(template, **_only(data, "sent", "received", "unsent"))]
    if data["receipt"] and data["receipt"]["seq"]:
        receipt = data["receipt"]
        text = N_("Receipt: the centre holds your actions up to {seq} ({at}).")
        lines.append("  " + texts.say(text, seq=receipt["seq"], at=local_minute(receipt["at"])))
    lines += ["  " + line for line in _photos(data["photos"], texts)]
    if data["centre_restored"]:
        from radar_cli.backup_views import restored_lines

        lines += ["  " + line for line in restored_lines(data["centre_restored"], texts)]
    if data["forked"]:
        text = N_("This phone is a restored copy: nothing is lost, and your supervisor sees it.")
        lines.append("  " + texts.say(text))
    if data["quarantined"]:
        text = N_("{count} actions are kept aside: radar troubles")
        lines.append("  " + texts.say(text, count=data["quarantined"]))
    return lines


def worked_view(template: str, hint: str = "") -> View:
    """Return how a verb's work on a task looks, with the next step: a question, else the hint."""

    def view(data: Data, texts: Texts) -> list[str]:
        values = {"title": texts.pick(data, "title"), "task": data["task_id"], "left": data["left"]}
        values |= {"state": texts.say(STATES[str(data["state"])]), "stars": data.get("stars")}
        lines = [texts.say(template, **values)]
        if data["opens_at"]:
            text = N_("It opens at {opens} only; what you did counts all the same.")
            lines.append("  ! " + texts.say(text, opens=local_minute(data["opens_at"])))
        if data["open_steps"]:
            values["step"] = data["open_steps"][0]
            text = N_("Next: radar answer {task} {step} VALUE")
            lines.append("  → " + texts.say(text, **values))
        elif hint:
            lines.append("  → " + texts.say(hint, **values))
        return lines

    return view


def value_words(data: Data, texts: Texts) -> str:
    """Return an answer with its unit; a check as yes or no."""
    if isinstance(data["value"], bool):
        return texts.say(N_("yes") if data["value"] else N_("no"))
    return f"{data['value']} {data.get('unit') or ''}".strip()


def _noted(data: Data, texts: Texts) -> list[str]:
    return [texts.say(N_("SAVED  note on {about}"), about=about_word(data, texts))]


def _photographed(data: Data, texts: Texts) -> list[str]:
    values = {"about": about_word(data, texts), "kb": -(-data["bytes"] // 1024)}
    return [texts.say(N_("SAVED  photo of {about} ({kb} kB)"), **values)]


def _photos(photos: Data, texts: Texts) -> list[str]:
    """Return what became of the photos, where there are any."""
    lines: list[str] = []
    if photos["waiting"] or photos["sent"]:
        lines.append(texts.say(N_("Photos: {sent} sent, {waiting} waiting"), **photos))
    if photos["lost"]:
        text = N_("{lost} photos are gone from this phone's folder and never reached the centre.")
        lines.append("! " + texts.say(text, **photos))
    if photos.get("stopped"):
        text = N_("The photos wait ({stopped}); everything else is in step. Later: radar sync")
        lines.append("  → " + texts.say(text, **photos))
    return lines


def _bound(data: Data, texts: Texts) -> list[str]:
    values = {"tag": data["tag"], "name": texts.pick(data, "name") or data["ref"]}
    template = N_("SAVED  {tag} stands for {name} from now on.")
    return [
        texts.say(template if data["saved"] else N_("{tag} stands for {name} already."), **values)
    ]


def _enrolled(data: Data, texts: Texts) -> list[str]:
    values = _only(data, "staff", "device")
    template, ready = (
        N_("✓ This phone is {staff}'s now ({device})."),
        N_("What is due: radar tasks"),
    )
    if not data["staff"]:
        template = N_("✓ This is a shared phone now ({device}).")
        ready = N_("Sign in with your badge: radar badge PICTURE")
    lines = [texts.say(template, **values)]
    missing = N_("The site book is not here yet: radar sync")
    lines.append("  → " + texts.say(ready if data["sync"] else missing))
    return lines


def _query(data: Data, texts: Texts) -> list[str]:
    kind, what, where = texts.say(KINDS[data["kind"]]), data["what"], data["where"]
    name = texts.pick(what, "name") or texts.pick(what, "title") or texts.pick(where, "name")
    lines = [f"{kind} {data['id']}  {name}"]
    if where:
        lines.append(f"  {texts.pick(where, 'path')}")
    if data["kind"] == "task":
        from radar_cli.work_views import task_details

        lines += task_details(what, texts)
    for row in data["due"]:
        lines.append(f"  {state_words(row, texts)}  {texts.pick(row, 'title')}  {row['task_id']}")
    for row in data["history"]:
        lines += [f"  {line}" for line in _event_lines(row, texts, whole=data["kind"] == "action")]
    return [*lines, as_of(data, texts)]


def state_words(row: Data, texts: Texts) -> str:
    """Return the mark and the word of a state."""
    state = str(row["state"])
    return f"{MARKS[state]} {texts.say(STATES[state])}"


def _event_lines(row: Data, texts: Texts, *, whole: bool) -> list[str]:
    """Return what was done and, of a scan, how sure that is: the whole of it, or what is low."""
    if "evidence" not in row:
        return [_event(row, texts)]
    from radar_cli.evidence_view import evidence_lines, evidence_word

    told = evidence_lines(row["evidence"], texts, whole=whole)
    first = f"{_event(row, texts)}  {evidence_word(row['evidence'], texts)}"
    return [first, *(f"  {line}" for line in told)]


def _event(row: Data, texts: Texts) -> str:
    words = [row["wall"][:16].replace("T", " "), word_of(KINDS, row["kind"], texts)]
    if row.get("outcome"):
        words.append(word_of(OUTCOMES, row["outcome"], texts))
    if "value" in row:
        words.append(f"{row.get('step')} = {value_words(row, texts)}")
    if row["kind"] != "scan":
        words += [f"“{texts.say(row[name])}”" for name in ("text", "reason") if row.get(name)]
        words += [str(row[name]) for name in ("part", "to") if row.get(name)]
    if row.get("clock") in CLOCKS:
        words.append(f"({texts.say(CLOCKS[row['clock']])})")
    return "  ".join([*words, texts.pick(row, "name")])


def _doctor(data: Data, texts: Texts) -> list[str]:
    lines: list[str] = []
    for row in data["findings"]:
        check = texts.say(CHECKS[row["check"]])
        lines.append(
            f"{MARKS[row['state']]} "
            + texts.say(N_("{check}: {message}"), check=check, message=row["message"])
        )
        if row["hint"]:
            lines.append(f"  → {row['hint']}")
    for name, setting in data["settings"].items():
        source = texts.say(N_("default")) if setting["source"] == "default" else setting["source"]
        lines.append(f"  {name} = {setting['value']}  ({source})")
    return lines


def _demo(data: Data, texts: Texts) -> list[str]:
    lines = [texts.say(N_("All of it is in {folder}. Go on by hand:"), folder=data["folder"])]
    return [*lines, *(f"  {command}" for command in data["commands"])]


VIEWS: dict[str, View] = {
    "tasks": _tasks,
    "ical": _ical,
    "status": _status,
    "log": _log,
    "verified": _verified,
    "receipts": _receipts,
    "receipt_verified": _receipt_verified,
    "sync": _sync,
    "watched": _watched,
    "started": worked_view(N_("SAVED  begun: {title}"), N_("When it is done: radar done {task}")),
    "finished": worked_view(N_("SAVED  {state}: {title}"), N_("What else is due: radar tasks")),
    "already": worked_view(N_("{title} is {state} already; nothing new was saved.")),
    "noted": _noted,
    "photographed": _photographed,
    "signed": worked_view(N_("SAVED  signed: {title}"), N_("When all is done: radar done {task}")),
    "bound": _bound,
    "enrolled": _enrolled,
    "query": _query,
    "doctor": _doctor,
    "demo": _demo,
}
