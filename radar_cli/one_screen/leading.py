"""The leaders' page: exceptions first, then district, projects, people, phones, each with its age.

It is the board of `commands.board`, as rows. `unknown` is not `missed` (law 12): nobody knows yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from radar_cli.one_screen.asks import NOTHING, Choice, Page, Row, Said, said
from radar_cli.one_screen.desk import Desk
from radar_cli.words import DEADLINES, EXCEPTIONS, KINDS, LEVELS, STATES
from radar_cli.words import MARKS as STATE_MARKS
from radar_core.failures import N_
from radar_core.jsontext import decode_object
from radar_core.permissions import LEADERS
from radar_core.tasks import FINISHED, Task

Data = Mapping[str, Any]

WORST = (
    *("sla_breached", "missed", "late", "revoked", "fork", "restored", "sla_at_risk"),
    *("rejected", "conflict", "weak_evidence", "reading_doubt", "ended_early"),
    *("unknown", "done_late"),
)
"""Kinds of exceptions, the worst first."""
MARKS = dict.fromkeys(WORST[:4], "✗") | {"unknown": "?", "done_late": "·"}
TONES = {"✗": "bad", "!": "warn", "?": "plain", "·": "plain"}
EXCEPTIONS_MOST, OTHERS_MOST = 40, 12
"""So many exceptions, people and phones are shown; a project's own page has them all."""
SILENT_S = 12 * 3600
"""A phone that is silent for longer is told with a mark."""
OLD_S = 15 * 60
"""A board that is older is told to be."""
SECTIONS = ("rounds", "cleaning", "maintenance")


def leads(desk: Desk) -> bool:
    """Tell whether this person leads a project, so that the board is theirs."""
    return not LEADERS.isdisjoint(desk.roles)


def leading(desk: Desk) -> Page:
    """Return the leaders' page: all that is theirs."""
    return Page(_heading(desk), tuple(_rows(desk, _projects(desk), EXCEPTIONS_MOST, OTHERS_MOST)))


def led_project(desk: Desk, project: str) -> Page:
    """Return one project's own board, whole."""
    found = [one for one in _projects(desk) if one["id"] == project]
    name = _names(found[0]) if found else {"name": project, "name_zh": project}
    heading = said("{project}", project=name)
    return Page(heading, tuple(_rows(desk, found, None, None)))


def led_goal(desk: Desk) -> tuple[Said, Said]:
    """Return what a leader is to do next, to be drawn large: the worst that there is."""
    worst = _worst_first(_projects(desk))
    if desk.board is None:
        return said(N_("Asking the centre …")), NOTHING
    if not worst:
        return said(N_("Nothing to look at.")), _as_of(desk, desk.board)
    kind, _, title = _told(worst[0][0])
    more = said(N_("{count} to look at"), count=_count(_projects(desk)))
    return said(N_("{kind}: {title}"), kind=kind, title=title), more


def _projects(desk: Desk) -> list[Data]:
    return list(desk.board["projects"]) if desk.board is not None else []


def _heading(desk: Desk) -> Said:
    if desk.board is None:
        return said(N_("Asking the centre …")) if not desk.board_failure else NOTHING
    return said(N_("To look at: {count}"), count=_count(_projects(desk)))


def _count(projects: Iterable[Data]) -> int:
    return sum(one.get("exceptions_count", len(one["exceptions"])) for one in projects)


def _rows(
    desk: Desk, projects: Sequence[Data], exceptions: int | None, others: int | None
) -> Iterator[Row]:
    """Yield all rows of some projects, the first of each kind or all."""
    if desk.board_failure:
        yield Row("!", said("{line}", line=desk.board_failure), NOTHING, "warn")
    if desk.board is None:
        return
    yield from _freshness(desk, desk.board)
    worst = _worst_first(projects)[:exceptions]
    several = len(projects) > 1
    for row, project in worst:
        yield _exception(desk, row, project if several else None)
    yield from _more(_count(projects) - len(worst))
    yield from _kept_aside(projects)
    if several or others is not None:
        district = desk.board["district"]
        name: object = _names(district) if district else (N_("Several districts"), {})
        yield Row("■", said("{district}", district=name), _figures(projects), "plain")
        yield from (_project(desk, one) for one in projects)
    else:
        for project in projects:
            yield from _sections(project, desk)
    yield from _first(N_("People today"), _people(desk, projects), others)
    yield from _first(N_("Phones, silent longest first"), _phones(desk, projects), others)


def _kept_aside(projects: Iterable[Data]) -> Iterator[Row]:
    """Yield how much of each project lies in quarantine, which is decided on at the centre."""
    for project in projects:
        if project["quarantined"]:
            text = said(N_("{count} kept aside, to be decided"), count=project["quarantined"])
            where = said(N_("at the centre"))
            yield Row("!", text, _listed([where, _names(project)]), "warn")


