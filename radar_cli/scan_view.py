"""How a scan's verdict looks to the person who scanned: one line, and one for the next step."""

from radar_core.failures import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from radar_cli.texts import Texts

VERDICTS = {
    "on_round": N_("SAVED  on your round: {place}. Still to visit: {left}."),
    "round_done": N_("SAVED  round finished: {place} was the last checkpoint."),
    "walked": N_("SAVED  on your round: {place}. All is visited; questions are open."),
    "out_of_order": N_("SAVED  out of order: {place}. Expected first: {expected}."),
    "due_here": N_("SAVED  due here: {title}. {place}."),
    "early": N_("SAVED  too early: {place} opens at {opens} ({title})."),
    "late": N_("SAVED  late: {title} was due by {due}. {place}."),
    "wrong_place": N_("SAVED  wrong place: this is {place}. Expected: {expected}."),
    "astray": N_("SAVED  wrong place: this is {place}. You are at: {title}."),
    "nothing_due": N_("SAVED  nothing is due here for you: {place}."),
    "unknown_tag": N_("SAVED  unknown tag: {code}."),
    "retired_tag": N_("SAVED  this tag was taken out of use: {place}."),
    "not_my_project": N_("SAVED  this tag is in a project that is not yours: {place}."),
}
NEXT_STEPS = {
    "on_round": N_("Next: {next}"),
    "round_done": N_("Well done. What else is due: radar tasks"),
    "out_of_order": N_("Go back when you can; it counts all the same."),
    "due_here": N_("Begin: radar start {task}\nThen: radar done {task}"),
    "clean_here": N_("When it is clean: radar done"),
    "early": N_("Come back then, or do what is due now: radar tasks"),
    "late": N_("Do it now, it still counts: radar done {task}"),
    "late_round": N_("It counts all the same. Still to visit: {left}."),
    "wrong_place": N_("Go there and scan again."),
    "nothing_due": N_("Something wrong here? radar report {tag} TEXT"),
    "unknown_tag": N_("If it belongs to something here: radar bind CODE PLACE_OR_ASSET"),
    "retired_tag": N_("Look for the newer tag next to it and scan that."),
    "not_my_project": N_("Tell your supervisor if you are meant to work here."),
}
CODE_CHARS_SHOWN = 60
MINUTES_FROM_S = 180
QUESTIONS_SHOWN = 8
SAMPLES = {"check": N_("yes"), "number": "4.2", "reading": "4.2", "text": N_("TEXT")}
"""What the answer to a question may look like, where its type alone says so."""


def scan_lines(data: "Mapping[str, object]", texts: "Texts") -> list[str]:
    """Return the verdict, what is asked here, and the next step where there is one to tell."""
    matches = data["matches"]
    first = matches[0] if isinstance(matches, list) and matches else {}
    outcome, step = _told(data, first)
    expected, asset = data["expected"], data["asset"]
    place = texts.pick(data["place"], "path") or str(data["code"])[:CODE_CHARS_SHOWN]
    values = {
        "place": f"{place} / {texts.pick(asset, 'name')}" if asset else place,
        "left": data["left"],
        "title": texts.pick(first, "title"),
        "task": str(data["task"] or (first.get("task_id") if isinstance(first, dict) else "")),
        "due": _clock(data["closes"] or (first.get("due") if isinstance(first, dict) else "")),
        "opens": _clock(data["opens"]),
        "expected": _spot(expected, texts),
        "next": _spot(data["next"], texts),
        "code": str(data["code"])[:CODE_CHARS_SHOWN],
        "tag": data["tag"] or data["code"],
    }
    lines = [texts.say(VERDICTS[outcome], **values), *_gap_lines(data["gap"], texts)]
    questions = data["questions"]
    if isinstance(questions, list) and questions:
        lines += _question_lines(questions, str(values["task"]), texts)
    elif step in NEXT_STEPS and (step != "on_round" or data["next"]):
        told = texts.say(NEXT_STEPS[step], **values)
        lines += [f"  → {line}" for line in told.split("\n")]
    if data["via"] == "picked":
        told = N_(
            "Named, not scanned: that proves little. Is its tag gone? radar report {tag} TEXT"
        )
        lines.append("  " + texts.say(told, **values))
    if data["signed_in"]:
        who = texts.pick(data["signed_in"], "name")
        lines.append("  " + texts.say(N_("Signed in: {who}"), who=who))
    position = data["position"]
    if isinstance(position, dict):
        lines.append(
            "  " + texts.say(N_("Your position was saved too: ± {accuracy_m} m."), **position)
        )
    return lines


