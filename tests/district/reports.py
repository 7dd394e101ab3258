"""What somebody reports, and how the work orders go that come of it."""

from tests.district.deeds import DAY_S, Body
from tests.district.jobs import Job, work
from tests.district.site import Site

TEXTS = ("light is out", "leaking", "does not close", "smells burnt", "bins are full", "noise")
ROLES = {"repair": "engineer", "cleaning": "cleaner"}
PRIORITIES = ("low", "normal", "normal", "normal", "high", "urgent")


def report(
    site: Site,
    at_s: float,
    who: str,
    what: tuple[str, str, str],
    more: Body,
    *,
    order: tuple[str, bool] | None = None,
) -> None:
    """Let somebody report (category, `place` or `asset`, id); a new work order is worked on.

    `more` is what the report says besides, `order` the work order if it is known already.
    """
    category, kind, name = what
    id_, is_new = order or site.order(category, name, at_s)
    told: Body = {"task": id_, "category": category, kind: name}
    told |= {"text": site.words(TEXTS), "priority": site.words(PRIORITIES)}
    deed = site.do(at_s, who, "report", id_, **told, **more)
    if site.likely(0.01):
        site.do(at_s + 30, who, "correct", id_, task=id_, action=deed, reason="it was nothing")
    if not is_new:
        return
    job = Job(id_, ROLES.get(category, "supervisor"), {kind: name}, supervised=True)
    ends_s = work(site, job, at_s + site.chance.expovariate(1 / 7200))
    site.closes(id_, ends_s)
    if site.likely(0.15):
        asker = site.chance.choice(site.staff["guard"])
        site.do(
            at_s + site.chance.uniform(60, 2 * DAY_S), asker, "report", id_,
            **(told | {"text": "still the same"}),
        )  # fmt: skip
    if site.likely(0.5) and ends_s < at_s + 30 * DAY_S:
        stars = site.chance.choices((1, 2, 3, 4, 5), (1, 1, 2, 6, 8))[0]
        site.do(ends_s + 7200, site.supervisor(), "rate", id_, task=id_, stars=stars)
