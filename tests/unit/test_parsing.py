"""Mistakes on the command line: each one sentence, with what was meant or where the help is."""

from pathlib import Path

import pytest

from radar_core.failures import DONE, NOT_ENROLLED, USAGE
from tests.command_line import CommandLine


@pytest.fixture
def radar(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(capfd, tmp_path / "phone")


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("scna", "scan"),
        ("task", "tasks"),
        ("stat", "start"),
        ("synch", "sync"),
        ("Tasks", "tasks"),
        ("admin innit", "admin init"),
        ("admin enroll-code X", "admin enrol-code"),
    ],
)
def test_an_unknown_verb_suggests_one_that_there_is(
    radar: CommandLine, typed: str, near: str
) -> None:
    said = radar(*typed.split(), "--json")
    assert (said.code, said.error["code"]) == (USAGE, "usage")
    named = " ".join(typed.split()[: len(near.split())])
    assert said.error["message"] == f"There is no verb {named}; did you mean {near}?"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("start", "TASK is missing."),
        ("answer T", "STEP is missing."),
        ("answer T S", "VALUE is missing."),
        ("scan", "SOURCE... is missing."),
        ("scan --task", "--task wants a value."),
        ("tasks extra", "This is too much here: extra"),
        ("start a b", "This is too much here: b"),
        ("log --moist 4", "There is no option --moist; did you mean --most?"),
        ("log --most", "--most wants a value."),
        ("log --most four", "--most wants a whole number"),
        ("log --most 0", "--most wants a whole number of at least 1."),
        ("log --verify=yes", "--verify takes no value."),
        ("admin enrol-code X --hours 999", "--hours wants a whole number from 1 to 720."),
        ("serve --port x", "--port wants a whole number"),
        ("tasks --home", "--home wants a value."),
        ("tasks --lang", "--lang wants a value."),
        ("admin", "admin is half of it: a word is missing behind it."),
    ],
)
def test_a_mistake_is_named_and_the_hint_leads_to_the_help(
    radar: CommandLine, typed: str, message: str
) -> None:
    said = radar(*typed.split(), "--json")
    assert (said.code, said.error["code"]) == (USAGE, "usage")
    assert said.error["message"].startswith(message)
    hint = said.error["hint"]
    assert hint.startswith("See: radar ")
    assert hint.endswith(" --help")
    assert radar(*hint.removeprefix("See: radar ").split()).code == DONE


def test_a_mistake_says_nothing_on_stdout_and_makes_no_folder(radar: CommandLine) -> None:
    said = radar("scna", "x")
    assert (said.code, said.out) == (USAGE, "")
    assert said.err.splitlines() == [
        "There is no verb scna; did you mean scan?",
        "  → All of them: radar --help",
    ]
    assert not radar.home.exists()


@pytest.mark.parametrize("verb", ["x" * 100_000, "\x1b[2J", "泵", "", " ", "{verb}", "%s"])
def test_any_word_is_no_verb_and_harmless(radar: CommandLine, verb: str) -> None:
    said = radar(verb)
    assert said.code == USAGE
    assert "\x1b" not in said.err
    assert len(said.err) < 400


def test_no_words_at_all_are_helped(radar: CommandLine) -> None:
    assert radar().out == radar("--help").out
    assert radar().code == DONE


@pytest.mark.parametrize("typed", ["--version", "--version --json", "--json --version"])
def test_the_version_is_told_wherever_the_flag_stands(radar: CommandLine, typed: str) -> None:
    said = radar(*typed.split())
    assert said.code == DONE
    if "--json" in typed:
        assert said.data["version"][0].isdigit()
    else:
        assert said.out.startswith("radar ")


@pytest.mark.parametrize(
    "typed",
    [
        "answer T S -3",
        "answer T S -0,5 mm",
        "answer T S 4,2 bar",
        "answer -3 -3 -3",
        "note T it is cold",
        "hold T waiting for a lamp",
        "reject T not clean --score 40",
    ],
)
def test_several_words_need_no_quotes(radar: CommandLine, typed: str) -> None:
    assert radar(*typed.split()).code == NOT_ENROLLED
