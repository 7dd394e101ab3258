"""What the documents say is so: every option, path, link and line to type."""

import ast
import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
from typer.exceptions import TyperException
from typer.main import get_command

from radar_cli.examples import EXAMPLES
from radar_cli.parser import app
from radar_cli.session import split_flags
from radar_cli.settings import DEFAULTS
from radar_core import failures
from tests.house import PACKAGES, ROOT, sources

GROUP: Any = get_command(app)
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in DOCUMENTS}
ANYWHERE = ("--json", "--lang", "--home", "--version", "--help")
BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")


def _verbs(command: Any, path: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - Typer's own
    """Yield each verb that does something, with its command."""
    for name, inner in command.commands.items():
        if getattr(inner, "invoke_without_command", True):
            yield f"{path}{name}", inner
        if hasattr(inner, "commands"):
            yield from _verbs(inner, f"{path}{name} ")


VERBS = dict(_verbs(GROUP))


def _parse(line: str) -> tuple[str, dict[str, Any]]:
    """Run a line's words through the grammar; raise what Typer raises.

    Return the verb and what it is given.
    """
    _, words = split_flags(shlex.split(line)[1:])
    command = GROUP
    while hasattr(command, "commands"):
        if command.invoke_without_command and words[:1] not in [
            [name] for name in command.commands
        ]:
            break
        if not words:
            return "", {}
        assert words[0] in command.commands, f"there is no verb {words[0]}: {line}"
        command, words = command.commands[words[0]], words[1:]
    return command.name, dict(command.make_context(command.name, words).params)


def _complaint(line: str) -> str:
    """Return the kind of complaint that the grammar has about a line, or an empty text."""
    try:
        _parse(line)
    except TyperException as error:
        return type(error).__name__
    return ""


def _typed(text: str) -> Iterator[str]:
    """Yield the lines to type in a document's blocks, without what stands behind them."""
    for block in BLOCK.findall(text):
        for line in block.splitlines():
            words = re.split(r"\s{2,}|\s#", re.sub(r"^([A-Z_]+=\S+ )+", "", line.strip()))[0]
            if re.match(r"radar(\s|$)", words):
                yield re.sub(r"[\[\]]", "", words).replace("|", "_")


def _mentioned(text: str) -> Iterator[str]:
    """Yield the `radar …` that a document mentions in a sentence or a table."""
    for span in SPAN.findall(BLOCK.sub("", text)):
        # What is signed on the wire begins with such words too, and a version: `radar head 1`.
        if re.match(r"radar(\s|$)", span) and not re.fullmatch(r"radar \w+ \d", span):
            yield span.replace("\\|", "_")


TRADES = ("guard", "cleaner", "engineer", "supervisor")
SAID = ("text", "reason", "part", "name", "value")
"""What a person says in a language of their own."""
LINES = [(name, line) for name, text in TEXTS.items() for line in _typed(text)]
MENTIONS = [(name, line) for name, text in TEXTS.items() for line in _mentioned(text)]


def test_every_option_of_every_verb_is_documented() -> None:
    text = "\n".join(TEXTS.values())
    options = {
        option
        for command in VERBS.values()
        for parameter in command.params
        if parameter.param_type_name == "option"
        for option in parameter.opts
    }
    assert len(options) > 8
    lacking = [
        one for one in sorted({*options, *ANYWHERE}) if not re.search(rf"`[^`\n]*{one}\b", text)
    ]
    assert not lacking


def _verb_of(line: str) -> str:
    """Return the verb of a line: the longest one that it begins with."""
    words = line.split()[1:]
    return next((" ".join(words[:n]) for n in (3, 2, 1) if " ".join(words[:n]) in VERBS), "")


def test_every_verb_is_in_the_reference_with_its_own_options() -> None:
    text = TEXTS["docs/command-line.md"]
    typed = {row.split("`")[1]: row for row in text.splitlines() if row.startswith("| `radar ")}
    rows = {(_verb_of(line), line): row for line, row in typed.items()}
    for verb, command in VERBS.items():
        (row,) = [row for (named, _), row in rows.items() if named == verb]
        for parameter in command.params:
            if parameter.param_type_name == "option" and parameter.name not in ("db", "home"):
                assert parameter.opts[0] in row, f"{verb} {parameter.opts[0]}"


def test_every_setting_is_documented_with_its_variable() -> None:
    text = TEXTS["docs/command-line.md"]
    for name in ("home", *DEFAULTS, "centre_home"):
        assert f"`RADAR_{name.upper()}`" in text
    for name in DEFAULTS:
        assert f"| `{name}` |" in text


@pytest.mark.parametrize("name", ["README.md", "docs/command-line.md"])
def test_the_exit_codes_documented_are_those_that_there_are(name: str) -> None:
    tree = ast.parse((ROOT / "radar_core" / "failures.py").read_text())
    there = {
        getattr(failures, node.targets[0].id)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    documented = re.findall(r"^\| (\d+) \| \w", TEXTS[name], re.MULTILINE)
    assert [int(code) for code in documented] == sorted(there)


@pytest.mark.parametrize(("name", "line"), LINES)
def test_every_line_to_type_is_understood(name: str, line: str) -> None:
    assert name
    _parse(line.replace(" N", " 1").replace("...", ""))


@pytest.mark.parametrize(("name", "line"), MENTIONS)
def test_every_mention_of_a_verb_is_understood_as_far_as_it_goes(name: str, line: str) -> None:
    assert name
    complaint = _complaint(line.replace("...", "").replace(" VERB --help", ""))
    assert complaint in {"", "MissingParameter"}


@pytest.mark.parametrize("trade", TRADES)
def test_both_languages_of_a_page_show_the_same_commands(trade: str) -> None:
    english, chinese = TEXTS[f"docs/{trade}.md"], TEXTS[f"docs/zh/{trade}.md"]
    shown = [[_command(line) for line in _shown(text)] for text in (english, chinese)]
    assert len(shown[0]) > 20
    assert shown[0] == shown[1]


def _shown(text: str) -> Iterator[str]:
    """Yield every command of a page, in blocks and in sentences, in the order of reading."""
    for block in re.split(r"(^```\w*\n.*?^```)", text, flags=re.MULTILINE | re.DOTALL):
        yield from _typed(block) if block.startswith("```") else _mentioned(block)


def _command(line: str) -> tuple[str, dict[str, Any]]:
    """Return the verb of a line and what it is given, without what a person says in words."""
    try:
        verb, given = _parse(line)
    except TyperException:  # mentioned without all of its words
        return line, {}
    return verb, {name: value for name, value in given.items() if name not in SAID}


@pytest.mark.parametrize("line", [line for rows in EXAMPLES.values() for line, _ in rows])
def test_every_example_in_the_help_is_understood(line: str) -> None:
    _parse(line)


def _marked_texts() -> Iterator[str]:
    """Yield every text that a person may be shown."""
    for source in sources():
        if source.path.split("/")[0] in PACKAGES:
            for call, name in source.calls():
                if name == "N_" and isinstance(call.args[0], ast.Constant):
                    yield str(call.args[0].value)


def test_every_command_that_a_hint_names_is_there() -> None:
    hints = [text for text in _marked_texts() if "radar " in text]
    assert len(hints) > 40
    names = {verb.split()[0] for verb in VERBS}
    for text in hints:
        for verb, second in re.findall(r"\bradar ([a-z]+)(?: ([a-z-]+))?", text):
            assert verb in names, text
            inner = [name for name in VERBS if name.startswith(f"admin {second}")]
            assert verb != "admin" or inner, text
        for option in re.findall(r"(?<=\s)--[a-z-]+", text):
            assert option in TEXTS["docs/command-line.md"], text


def test_every_path_that_the_architecture_names_is_there() -> None:
    spans = SPAN.findall(BLOCK.sub("", TEXTS["ARCHITECTURE.md"]))
    paths = [
        span for span in spans if re.fullmatch(r"[\w.-]+(/[\w.-]*)+|\w+\.(py|toml|lock)", span)
    ]
    assert len(paths) > 15
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_link_between_documents_leads_somewhere() -> None:
    for name, text in TEXTS.items():
        for target in LINK.findall(text):
            if "://" not in target:
                assert ((ROOT / name).parent / target).exists(), f"{name}: {target}"


def test_the_changelog_has_a_place_for_what_comes_next() -> None:
    first, *_ = re.findall(r"^## (.+)$", TEXTS["CHANGELOG.md"], re.MULTILINE)
    assert first == "Unreleased"
    assert re.search(r"^### (Added|Changed|Fixed|Removed)$", TEXTS["CHANGELOG.md"], re.MULTILINE)
