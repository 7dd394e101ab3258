"""How a scan's verdict looks to the person who scanned: one line, and one for the next step."""

from radar_core.failures import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from radar_cli.texts import Texts

VERDICTS = {
    "on_round": N_("SAVED  on your round: {place}. Still to visit: {left}."),
    "round_done": N_("SAVED  round finished: {place} was the last checkpoint."),
    "out_of_order": N_("SAVED  out of order: {place}. Expected first: {expected}."),
    "due_here": N_("SAVED  due here: {title}. {place}."),
    "early": N_("SAVED  too early: {title} opens at {opens}. {place}."),
    "late": N_("SAVED  late: {title} was due by {due}. {place}."),
    "wrong_place": N_("SAVED  wrong place: this is {place}. Expected: {expected}."),
    "nothing_due": N_("SAVED  nothing is due here for you: {place}."),
    "unknown_tag": N_("SAVED  unknown tag: {code}."),
    "retired_tag": N_("SAVED  this tag was taken out of use: {place}."),
    "not_my_project": N_("SAVED  this tag is in a project that is not yours: {place}."),
}
NEXT_STEPS = {
    "round_done": N_("Well done. What else is due: radar tasks"),
    "out_of_order": N_("Go back when you can; it counts all the same."),
    "due_here": N_("Begin: radar start {task}\nThen: radar done {task}"),
    "early": N_("Come back then, or do what is due now: radar tasks"),
    "late": N_("Do it now, it still counts: radar done {task}"),
    "wrong_place": N_("Go there and scan again."),
    "nothing_due": N_("Something wrong here? radar note {tag} TEXT"),
    "unknown_tag": N_("If it belongs to something here: radar bind CODE PLACE_OR_ASSET"),
    "retired_tag": N_("Look for the newer tag next to it and scan that."),
    "not_my_project": N_("Tell your supervisor if you are meant to work here."),
}
CODE_CHARS_SHOWN = 60


def scan_lines(data: "Mapping[str, object]", texts: "Texts") -> list[str]:
    """Return the verdict, and the next step where there is one to tell."""
    outcome = str(data["outcome"])
    if outcome in ("on_round", "late", "out_of_order") and data["left"] == 0:
        outcome = "round_done"
    matches = data["matches"]
    first = matches[0] if isinstance(matches, list) and matches else {}
    expected, asset = data["expected"], data["asset"]
    place = texts.pick(data["place"], "path") or str(data["code"])[:CODE_CHARS_SHOWN]
    values = {
        "place": f"{place} / {texts.pick(asset, 'name')}" if asset else place,
        "left": data["left"],
        "title": texts.pick(first, "title"),
        "task": str(data["task"] or (first.get("task_id") if isinstance(first, dict) else "")),
        "due": _clock(first.get("due") if isinstance(first, dict) else ""),
        "opens": _clock(data["opens"]),
        "expected": _spot(expected, texts),
        "code": str(data["code"])[:CODE_CHARS_SHOWN],
        "tag": data["tag"],
    }
    lines = [texts.say(VERDICTS[outcome], **values)]
    if outcome in NEXT_STEPS:
        told = texts.say(NEXT_STEPS[outcome], **values)
        lines += [f"  → {line}" for line in told.split("\n")]
    return lines


def _spot(expected: object, texts: "Texts") -> str:
    path, name = texts.pick(expected, "path"), texts.pick(expected, "name")
    return path if not name or path.endswith(name) else f"{path} / {name}"


def _clock(text: object) -> str:
    """Return day and time of an RFC 3339 text, as short as a tired person wants it."""
    return f"{str(text)[5:10]} {str(text)[11:16]}" if text else ""
