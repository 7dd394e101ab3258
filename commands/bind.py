"""`radar bind CODE THING`: from now on this code stands for that place or asset."""

from commands.phone import Phone
from commands.practice_tags import check_practice
from commands.scan import check_tag
from commands.thing import Thing, find_thing, read_source
from radar_core.answers import Answer
from radar_core.failures import USAGE, Failure, N_
from radar_core.jsontext import encode
from radar_core.tags import code_of_label


def bind(phone: Phone, source: str, target: str) -> Answer:
    """Record a binding and use it at once; raise Failure for a code that stands for another."""
    text = read_source(source)
    check_tag(text)
    with phone.transaction():
        thing = find_thing(phone, target)
        if thing.kind not in ("place", "asset"):
            raise Failure(
                "bind_target",
                N_("A tag stands for a place or an asset; {target} is a {kind}."),
                N_("Give the id of a place or an asset."),
                exit_code=USAGE,
                target=target[:80],
                kind=thing.kind,
            )
        spot = phone.spot(text)
        if spot is not None and spot.state == "bound":
            return _bound_already(thing, spot.asset or spot.place, spot.tag)
        name = spot.tag if spot is not None else code_of_label(text) or text
        check_practice(name)
        body: dict[str, object] = {"tag": name, thing.kind: thing.id}
        recorded = phone.write("bind_tag", name, thing.project, body, phone.workplace.clock())
        record = encode({thing.kind: thing.id, "state": "bound"})
        phone.journal.connection.execute(
            "INSERT OR REPLACE INTO bound VALUES (?, ?, ?, ?, ?)",
            (name, thing.project, record, recorded.epoch, recorded.seq),
        )
    data: dict[str, object] = {"action_id": recorded.id, "seq": recorded.seq, "saved": True}
    return Answer("bound", data | {"tag": name, "ref": thing.ref, **_names(thing)})


def _bound_already(thing: Thing, bound_to: str, tag: str) -> Answer:
    if bound_to == thing.id:
        data = {"action_id": None, "seq": None, "saved": False, "tag": tag, "ref": thing.ref}
        return Answer("bound", data | _names(thing))
    raise Failure(
        "bound_elsewhere",
        N_("{tag} stands for {other} already."),
        N_("Use another tag, or ask your supervisor to take this one out of use."),
        tag=tag[:80],
        other=bound_to,
    )


def _names(thing: Thing) -> dict[str, object]:
    return {"name": thing.body.get("name"), "name_zh": thing.body.get("name_zh")}
