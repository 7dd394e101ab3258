"""`radar report THING TEXT`: something is wrong; reports on one thing come together in one task."""

from commands.orders import Order, order_for, spot_of, told_order, write_report
from commands.phone import Phone
from commands.thing import Thing, find_thing, read_source
from commands.work import checked_text
from radar_core.answers import Answer
from radar_core.failures import USAGE, Failure, N_
from radar_core.tasks import FINISHED, UNDER_WAY
from radar_core.tracking import PRIORITIES
from radar_core.work_orders import ROLES, parts_of

TRADES = {"guard": "incident", "cleaner": "cleaning", "engineer": "repair"}
"""What a person of each trade reports where they do not say it."""


def report(
    phone: Phone, source: str, text: str, *, category: str = "", priority: str = "", of: str = ""
) -> Answer:
    """Record a report and say which work order it opened or joined.

    `of` is the task it came from; without it, what the person has in hand there.
    """
    text = checked_text(text)
    _check_word("--category", category, tuple(ROLES))
    _check_word("--priority", priority, PRIORITIES)
    word = read_source(source)
    with phone.transaction():
        thing = find_thing(phone, word)
        moment = phone.workplace.clock()
        spot, order = _place(phone, thing, category)
        came = phone.task(of)[0].id if of else _in_hand(phone, thing, spot, moment.wall_ms // 1000)
        found = parts_of(order.id)
        body: dict[str, object] = {**spot, "category": found[0] if found else category}
        body |= {"text": text, "priority": priority or "normal", "from": came}
        recorded = write_report(phone, order, thing.project, body, moment)
    data: dict[str, object] = {"action_id": recorded.id, "seq": recorded.seq, "saved": True}
    data |= {"about": thing.ref, "category": body["category"], "from": came or None}
    return Answer("reported", data | told_order(phone, order))


def _check_word(option: str, word: str, words: tuple[str, ...]) -> None:
    if word and word not in words:
        raise Failure(
            "unknown_word",
            N_("{option} is one of {words}, not {word}. Nothing was saved."),
            N_("See: radar report --help"),
            exit_code=USAGE,
            option=option,
            words=", ".join(words),
            word=word[:80],
        )


def _place(phone: Phone, thing: Thing, category: str) -> tuple[dict[str, str], Order]:
    """Return where a report belongs, and its work order: that which was named, if one was."""
    if thing.kind == "staff":
        raise Failure(
            "report_target",
            N_("A report is about a place, an asset, a tag or a task; {target} is a person."),
            N_("Name the place: radar report PLACE TEXT"),
            exit_code=USAGE,
            target=thing.id,
        )
    if thing.kind == "task":
        task, progress = phone.task(thing.id)
        spot = spot_of(phone, task)
        if task.category:
            again = progress.state in FINISHED
            return spot, Order(task.id, "reopened" if again else "joined")
    else:
        spot = {kind: thing.refs[kind] for kind in ("asset", "place") if kind in thing.refs}
    return spot, order_for(phone, category or _trade(phone, thing.project), spot, thing.project)


def _trade(phone: Phone, project: str) -> str:
    roles = phone.person().roles.get(project, ())
    return next((TRADES[role] for role in roles if role in TRADES), "repair")


def _in_hand(phone: Phone, thing: Thing, spot: dict[str, str], now_s: int) -> str:
    """Return the task from which a report comes: the one named, else what is in hand there."""
    if thing.kind == "task":
        return "" if parts_of(thing.id) is not None else thing.id
    refs = {f"{kind}:{id_}" for kind, id_ in spot.items()}
    own = [
        (progress.since_s, task.id)
        for task, progress in phone.candidates((), now_s)
        if progress.state in UNDER_WAY
        and progress.staff == phone.staff
        and refs.intersection(task.targets)
    ]
    return max(own)[1] if own else ""
