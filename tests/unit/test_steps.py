"""Answers to a checklist's steps: what is taken, what is marked, what is refused and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radar_core.steps import Misfit, Value, is_failed, read_answer, read_quantity

PRESSURE = {"type": "number", "unit": "bar", "min": 2, "max": 6}
HOURS = {"type": "reading", "unit": "h"}
NOISE = {"type": "choice", "choices": ["normal", "Loud", "很吵"]}


@pytest.mark.parametrize(
    "text", ["yes", "Y", "OK", "pass", "true", "1", "done", "是", "好", " 正常 "]
)
def test_a_check_takes_every_word_for_yes(text: str) -> None:
    assert read_answer({"type": "check"}, text) == Value(value=True)


@pytest.mark.parametrize("text", ["no", "N", "fail", "FALSE", "0", "否", "不", "不通过", "异常"])
def test_a_check_takes_every_word_for_no(text: str) -> None:
    assert read_answer({"type": "check"}, text) == Value(value=False)


@pytest.mark.parametrize("text", ["", "maybe", "yes no", "2"])
def test_a_check_takes_nothing_else(text: str) -> None:
    assert isinstance(read_answer({"type": "check"}, text), Misfit)


@pytest.mark.parametrize(
    ("text", "value"), [("NORMAL", "normal"), ("loud", "Loud"), (" 很吵", "很吵")]
)
def test_a_choice_is_one_of_its_choices_as_the_book_spells_it(text: str, value: str) -> None:
    assert read_answer(NOISE, text) == Value(value)


def test_a_wrong_choice_is_told_the_right_ones() -> None:
    misfit = read_answer(NOISE, "silent")
    assert isinstance(misfit, Misfit)
    assert misfit.message.format(**misfit.values) == (
        "one of these is expected: normal, Loud, 很吵"
    )
    assert isinstance(read_answer({"type": "choice"}, "x"), Misfit)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4", 4),
        ("4.2", 4.2),
        ("4,2", 4.2),
        ("4.2 bar", 4.2),
        ("4,2BAR", 4.2),
        (" 4 bar ", 4),
        ("-0.5", -0.5),
        ("+3", 3),
        ("1e3", 1000),
        ("4.0", 4.0),
        ("\uff14", 4),
        ("\uff0d\uff14\uff0c\uff12", -4.2),
        ("\u22124", -4),
    ],
)
def test_a_number_may_have_a_decimal_comma_and_its_own_unit(text: str, value: float) -> None:
    answer = read_answer({"type": "number", "unit": "bar"}, text)
    assert answer == Value(value)
    assert isinstance(answer, Value)
    assert type(answer.value) is type(value)


@pytest.mark.parametrize(
    "text",
    ["", "bar", "four", "4 psi", "1.234,5", "1,234,5", "1_000", "nan", "inf", "-inf", "1e999",
     "0x10", "4 4", "--4", "9" * 400],
)  # fmt: skip
def test_what_is_no_number_is_refused_with_an_example(text: str) -> None:
    misfit = read_answer(PRESSURE, text)
    assert isinstance(misfit, Misfit)
    assert misfit.message.format(**misfit.values) == "a number is expected, such as 4.2 bar"


@pytest.mark.parametrize(
    ("text", "outside"), [("2", False), ("6", False), ("1.99", True), ("6.01", True)]
)
def test_a_number_out_of_its_bounds_is_kept_and_marked(text: str, outside: bool) -> None:  # noqa: FBT001
    answer = read_answer(PRESSURE, text)
    assert isinstance(answer, Value)
    assert answer.value == float(text)
    assert answer.outside is outside


def test_a_bound_that_is_missing_bounds_nothing() -> None:
    assert read_answer({"type": "number", "max": 6}, "-999") == Value(-999)
    assert read_answer({"type": "number", "min": 0}, "1e9") == Value(10**9)
    assert read_answer({"type": "number", "min": 0}, "-1") == Value(-1, outside=True)


def test_a_meter_s_many_digits_are_kept_to_the_last() -> None:
    assert read_answer(HOURS, "12345678901234567") == Value(12345678901234567)


@pytest.mark.parametrize("count", [1, 4000])
def test_a_text_is_kept_up_to_its_limit(count: int) -> None:
    assert read_answer({"type": "text"}, "泵" * count) == Value("泵" * count)


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001])
def test_an_empty_or_endless_text_is_refused(text: str) -> None:
    assert isinstance(read_answer({"type": "text"}, text), Misfit)


@pytest.mark.parametrize("kind", ["photo", "signature", "hologram", None])
def test_what_cannot_be_typed_is_refused(kind: str | None) -> None:
    assert isinstance(read_answer({"type": kind}, "x"), Misfit)


@given(st.sampled_from([PRESSURE, HOURS, NOISE, {"type": "check"}, {"type": "text"}]), st.text())
def test_any_text_is_a_value_or_a_misfit_with_its_reason(
    step: dict[str, object], text: str
) -> None:
    answer = read_answer(step, text)
    if isinstance(answer, Misfit):
        assert answer.message.format(**answer.values)
    else:
        assert isinstance(answer.value, bool | int | float | str)


@pytest.mark.parametrize(
    ("value", "failed"),
    [
        (Value(value=False), True),
        (Value(value=True), False),
        (Value(9, outside=True), True),
        (Value(0), False),
        (Value("no"), False),
    ],
)
def test_only_a_no_and_what_is_out_of_bounds_say_that_something_is_wrong(
    value: Value,
    failed: bool,  # noqa: FBT001
) -> None:
    assert is_failed(value) is failed


@given(st.floats(0.001, 1e9), st.sampled_from(["", "m", "kg", "个", "m²"]))
def test_a_quantity_is_read_as_it_was_written_with_its_unit_anywhere(
    amount: float, unit: str
) -> None:
    written = f"{amount:.3f}"
    for text, given_unit in (
        (f"{written} {unit}", ""),
        (written, unit),
        (f"{written}{unit}", unit),
    ):
        assert read_quantity(text.replace(".", ","), given_unit) == (float(written), unit)


@given(st.text(), st.text(max_size=14))
def test_any_text_is_a_quantity_above_zero_or_a_misfit_with_its_reason(
    text: str, unit: str
) -> None:
    found = read_quantity(text, unit)
    if isinstance(found, Misfit):
        assert found.message.format(**found.values)
    else:
        assert found[0] > 0
        assert len(found[1]) <= 12


def test_a_quantity_without_a_number_is_told_with_an_example_without_its_words() -> None:
    misfit = read_quantity("two")
    assert isinstance(misfit, Misfit)
    assert misfit.values == {"example": "4.2"}
