"""JSON text: hostile texts are a ValueError and nothing else, whichever coder serves."""

import subprocess
import sys

import pytest

from radar_core import jsontext
from radar_core.jsontext import decode, decode_object, encode
from tests.house import ROOT

HOSTILE = [
    "",
    " ",
    "{",
    "}",
    "[1,",
    "[1,]",
    "{1:2}",
    '{"a":1,}',
    '{"a"',
    '{"a":',
    '"abc',
    '"\\',
    '"\\u12',
    '"\\x"',
    '"\n"',
    '"\x00"',
    "'a'",
    "NaN",
    "[Infinity]",
    "-Infinity",
    "nul",
    "tru",
    "-",
    "01",
    "1.",
    ".5",
    "1e",
    "+1",
    "0x10",
    "9" * 5_000,
    "1 2",
    "{}{}",
    "\ufeff{}",
    "\u3000{}",
    "\x0b1",
    "[" * 100_000,
    '{"a":' * 100_000,
    "[" * 100_000 + "]" * 100_000,
]
ALONE = """
import sys
from radar_core.jsontext import decode
assert "json" not in sys.modules and "json.decoder" not in sys.modules
for text in {texts!r}:
    try:
        decode(text)
    except ValueError:
        continue
    sys.exit(f"{{text[:40]!r}} was taken")
assert "json.decoder" not in sys.modules, "the coder brought json with it"
"""


@pytest.fixture(params=["C", "json"])
def _coder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let CPython's own C coder serve, then what serves where that is missing."""
    if request.param == "json":
        monkeypatch.setattr(jsontext, "_coder", None)


@pytest.mark.usefixtures("_coder")
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:20]))
def test_a_hostile_text_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        decode(text)


def test_a_hostile_text_is_a_value_error_where_json_was_never_imported() -> None:
    script = ALONE.format(texts=[text for text in HOSTILE if len(text) < 6_000])
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-c", script], cwd=ROOT, capture_output=True, check=False
    )
    if sys.version_info < (3, 13):  # from there on the C scanner imports json.decoder to complain
        assert (done.returncode, done.stderr) == (0, b"")
    else:
        assert b"was taken" not in done.stderr


@pytest.mark.usefixtures("_coder")
@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), {"a": [float("-inf")]}, {"a": {1, 2}}, b"bytes", object()]
)
def test_what_has_no_json_form_is_refused(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        encode(value)


@pytest.mark.usefixtures("_coder")
def test_text_is_compact_on_one_line_and_unescaped() -> None:
    assert encode({"a": [1, 2.5, None, True], "泵": "\n\u2028é"}) == (
        '{"a":[1,2.5,null,true],"泵":"\\n\u2028é"}'
    )


@pytest.mark.usefixtures("_coder")
def test_white_space_around_a_document_is_json_too() -> None:
    assert decode(' \t\r\n{"a": 1}\n ') == {"a": 1}


@pytest.mark.usefixtures("_coder")
@pytest.mark.parametrize("text", ["[]", "1", '"{}"', "null"])
def test_what_is_no_object_is_refused_as_one(text: str) -> None:
    with pytest.raises(ValueError, match="not a JSON object"):
        decode_object(text)


@pytest.mark.usefixtures("_coder")
def test_deep_but_sane_nesting_is_read() -> None:
    assert decode("[" * 100 + "]" * 100) is not None
