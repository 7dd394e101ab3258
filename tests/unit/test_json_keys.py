"""What scripts may rely on: the keys of each verb's `--json`. The table only grows."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from radar_core.handovers import Handover, write_handover
from radar_core.tags import label_text
from scanners.labels import label_picture
from tests.command_line import CommandLine, Said
from tests.paper_centre import PaperCentre
from tests.phones import FOREIGN, STEPS, STRANGE, Handset, code, new_phone, site_centre

TASK = (
    "tasks[].id tasks[].kind tasks[].title tasks[].title_zh tasks[].state tasks[].due_from"
    " tasks[].due_to tasks[].place.id tasks[].place.path tasks[].place.path_zh tasks[].checkpoints"
    " tasks[].left tasks[].steps tasks[].answered tasks[].project tasks[].category"
    " tasks[].priority tasks[].assignee tasks[].yours data_as_of"
)
SCAN = (
    "action_id seq outcome code source tag place.id place.path place.path_zh asset"
    " matches[].task_id"
    " matches[].kind matches[].title matches[].title_zh matches[].due matches[].state task left"
    " expected opens closes gap questions saved position signed_in"
)
WORK = "task_id title title_zh state action_id seq saved open_steps left opens_at"
MOVED = f"{WORK} reason score stars order"
ORDER = "task_id how title title_zh state priority people"
SHIFT = "action_id seq saved on since until orders scans rounds tasks reports unsent"
LABELS = "file format level count pages code_mm module_mm read_from_m fonts"
PINNED = {
    "scan CODE": SCAN,
    "scan PHOTO": SCAN,
    "scan FOREIGN": "asset.id asset.name asset.name_zh",
    "scan ELSEWHERE": "expected.ref expected.name expected.name_zh expected.path expected.path_zh",
    "scan CODE CODE": " ".join(f"scans[].{key}" for key in SCAN.split()),
    "scan CODE MISSING": (
        "scans[].saved scans[].source scans[].error.code scans[].error.message scans[].error.hint"
    ),
    "tasks": TASK,
    "tasks --ical": "out tasks days",
    "start": WORK,
    "answer": (
        f"{WORK} step step_title step_title_zh value unit outside min max failed meter opens "
        + " ".join(f"order.{key}" for key in ORDER.split())
    ),
    "report": f"action_id seq saved about category from {ORDER}",
    "hold": MOVED,
    "resume": MOVED,
    "part": f"{WORK} part quantity unit",
    "assign": f"{WORK} assignee.staff assignee.name assignee.name_zh",
    "verify": MOVED,
    "rate": MOVED,
    "reopen": MOVED,
    "cancel": MOVED,
    "reject CLEANING": " ".join(f"order.{key}" for key in ORDER.split()),
    "excuse": MOVED,
    "photo": "action_id seq saved about step when sha256 bytes type",
    "sign": f"{WORK} name step sha256",
    "done": WORK,
    "finish": WORK,
    "clean": WORK,
    "end": f"{WORK} reason",
    "accept": WORK,
    "decline": f"{WORK} reason",
    "handover": f"{WORK} to.staff to.name to.name_zh visited code out",
    "correct": (
        "action_id seq saved corrected kind subject wall reason task.task_id task.title"
        " task.title_zh task.state task.left task.open_steps"
    ),
    "scan HANDOVER": (
        f"{WORK} code source from.staff from.name from.name_zh handover visited next.ref next.path"
    ),
    "shift start": SHIFT + " orders[].id orders[].project orders[].title orders[].title_zh"
    " orders[].text orders[].text_zh",
    "shift": SHIFT,
    "shift end": SHIFT,
    "note": "action_id seq saved about",
    "bind": "action_id seq saved tag ref name name_zh",
    "status": (
        "shared staff name name_zh device unsent quarantined last_sync data_as_of"
        " tasks.in_progress home"
        " centre receipt photos.waiting photos.sent photos.recorded photos.promised photos.arrived"
        " photos.lost"
    ),
    "troubles": (
        "troubles[].id troubles[].kind troubles[].how troubles[].action_id troubles[].what"
        " troubles[].subject troubles[].about.ref troubles[].about.name"
        " troubles[].about.name_zh troubles[].wall"
        " troubles[].task_id troubles[].who.staff troubles[].who.name troubles[].by"
        " troubles[].value troubles[].code troubles[].reason troubles[].count data_as_of"
    ),
    "log": (
        "actions[].id actions[].seq actions[].kind actions[].subject actions[].wall"
        " actions[].state actions[].outcome actions[].reason"
        " actions[].verdict"
    ),
    "log --verify": "verified",
    "receipt": "format kind centre_key receipts proof out",
    "label new": LABELS + " labels[].code labels[].text labels[].page",
    "label sheet": LABELS
    + (
        " labels[].code labels[].text labels[].page labels[].name labels[].name_zh labels[].path"
        " labels[].place labels[].asset labels[].project labels[].domain"
        " left_out.foreign left_out.blank left_out.ended"
    ),
    "query PLACE": (
        "kind id ref project what where.ref where.name where.name_zh where.path where.path_zh"
        " due[].task_id due[].kind due[].title due[].title_zh due[].state due[].due_from"
        " due[].due_to"
        " history[].action_id history[].wall history[].kind history[].staff history[].name"
        " history[].name_zh data_as_of history[].evidence.grade history[].evidence.parts[].part"
        " history[].evidence.parts[].grade history[].evidence.parts[].reason"
        " history[].evidence.parts[].values"
    ),
    "query ROUND": (
        "what.task_id what.kind what.state what.role what.staff what.checkpoints[].ref"
        " what.checkpoints[].visited what.steps what.open_steps what.marks what.due_from"
        " what.due_to"
    ),
    "query JOB": "what.steps[].id what.steps[].type what.steps[].answer",
    "query ORDER": (
        "what.by.staff what.by.name what.by.name_zh what.assignee.staff what.category what.priority"
        " what.reason what.score what.rating what.labour_min what.held_min what.parts[].part"
        " what.parts[].quantity what.reports[].action_id what.reports[].staff what.reports[].name"
        " what.reports[].wall what.reports[].text what.links what.conflicts"
    ),
    "doctor": (
        "findings[].check findings[].state findings[].message findings[].hint"
        " settings.home.value settings.home.source settings.lang.value settings.timeout_s.value"
    ),
    "--version": "version",
    "--help": "help",
}
LOCKS = {"pin": "encrypted by idle_s plain", "unlock": "idle_s", "lock": "was_unlocked"}
FAILURES = {
    "sync": "unreachable",
    "start NOTHING": "unknown_task",
    "label sheet NOTHING": "unknown_thing",
    "query NOTHING": "unknown_thing",
    "scan MISSING": "picture_missing",
    "nonsense": "usage",
}
ALL_DAY = {"rrule": "FREQ=DAILY", "start": "2026-01-01T00:00", "duration_min": 1440}


def keys(value: object, at: str = "") -> Iterator[str]:
    """Yield the path of every key in a JSON value."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{at}{name}"
            yield from keys(inner, f"{at}{name}.")
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner, f"{at.removesuffix('.')}[].")