def _first(heading: str, rows: Sequence[Row], most: int | None) -> Iterator[Row]:
    """Yield the first of some rows below what they are."""
    if rows:
        yield Row("■", said(heading))
        yield from rows[:most]
        yield from _more(len(rows) - len(rows[:most]))


def _more(count: int) -> Iterator[Row]:
    if count > 0:
        yield Row("…", said(N_("… and {count} more."), count=count))


def _freshness(desk: Desk, board: Data) -> Iterator[Row]:
    """Yield a row where the board is no more what the centre sees."""
    old = desk.now_s() - _seconds(board["as_of"]) > OLD_S
    if board.get("offline") or old:
        line = (
            N_("No signal: the last board that came") if board.get("offline") else N_("Old board")
        )
        yield Row("!", said(line), _as_of(desk, board), "warn")


def _as_of(desk: Desk, board: Data) -> Said:
    return said(
        N_("as of {at}, {age}"), at=_clock(desk, board["as_of"]), age=_age(desk, board["as_of"])
    )


def _worst_first(projects: Iterable[Data]) -> list[tuple[Data, Data]]:
    """Return each exception with its project: the worst kind first, in each the oldest."""
    found = [(row, project) for project in projects for row in project["exceptions"]]
    ranks = {kind: rank for rank, kind in enumerate(WORST)}
    found.sort(key=lambda one: (ranks.get(one[0]["kind"], len(ranks)), str(one[0]["at"])))
    return found


def _told(row: Data) -> tuple[Said, str, dict[str, object]]:
    """Return an exception's kind, its mark, and what it is called."""
    kind = str(row["kind"])
    title: dict[str, object] = {
        "name": row["title"],
        "name_zh": row.get("title_zh") or row["title"],
    }
    return (EXCEPTIONS.get(kind) or kind, {}), MARKS.get(kind, "!"), title


def _exception(desk: Desk, row: Data, project: Data | None) -> Row:
    kind, mark, title = _told(row)
    words: list[object] = [_age(desk, row["at"]), _whose(desk, row)]
    if row.get("level"):
        words.append(("→ {who}", {"who": (LEVELS[row["level"]], {})}))
    if project is not None:
        words.append(_names(project))
    task = str(row["task"])
    choice = Choice(NOTHING, "task", (task,)) if task else _of_phone(row)
    text = said(N_("{kind}: {title}"), kind=kind, title=title)
    return Row(mark, text, _listed(words), TONES[mark], choice)


def _of_phone(row: Data) -> Choice | None:
    """Return what an exception about a phone opens: whose it is."""
    staff = row.get("staff")
    return Choice(NOTHING, "thing", (f"staff:{staff}",)) if staff else None


def _whose(desk: Desk, row: Data) -> object:
    """Return who has it or did it; else whose work it is; nothing where that is not known."""
    staff = row.get("assignee") or row.get("staff")
    if staff:
        return _person(desk, str(staff))
    if row["kind"].startswith("sla_"):
        return N_("nobody has it"), {}
    found = desk.phone.journal.connection.execute(
        "SELECT body FROM task WHERE id = ?", (row["task"],)
    ).fetchone()
    if found is None:
        return ""
    task = Task(decode_object(found[0]))
    return _person(desk, task.staff) if task.staff else (task.role, {})


def _person(desk: Desk, staff: str) -> dict[str, object]:
    body = desk.phone.body("staff", staff) or {}
    name = body.get("name") or staff
    return {"name": name, "name_zh": body.get("name_zh") or name}


def _names(one: Data) -> dict[str, object]:
    return {"name": one["name"], "name_zh": one.get("name_zh") or one["name"]}


def _listed(words: Iterable[object]) -> Said:
    """Return words behind each other, those that are empty left out."""
    told = {f"w{at}": word for at, word in enumerate(words) if word not in ("", ("", {}))}
    return " · ".join(f"{{{name}}}" for name in told), told


def _project(desk: Desk, project: Data) -> Row:
    count = _count([project])
    text = said(N_("{project}: {count} to look at"), project=_names(project), count=count)
    if not count:
        text = said("{project}", project=_names(project))
    mark = _worst_mark(project)
    choice = Choice(NOTHING, "led_project", (str(project["id"]),))
    detail = _listed([_oldest(desk, project), _figures([project])])
    return Row(mark, text, detail, TONES.get(mark, "good"), choice)


def _worst_mark(project: Data) -> str:
    marks = {MARKS.get(row["kind"], "!") for row in project["exceptions"]}
    return next((mark for mark in ("✗", "!", "?") if mark in marks), "✓")


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
    if left:
        words.append(said(N_("{count} open"), count=left))
    return _listed(words)


