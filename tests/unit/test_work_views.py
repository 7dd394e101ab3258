"""What a person sees of reports, work orders and a supervisor's word, in both languages."""

import re
from pathlib import Path

import pytest

from tests.command_line import CommandLine
from tests.paper_centre import PaperCentre
from tests.phones import STEPS, code, new_phone, site_centre
from tests.unit.test_views import ALL_DAY, FIELD, SAVED

ORDER = "repair:PU1:1"
ROLES = ["guard", "cleaner", "engineer", "supervisor"]


def _centre() -> PaperCentre:
    centre = site_centre()
    for who, roles in (("G1", ROLES), ("E1", ["engineer"])):
        body = {"name": f"Name {who}", "name_zh": f"名{who}", "roles": roles, "projects": ["HV"]}
        centre.put("HV", "staff", who, body)
    job = {"kind": "maintenance", "title": "Job", "role": "guard", "asset": "PU1",
           "checklist": "PUMP", **ALL_DAY}  # fmt: skip
    mop = {"kind": "cleaning", "title": "Mop", "title_zh": "拖地", "role": "cleaner", **ALL_DAY}
    centre.put("HV", "schedule", "job", job)
    centre.put("HV", "schedule", "mop", mop | {"place": "ATTIC"})
    centre.put("HV", "schedule", "mop2", mop | {"place": "GATE"})
    centre.put("HV", "checklist", "PUMP", {"name": "Pump", "steps": STEPS[:3]})
    for schedule in ("day", "night", "sweep", "liu", "pump", "lift"):
        centre.put("HV", "schedule", schedule, None)
    return centre


LINES = [
    ("report", "PU1", "It drips."),
    ("report", "PU1", "Much.", "--priority", "urgent", "--category", "incident"),
    ("answer", "job", "leak", "no"),
    ("answer", "job", "leak", "yes"),
    ("answer", "job", "pressure", "9"),
    ("report", ORDER, "Still."),
    ("assign", "incident:PU1:1", "--next"),
    ("assign", "incident:PU1:1", "G1"),
    ("hold", ORDER, "Seal ordered."),
    ("hold", ORDER, "Seal ordered."),
    ("resume", ORDER),
    ("part", ORDER, "Seal", "2,5", "--unit", "m"),
    ("done", ORDER, "--minutes", "30"),
    ("reject", ORDER, "Wet.", "--score", "0"),
    ("done", ORDER),
    ("verify", ORDER, "--score", "90"),
    ("rate", ORDER, "5"),
    ("query", ORDER),
    ("query", "job"),
    ("query", "HV"),
    ("reopen", ORDER, "Drips."),
    ("cancel", ORDER, "Rain."),
    ("scan", code("ATTIC")),
    ("done",),
    ("reject", "mop@", "Corners."),
    ("excuse", "mop2", "Closed."),
    ("tasks",),
    ("log",),
    ("query", "PU1"),
    ("done", "mop@"),
]
FAILURES: dict[tuple[str, ...], int] = {
    ("report", "PU1", ""): 2,
    ("report", "nowhere", "x"): 1,
    ("report", "G1", "x"): 2,
    ("report", "PU1", "x", "--category", "fire"): 2,
    ("report", "PU1"): 2,
    ("verify", "job"): 1,
    ("excuse", "job", "x"): 1,
    ("cancel", "mop@", "x"): 1,
    ("assign", "job", "NOBODY"): 1,
    ("assign", "job"): 2,
    ("rate", "job", "6"): 2,
    ("rate", "job", "x"): 2,
    ("verify", "job", "--score", "101"): 2,
    ("part", "job", "Seal", "0"): 2,
    ("part", "job", "Seal", "two"): 2,
    ("done", "job", "--minutes", "-1"): 2,
    ("done",): 2,
    ("done", ""): 1,
    ("hold", "job", " "): 2,
    ("resume", "nothing"): 1,
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_verb_says_something_short_with_every_field_filled_in(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], language: str
) -> None:
    phone = new_phone(tmp_path, _centre(), "G1")
    radar = CommandLine(capfd, phone.world.home)
    for words in LINES:
        said = radar(*words, "--lang", language)
        assert (said.code, said.err) == (0, ""), (words, said)
        assert said.out.strip(), words
        assert not FIELD.search(said.out), (words, said.out)
        assert len(said.out.splitlines()[0]) < 120, said.out
        if language == "zh":
            assert re.search("[\u4e00-\u9fff]", said.out), words
    assert radar("report", "PU1", "x").out.startswith(SAVED["en"])


@pytest.mark.parametrize("words", FAILURES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_failure_is_a_sentence_and_a_hint_with_every_field_filled_in(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], language: str, words: tuple[str, ...]
) -> None:
    phone = new_phone(tmp_path, _centre(), "G1")
    said = CommandLine(capfd, phone.world.home)("--lang", language, *words)
    assert (said.code, said.out) == (FAILURES[words], ""), said
    sentence, hint = said.err.splitlines()
    assert sentence[-1] in ".。?？", said.err
    assert hint.startswith("  → ")
    assert not FIELD.search(said.err), said.err


def test_a_state_is_said_in_the_person_s_language(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    radar = CommandLine(capfd, new_phone(tmp_path, _centre(), "G1").world.home)
    radar("report", "PU1", "x", "--category", "repair")
    told = radar("reopen", ORDER, "x", "--lang", "en").out + radar("verify", ORDER).err
    assert "is open; “verify” fits what is completed." in told
    assert "待处理" in radar("verify", ORDER, "--lang", "zh").err


def test_people_who_finished_the_same_job_are_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    centre = _centre()
    one, other = new_phone(tmp_path, centre, "G1"), new_phone(tmp_path, centre, "E1")
    lines = {who: CommandLine(capfd, p.world.home) for who, p in (("G1", one), ("E1", other))}
    lines["G1"]("report", "PU1", "x", "--category", "repair")
    one.reopen()
    one.sync(centre.post)
    other.sync(centre.post)
    assert lines["G1"]("done", ORDER).code == lines["E1"]("done", ORDER).code == 0
    for phone in (one, other, one):
        phone.reopen()
        phone.sync(centre.post)
    shown = lines["G1"]("query", ORDER).out
    assert "conflict: completed by Name E1" in shown
    assert "Name G1 has it" in shown


def test_a_number_below_zero_is_typed_as_it_is_and_is_no_option(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    radar = CommandLine(capfd, new_phone(tmp_path, _centre(), "G1").world.home)
    assert radar("answer", "job", "pressure", "-4bar", "--json").data["value"] == -4
    assert radar("answer", "job", "pressure", "-4,5", "--json").data["opens"] == ORDER
    assert "more than zero" in radar("part", "job", "Seal", "-1", "--unit", "m").err
    for words in (("answer", "job", "leak", "yes"), ("part", "job", "Seal", "1")):
        said = radar(*words, "--nonsense")
        assert (said.code, "--nonsense" in said.err) == (2, True)
