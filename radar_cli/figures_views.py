"""How the figures of a month look: every share with its counts, no percentage of a few."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from radar_cli.board_views import SECTIONS, states_of
from radar_cli.moments import local_minute
from radar_cli.texts import Texts
from radar_cli.words import KINDS
from radar_core.failures import N_
from radar_core.figures import SMALL, STARS_MAX, percent

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400
NOTHING = "–"
Data = Mapping[str, Any]


def figures_lines(data: Data, texts: Texts) -> list[str]:
    """Return a month's figures: of each project, and of all together where there are several."""
    district = texts.pick(data["district"], "name") or texts.say(N_("Several districts"))
    moment = local_minute(data["as_of"])
    title = texts.say(
        N_("{district}   {month}   as of {moment}"),
        district=district,
        month=data["month"],
        moment=moment,
    )
    lines = [title]
    for project in data["projects"]:
        lines.append(f"■ {texts.pick(project, 'name')}  {project['id']}")
        lines += [
            f"  {texts.say(KINDS[kind])}  {states_of(project[kind], texts)}"
            for kind in SECTIONS
            if project[kind]
        ]
        lines += [f"  {name}  {value}" for name, value in figure_rows(project["figures"], texts)]
    if len(data["projects"]) > 1:
        lines.append("■ " + texts.say(N_("All together")))
        lines += [f"  {name}  {value}" for name, value in figure_rows(data["figures"], texts)]
    return lines


def figure_rows(figures: Data, texts: Texts) -> Iterator[tuple[str, str]]:
    """Yield name and value of each figure, in the order of docs/figures.md."""
    yield texts.say(N_("on line")), share(figures["on_line"], texts)
    on_time = figures["on_time"]
    yield texts.say(N_("rounds on time")), share(on_time["rounds"], texts)
    yield texts.say(N_("cleaning on time")), share(on_time["cleaning"], texts)
    yield texts.say(N_("maintenance on time")), share(on_time["maintenance"], texts)
    yield texts.say(N_("taken up on time")), share(figures["sla"]["response"], texts)
    yield texts.say(N_("resolved on time")), share(figures["sla"]["resolution"], texts)
    yield texts.say(N_("handling time")), times(figures["handling"], texts)
    if figures["shorter"] is not None:
        since, by = figures["shorter"]["since"], figures["shorter"]["percent"]
        yield texts.say(N_("handling since {month}"), month=since), shorter(by, texts)
    yield texts.say(N_("response time")), times(figures["response"], texts)
    yield texts.say(N_("satisfaction")), satisfaction(figures["satisfaction"], texts)
    yield texts.say(N_("rework")), share(figures["rework"], texts)


def share(told: Data, texts: Texts) -> str:
    """Return a count of a count, with a percentage where that means something."""
    if not told["of"]:
        return NOTHING
    counts = texts.say(N_("{count} of {of}"), count=told["count"], of=told["of"])
    if told["of"] < SMALL:
        return counts
    return f"{percent(told['count'], told['of'])} ({counts})"


def times(told: Data, texts: Texts) -> str:
    """Return mean and median, and of how many."""
    if not told["count"]:
        return NOTHING
    return texts.say(
        N_("mean {mean}, median {median} ({count})"),
        mean=duration(told["mean_s"], texts),
        median=duration(told["median_s"], texts),
        count=told["count"],
    )


def duration(seconds: float, texts: Texts) -> str:
    """Return a time as a person says it: minutes, hours or days."""
    sizes: list[tuple[int, int, str, Callable[[float], str]]] = [
        (HOUR_S, MINUTE_S, N_("{count} min"), lambda count: f"{count:.0f}"),
        (2 * DAY_S, HOUR_S, N_("{count} h"), lambda count: f"{count:.1f}"),
    ]
    for below, unit, template, written in sizes:
        if seconds < below:
            return texts.say(template, count=written(seconds / unit))
    return texts.say(N_("{count} d"), count=f"{seconds / DAY_S:.1f}")


def shorter(by: int, texts: Texts) -> str:
    """Return by how much handling became shorter, or longer."""
    if by < 0:
        return texts.say(N_("{share} longer"), share=f"{-by} %")
    return texts.say(N_("{share} shorter"), share=f"{by} %")


def satisfaction(told: Data, texts: Texts) -> str:
    """Return the mean of the stars, and how many gave any."""
    count, of = told["count"], told["of"]
    if not count:
        return texts.say(N_("nobody rated ({of} completed)"), of=of) if of else NOTHING
    rated = texts.say(N_("{count} of {of} rated"), count=count, of=of)
    if count < SMALL:
        mean = f"{told['stars'] / count:.1f}"
        return texts.say(N_("{mean} of 5 stars ({rated})"), mean=mean, rated=rated)
    return f"{percent(told['stars'], STARS_MAX * count)} ({rated})"


def report_lines(data: Data, texts: Texts) -> list[str]:
    """Return where a report was written to."""
    return [texts.say(N_("✓ {pages} pages in {out}."), pages=data["pages"], out=data["out"])]