def _centre() -> PaperCentre:
    """Return a centre whose work is due whatever the time: a command line has a real clock."""
    centre = site_centre()
    round_ = {"kind": "patrol", "title": "Round", "role": "guard", "route": "FREE", **ALL_DAY}
    job = {"kind": "maintenance", "title": "Job", "role": "guard", "asset": "PU1",
           "checklist": "EASY", **ALL_DAY}  # fmt: skip
    centre.put("HV", "checklist", "EASY", {"name": "Easy", "steps": STEPS[2:3]})
    centre.put("HV", "schedule", "round", round_)
    centre.put("HV", "district", "WC", {"name": "West Coast", "domain": "R.EXAMPLE"})
    centre.put("HV", "place", "ROOF", {"name": "Roof", "path": "Harbour View / Roof"})
    centre.put("HV", "schedule", "job", job)
    mop = {"kind": "cleaning", "title": "Mop", "role": "guard", **ALL_DAY}
    order = {"role": "guard", "title": "Order", "text": "Look."}
    centre.put("HV", "order", "O1", order)
    for place in ("ATTIC", "LOBBY", "ROOF"):
        centre.put("HV", "schedule", f"mop-{place.lower()}", mop | {"place": place})
    lead = {"name": "Li Wei", "roles": ["guard", "supervisor"], "projects": ["HV"]}
    centre.put("HV", "staff", "G1", lead)
    for schedule in ("day", "night"):
        centre.put("HV", "schedule", schedule, None)
    return centre


def leaving_out(phone: Handset) -> Handset:
    """Let a supervisor have left out what a phone records first."""
    row = "INSERT INTO quarantine VALUES ('ED-G1', 1, 'out_of_scope', 'Not here.', 'rejected')"
    with phone.phone.transaction():
        phone.phone.journal.connection.execute(row)
    return phone


