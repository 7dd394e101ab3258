"""A code that was typed with a slip: refused, with the known codes that may be meant."""

from commands.phone import Phone
from radar_core.failures import UNREADABLE, Failure, N_
from radar_core.suggestions import FAR, distance, nearest
from radar_core.tags import CODE_CHARS, mistyped_code, typable


def refusal(phone: Phone, text: str) -> Failure:
    """Return the failure for a text that `mistyped_code` knows as mistyped.

    `details["suggestions"]` lists the codes that may be meant: `code` as printed, `place`.
    """
    typed = mistyped_code(text)
    assert typed is not None, "whoever asks has looked"
    rows = phone.journal.connection.execute(
        "SELECT id FROM record WHERE kind = 'tag' AND length(id) = ?1"
        " UNION SELECT tag FROM bound WHERE length(tag) = ?1",
        (CODE_CHARS,),
    )
    close = [known for (known,) in rows if distance(typed, known) <= FAR]
    places = {known: _place(phone, known) for known in close}
    near = nearest(typed, {known: bool(place["path"]) for known, place in places.items()})
    failure = Failure(
        "code_mistyped",
        N_("{typed} is not a code: one character or more is wrong. Nothing was recorded."),
        N_("Did you mean {near}? Type it again as it is printed: radar scan CODE")
        if near
        else N_(
            "Type it again as it is printed: radar scan CODE. Is it a maker's own code?"
            " Then first: radar bind CODE PLACE_OR_ASSET"
        ),
        exit_code=UNREADABLE,
        typed=text[:80],
        near=_joined([_told(known, places[known]) for known in near]),
    )
    failure.details["suggestions"] = [
        {"code": typable(known), "place": places[known]} for known in near
    ]
    return failure


_Told = tuple[str, dict[str, object]]


def _told(code: str, place: dict[str, object]) -> _Told:
    if not place["path"]:
        return ("{code}", {"code": typable(code)})
    return (N_("{code} ({place})"), {"code": typable(code), "place": place})


def _joined(told: list[_Told]) -> _Told:
    """Return several as one text, which the output fills in from the inside."""
    if len(told) < 2:  # noqa: PLR2004 - one needs no comma
        return told[0] if told else ("", {})
    return (N_("{one} or {other}"), {"one": told[0], "other": _joined(told[1:])})


def _place(phone: Phone, code: str) -> dict[str, object]:
    spot = phone.spot(code)
    if spot is None:
        return {"id": "", "path": "", "path_zh": ""}
    return {"id": spot.place, "path": spot.path, "path_zh": spot.path_zh}
