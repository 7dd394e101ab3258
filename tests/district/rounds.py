"""How guards walk their rounds: well, late, half, in the wrong order, together, or not at all."""

from collections.abc import Sequence

from radar_core.tasks import Task
from tests.district.answers import answer_steps
from tests.district.deeds import DAY_S, Deed
from tests.district.reports import report
from tests.district.site import Site

REASONS = ("called to the gate", "heavy rain", "lift out of order", "shift is over", "battery flat")


def walk(site: Site, task: Task) -> None:
    """Let a round be walked, or not."""
    likely, chance = site.likely, site.chance
    begin_s = task.due_from + chance.uniform(0, 0.6 * (task.due_to - task.due_from))
    begin_s += chance.uniform(0, 3 * 3600) if likely(0.04) else 0
    who, begin_s = site.worker(task, begin_s)
    if likely(0.03):
        if likely(0.4):
            excuse(site, task)
        return
    order = list(range(len(task.targets)))
    if not task.ordered:
        chance.shuffle(order)
    elif likely(0.08):
        at = chance.randrange(len(order))
        order.append(order.pop(at))
    if likely(0.85):
        site.on_task(begin_s, who, "start", task)
    end_s = _scans(site, task, who, begin_s, order)
    if likely(0.02):
        late = chance.choice(("complete", "end_early", "hold", "resume", "start", "decline"))
        site.on_task(end_s + 60, who, late, task, reason="a mistake")
    if likely(0.01):
        excuse(site, task)


def excuse(site: Site, task: Task) -> None:
    """Let a supervisor excuse what was not done, the next day."""
    at_s = task.due_to + site.chance.uniform(3600, DAY_S)
    site.on_task(at_s, site.supervisor(), "excuse", task, reason="nobody was free")


def _scans(site: Site, task: Task, who: str, at_s: float, order: Sequence[int]) -> float:
    """Let a round go the way that it goes; return when it ends."""
    likely, chance = site.likely, site.chance
    fate = chance.random()
    stop = chance.randrange(len(order))
    if fate < 0.07:
        at_s, _ = visit(site, task, who, at_s, order[:stop])
        site.on_task(at_s, who, "end_early", task, reason=site.words(REASONS))
        if likely(0.15):
            at_s, _ = visit(site, task, who, at_s + 300, order[stop:])
    elif fate < 0.10:
        at_s, _ = visit(site, task, who, at_s, order[:stop])
    elif fate < 0.14:
        at_s = _handed_over(site, task, who, at_s, (order, stop))
    elif fate < 0.16:
        other = site.other(task.role, who, at_s)
        visit(site, task, other, at_s + chance.uniform(-300, 900), order)
        at_s, _ = visit(site, task, who, at_s, order)
    else:
        at_s, _ = visit(site, task, who, at_s, order)
    site.free_s[who] = at_s
    return at_s


def _handed_over(
    site: Site, task: Task, who: str, at_s: float, plan: tuple[Sequence[int], int]
) -> float:
    """Let a colleague do the rest, from phone to phone or by assignment; return when it ends."""
    order, stop = plan
    other = site.other(task.role, who, at_s)
    at_s, seen = visit(site, task, who, at_s, order[:stop])
    if site.likely(0.5):
        gave = site.on_task(at_s, who, "handover", task, to=other)
        more = {"from": who, "visited": seen, "handover": gave}
        site.on_task(at_s + 30, other, "accept", task, **more)
    else:
        site.on_task(at_s, site.supervisor(), "assign", task, to=other)
        if site.likely(0.2):
            site.on_task(at_s + 60, other, "decline", task, reason="on another round")
            return at_s
        if site.likely(0.5):
            site.on_task(at_s + 60, other, "accept", task)
    ends_s, _ = visit(site, task, other, at_s + 120, order[stop:])
    if site.likely(0.1):
        visit(site, task, who, at_s + 200, order[stop : stop + 1])
    return ends_s


def visit(
    site: Site, task: Task, who: str, at_s: float, order: Sequence[int]
) -> tuple[float, dict[str, Deed]]:
    """Let somebody scan checkpoints; return when they are through, and the scans by index."""
    likely, chance = site.likely, site.chance
    seen: dict[str, Deed] = {}
    burst = likely(0.01)
    for place, index in enumerate(order):
        at_s += chance.uniform(2, 6) if burst else chance.uniform(35, 200)
        ref = task.targets[index]
        late = at_s > task.due_to + task.grace_s
        skipped = task.ordered and place < len(order) - 1 and index > min(order[place:])
        outcome = "out_of_order" if skipped else "late" if late else "on_round"
        if likely(0.015):
            site.scan(at_s - 20, who, chance.choice(site.spots), "wrong_place")
        if likely(0.015):
            wrong = chance.randrange(len(task.targets))
            told = {"task": task.id, "checkpoint": wrong}
            deed = site.scan(at_s - 15, who, task.targets[wrong], outcome, **told)
            site.on_task(at_s - 5, who, "correct", task, action=deed, reason="wrong tag")
        told = {"task": task.id, "checkpoint": index}
        seen[str(index)] = site.scan(at_s, who, ref, outcome, **told)
        if likely(0.02):
            site.scan(at_s + 4, who, ref, outcome, **told)
        at_s = _look(site, task, who, at_s, index)
    return at_s, seen


def _look(site: Site, task: Task, who: str, at_s: float, index: int) -> float:
    """Let somebody answer a checkpoint's questions and write down what they see."""
    kind, _, name = task.targets[index].partition(":")
    asked = [step for step in task.steps if step.get("checkpoint") == index]
    at_s = answer_steps(site, task, who, at_s, asked, spot={kind: name})
    if site.likely(0.03):
        site.do(at_s + 5, who, "note", task.id, task=task.id, text="door was open", **{kind: name})
    if site.likely(0.01):
        report(site, at_s + 8, who, ("incident", kind, name), {"from": task.id})
    return at_s
