"""What the centre knows of a thing: what it is, what is due there, what was done and how sure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select
from sqlmodel import col

from radar_core.standing import standing
from radar_core.tags import code_of_label
from radar_core.tasks import FINISHED, remaining
from radar_core.telling import event_of
from radar_server.agenda import Agenda, Item
from radar_server.centre import Centre, rfc3339
from radar_server.day import item_named, items_on
from radar_server.doors import projects_for
from radar_server.envelope import read_held
from radar_server.led import hands_of
from radar_server.plans import read_plans
from radar_server.problems import Problem
from radar_server.records import Body, read_records
from radar_server.reference import key_of
from radar_server.tables import ActionRow, TouchRow

MOST, MOST_MAX = 20, 1_000
"""How much history is told where nobody says, and at most."""
DUE_SHOWN = 5
"""How much due work is told, the nearest in time first."""
KINDS = ("asset", "place", "staff", "project")

_HISTORY = (
    select(
        col(ActionRow.epoch),
        col(ActionRow.line),
        col(ActionRow.grade),
        col(ActionRow.error_ms),
    )
    .join(
        TouchRow,
        (col(TouchRow.project) == col(ActionRow.project))
        & (col(TouchRow.epoch) == col(ActionRow.epoch))
        & (col(TouchRow.seq) == col(ActionRow.seq)),
    )
    .where(col(TouchRow.project) == bindparam("project"), col(TouchRow.ref) == bindparam("ref"))
    .order_by(col(TouchRow.hlc).desc(), col(TouchRow.epoch).desc(), col(TouchRow.seq).desc())
    .limit(bindparam("most"))
)


People = Mapping[tuple[str, str], Body]
"""The staff of a project."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing of a project, its body or its item, and the references that work there names."""

    kind: str
    id: str
    project: str
    body: Body
    refs: Sequence[str] = ()
    item: Item | None = None


