"""How reports, work orders and a supervisor's word look to a person."""

from __future__ import annotations

from radar_cli.moments import local_minute
from radar_cli.texts import Texts
from radar_cli.views import about_word, state_words, value_words, window, word_of, worked_view
from radar_cli.words import CATEGORIES, KINDS, PRIORITIES, STATES, listed
from radar_core.failures import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from radar_cli.views import Data, View

ORDERS = {
    "opened": N_("Work order {task} was opened: {title}"),
    "joined": N_("Work order {task} is open already: {title}"),
    "reopened": N_("Work order {task} is open again: {title}"),
    "open": N_("Work order {task} is still open: {title}"),
}
"""What a person hears of the work order that their report went to."""


def _order_lines(order: Data, texts: Texts) -> list[str]:
    """Return which work order a report opened or joined, and how to follow it."""
    values = {"task": order["task_id"], "title": texts.pick(order, "title")}
    lines = ["  ! " + texts.say(ORDERS[order["how"]], **values)]
    if order["people"] > 1:
        lines.append("  " + texts.say(N_("{count} people reported this."), count=order["people"]))
    return [*lines, "  → " + texts.say(N_("To follow it: radar query {task}"), **values)]


def _reported(data: Data, texts: Texts) -> list[str]:
    values = {"category": texts.say(CATEGORIES[data["category"]]), "about": about_word(data, texts)}
    head = texts.say(N_("SAVED  {category} on {about}"), **values)
    return [head, *_order_lines(data, texts)]


DOUBTS = {
    "rollover": N_("The last reading was {last} on {at}: the counter has begun again at 0."),
    "backwards": N_("The last reading was {last} on {at}; look again. If it is right, it stays."),
    "jump": N_("The last reading was {last} on {at}; look again. If it is right, it stays."),
}
"""What a person hears of a reading that is odd; it is kept in any case."""


def _answered(data: Data, texts: Texts) -> list[str]:
    shown = value_words(data, texts)
    step = texts.pick(data, "step_title") or data["step"]
    lines = [texts.say(N_("SAVED  {step}: {value}"), step=step, value=shown)]
    if data["outside"]:
        bounds = f"{data['min']} … {data['max']}".replace("None", "")
        lines.append("  ! " + texts.say(N_("outside {bounds}"), bounds=bounds))
    meter = data["meter"]
    if meter and meter["doubt"]:
        last = value_words({"value": meter["last"], "unit": data["unit"]}, texts)
        told = DOUBTS[meter["doubt"]]
        lines.append("  ! " + texts.say(told, last=last, at=local_minute(meter["last_at"])))
    if data["order"]:
        lines += _order_lines(data["order"], texts)
    return lines + worked_view("", N_("When all is done: radar done {task}"))(data, texts)[1:]


def _parted(data: Data, texts: Texts) -> list[str]:
    shown = f"{data['quantity']} {data['unit'] or ''}".strip()
    line = texts.say(N_("SAVED  {quantity} × {part}"), quantity=shown, part=data["part"])
    return [line, *worked_view("", "")(data, texts)[1:]]


def _assigned(data: Data, texts: Texts) -> list[str]:
    values = {"task": data["task_id"], "who": texts.pick(data["assignee"], "name")}
    saved, already = N_("SAVED  {task} is for {who} now."), N_("{task} is for {who} already.")
    return [texts.say(saved if data["saved"] else already, **values)]


def _rejected(data: Data, texts: Texts) -> list[str]:
    lines = [texts.say(N_("SAVED  not good yet: {title}"), title=texts.pick(data, "title"))]
    return lines + (_order_lines(data["order"], texts) if data["order"] else [])


def task_details(task: Data, texts: Texts) -> list[str]:
    """Return a task's state and people, its checkpoints and steps, its parts, reports and links."""
    lines = [f"  {state_words(task, texts)}  {window(task, texts)}", *_facts(task, texts)]
    lines += [
        f"  {'✓' if spot['visited'] else '·'} {texts.pick(spot, 'path')}"
        for spot in task["checkpoints"]
    ]
    for step in task["steps"]:
        given = step["answer"] is not None
        worded = given and step["type"] not in ("photo", "signature")
        shown = f"  {value_words(step | {'value': step['answer']}, texts)}" if worded else ""
        lines.append(f"  {'✓' if given else '·'} {step['id']}  {texts.pick(step, 'title')}{shown}")
    for one in task["parts"]:
        shown = f"{one.get('quantity')} {one.get('unit') or ''}".strip()
        lines.append(f"  + {shown} × {one.get('part')}")
    for row in task["conflicts"]:
        told = N_("conflict: {what} by {who} ({at}) did not count; {by} has it.")
        values = {"what": word_of(KINDS, row["kind"], texts), "at": local_minute(row["wall"])}
        values |= {"who": texts.pick(row, "name"), "by": texts.pick(task["by"], "name") or "-"}
        lines.append("  ✗ " + texts.say(told, **values))
    for link in task["links"]:
        state = f"  {texts.say(STATES[link['state']])}" if link["state"] else ""
        lines.append(f"  ↔ {link['task_id']}  {texts.pick(link, 'title')}{state}")
    return lines


def _facts(task: Data, texts: Texts) -> list[str]:
    """Return the priority of a task, whose it is, how long it took, why it stands as it does."""
    words: list[str] = []
    if task["priority"]:
        words.append(texts.say(PRIORITIES[task["priority"]]))
    if task["assignee"]:
        words.append(texts.say(N_("for {who}"), who=texts.pick(task["assignee"], "name")))
    people = len({row["staff"] for row in task["reports"]})
    if people > 1:
        words.append(texts.say(N_("{count} people reported this."), count=people))
    if task["labour_min"]:
        words.append(texts.say(N_("{minutes} minutes of work"), minutes=task["labour_min"]))
    if task["score"] is not None:
        words.append(texts.say(N_("score {score} of 100"), score=task["score"]))
    if task["rating"] is not None:
        words.append(texts.say(N_("{stars} of 5 stars"), stars=task["rating"]))
    if task["reason"]:
        words.append(f"“{texts.say(task['reason'])}”")
    return [f"  {listed(words, texts)}"] if words else []


WORK_VIEWS: dict[str, View] = {
    "answered": _answered,
    "reported": _reported,
    "part": _parted,
    "assigned": _assigned,
    "hold": worked_view(N_("SAVED  on hold: {title}"), N_("To go on: radar resume {task}")),
    "resume": worked_view(
        N_("SAVED  under way: {title}"), N_("When it is done: radar done {task}")
    ),
    "verify": worked_view(N_("SAVED  well done: {title}")),
    "reject": _rejected,
    "cancel": worked_view(N_("SAVED  cancelled: {title}")),
    "reopen": worked_view(N_("SAVED  open again: {title}")),
    "excuse": worked_view(N_("SAVED  excused: {title}")),
    "rate": worked_view(N_("SAVED  {stars} of 5 stars: {title}")),
}
