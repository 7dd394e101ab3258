"""What people read is complete in Chinese and in English: the catalogue, the help, the mistakes."""

import ast
import gettext
import io
import re
import shlex
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from typer.main import get_command

from radar_cli.__main__ import run
from radar_cli.examples import EXAMPLES
from radar_cli.helping import columns, help_text, wrapped
from radar_cli.output import Output
from radar_cli.parser import app
from radar_cli.texts import Texts, catalogue_path, language_of
from radar_cli.words import CHECKS, KINDS, MARKS, SHEETS, SPOKEN, STATES
from radar_core.book_forms import FORMS, SCHEDULE_KINDS
from radar_core.failures import USAGE, Failure
from radar_core.permissions import ROLES
from tests.house import PACKAGES, ROOT

MO = Path(catalogue_path("zh"))
WIDTH = 45
"""A phone held upright."""

WIDE = "[\u4e00-\u9fff]"
HALF_WIDTH = re.compile(rf"{WIDE} ?[,;:?!](?= |$)|{WIDE}[.](?= |$)|[,;?!] ?{WIDE}")
"""A sentence in Chinese has full-width punctuation, but for the mark or number in front of it."""
LATIN_KEPT = re.compile(
    r"radar|[A-Z]{2,}|zh|en|json|csv|xlsx|pdf|zip|labels|example|roll|SQLite|postgresql|Ctrl-C|try|last"
    r"|repair|cleaning|incident|supplies|low|normal|high|urgent"
)
"""What stays as it is in a Chinese help: metavars, formats, names of programs, words to type."""


@cache
def _msgids() -> frozenset[str]:
    """Return every text that the sources mark for translation."""
    found: set[str] = set()
    for package in PACKAGES:
        for _, _, message, _, _ in extract_from_dir(ROOT / package, keywords={"N_": None}):
            assert isinstance(message, str)
            found.add(message)
    return frozenset(found)


@cache
def _catalogue() -> Catalog:
    with MO.with_suffix(".po").open("rb") as file:
        return read_po(file, locale="zh")


def _translations(catalogue: Catalog) -> dict[str, str]:
    return {str(m.id): str(m.string) for m in catalogue if m.id}


