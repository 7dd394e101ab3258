"""How cleaners clean, engineers service by the plan, and what else fills a day."""

from radar_core.actions import KINDS
from radar_core.permissions import DECISIONS
from radar_core.tasks import Task
from tests.district.answers import answer_steps, photo
from tests.district.deeds import DAY_S, Body
from tests.district.jobs import Job, work
from tests.district.reports import PRIORITIES, report
from tests.district.rounds import REASONS, excuse
from tests.district.site import Site, about

CHAOS = sorted(KINDS - {"bind_tag"})


def clean(site: Site, task: Task) -> None:
    """Let a place be cleaned: scan, checklist, complete; sometimes twice, late or not at all."""
    likely, chance = site.likely, site.chance
    begin_s = task.due_from + chance.uniform(0, task.due_to - task.due_from)
    begin_s += chance.uniform(0, 3 * 3600) if likely(0.05) else 0
    who, at_s = site.worker(task, begin_s)
    if likely(0.04):
        if likely(0.3):
            excuse(site, task)
        return
    late = at_s > task.due_to + task.grace_s
    site.scan(at_s, who, task.targets[0], "late" if late else "due_here", task=task.id)
    if likely(0.3):
        at_s += 5
        site.on_task(at_s, who, "start", task)
    if likely(0.15):
        photo(site, task, who, at_s + 2, when="before")
    at_s = answer_steps(site, task, who, at_s + chance.uniform(60, 600), task.steps)
    if likely(0.04):
        site.on_task(at_s + 3, who, "end_early", task, reason=site.words(REASONS))
        return
    if likely(0.03):
        return
    done = site.on_task(at_s + 10, who, "complete", task)
    site.free_s[who] = at_s + 10
    if likely(0.01):
        site.on_task(at_s + 60, who, "correct", task, action=done, reason="not yet")
        site.on_task(at_s + 900, who, "complete", task)
    if likely(0.02):
        other = site.other(task.role, who, at_s)
        site.on_task(at_s + chance.uniform(-60, 600), other, "complete", task)
    if likely(0.1):
        _inspect(site, task, at_s)


def _inspect(site: Site, task: Task, at_s: float) -> None:
    """A supervisor gives a score; what is not clean is to be cleaned again."""
    judge, at_s = site.supervisor(), at_s + site.chance.uniform(600, 6 * 3600)
    score = site.chance.randrange(30, 101)
    if score >= 60:
        site.on_task(at_s, judge, "verify", task, score=score)
        return
    kind, _, name = task.targets[0].partition(":")
    order = site.order("cleaning", name, at_s)
    more: Body = {"score": score, "reason": "streaks on the glass", "opens": order[0]}
    site.on_task(at_s, judge, "reject", task, **more)
    report(site, at_s + 1, judge, ("cleaning", kind, name), {"from": task.id}, order=order)


def service(site: Site, task: Task) -> None:
    """Let an engineer go through a checklist by the plan; two may do so, off line."""
    likely, chance = site.likely, site.chance
    begin_s = task.due_from + chance.uniform(0, min(DAY_S, task.due_to - task.due_from))
    who, at_s = site.worker(task, begin_s)
    if likely(0.03):
        return
    site.scan(at_s, who, task.targets[0], "due_here", task=task.id)
    at_s = answer_steps(site, task, who, at_s + 30, task.steps)
    site.free_s[who] = at_s
    if likely(0.75):
        site.on_task(at_s + 30, who, "complete", task, minutes=chance.randrange(5, 60))
        if likely(0.02):
            other = site.other(task.role, who, at_s)
            site.on_task(at_s + chance.uniform(0, 900), other, "complete", task)
        if likely(0.05):
            judge, kind = site.supervisor(), site.words(("verify", "verify", "reject"))
            site.on_task(at_s + 7200, judge, kind, task, reason="look again")
        return
    work(site, Job(task.id, task.role, about(task)), at_s + 60)


def chaos(site: Site, task: Task) -> None:
    """Let people do what no verb would let them do: any kind, at any time, by whoever may."""
    chance = site.chance
    people = [name for names in site.staff.values() for name in names]
    for _ in range(chance.randint(1, 4)):
        at_s = task.due_from + chance.uniform(-3600, 2 * (task.due_to - task.due_from))
        kind = chance.choice(CHAOS)
        who = site.supervisor() if kind in DECISIONS else chance.choice(people)
        body: Body = {
            "task": task.id, "reason": "so", "to": chance.choice(people), "step": "steps",
            "value": chance.randrange(9), "part": "lamp", "quantity": 1, "score": 70, "stars": 3,
            "outcome": chance.choice(("on_round", "late", "early")), "text": "so",
            "checkpoint": chance.randrange(-1, 12), "action": "E-NOBODY-1.1",
            "visited": {"0": "E-NOBODY-1.2", "99": "E-NOBODY-1.3"}, "minutes": 5,
            "priority": chance.choice(PRIORITIES), "from": "",
        }  # fmt: skip
        site.do(at_s, who, kind, task.id, **body)


def shift(site: Site, who: str, role: str, day_s: float) -> None:
    """Let somebody's day have its beginning, its end, and what comes between the tasks."""
    chance, likely = site.chance, site.likely
    from_s = day_s + chance.uniform(6 * 3600, 8 * 3600)
    if role == "guard":
        hours = [at for at in (0, 8, 16) if who in site.on_duty(role, day_s + at * 3600)]
        from_s = day_s + 3600 * (hours[0] if hours else 8) + chance.uniform(0, 900)
    site.do(from_s, who, "shift_start", who, orders=[f"{site.project}-O1"])
    site.do(from_s + 8 * 3600, who, "shift_end", who)
    for _ in range({"guard": 16, "cleaner": 10, "engineer": 8}.get(role, 12)):
        at_s, ref = from_s + chance.uniform(60, 8 * 3600), chance.choice(site.spots)
        kind, _, name = ref.partition(":")
        outcome = chance.choices(("nothing_due", "early", "wrong_place"), (8, 1, 1))[0]
        site.scan(at_s, who, ref, outcome)
        if likely(0.15):
            site.do(at_s + 20, who, "note", name, text="all quiet", **{kind: name})
        elif likely(0.1):
            category = chance.choices(("repair", "cleaning", "incident", "supplies"), (5, 3, 1, 1))[
                0
            ]
            report(site, at_s + 20, who, (category, kind, name), {})
    if likely(0.01):
        at_s = from_s + 7.5 * 3600
        for number in range(6):
            site.scan(at_s + 4 * number, who, chance.choice(site.spots), "nothing_due")