def thing_of(
    connection: Connection, staff: str, word: str, most: int, centre: Centre
) -> dict[str, object]:
    """Tell what is known of a thing to who leads its project; raise Problem for anybody else.

    Whether there is such a thing elsewhere is not told.
    """
    led = projects_for(connection, staff, "query")
    if not led:
        raise Problem("not_permitted", "What the centre knows is for those who lead a project.")
    now_ms = centre.now_ms()
    agendas = centre.agendas.of(connection, led, now_ms // 1000)
    thing = _find(connection, agendas, word, now_ms // 1000)
    if thing is None:
        raise Problem("not_found", "None of your projects has such a thing.")
    agenda, project = agendas[thing.project], thing.project
    people = read_records(connection, [project], "staff")
    hands = hands_of(connection, [project], people)[project]
    main = thing.refs[0] if thing.kind == "tag" and thing.refs else f"{thing.kind}:{thing.id}"
    history = _history(connection, project, main, people, most)
    where = _where(connection, project, main) if main.startswith(("place:", "asset:")) else None
    item = thing.item
    return {
        "format": 1,
        "as_of": rfc3339(now_ms),
        "kind": thing.kind,
        "id": thing.id,
        "ref": f"{thing.kind}:{thing.id}",
        "project": project,
        "what": thing.body if item is None else _task(connection, item, people, history),
        "where": where,
        "due": _due(connection, agenda, thing, now_ms // 1000),
        "history": history,
        "data_as_of": rfc3339(min(hand.heard_s for hand in hands) * 1000) if hands else None,
    }


def _find(
    connection: Connection, agendas: Mapping[str, Agenda], word: str, now_s: int
) -> Thing | None:
    """Return what a word names: a tag's text or code, else an id, as on a phone."""
    led, plain = list(agendas), word.removeprefix("tag:")
    tags = read_records(connection, led, "tag", {plain, code_of_label(plain) or plain})
    for (project, id_), body in sorted(tags.items(), key=lambda one: one[0][1] != plain):
        asset = read_records(connection, [project], "asset", [str(body.get("asset", ""))])
        place = next(iter(asset.values()), body).get("place")
        refs = [f"asset:{body['asset']}"] if asset else []
        return Thing("tag", id_, project, body, [*refs, *([f"place:{place}"] if place else [])])
    prefix, _, rest = word.partition(":")
    for kind in (prefix,) if prefix in KINDS else KINDS:
        found = read_records(connection, led, kind, [rest if prefix == kind else word])
        for (project, id_), body in sorted(found.items(), key=lambda one: one[0]):
            refs = [f"{kind}:{id_}"] if kind in ("asset", "place") else []
            return Thing(kind, id_, project, body, refs)
    return _find_task(connection, agendas, word.removeprefix("task:"), now_s)


def _find_task(
    connection: Connection, agendas: Mapping[str, Agenda], word: str, now_s: int
) -> Thing | None:
    """Return the task of an id, or the one of the day that a schedule's id or a beginning names."""
    for project, agenda in agendas.items():
        id_ = agenda.named(word, now_s) or word
        task = read_plans(connection, [project], [id_.rpartition("@")[0]])[project].task(id_)
        item = item_named(connection, agenda, (id_, task), now_s)
        if item is not None:
            return Thing("task", id_, project, {}, item.task.targets, item)
    return None


def _history(
    connection: Connection,
    project: str,
    ref: str,
    people: People,
    most: int,
) -> list[dict[str, object]]:
    """Return what was done, newest first, each with how far its clock is to be trusted."""
    told = {"project": project, "ref": key_of(ref), "most": most}
    history: list[dict[str, object]] = []
    for epoch, line, grade, error_ms in connection.execute(_HISTORY, told).all():
        action = read_held(epoch, line)
        sure = {"clock": grade, "error_s": error_ms / 1000 if error_ms >= 0 else None}
        history.append(event_of(action, _names(people, project, action.staff)) | sure)
    return history


def _names(people: People, project: str, staff: str) -> dict[str, object]:
    body = people.get((project, staff), {})
    name = body.get("name") or staff
    return {"staff": staff, "name": name, "name_zh": body.get("name_zh") or name}


def _where(connection: Connection, project: str, ref: str) -> dict[str, object]:
    return _places(connection, project, [ref])[ref]


def _places(
    connection: Connection, project: str, refs: Collection[str]
) -> dict[str, dict[str, object]]:
    """Return what references name and where that is, as a phone's `where` does."""
    ids = {kind: {ref[6:] for ref in refs if ref.startswith(kind)} for kind in ("asset", "place")}
    assets = read_records(connection, [project], "asset", ids["asset"])
    stands = {str(body.get("place")) for body in assets.values()}
    places = read_records(connection, [project], "place", ids["place"] | stands)
    told: dict[str, dict[str, object]] = {}
    for ref in refs:
        kind, _, id_ = ref.partition(":")
        body = (assets if kind == "asset" else places).get((project, id_), {})
        place_id = str(body.get("place", "")) if kind == "asset" else id_
        place = places.get((project, place_id), {})
        name, path = body.get("name") or id_, place.get("path") or ""
        told[ref] = {
            "ref": ref, "place": place_id,
            "name": name, "name_zh": body.get("name_zh") or name,
            "path": path, "path_zh": place.get("path_zh") or path,
        }  # fmt: skip
    return told


def _due(
    connection: Connection, agenda: Agenda, thing: Thing, now_s: int
) -> list[dict[str, object]]:
    """Return what is due at a spot, or in a person's hands."""
    if thing.kind == "staff":
        items = items_on(connection, agenda, now_s, staff=thing.id)
    elif thing.kind == "task" or not thing.refs:
        return []
    else:
        items = items_on(connection, agenda, now_s, refs=thing.refs)
    due = [item for item in items if item.state not in FINISHED]
    due.sort(key=lambda item: abs(item.task.due_from - now_s))
    return [_brief(item) for item in due[:DUE_SHOWN]]


def _brief(item: Item) -> dict[str, object]:
    task = item.task
    return {
        "task_id": task.id,
        "kind": task.kind,
        "title": task.title,
        "title_zh": task.title_zh,
        "state": item.state,
        "due_from": rfc3339(task.due_from * 1000),
        "due_to": rfc3339(task.due_to * 1000),
    }


def _task(
    connection: Connection,
    item: Item,
    people: People,
    history: Sequence[dict[str, object]],
) -> dict[str, object]:
    """Return a task's people, steps, parts, times, reports, links, and what did not fit."""
    task, progress = item.task, item.progress
    left = remaining(task, progress)
    spots = _places(connection, task.project, task.targets) if task.kind == "patrol" else {}
    who = progress.staff, progress.assignee
    by, assignee = (_names(people, task.project, one) if one else None for one in who)
    return (
        _brief(item)
        | standing(task, progress)
        | {
            "by": by,
            "assignee": assignee,
            "reports": [event for event in history if event["kind"] == "report"],
            "links": [
                {"task_id": link, "title": "", "title_zh": "", "state": None}
                for link in progress.links
            ],
            "checkpoints": [
                spots[ref] | {"visited": index not in left}
                for index, ref in enumerate(task.targets)
                if ref in spots
            ],
            "conflicts": [event for event in history if event["action_id"] in progress.marks],
        }
    )