def _fields(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_every_text_has_a_chinese_translation_and_none_is_left_over() -> None:
    told = _translations(_catalogue())
    assert sorted(_msgids() - {id_ for id_, text in told.items() if text}) == []
    assert sorted(told.keys() - _msgids()) == []
    assert [m.id for m in _catalogue() if m.fuzzy] == []


def test_a_translation_has_the_fields_of_its_template() -> None:
    told = _translations(_catalogue())
    assert {id_: text for id_, text in told.items() if _fields(id_) != _fields(text)} == {}


def test_every_field_of_a_template_has_a_name() -> None:
    fields = {name for id_ in _msgids() for name in _fields(id_)}
    assert [name for name in fields if not str(name).isidentifier()] == []


def test_what_is_to_be_typed_is_the_same_in_both_languages() -> None:
    command = re.compile(r"radar(?: (?:[a-z-]+|[A-Z_]+\b|-|\{\w+\}))+")
    told = _translations(_catalogue())
    differing = {
        id_: text
        for id_, text in told.items()
        if set(command.findall(id_)) - set(command.findall(text)) and "--" not in id_
    }
    assert differing == {}


def test_chinese_sentences_have_full_width_punctuation() -> None:
    sentences = [text[3:] for text in _translations(_catalogue()).values()]
    assert [text for text in sentences if HALF_WIDTH.search(text)] == []


def test_the_compiled_catalogue_is_in_step_with_its_source() -> None:
    compiled = io.BytesIO()
    write_mo(compiled, _catalogue())
    compiled.seek(0)
    with MO.open("rb") as file:
        assert _translations(read_mo(file)) == _translations(read_mo(compiled))


def test_our_reader_of_catalogues_says_what_gettexts_own_does() -> None:
    with MO.open("rb") as file:
        theirs = gettext.GNUTranslations(file)
    ours = Texts("zh")
    for text in [*_msgids(), "no text of ours", "~", "\x00", "\ud800"]:
        assert ours.say(text) == theirs.gettext(text)


def test_an_empty_text_stays_empty_and_is_not_the_catalogues_header() -> None:
    assert Texts("zh").say("") == ""


def test_a_catalogue_that_is_gone_leaves_english_and_stops_nobody() -> None:
    assert Texts("xx").say("SAVED  unknown tag: {code}.", code="X") == "SAVED  unknown tag: X."


@pytest.mark.parametrize(
    ("wish", "language"),
    [("zh", "zh"), ("zh_CN.UTF-8", "zh"), ("ZH-hans", "zh"), ("C.UTF-8", "en"), ("", "en")],
)
def test_a_locale_name_chooses_the_language(wish: str, language: str) -> None:
    assert language_of(wish) == language


def test_names_of_the_site_book_come_in_the_persons_language_or_else_in_english() -> None:
    body = {"name": "Pump", "name_zh": "水泵", "path": "Yard"}
    assert [Texts(language).pick(body, "name") for language in ("en", "zh")] == ["Pump", "水泵"]
    assert Texts("zh").pick(body, "path") == "Yard"
    assert Texts("zh").pick(None, "path") == ""


def test_there_is_a_word_for_whatever_the_book_the_tasks_and_doctor_name() -> None:
    assert list(SHEETS) == [form.name for form in FORMS]
    assert STATES.keys() - MARKS.keys() == {"recorded", "sent", "receipted", "quarantined"}
    assert {*SCHEDULE_KINDS, "tag", "place", "asset", "task", "staff"} <= KINDS.keys()
    assert set(ROLES) <= set(SPOKEN)
    assert _checks() == CHECKS.keys()


def _checks() -> set[str]:
    """Return the names of the checks in the doctor's source."""
    trees = [
        ast.parse((ROOT / f"commands/{name}.py").read_text()) for name in ("doctor", "at_rest")
    ]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = [call.args[0] for call in calls if ast.unparse(call.func) == "Finding"]
    return {str(name.value) for name in names if isinstance(name, ast.Constant)}


def test_what_a_system_says_is_translated_inside_our_sentence() -> None:
    output = Output(Texts("zh"), json=False)
    inner = Failure("inner", "There is no file {file}.", file="a.jpg")
    assert output.say("({reason})", reason="[Errno 111] Connection refused") == "(连接被拒绝)"
    assert output.say("({reason})", reason=PermissionError(13, "Permission denied", "/x")) == (
        "(没有权限: '/x')"
    )
    assert output.say("({reason})", reason="something new {x}") == "(something new {x})"
    assert output.say("({reason})", reason=inner) == "(没有文件 a.jpg。)"
    assert output.say("{text}", text="done") == "done"
    assert output.say("{place}", place={"path": "Yard", "path_zh": "院子"}) == "院子"


def _paths(command: Any, path: str = "") -> list[tuple[str, Any]]:  # noqa: ANN401 - Typer's own
    """Return every verb with its command, `radar` itself first."""
    inner = getattr(command, "commands", {}).items()
    return [(path, command)] + [
        found for name, one in inner for found in _paths(one, f"{path} {name}".strip())
    ]


VERBS = dict(_paths(get_command(app)))


@pytest.mark.parametrize("path", VERBS)
def test_every_verb_and_each_of_its_words_is_explained(path: str) -> None:
    command = VERBS[path]
    assert command.help
    assert [parameter.name for parameter in command.params if not parameter.help] == []


@pytest.mark.parametrize("path", VERBS)
def test_the_chinese_help_of_a_verb_has_no_english_left(
    path: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run([*path.split(), "--help", "--lang", "zh"], {"HOME": "/nowhere"}) == 0
    told = capfd.readouterr().out
    for command in sorted((one for one, _ in EXAMPLES.get(path, ())), key=len, reverse=True):
        assert command in told
        told = told.replace(command, "")
    verbs = {word for verb in VERBS for word in verb.split()}
    words = re.findall(r"(?<![-a-z])[A-Za-z]{2,}(?:-[A-Za-z]+)*", told)
    assert {word for word in words if not LATIN_KEPT.fullmatch(word)} <= verbs


@pytest.mark.parametrize("path", EXAMPLES)
def test_help_leads_with_examples_that_can_be_typed(path: str) -> None:
    told = help_text(VERBS[""], path.split(), Texts("en"))
    assert told.split("\n\n")[1].startswith("Examples:\n")
    for example, _ in EXAMPLES[path]:
        name, *words = shlex.split(example)
        verb = next(" ".join(words[:n]) for n in (3, 2, 1) if " ".join(words[:n]) in VERBS)
        assert name == "radar"
        assert verb == path or path in ("", "label", "admin", "admin quarantine", "serve")
        assert VERBS[verb].make_context(verb, words[len(verb.split()) :])


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("path", VERBS)
def test_help_fits_a_phone_but_for_what_is_to_be_copied(
    path: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    told = help_text(VERBS[""], path.split(), Texts(language))
    copied = {f"  {command}" for command, _ in EXAMPLES.get(path, ())}
    assert [
        line for line in told.splitlines() if columns(line) > WIDTH and line not in copied
    ] == []


def test_columns_are_aligned_for_wide_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = help_text(VERBS[""], [], Texts("zh")).splitlines()
    (scan,) = [line for line in lines if line.startswith("  scan ")]
    (done,) = [line for line in lines if line.startswith("  done ")]
    assert scan.index("扫") == done.index("报")


def test_a_text_breaks_between_wide_characters_but_never_before_a_comma() -> None:
    assert wrapped("离线巡更，照样算数", 8) == ["离线巡", "更，照样", "算数"]
    assert wrapped("a bb ccc", 4) == ["a bb", "ccc"]
    assert wrapped("请用 radar scan", 10) == ["请用 radar", "scan"]
    assert wrapped("", 10) == [""]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("sacn x", "没有命令 sacn，是不是 scan？"),
        ("admin innit", "没有命令 admin innit，是不是 admin init？"),
        ("admin", "admin 后面还缺一个词。"),
        ("tasks --xyzxyz", "没有选项 --xyzxyz。"),
        ("log --verfy", "没有选项 --verfy，是不是 --verify？"),
        ("log --verify=1", "--verify 后面不能写值。"),
        ("scan x --task", "--task 后面要写值。"),
        ("answer", "缺少 TASK。"),
        ("tasks a", "这里多写了：a"),
        ("tasks a (b)", "这里多写了：a (b)"),
        ("serve --port x", "--port 要写整数。"),
        ("log --most 0", "--most 要写整数，最小 1。"),
        ("admin enrol-code X --hours 999", "--hours 要写 1 到 720 的整数。"),
    ],
)
def test_a_mistake_in_the_words_is_named_in_chinese_with_the_way_to_the_help(
    words: str, sentence: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run([*words.split(), "--lang", "zh"], {"HOME": "/nowhere"}) == USAGE
    told = capfd.readouterr().err.splitlines()
    assert told[0] == sentence
    assert re.fullmatch(r"  → (用法见|全部命令)：radar( [a-z-]+)? --help", told[1])
