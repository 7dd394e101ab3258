"""`radar correct ACTION REASON`: a person takes back what they recorded by mistake."""

from collections.abc import Collection

from commands.phone import Phone
from commands.why import CORRECT, read_reason
from commands.work import worked
from radar_core.actions import Action, read_line, touches
from radar_core.answers import Answer
from radar_core.failures import NOT_PERMITTED, Failure, N_
from radar_core.tracking import CORRECTABLE, taken_back
from sync.touching import actions_on

LAST = "last"
DIGITS_MAX = 18
"""The most digits of a number that SQLite can hold."""
_ONE = "SELECT epoch, line FROM action WHERE epoch = ? AND seq = ?"
_OWN = (
    "SELECT a.epoch, a.line FROM action a JOIN epoch e ON e.name = a.epoch"
    " WHERE a.hash IS NOT NULL {} ORDER BY e.number DESC, a.seq DESC"
)


def correct(phone: Phone, word: str, reason: str) -> Answer:
    """Record that an action does not count, and say where its task stands then.

    `word` is an action's id, its number in this phone's log, or `last`. Raise Failure for what
    nobody knows, somebody else recorded, or cannot be taken back.
    """
    why = read_reason(CORRECT, reason)
    with phone.transaction():
        wrong = _last(phone) if word == LAST else _named(phone, word)
        if wrong.staff != phone.staff:
            raise Failure(
                "not_yours",
                N_("{action} was recorded by {staff}; only they can take it back."),
                N_("Tell them, or your supervisor. Your own: radar log"),
                exit_code=NOT_PERMITTED,
                action=wrong.id,
                staff=wrong.staff,
            )
        if wrong.kind not in CORRECTABLE:
            raise Failure(
                "not_correctable",
                N_("{action} is no scan, answer, photo, part or signature, and stays."),
                N_("What it is: radar log. What is wrong with it: radar note THING TEXT"),
                action=wrong.id,
            )
        recorded = None
        if not _is_taken_back(phone, wrong):
            about = {name: wrong.body[name] for name in _ABOUT if wrong.body.get(name)}
            body = {"action": wrong.id, **about, "reason": why}
            moment = phone.workplace.clock()
            recorded = phone.write("correct", wrong.subject, wrong.project, body, moment)
    data: dict[str, object] = {
        "action_id": recorded.id if recorded is not None else None,
        "seq": recorded.seq if recorded is not None else None,
        "saved": recorded is not None,
        "corrected": wrong.id,
        "kind": wrong.kind,
        "subject": wrong.subject,
        "step": wrong.body.get("step"),
        "wall": wrong.wall,
        "reason": why,
    }
    return Answer("corrected", data | {"task": _stands(phone, wrong)})


_ABOUT = ("task", "tag", "place", "asset")


def _named(phone: Phone, word: str) -> Action:
    """Return the action that an id, or a number in this phone's log, names."""
    epoch, _, number = word.strip().rpartition(".")
    row = None
    if number.isascii() and number.isdecimal() and len(number) <= DIGITS_MAX:
        query = _ONE if epoch else f"{_OWN.format('AND a.seq = ?')} LIMIT 1"
        values = (epoch, int(number)) if epoch else (int(number),)
        row = phone.journal.connection.execute(query, values).fetchone()
    if row is None:
        raise Failure(
            "unknown_action",
            N_("This phone knows no action {action}. Nothing was saved."),
            N_("All that it recorded: radar log"),
            action=word[:80],
        )
    return read_line(*row)


def _last(phone: Phone) -> Action:
    """Return what this person recorded last here and did not take back yet.

    A report that an answer made by itself is passed over: the answer is what the person did.
    """
    for row in phone.journal.connection.execute(_OWN.format("")):
        action = read_line(*row)
        by_itself = action.kind == "report" and action.body.get("cause")
        if action.staff == phone.staff and action.kind != "correct" and not by_itself:
            if _is_taken_back(phone, action):
                continue
            return action
    raise Failure(
        "unknown_action",
        N_("Nothing was recorded on this phone that could be taken back."),
        N_("All that it recorded: radar log"),
    )


def recorded_last(phone: Phone, kinds: Collection[str], most: int) -> list[Action]:
    """Return what this person recorded here of some kinds, but for what was taken back.

    The latest `most`, latest first; what came by itself of an answer is none of it.
    """
    found: list[Action] = []
    for row in phone.journal.connection.execute(_OWN.format("")):
        action = read_line(*row)
        own = action.staff == phone.staff and action.kind in kinds
        if own and not action.body.get("cause") and not _is_taken_back(phone, action):
            found.append(action)
            if len(found) == most:
                break
    return found


def _is_taken_back(phone: Phone, action: Action) -> bool:
    """Tell whether its person has taken an action back already."""
    ref = touches(action)[-1]
    return action.id in taken_back(actions_on(phone.journal, [ref])[ref])


def _stands(phone: Phone, wrong: Action) -> dict[str, object] | None:
    """Return where the task of what was taken back stands now, if this phone knows it."""
    try:
        told = worked(phone, "", str(wrong.body.get("task") or ""), None).data
    except Failure:
        return None
    is_it = told["task_id"] == wrong.body["task"]
    return {name: told[name] for name in _STANDS} if is_it else None


_STANDS = ("task_id", "title", "title_zh", "state", "left", "open_steps")
