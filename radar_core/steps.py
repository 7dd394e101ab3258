"""The typed steps of a checklist: what an answer must look like, and what it then is."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from radar_core.actions import TEXT_CHARS_MAX
from radar_core.failures import N_

UNIT_CHARS_MAX = 12
FULL_WIDTH = str.maketrans("\uff0c\uff0e\uff0d\uff0b\N{MINUS SIGN}", ",.-+-")
"""What an input method writes for the signs of a number; `float` reads its digits."""
YES = frozenset({"yes", "y", "ok", "pass", "true", "1", "done", "是", "好", "通过", "正常"})
NO = frozenset({"no", "n", "fail", "false", "0", "否", "不", "不通过", "异常"})


@dataclass(frozen=True, slots=True)
class Value:
    """An answer that fits its step; `outside` tells that a number is out of its bounds."""

    value: object
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why an answer does not fit, as a template and its values."""

    message: str
    values: dict[str, object]


def read_answer(step: Mapping[str, object], text: str) -> Value | Misfit:
    """Return what a person's text means as the answer of a step.

    A number may have a decimal comma and the step's own unit behind it. One out of bounds is
    kept, and marked: what the gauge shows is what it shows.
    """
    kind, text = step.get("type"), text.strip()
    if kind == "check":
        return _check(text)
    if kind == "choice":
        return _choice(step, text)
    if kind in ("number", "reading"):
        return _number(step, text)
    if kind == "text":
        if 0 < len(text) <= TEXT_CHARS_MAX:
            return Value(text)
        return Misfit(N_("a text of 1 to {most} characters is expected"), {"most": TEXT_CHARS_MAX})
    return Misfit(N_("a {kind} cannot be typed"), {"kind": kind})


def is_failed(value: Value) -> bool:
    """Tell whether an answer says that something is wrong: a check that is not so, a bound."""
    return value.value is False or value.outside


def read_quantity(text: str, unit: str = "") -> tuple[int | float, str] | Misfit:
    """Return how much a person's text means, and in which unit; more than nothing.

    The unit stands behind the number or is given by itself; `2,5 m` is two and a half metres.
    """
    digits, behind = text.strip(), ""
    while digits and not digits[-1].isdecimal():
        digits, behind = digits[:-1], digits[-1] + behind
    behind, unit = behind.strip(), unit.strip()
    if len(unit or behind) > UNIT_CHARS_MAX or (unit and behind and unit != behind):
        return Misfit(N_("one unit of at most {most} characters"), {"most": UNIT_CHARS_MAX})
    found = _number({"unit": (unit or behind) if digits else unit}, digits)
    if isinstance(found, Misfit):
        return found
    if not isinstance(found.value, int | float) or found.value <= 0:
        return Misfit(N_("it must be more than zero"), {})
    return found.value, unit or behind


def _check(text: str) -> Value | Misfit:
    word = text.lower()
    if word in YES or word in NO:
        return Value(word in YES)
    return Misfit(N_("yes or no is expected"), {})


def _choice(step: Mapping[str, object], text: str) -> Value | Misfit:
    choices = step.get("choices")
    known = [str(choice) for choice in choices] if isinstance(choices, list) else []
    for choice in known:
        if text.casefold() == choice.casefold():
            return Value(choice)
    return Misfit(N_("one of these is expected: {choices}"), {"choices": ", ".join(known)})


def _number(step: Mapping[str, object], text: str) -> Value | Misfit:
    unit = str(step.get("unit") or "")
    text = text.translate(FULL_WIDTH)
    digits = text.casefold().removesuffix(unit.casefold()).strip() if unit else text
    if digits.count(",") == 1 and "." not in digits:
        digits = digits.replace(",", ".")
    try:
        value = float(digits)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or "_" in digits:
        example = f"4.2 {unit}".strip()
        return Misfit(N_("a number is expected, such as {example}"), {"example": example})
    low, high = step.get("min"), step.get("max")
    below = isinstance(low, int | float) and value < low
    above = isinstance(high, int | float) and value > high
    if digits.lstrip("+-").isdecimal():
        return Value(int(digits), below or above)  # a counter's digits, to the last
    return Value(int(value) if value.is_integer() and "." not in digits else value, below or above)
