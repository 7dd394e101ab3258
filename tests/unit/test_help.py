"""Every verb is helped and documented."""

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from radar_cli.helping import help_text, root_help
from radar_cli.parser import app
from radar_cli.texts import Texts
from radar_cli.verbs import ABOUT, GROUPS
from tests.house import ROOT

GROUP: Any = get_command(app)


def verbs(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:  # noqa: ANN401 - Typer's own
    for name, inner in command.commands.items():
        if hasattr(inner, "commands"):
            if inner.invoke_without_command:
                yield (*path, name)
            yield from verbs(inner, (*path, name))
        else:
            yield (*path, name)


VERBS = [" ".join(path) for path in verbs(GROUP)]


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_documented_in_the_readme(verb: str) -> None:
    readme = (ROOT / "README.md").read_text()
    assert re.search(rf"\b(radar|make) {verb}\b", readme), f"README.md says nothing of {verb}"


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_verb_s_help_says_what_it_is_for_and_how_it_is_typed(
    verb: str, language: str
) -> None:
    text = help_text(GROUP, verb.split(), Texts(language))
    assert f"radar {verb}" in text
    assert len(text.splitlines()[0]) > 5


def test_the_readme_names_no_verb_that_there_is_not() -> None:
    readme = (ROOT / "README.md").read_text()
    named = re.findall(
        r"^radar ((?:label |serve (?=cert)|admin (?:quarantine )?)?[a-z-]+)", readme, re.MULTILINE
    )
    assert named
    assert set(named) <= set(VERBS)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_program_s_own_help_names_every_verb_once_and_what_it_is_for(language: str) -> None:
    assert sorted(ABOUT) == sorted(GROUP.commands)
    texts = Texts(language)
    lines = [line.strip() for line in root_help(texts).splitlines()]
    verbs = lines[lines.index(texts.say(GROUPS[0][0])) :]
    for verb, about in ABOUT.items():
        assert GROUP.commands[verb].help == about
        begun = [line for line in verbs if line.split()[:1] == [verb]]
        assert len(begun) == 1
        assert texts.say(about)[:20] in begun[0]


def test_the_program_s_own_help_does_not_load_the_grammar() -> None:
    listed = (
        "import sys; from radar_cli.__main__ import run; run(['--help'], {}); print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", listed], capture_output=True, text=True, timeout=60, check=True
    )
    assert not {"typer", "click", "radar_cli.parser"} & set(done.stdout.split())


def test_the_verbs_of_the_design_are_there() -> None:
    assert set(VERBS) >= {
        "scan", "tasks", "start", "answer", "note", "done", "bind", "sync", "status", "log",
        "receipt", "query", "board", "enrol", "doctor", "demo", "serve", "admin init", "admin key",
        "serve cert",
        "label sheet", "label new", "admin import",
        "admin export", "admin enrol-code", "admin revoke", "admin retain", "admin person",
        "admin quarantine list", "admin quarantine release", "admin quarantine reject",
    }  # fmt: skip


def test_the_readme_names_every_exit_code() -> None:
    readme = (ROOT / "README.md").read_text()
    for code in (0, 1, 2, 3, 4, 5, 6, 7, 130):
        assert re.search(rf"^\| {code} \| \w", readme, re.MULTILINE)
