"""`radar scan`: from what was scanned to a recorded action and the person's next step."""

from commands.phone import Phone
from radar_core.answers import Answer
from radar_core.failures import NOT_PERMITTED, Failure, N_
from radar_core.matching import Match, match
from radar_core.tags import code_of_label, mistyped_code
from radar_core.tasks import open_questions, remaining, state_at
from scanners.sources import clean_code, kind_of_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from radar_core.places import Spot
    from radar_core.tasks import Progress, Task
    from scanners.apart import Reader
    from scanners.readings import Reading

HANDOVER = "RADAR1:H:"
"""`radar_core.handovers.PREFIX`, which no scan of a tag needs to load."""
BADGE = "RADAR-BADGE:"
"""`sync.badges.PREFIX`: a badge is no tag, and its text is never recorded."""
INVITATION = "RADAR1:E:"
"""`sync.enrolling.PREFIX`: whoever reads the code in it has the phone, so it is never recorded."""
TYPED = ("typed", "clipboard")
"""How a code comes in that a person wrote, in which a slip is likely."""
PICKED = "picked"
"""How a place is told whose tag is gone: by its id. It counts, and proves little."""
SALT_BYTES = 16


def scan(
    phone: Phone,
    source: str,
    wanted: str = "",
    via: str = "",
    *,
    reader: "Callable[[], Reader] | None" = None,
) -> Answer:
    """Scan a picture file or a code and record it; raise Failure when nothing can be read.

    A typed code of ours with a slip in it is such a case: no tag carries it.

    `wanted` is the task that the person says they are doing, `via` how the code was read
    (`typed`, `wedge`, `clipboard`), a picture being a `picture`. `reader` gives the process that
    reads pictures; without it each picture has one of its own.
    """
    if kind_of_source(source) == "picture":
        return _scan_picture(phone, source, wanted, reader)
    return record(phone, clean_code(source), wanted, via or "typed", source)


def _scan_picture(
    phone: Phone, path: str, wanted: str, reader: "Callable[[], Reader] | None"
) -> Answer:
    """Of several codes in one picture, the first that the site book knows counts."""

    def enough(readings: "list[Reading]") -> bool:
        return known_code(phone, [reading.text for reading in readings]) is not None

    only = symbologies(phone)
    if reader is not None:
        seen = reader().read(path, enough=enough, only=only)
    else:
        from scanners.apart import Reader

        with Reader() as own:
            seen = own.read(path, enough=enough, only=only)
    texts = [reading.text for reading in seen.readings]
    code = known_code(phone, texts) or clean_code(texts[0])
    return record(phone, code, wanted, "picture", path, frame=seen.frame)


def known_code(phone: Phone, texts: "list[str]") -> str | None:
    """Return the first code that the site book knows, or that hands work over."""
    codes = map(clean_code, texts)
    return next(
        (
            code
            for code in codes
            if code.startswith((HANDOVER, BADGE, INVITATION)) or phone.spot(code) is not None
        ),
        None,
    )


def symbologies(phone: Phone) -> "Sequence[str]":
    """Return the only symbologies that the tags of the person's projects have; none: all."""
    found: list[str] = []
    for project in phone.person().projects:
        named = (phone.body("project", project) or {}).get("symbologies")
        if not isinstance(named, list):
            return ()
        found += named
    return found


def record(
    phone: Phone,
    text: str,
    wanted: str,
    via: str,
    source: str,
    *,
    frame: "Mapping[str, object] | None" = None,
) -> Answer:
    """Record that a code was read, `via` what and from which source, and return the verdict.

    A colleague's handover code is no tag: the work is taken over. The id of a place or an asset
    stands for its tag, where that is gone.
    """
    check_tag(text)
    if text.startswith(HANDOVER):
        from commands.takeover import take_over

        return take_over(phone, text, source)
    position = phone.workplace.position() if phone.workplace.position is not None else None
    moment = phone.workplace.clock()
    now_s = moment.wall_ms // 1000
    phone.extend(now_s)
    wanted = _full_id(phone, wanted) if wanted else ""
    with phone.transaction():
        spot, via = _locate(phone, text, via)
        pairs = phone.candidates(spot.refs, now_s, wanted) if spot is not None else []
        found = match(spot, phone.person(), pairs, now_s, wanted)
        body: dict[str, object] = {"text": text, "via": via, "outcome": found.outcome}
        if frame:
            body["frame"] = frame
        if position:
            # What is left of a position that is deleted later cannot be found by trying.
            salt = phone.workplace.randomness(SALT_BYTES).hex()
            body["position"] = {**position, "salt": salt}
        if spot is not None:
            body |= {"tag": spot.tag} if spot.tag else {}
            body |= {"place": spot.place} if spot.place else {}
            body |= {"asset": spot.asset} if spot.asset else {}
        if found.task:
            body |= {"task": found.task, "checkpoint": found.checkpoint}
        elif found.outcome in ("due_here", "late"):
            body["task"] = found.found[0][0].id
        if found.gap:
            body["gap"] = found.gap
        if spot is None or found.outcome == "not_my_project":
            project = phone.home_project()
        else:
            project = spot.project
        subject = spot.tag or text if spot is not None else text
        recorded = phone.write("scan", subject, project, body, moment)
    data: dict[str, object] = {
        "action_id": recorded.id,
        "seq": recorded.seq,
        "code": text,
        "source": source,
        "via": via,
        "saved": True,
        "frame": frame or None,
        "position": position or None,
        "signed_in": _signed_in(phone),
    }
    return Answer("scan", data | _verdict(phone, found, spot, now_s))


