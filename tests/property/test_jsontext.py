"""Our JSON text and the standard library's are the same, both ways."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radar_core import jsontext
from radar_core.jsontext import decode, encode

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"))
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


def loads(text: str) -> object:
    """Read a text as the standard library does, without its numbers that are none."""

    def refuse(name: str) -> object:
        raise ValueError(name)

    return json.loads(text, parse_constant=refuse)


def same(one: object, two: object) -> bool:
    """Tell whether two JSON values are equal in type too: 1 is not 1.0 and not True."""
    return repr(one) == repr(two)


@pytest.fixture(params=["C", "json"], scope="module", autouse=True)
def _coder(request: pytest.FixtureRequest) -> object:
    patch = pytest.MonkeyPatch()
    if request.param == "json":
        patch.setattr(jsontext, "_coder", None)
    yield
    patch.undo()


@given(values)
def test_a_value_is_written_as_json_writes_it(value: object) -> None:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    assert encode(value) == text
    assert same(decode(text), value)


@given(values, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_whatever_json_writes_is_read_back(value: object, indent: object, ascii_: bool) -> None:  # noqa: FBT001
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_)  # type: ignore[arg-type]
    assert same(decode(text), value)


@given(
    st.text(st.sampled_from('{}[]",:\\u0019eE+-. \n\t\r\x0b\u3000aNIfnulltrue\ud800'), max_size=14)
)
def test_any_text_is_read_as_json_reads_it_or_refused_as_json_refuses_it(text: str) -> None:
    try:
        expected = loads(text)
    except ValueError:
        with pytest.raises(ValueError, match=r"\w"):
            decode(text)
    else:
        assert same(decode(text), expected)


@given(values, st.data())
def test_a_text_that_was_cut_or_changed_is_read_as_json_reads_it(
    value: object, data: st.DataObject
) -> None:
    text = json.dumps(value, ensure_ascii=False)
    at = data.draw(st.integers(0, len(text)))
    other = (
        text[:at] + data.draw(st.sampled_from(["", '"', "{", "\\", "1", "\x00"])) + text[at + 1 :]
    )
    try:
        expected = loads(other)
    except ValueError:
        with pytest.raises(ValueError, match=r"\w"):
            decode(other)
    else:
        assert same(decode(other), expected)
