"""What a person sees of each verb, in both languages: short lines, every field filled in."""

import re
from pathlib import Path

import pytest

from tests.command_line import CommandLine
from tests.paper_centre import PaperCentre
from tests.phones import FOREIGN, STEPS, STRANGE, code, new_phone, site_centre

FIELD = re.compile(r"\{\w*\}|\bNone\b|\bTrue\b|\bFalse\b")
ALL_DAY = {"rrule": "FREQ=DAILY", "start": "2026-01-01T00:00", "duration_min": 1440}
SAVED = {"en": "SAVED", "zh": "已保存"}


def _centre() -> PaperCentre:
    centre = site_centre()
    line = {
        "kind": "patrol",
        "title": "Round",
        "title_zh": "巡更",
        "role": "guard",
        "route": "LINE",
    }
    job = {"kind": "maintenance", "title": "Job", "role": "guard", "asset": "PU1",
           "checklist": "PUMP", **ALL_DAY}  # fmt: skip
    centre.put("HV", "schedule", "round", line | ALL_DAY)
    centre.put("HV", "schedule", "job", job)
    centre.put("HV", "checklist", "PUMP", {"name": "Pump", "steps": STEPS[:3]})
    for schedule in ("day", "night"):
        centre.put("HV", "schedule", schedule, None)
    return centre


LINES = [
    ("scan", code("LOBBY")),
    ("scan", code("GATE")),
    ("scan", code("ATTIC")),
    ("scan", code("PU1")),
    ("scan", FOREIGN),
    ("scan", STRANGE),
    ("scan", code("OLD")),
    ("scan", code("BLANK")),
    ("scan", code("ROOF")),
    ("scan", code("ATTIC")),
    ("start", "job"),
    ("start", "job"),
    ("answer", "job", "leak", "no"),
    ("answer", "job", "noise", "loud"),
    ("answer", "job", "pressure", "9,5"),
    ("done", "job"),
    ("done", "job"),
    ("note", "GATE", "hello"),
    ("bind", STRANGE, "ROOF"),
    ("bind", STRANGE, "ROOF"),
    ("tasks",),
    ("status",),
    ("log",),
    ("log", "--verify"),
    ("query", "GATE"),
    ("query", "PU1"),
    ("query", code("GATE")),
    ("query", "round"),
    ("query", "job"),
    ("query", "G1"),
]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_verb_says_something_short_with_every_field_filled_in(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], language: str
) -> None:
    phone = new_phone(tmp_path, _centre(), "G1")
    radar = CommandLine(capfd, phone.world.home)
    for words in LINES:
        said = radar(*words, "--lang", language)
        assert said.code == 0, (words, said)
        assert said.out.strip(), words
        assert not FIELD.search(said.out), (words, said.out)
        assert said.err == "", words
        if words[0] == "scan":
            assert said.out.startswith(SAVED[language]), said.out
        if language == "zh" and words[0] in ("scan", "tasks", "status"):
            assert re.search("[\u4e00-\u9fff]", said.out), words


@pytest.mark.parametrize(
    "words",
    [
        ("start", "nothing"),
        ("query", "nothing"),
        ("answer", "job", "oil", "1"),
        ("answer", "job", "pressure", "high"),
        ("answer", "job", "noise", "silent"),
        ("done", "job"),
        ("done", "round"),
        ("done", "pump"),
        ("bind", FOREIGN, "ROOF"),
        ("bind", STRANGE, "G1"),
        ("note", "GATE", ""),
        ("scan", "missing.jpg"),
        ("scan", ""),
        ("sync",),
        ("board",),
        ("enrol", "http://127.0.0.1:9", "CODE"),
        ("tasks", "--lang", "fr"),
        ("nonsense",),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_failure_is_a_sentence_and_a_hint_with_every_field_filled_in(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], language: str, words: tuple[str, ...]
) -> None:
    phone = new_phone(tmp_path, _centre(), "G1")
    said = CommandLine(capfd, phone.world.home)("--lang", language, *words)
    assert said.code != 0
    assert said.out == ""
    sentence, hint = said.err.splitlines()
    assert sentence[-1] in ".。?？", said.err
    assert hint.startswith("  → ")
    assert not FIELD.search(said.err), said.err