def _oldest(desk: Desk, project: Data) -> Said:
    """Return as of when all of a project's figures are; that no phone could tell of one, if so."""
    told = [project.get("as_of", {}).get(one) for one in SECTIONS if project[one]]
    if None in told:
        return said(N_("age unknown"))
    return said(N_("as of {at}"), at=_clock(desk, min(told))) if told else NOTHING


def _sections(project: Data, desk: Desk) -> Iterator[Row]:
    """Yield the figures of a project by state, each with as of when it is."""
    words = dict.fromkeys(SECTIONS, STATES) | {"sla": DEADLINES}
    for section, states in words.items():
        counts = project.get(section)
        if not counts:
            continue
        at = project.get("as_of", {}).get(section)
        fresh = said(N_("no phone could tell"))
        if at:
            fresh = said(N_("as of {at}"), at=_clock(desk, at))
        yield Row("■", (KINDS[section], {}), fresh)
        for state in states:
            if counts.get(state):
                told = said("{state} {count}", state=(states[state], {}), count=counts[state])
                yield Row(STATE_MARKS.get(state, "!"), told)


def _people(desk: Desk, projects: Iterable[Data]) -> list[Row]:
    """Return who did what, those first who did something last."""
    found: dict[str, dict[str, Any]] = {}
    for project in projects:
        for row in project.get("people", ()):
            one = found.setdefault(row["staff"], dict(row) | {"work": {}, "given": 0})
            for state, count in row["work"].items():
                one["work"][state] = one["work"].get(state, 0) + count
            one["given"] += row["given"]
            one["at"] = max(one["at"] or "", row["at"] or "") or None
    ordered = sorted(found.values(), key=lambda one: (one["at"] or "", one["staff"]), reverse=True)
    return [_did(desk, one) for one in ordered]


def _did(desk: Desk, one: Data) -> Row:
    done = sum(count for state, count in one["work"].items() if state in FINISHED)
    going = sum(count for state, count in one["work"].items() if state not in FINISHED)
    words: list[object] = []
    if done:
        words.append(said(N_("{count} done"), count=done))
    if going:
        words.append(said(N_("{count} under way"), count=going))
    if one["given"]:
        words.append(said(N_("{count} waiting"), count=one["given"]))
    if not words:
        words.append(said(N_("nothing yet")))
    at, who = one["as_of"], _names(one)
    text = said(N_("{who}, no phone"), who=who)
    if at:
        text = said(N_("{who}, as of {at}"), who=who, at=_clock(desk, at))
    choice = Choice(NOTHING, "thing", (f"staff:{one['staff']}",))
    mark = "✓" if done else ">" if going else "·"
    return Row(mark, text, _listed(words), "plain", choice)


def _phones(desk: Desk, projects: Iterable[Data]) -> list[Row]:
    """Return the phones, the one that is silent for longest first; never heard is longest."""
    found = {row["device"]: row for project in projects for row in project["phones"]}
    ordered = sorted(found.values(), key=lambda row: (row["last_sync"] or "", row["device"]))
    return [_phone(desk, row) for row in ordered]


def _phone(desk: Desk, row: Data) -> Row:
    last = row["last_sync"]
    silent = not last or desk.now_s() - _seconds(last) > SILENT_S
    who = _names(row) if row["name"] else {"name": row["staff"], "name_zh": row["staff"]}
    text = said("{who}", who=who)
    if row.get("shared"):
        text = said(N_("shared phone {device}"), device=row["device"])
    seen = said(N_("never synced"))
    if last:
        seen = said(N_("synced {at}, {age}"), at=_clock(desk, last), age=_age(desk, last))
    choice = Choice(NOTHING, "thing", (f"staff:{row['staff']}",)) if row["staff"] else None
    return Row("!" if silent else "●", text, seen, "warn" if silent else "plain", choice)


def _seconds(at: object) -> float:
    return datetime.fromisoformat(str(at)).timestamp()


def _clock(desk: Desk, at: object) -> str:
    """Return a time of day, with the date where it is another day's."""
    local: Callable[[int], str] = desk.phone.workplace.local
    told, today = local(int(_seconds(at))), local(desk.now_s())
    return told[11:16] if told[:10] == today[:10] else f"{told[5:10]} {told[11:16]}"


def _age(desk: Desk, at: object) -> Said:
    """Return how long ago something was, or in how long it will be, as roughly as people say it."""
    seconds = desk.now_s() - _seconds(at)
    size = abs(seconds)
    age = said(N_("{count} min"), count=int(size // 60))
    if size >= 2 * 86400:
        age = said(N_("{count} days"), count=int(size // 86400))
    elif size >= 2 * 3600:
        age = said(N_("{count} h"), count=int(size // 3600))
    return age if seconds >= 0 else said(N_("in {age}"), age=age)
