"""The leaders' page: exceptions first, then district, projects, people, phones, each with its age.

It is the board of `commands.board`, as rows. `unknown` is not `missed` (law 12): nobody knows yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from radar_cli.one_screen.ages import Data, age_of, as_of, clock_of, listed, names_in, seconds_of
from radar_cli.one_screen.asks import NOTHING, Choice, Page, Row, Said, said
from radar_cli.one_screen.crew import people_of, phones_of
from radar_cli.one_screen.desk import Desk
from radar_cli.one_screen.worst import (
    TONES,
    alike,
    count_of,
    mark_of,
    rows_of,
    sentence_of,
    worst_first,
)
from radar_cli.words import DEADLINES, KINDS, MARKS, STATES
from radar_core.failures import N_
from radar_core.permissions import LEADERS
from radar_core.tasks import FINISHED

EXCEPTIONS_MOST, OTHERS_MOST = 9, 9
"""So many exceptions, people and phones are shown at first."""
OLD_S = 15 * 60
"""A board that is older is told to be."""
SECTIONS = ("rounds", "cleaning", "maintenance")


def leads(desk: Desk) -> bool:
    """Tell whether this person leads a project, so that the board is theirs."""
    return not LEADERS.isdisjoint(desk.roles)


def leading(desk: Desk) -> Page:
    """Return the leaders' page: what is worst, then all that is theirs."""
    projects, rows = _projects(desk), list(_freshness(desk))
    if desk.board is None:
        waiting = NOTHING if desk.board_failure else said(N_("Asking the centre …"))
        return Page(waiting, tuple(rows))
    groups, several = worst_first(projects), len(projects) > 1
    rows += rows_of(desk, groups[:EXCEPTIONS_MOST], several=several)
    rows += _more(len(groups) - EXCEPTIONS_MOST, "exceptions")
    rows += _kept_aside(projects)
    district = desk.board["district"]
    name = names_in(district) if district else {"path": desk.say(said(N_("Several districts")))}
    rows.append(Row("■", said("{district}", district=name), _figures(projects)))
    rows += [_project(desk, one) for one in projects]
    rows += _headed(N_("People today"), people_of(desk, projects), "people")
    rows += _headed(N_("Phones, silent longest first"), phones_of(desk, projects), "phones")
    return Page(said(N_("To look at: {count}"), count=count_of(projects)), tuple(rows))


def led_goal(desk: Desk) -> tuple[Said, Said]:
    """Return what a leader is to do next, to be drawn large: the worst that there is."""
    if desk.board is None:
        return said(N_("Asking the centre …")), NOTHING
    worst = worst_first(_projects(desk))
    if not worst:
        return said(N_("Nothing to look at.")), _age_of_board(desk, desk.board)
    return sentence_of(worst[0]), said(N_("{count} to look at"), count=count_of(_projects(desk)))


def _exceptions(desk: Desk) -> Page:
    """Return all exceptions that the board lists."""
    projects = _projects(desk)
    rows = rows_of(desk, worst_first(projects), several=len(projects) > 1)
    heading = said(N_("To look at: {count}"), count=count_of(projects))
    return Page(heading, (*_freshness(desk), *rows))


def _alike(desk: Desk, *wanted: str) -> Page:
    """Return each of the exceptions that stand in one row."""
    groups = worst_first(_projects(desk))
    found = next((some for some in groups if alike(some[0]) == wanted), [])
    rows = rows_of(desk, [[one] for one in found], several=False)
    return Page(sentence_of(found) if found else NOTHING, tuple(rows))


def _one_project(desk: Desk, project: str) -> Page:
    """Return one project's own board, whole."""
    found = [one for one in _projects(desk) if one["id"] == project]
    rows = [*_freshness(desk), *rows_of(desk, worst_first(found), several=False)]
    rows += _kept_aside(found)
    rows += [row for one in found for row in _sections(desk, one)]
    rows += _headed(N_("People today"), people_of(desk, found))
    rows += _headed(N_("Phones, silent longest first"), phones_of(desk, found))
    name = names_in(found[0]) if found else project
    return Page(said("{project}", project=name), tuple(rows))


def _all_people(desk: Desk) -> Page:
    return Page(said(N_("People today")), tuple(people_of(desk, _projects(desk))))


def _all_phones(desk: Desk) -> Page:
    return Page(said(N_("Phones, silent longest first")), tuple(phones_of(desk, _projects(desk))))