def check_tag(text: str) -> None:
    """Raise Failure for what is no tag but a secret, and is never recorded."""
    if text[: len(BADGE)].upper() == BADGE:
        raise Failure(
            "badge_scanned",
            N_("That is a badge, not a tag; nothing was saved of it."),
            N_("To sign in with it on a shared phone: radar badge PICTURE"),
            exit_code=NOT_PERMITTED,
        )
    if text[: len(INVITATION)].upper() == INVITATION:
        raise Failure(
            "invitation_scanned",
            N_("That enrols a phone, and is no tag; nothing was saved of it."),
            N_("On the phone that it is for: radar enrol PICTURE"),
            exit_code=NOT_PERMITTED,
        )


def _locate(phone: Phone, text: str, via: str) -> "tuple[Spot | None, str]":
    """Return where a code is, and how it came in; raise Failure for one that is no tag."""
    spot = phone.spot(text)
    if spot is None and (code := code_of_label(text)) is not None:
        from commands.practice_tags import check_practice

        check_practice(code)
    if spot is not None or via not in TYPED:
        return spot, via
    spot = phone.named(text)
    if spot is not None:
        return spot, PICKED
    if mistyped_code(text) is not None:
        from commands.mistyped import refusal

        raise refusal(phone, text)
    return None, via


def _signed_in(phone: Phone) -> dict[str, object] | None:
    """Return who is signed in on a shared phone."""
    if phone.meta["staff"]:
        return None
    from commands.presence import named

    return named(phone)


def _full_id(phone: Phone, word: str) -> str:
    """Return the id of the task that the person names; whatever they say, the scan is recorded."""
    try:
        return phone.task(word)[0].id
    except Failure:
        return word


def _verdict(phone: Phone, found: Match, spot: "Spot | None", now_s: int) -> dict[str, object]:
    counted = phone.task(found.task) if found.task else None
    pairs = [pair if pair[0].id != found.task else counted or pair for pair in found.found]
    left = remaining(*counted) if counted is not None else []
    ahead = (
        counted[0].targets[left[0]] if counted is not None and counted[0].ordered and left else ""
    )
    return {
        "outcome": found.outcome,
        "tag": spot.tag or None if spot is not None else None,
        "place": _place(spot) if spot is not None else None,
        "asset": {"id": spot.asset, "name": spot.name, "name_zh": spot.name_zh}
        if spot is not None and spot.asset
        else None,
        "matches": [_task(phone, task, progress, now_s) for task, progress in pairs],
        "task": found.task or None,
        "left": len(left) if counted is not None else None,
        "next": phone.where(ahead) if ahead else None,
        "expected": phone.where(found.expected) if found.expected else None,
        "opens": phone.workplace.local(found.opens_s) if found.opens_s else None,
        "closes": phone.workplace.local(found.closes_s) if found.closes_s else None,
        "gap": found.gap or None,
        "questions": _questions(*counted, found.checkpoint) if counted is not None else [],
    }


def _questions(task: "Task", progress: "Progress", index: int) -> list[dict[str, object]]:
    names = ("title", "title_zh", "type", "required", "choices", "unit")
    return [
        {"step": step["id"]} | {name: step.get(name) for name in names}
        for step in open_questions(task, progress, index)
    ]


def _place(spot: "Spot") -> dict[str, object]:
    return {"id": spot.place, "path": spot.path, "path_zh": spot.path_zh}


def _task(phone: Phone, task: "Task", progress: "Progress", now_s: int) -> dict[str, object]:
    return {
        "task_id": task.id,
        "kind": task.kind,
        "title": task.title,
        "title_zh": task.title_zh,
        "due": phone.workplace.local(task.due_to),
        "state": state_at(task, progress, now_s),
    }
