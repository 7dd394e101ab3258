"""The figures of a month for those who lead: what `radar_core.figures` defines, of their projects.

figures(district) = of the projects' work together, never a mean of their means
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from radar_core import figures
from radar_core.figures import Month, Share, Times, Work
from radar_server.agenda import Item
from radar_server.attention import exceptions_of
from radar_server.board import SECTIONS, as_of_each
from radar_server.centre import Centre, rfc3339
from radar_server.led import Wanted, district_of, hands_of, led_by, names_of, phones_of
from radar_server.month import open_ended, planned_in
from radar_server.plans import Plan, read_plans
from radar_server.problems import Problem
from radar_server.records import read_records

EXCEPTIONS_TOLD = 20
"""The most exceptions of a month that a project's figures list, the worst of them first."""
_WORST = ("missed", "rejected", "ended_early", "unknown", "done_late")

Told = dict[str, object]


def figures_of(
    connection: Connection, staff: str, wanted: Wanted, month: str, centre: Centre
) -> Told:
    """Return the figures of a month for a person, of each of their projects and of all together.

    Raise Problem `not_permitted` for who may not see them, `bad_month` for what has no figures.
    """
    about = led_by(connection, staff, "figures", wanted)
    now_ms = centre.now_ms()
    now_s = now_ms // 1000
    plans = read_plans(connection, about)
    months = {project: _months(month, plan, now_s) for project, plan in plans.items()}
    people = read_records(connection, about, "staff")
    hands = hands_of(connection, about, people)
    agendas = centre.agendas.of(connection, about, now_s)
    days: dict[str, list[Item]] = {}
    sums: dict[str, Sum] = {}
    for project, plan in plans.items():
        since_s, agreed = months[project][0].start_s, agendas[project].agreed
        planned = list(planned_in(connection, plan, months[project][-1], hands[project], now_s))
        others = list(open_ended(connection, project, since_s, agreed, now_s))
        sums[project] = _sum(planned, others, months[project], now_s)
        here = [item for item in others if months[project][-1].has(item.task.due_from)]
        days[project] = sorted([*planned, *here], key=_rank)
    exceptions = exceptions_of(connection, days, now_s)
    return {
        "format": 1,
        "as_of": rfc3339(now_ms),
        "month": month,
        "district": district_of(connection, about),
        "figures": _figures(sums.values()),
        "projects": [
            names_of(project, about[project])
            | {"over": months[project][-1].end_s <= now_s}
            | _states(days[project])
            | {"as_of": as_of_each(days[project], hands[project])}
            | {"figures": _figures([sums[project]])}
            | {"exceptions": exceptions[project][1][: -EXCEPTIONS_TOLD - 1 : -1]}
            | {"exceptions_count": exceptions[project][0]}
            | {"phones": phones_of(hands[project], people)}
            for project in about
        ],
    }


def _months(name: str, plan: Plan, now_s: int) -> list[Month]:
    try:
        months = figures.months_to(name, plan.zone)
    except ValueError as error:
        raise Problem("bad_month", "A month is written 2026-11.") from error
    if months[-1].start_s > now_s:
        raise Problem("bad_month", "This month has not begun.")
    return months


def _rank(item: Item) -> tuple[int, int, str]:
    """Order items by how much a supervisor should look at them, the newest last."""
    worst = _WORST[::-1].index(item.state) if item.state in _WORST else -1
    return worst, item.task.due_to, item.task.id


def _states(items: Iterable[Item]) -> Told:
    counts = {section: Counter[str]() for section in SECTIONS.values()}
    for item in items:
        counts[SECTIONS[item.task.kind]][item.state] += 1
    return {section: dict(sorted(states.items())) for section, states in counts.items()}


@dataclass(frozen=True, slots=True)
class Sum:
    """What the figures of one project are made of, so that several can be added up.

    `handling` has for each month how long each work order took.
    """

    shares: Mapping[str, Share]
    handling: Mapping[str, Sequence[int]]
    response: Sequence[int]
    stars: Sequence[int]


def _sum(
    planned: Iterable[Item], others: Iterable[Item], months: Sequence[Month], now_s: int
) -> Sum:
    month, rest = months[-1], [_work(item) for item in others]
    begun = [*map(_work, planned), *figures.begun_in(rest, month)]
    orders = [work for work in rest if work.progress.opened_s]
    here = figures.begun_in(orders, month)
    by_section = {
        section: [work for work in begun if work.task.kind == kind]
        for kind, section in SECTIONS.items()
    }
    return Sum(
        {section: figures.on_time(works, now_s) for section, works in by_section.items()}
        | {
            "on_line": figures.on_line(begun, now_s),
            "sla_response": figures.taken_up_on_time(here, now_s),
            "sla_resolution": figures.on_time(here, now_s),
            "rework": figures.rework(orders, month),
        },
        {one.name: figures.handling_s(orders, one) for one in months},
        figures.response_s(orders, month),
        figures.stars(orders, month),
    )


def _work(item: Item) -> Work:
    service = item.service
    if service is None:
        return Work(item.task, item.progress, item.state, item.task.ends_s())
    answer_s = service.response.due_s if service.response is not None else 0
    return Work(item.task, item.progress, item.state, service.resolution.due_s, answer_s)


def _figures(sums: Iterable[Sum]) -> Told:
    """Return the figures of the work of some projects together, at least one."""
    all_of = list(sums)
    shares = {
        name: _share(sum((one.shares[name] for one in all_of), Share(0, 0)))
        for name in all_of[0].shares
    }
    trend = [
        (name, figures.times([took for one in all_of for took in one.handling[name]]))
        for name in all_of[0].handling
    ]
    stars = [given for one in all_of for given in one.stars]
    change = figures.shorter(trend)
    return {
        "on_line": shares["on_line"],
        "on_time": {section: shares[section] for section in SECTIONS.values()},
        "sla": {"response": shares["sla_response"], "resolution": shares["sla_resolution"]},
        "handling": _times(trend[-1][1]),
        "response": _times(figures.times([took for one in all_of for took in one.response])),
        "trend": [{"month": name, **_times(took)} for name, took in trend],
        "shorter": None if change is None else {"since": change[0], "percent": change[1]},
        "satisfaction": {"count": len(stars), "of": shares["rework"]["of"], "stars": sum(stars)},
        "rework": shares["rework"],
    }


def _share(share: Share) -> dict[str, int]:
    return {"count": share.count, "of": share.of}


def _times(took: Times) -> Told:
    return {"count": took.count, "mean_s": took.mean_s, "median_s": took.median_s}