@pytest.fixture
def said(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> dict[str, Said]:
    """Return what each verb says on a phone, in the order of a shift."""
    phone = leaving_out(new_phone(tmp_path, _centre(), "G1"))
    radar = CommandLine(capfd, phone.world.home)
    photo = tmp_path / "photo.png"
    label_picture(label_text("R.EXAMPLE", code("GATE")), code("GATE"), "Gate").save(photo)
    today = radar("tasks", "--json").data["tasks"]
    job = next(row["id"] for row in today if row["id"].startswith("job@"))
    round_ = next(row["id"] for row in today if row["id"].startswith("round@"))
    handed = write_handover(Handover(round_, "HV", "G2", "", "E.9", {"0": "E.8"}))
    lines = {
        "start": ["start", job],
        "answer": ["answer", job, "pressure", "9"],
        "photo": ["photo", job, str(photo), "--after"],
        "sign": ["sign", job, "Chen Jing", "--picture", str(photo)],
        "done": ["done", job],
        "report": ["report", "GATE", "Broken."],
        "hold": ["hold", "incident:GATE:1", "Later."],
        "assign": ["assign", "incident:GATE:1", "G1"],
        "resume": ["resume", "incident:GATE:1"],
        "part": ["part", "incident:GATE:1", "Lock", "1"],
        "finish": ["done", "incident:GATE:1"],
        "verify": ["verify", "incident:GATE:1"],
        "rate": ["rate", "incident:GATE:1", "5"],
        "query ORDER": ["query", "incident:GATE:1"],
        "reopen": ["reopen", "incident:GATE:1", "Broken."],
        "cancel": ["cancel", "incident:GATE:1", "Rain."],
        "clean": ["done", "mop-attic"],
        "reject CLEANING": ["reject", "mop-attic", "Corners."],
        "excuse": ["excuse", "mop-roof", "Closed."],
        "scan CODE": ["scan", code("GATE")],
        "correct": ["correct", "last", "wrong tag"],
        "scan PHOTO": ["scan", str(photo)],
        "scan FOREIGN": ["scan", FOREIGN],
        "scan ELSEWHERE": ["scan", code("PUMPS")],  # no work is planned there, early after noon
        "scan CODE CODE": ["scan", code("GATE"), code("GATE")],
        "scan CODE MISSING": ["scan", code("GATE"), "missing.jpg"],
        "handover": ["handover", round_, "G2"],
        "scan HANDOVER": ["scan", handed],
        "accept": ["accept", "mop-lobby"],
        "decline": ["decline", "mop-lobby", "ill"],
        "end": ["end", "mop-lobby", "ill"],
        "shift start": ["shift", "start"],
        "shift": ["shift"],
        "shift end": ["shift", "end"],
        "note": ["note", "GATE", "hello"],
        "bind": ["bind", STRANGE, "ROOF"],
        "tasks": ["tasks"],
        "tasks --ical": ["tasks", "--ical", str(tmp_path / "mine.ics")],
        "status": ["status"],
        "troubles": ["troubles"],
        "log": ["log"],
        "log --verify": ["log", "--verify"],
        "receipt": ["receipt"],
        "label new": ["label", "new", "--domain", "r.example", "--out", str(tmp_path / "a.pdf")],
        "label sheet": ["label", "sheet", "ROOF", "--out", str(tmp_path / "b.pdf")],
        "label sheet NOTHING": ["label", "sheet", "nothing"],
        "query PLACE": ["query", "GATE"],
        "query ROUND": ["query", round_],
        "query JOB": ["query", job],
        "doctor": ["doctor"],
        "--version": ["--version"],
        "--help": ["--help"],
        "sync": ["sync"],
        "start NOTHING": ["start", "nothing"],
        "query NOTHING": ["query", "nothing"],
        "scan MISSING": ["scan", "missing.jpg"],
        "nonsense": ["nonsense"],
    }
    return {name: radar(*words, "--json") for name, words in lines.items()}


@pytest.fixture
def locks(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, memory: Path
) -> dict[str, Said]:
    """Return what the verbs of an encrypted phone say."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(memory))
    phone = new_phone(tmp_path, _centre(), "G1", "D-LOCKS")
    phone.phone.journal.connection.close()
    radar, said = CommandLine(capfd, phone.world.home), dict[str, Said]()
    for verb, typed in (("pin", "493817"), ("lock", ""), ("unlock", "493817")):
        monkeypatch.setattr("sys.stdin", StringIO(f"{typed}\n"))
        said[verb] = radar(verb, "--json")
    return said


def test_every_key_that_scripts_rely_on_is_there(said: dict[str, Said]) -> None:
    for name, pinned in PINNED.items():
        missing = set(pinned.split()) - set(keys(said[name].data))
        assert not missing, (name, missing)
    for name, expected in FAILURES.items():
        assert said[name].error["code"] == expected, name
    assert said.keys() == PINNED.keys() | FAILURES.keys()


def test_every_key_of_a_lock_is_there(locks: dict[str, Said]) -> None:
    assert {name: " ".join(said.data) for name, said in locks.items()} == LOCKS


def test_every_answer_and_every_failure_is_one_line_on_stdout_and_nothing_on_stderr(
    said: dict[str, Said],
) -> None:
    may_fail = ("scan CODE MISSING", "doctor", "troubles")
    for name, line in said.items():
        assert line.told, name
        assert line.err == "", name
        assert (line.code == 0) == line.told["ok"] or name in may_fail, name