LED_PAGES: dict[str, Callable[..., Page]] = {
    "leading": leading,
    "exceptions": _exceptions,
    "alike": _alike,
    "led_project": _one_project,
    "people": _all_people,
    "phones": _all_phones,
}
"""The leaders' pages by name."""


def _projects(desk: Desk) -> list[Data]:
    return list(desk.board["projects"]) if desk.board is not None else []


def _freshness(desk: Desk) -> Iterator[Row]:
    """Yield rows where no board came, or the one that did is no more what the centre sees."""
    if desk.board_failure:
        yield Row("!", said("{line}", line=desk.board_failure), NOTHING, "warn")
    board = desk.board
    if board is None:
        return
    values = {"at": clock_of(desk, board["as_of"]), "age": age_of(desk, board["as_of"])}
    if board.get("asking"):
        yield Row("…", said(N_("Asking; this is of {at}, {age}"), **values))
    elif board.get("offline"):
        yield Row("!", said(N_("No signal; this is of {at}, {age}"), **values), NOTHING, "warn")
    elif desk.now_s() - seconds_of(board["as_of"]) > OLD_S:
        yield Row("!", said(N_("This is of {at}, {age}"), **values), NOTHING, "warn")


def _age_of_board(desk: Desk, board: Data) -> Said:
    at = board["as_of"]
    return said(N_("as of {at}, {age}"), at=clock_of(desk, at), age=age_of(desk, at))


def _kept_aside(projects: Iterable[Data]) -> Iterator[Row]:
    """Yield how much of each project lies in quarantine, which is decided on at the centre."""
    for project in projects:
        if project["quarantined"]:
            text = said(N_("{count} kept aside, to be decided"), count=project["quarantined"])
            where = listed([said(N_("at the centre")), names_in(project)])
            yield Row("!", text, where, "warn")


def _headed(heading: str, rows: Sequence[Row], page: str = "") -> Iterator[Row]:
    """Yield rows below what they are; where a page has all of them, the first."""
    if rows:
        yield Row("■", said(heading))
        yield from rows[:OTHERS_MOST] if page else rows
    if page:
        yield from _more(len(rows) - OTHERS_MOST, page)


def _more(count: int, page: str) -> Iterator[Row]:
    if count > 0:
        yield Row("…", said(N_("{count} more"), count=count), choice=Choice(NOTHING, page))


def _project(desk: Desk, project: Data) -> Row:
    count, name = count_of([project]), names_in(project)
    text = said("{project}", project=name)
    if count:
        text = said(N_("{project}: {count} to look at"), project=name, count=count)
    mark = mark_of([project])
    told = [project.get("as_of", {}).get(one) for one in SECTIONS if project[one]]
    oldest = None if None in told else min(told, default=None)
    fresh = as_of(desk, oldest, said(N_("age unknown")) if told else NOTHING)
    choice = Choice(NOTHING, "led_project", (str(project["id"]),))
    detail = listed([fresh, _figures([project])])
    return Row(mark, text, detail, TONES.get(mark, "good"), choice)


def _figures(projects: Iterable[Data]) -> Said:
    """Return how much of the rounds and cleaning is done, and how much maintenance is not."""
    done, every = dict.fromkeys(SECTIONS, 0), dict.fromkeys(SECTIONS, 0)
    for project in projects:
        for section in SECTIONS:
            counts = project[section]
            done[section] += sum(n for state, n in counts.items() if state in FINISHED)
            every[section] += sum(counts.values())
    words: list[Said] = [
        said("{section} {done}/{all}", section=(KINDS[one], {}), done=done[one], all=every[one])
        for one in SECTIONS[:2]
        if every[one]
    ]
    left = every["maintenance"] - done["maintenance"]
    return listed([*words, said(N_("{count} open"), count=left) if left else ""])


def _sections(desk: Desk, project: Data) -> Iterator[Row]:
    """Yield the figures of a project by state, each with as of when it is."""
    words = dict.fromkeys(SECTIONS, STATES) | {"sla": DEADLINES}
    for section, states in words.items():
        counts = project.get(section)
        if not counts:
            continue
        at = project.get("as_of", {}).get(section)
        yield Row("■", (KINDS[section], {}), as_of(desk, at, said(N_("no phone could tell"))))
        for state in states:
            if counts.get(state):
                told = said("{state} {count}", state=(states[state], {}), count=counts[state])
                yield Row(MARKS.get(state, "!"), told)
