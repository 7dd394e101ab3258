"""How people answer the steps of a checklist; what failed opens a work order by itself."""

from collections.abc import Mapping, Sequence

from radar_core.tasks import Task
from tests.district.deeds import Body, Deed
from tests.district.reports import report
from tests.district.site import Site, about

FAILS = 0.02
Step = Mapping[str, object]


def answer_steps(
    site: Site,
    task: Task,
    who: str,
    at_s: float,
    steps: Sequence[Step],
    *,
    spot: Body | None = None,
) -> float:
    """Let somebody answer steps, at a place or asset of its own if given; return when it is done.

    Photographs and signatures are steps too.
    """
    spot = about(task) if spot is None else spot
    for step in steps:
        at_s += site.chance.uniform(4, 40)
        how, id_ = step.get("type"), step["id"]
        if how == "photo":
            if site.likely(0.5):
                photo(site, task, who, at_s, step=id_)
        elif how == "signature":
            site.do(at_s, who, "sign", task.id, task=task.id, name=who, step=id_)
        elif step.get("required") is not True and site.likely(0.8):
            continue
        else:
            _answer(site, task, (who, at_s), step, spot)
    return at_s


def photo(site: Site, task: Task, who: str, at_s: float, **more: object) -> Deed:
    """Let somebody take a picture for a task."""
    told = {"sha256": f"{site.chance.getrandbits(256):064x}", "bytes": 90_000, "type": "image/jpeg"}
    return site.on_task(at_s, who, "photo", task, **told, **more)


def _answer(site: Site, task: Task, when: tuple[str, float], step: Step, spot: Body) -> None:
    """Let somebody answer a step at a time, rarely correcting it, rarely finding a fault."""
    who, at_s = when
    id_ = step["id"]
    kind, value, bad = _value(site, step)
    told: Body = {"task": task.id, "step": id_, "value": value, **spot}
    if kind == "reading":
        told |= {"unit": step.get("unit", "")} | ({"outside": True} if bad else {})
    if site.likely(0.01):
        wrong = site.do(at_s - 2, who, kind, task.id, **told | {"value": 9_999})
        site.do(at_s - 1, who, "correct", task.id, task=task.id, action=wrong, reason="mistyped")
    if not bad:
        site.do(at_s, who, kind, task.id, **told)
        return
    named = [(key, str(value)) for key, value in spot.items() if key in ("place", "asset")]
    kind_of, name = named[0] if named else ("place", f"{site.project}-DESK")
    category = "cleaning" if task.kind == "cleaning" else "repair"
    order, is_new = site.order(category, name, at_s)
    cause = site.do(at_s, who, kind, task.id, **told | {"failed": True, "opens": order})
    more: Body = {"from": task.id, "step": id_, "cause": cause}
    report(site, at_s + 0.01, who, (category, kind_of, name), more, order=(order, is_new))


def _value(site: Site, step: Step) -> tuple[str, object, bool]:
    """Return the kind of the action, what is answered, and whether it is bad."""
    bad, how = site.likely(FAILS), step.get("type")
    if how == "check":
        return "answer", not bad, bad
    if how == "choice":
        choices = step["choices"]
        return "answer", site.words(choices) if isinstance(choices, list) else "", False
    if how in ("reading", "number"):
        low, high = step.get("min"), step.get("max")
        least = low if isinstance(low, int | float) else 0
        most = high if isinstance(high, int | float) else 5
        value = round(site.chance.uniform(least, most), 1)
        return "reading", value + 2 * (most - least) if bad else value, bad
    return "answer", site.words(("nothing", "dusty", "as last time")), False
