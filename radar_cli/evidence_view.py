"""How evidence looks: the grade, and why it is what it is; the worker reads the same as anybody."""

from __future__ import annotations

from radar_core.failures import N_
from radar_core.reasons import PARTS, REASONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from radar_cli.texts import Texts

LOW = ("C", "D")


def evidence_word(evidence: Mapping[str, Any], texts: Texts) -> str:
    """Return the grade in a word or two."""
    return texts.say(N_("evidence {grade}"), grade=evidence["grade"])


def evidence_lines(evidence: Mapping[str, Any], texts: Texts, *, whole: bool) -> list[str]:
    """Return a line for each part, all of them or those that make the grade low."""
    return [
        f"{part['grade'] or '·'} {_part(part, texts)}"
        for part in evidence["parts"]
        if whole or part["grade"] in LOW
    ]


def _part(part: Mapping[str, Any], texts: Texts) -> str:
    """Return what a part is called and its reason; one of a newer centre keeps its own words."""
    name, reason = str(part["part"]), str(part["reason"])
    told = texts.say(REASONS.get(reason, "{reason}"), **{"reason": reason, **part["values"]})
    return texts.say(N_("{part}: {told}"), part=texts.say(PARTS.get(name, name)), told=told)
