"""`radar photo THING FILE` and `radar sign TASK NAME`: pictures and signatures as evidence.

The blob is durable before the action that names it is: a crash leaves a file too many at worst.
"""

from collections.abc import Callable

from commands.answer import step_of
from commands.phone import Phone
from commands.thing import Thing, find_thing
from commands.work import about, own_task, worked
from radar_core.answers import Answer
from radar_core.failures import USAGE, Failure, N_
from radar_core.tasks import FINISHED
from scanners.apart import Reader
from sync.blobs import keep

TYPE = "image/jpeg"
NAME_CHARS_MAX = 120
Readers = Callable[[], Reader]


def photo(
    phone: Phone, reader: Readers, word: str, file: str, *, step_id: str = "", when: str = ""
) -> Answer:
    """Record a photo; with a step it is that step's answer. Raise Failure for what is no picture.

    `when` is `before` or `after` the work, or empty.
    """
    thing = _thing(phone, word)
    if step_id and thing.kind != "task":
        raise Failure(
            "step_without_task",
            N_("{thing} has no steps: only a task has."),
            N_("Try: radar photo TASK FILE --step STEP"),
            exit_code=USAGE,
            thing=thing.id,
        )
    data = _picture(reader, file)
    with phone.transaction():
        body: dict[str, object] = {**thing.refs, "step": step_id, "when": when}
        if thing.kind == "task":
            task, progress = own_task(phone, thing.id) if step_id else phone.task(thing.id)
            if step_id and progress.state in FINISHED:
                return worked(phone, "already", task.id, None)
            body |= about(task)
            body["step"] = step_of(task, step_id, "photo")["id"] if step_id else ""
        body |= _blob(phone, data)
        kept = {name: value for name, value in body.items() if value != ""}
        recorded = phone.write("photo", thing.id, thing.project, kept, phone.workplace.clock())
    told = {"action_id": recorded.id, "seq": recorded.seq, "saved": True, "about": thing.ref}
    return Answer(
        "photographed",
        {**told, **{name: body[name] for name in ("step", "when", "sha256", "bytes", "type")}},
    )


def sign(
    phone: Phone, reader: Readers, task_id: str, name: str, *, step_id: str = "", picture: str = ""
) -> Answer:
    """Record who signed for a task, with a picture of the signature where there is one."""
    name = name.strip()
    if not 0 < len(name) <= NAME_CHARS_MAX:
        raise Failure(
            "name_length",
            N_("A name has 1 to {most} characters; this one has {count}. Nothing was saved."),
            N_("Write it as people know it."),
            exit_code=USAGE,
            most=NAME_CHARS_MAX,
            count=len(name),
        )
    task, _ = own_task(phone, task_id)
    data = _picture(reader, picture) if picture else None
    with phone.transaction():
        task, progress = own_task(phone, task.id)
        if step_id and progress.state in FINISHED:
            return worked(phone, "already", task.id, None)
        body: dict[str, object] = {**about(task), "name": name}
        if step_id:
            body["step"] = step_of(task, step_id, "signature")["id"]
        if data is not None:
            body |= _blob(phone, data)
        recorded = phone.write("sign", task.id, task.project, body, phone.workplace.clock())
    answer = worked(phone, "signed", task.id, recorded)
    answer.data |= {"name": name, "step": body.get("step"), "sha256": body.get("sha256")}
    return answer


def _thing(phone: Phone, word: str) -> Thing:
    thing = find_thing(phone, word)
    if thing.kind == "staff":
        raise Failure(
            "not_of_a_person",
            N_("A photo is of a task, a place, an asset or a tag, not of a person."),
            N_("What is due: radar tasks"),
            exit_code=USAGE,
        )
    return thing


def _picture(reader: Readers, file: str) -> bytes:
    """Return a file as a photo; what is wrong with it is said as a photo's, not a tag's."""
    from sync.protocol import BLOB_BYTES_MAX  # the screen is there before anybody takes one

    try:
        data = reader().photo(file)
    except Failure as failure:
        hint = N_("Nothing was saved. Name a picture's file, or take the picture again.")
        code, message, exit_code = failure.code, failure.message, failure.exit_code
        raise Failure(code, message, hint, exit_code=exit_code, **failure.values) from failure
    assert len(data) <= BLOB_BYTES_MAX, "a picture of that many pixels is smaller"
    return data


def _blob(phone: Phone, data: bytes) -> dict[str, object]:
    return {"sha256": keep(phone.journal, data), "bytes": len(data), "type": TYPE}