def _told(data: "Mapping[str, object]", first: object) -> tuple[str, str]:
    """Return which verdict and which next step fit, by what the scan was for."""
    outcome = str(data["outcome"])
    if outcome in ("on_round", "late", "out_of_order") and data["left"] == 0:
        state = first.get("state") if isinstance(first, dict) else ""
        return ("walked", "") if state == "in_progress" else ("round_done", "round_done")
    if outcome == "late" and data["task"]:
        return "late", "late_round"
    if outcome == "wrong_place" and not data["expected"]:
        return "astray", "astray"
    if outcome == "due_here" and _is_one_clean(data["matches"]):
        return outcome, "clean_here"
    return outcome, outcome


def _gap_lines(gap: object, texts: "Texts") -> list[str]:
    """Return what to say where a checkpoint came too soon or too late after the one before."""
    if not isinstance(gap, dict) or gap["fits"]:
        return []
    soon = N_("Only {seconds} after the scan before; {min} or more are expected.")
    slow = N_("{seconds} after the scan before; {max} or less are expected.")
    is_soon = gap["min"] is not None and gap["seconds"] < gap["min"]
    spans = {name: _span(gap[name] or 0, texts) for name in ("seconds", "min", "max")}
    return ["  ! " + texts.say(soon if is_soon else slow, **spans)]


def _span(seconds: int, texts: "Texts") -> str:
    """Return a time in minutes where it has three or more, else in seconds."""
    if seconds < MINUTES_FROM_S:
        return texts.say(N_("{count} s"), count=seconds)
    return texts.say(N_("{count} min"), count=seconds // 60)


def _question_lines(questions: "list[dict[str, object]]", task: str, texts: "Texts") -> list[str]:
    """Return what is asked at a checkpoint, and how the first that can be typed is answered."""
    lines = [
        f"  ? {question['step']}  {texts.pick(question, 'title')}{_choices(question)}"
        for question in questions[:QUESTIONS_SHOWN]
    ]
    if len(questions) > QUESTIONS_SHOWN:
        more = texts.say(N_("… and {count} more."), count=len(questions) - QUESTIONS_SHOWN)
        lines.append(f"  {more}")
    for question in questions:
        choices = question["choices"]
        sample = str(choices[0]) if isinstance(choices, list) and choices else ""
        sample = sample or texts.say(SAMPLES.get(str(question["type"]), ""))
        if sample:
            told = N_("Answer: radar answer {task} {step} {value}")
            values = {"task": task, "step": question["step"], "value": sample}
            return [*lines, "  → " + texts.say(told, **values)]
    return lines


def _choices(question: "Mapping[str, object]") -> str:
    """Return what a question's answer is one of, or is measured in."""
    choices = question["choices"]
    if isinstance(choices, list) and choices:
        return f"  ({' | '.join(map(str, choices))})"
    return f"  ({question['unit']})" if question["unit"] else ""


def _is_one_clean(matches: object) -> bool:
    """Tell whether a cleaning alone is due: one scan and one key are enough for it."""
    return isinstance(matches, list) and [row["kind"] for row in matches] == ["cleaning"]


def _spot(expected: object, texts: "Texts") -> str:
    path, name = texts.pick(expected, "path"), texts.pick(expected, "name")
    return path if not name or path.endswith(name) else f"{path} / {name}"


def _clock(text: object) -> str:
    """Return day and time of an RFC 3339 text, as short as a tired person wants it."""
    return f"{str(text)[5:10]} {str(text)[11:16]}" if text else ""
