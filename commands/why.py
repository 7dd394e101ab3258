"""Why somebody ends, declines or takes back: the usual reasons by number, or in words."""

from typing import NamedTuple

from commands.work import checked_text
from radar_core.failures import USAGE, Failure, N_


class Usual(NamedTuple):
    """The usual reasons for something, and the sentence that offers them by number."""

    reasons: tuple[str, ...]
    offer: str


END = Usual(
    (N_("no access"), N_("not safe"), N_("called away"), N_("bad weather"), N_("shift over")),
    N_("Usual: 1 no access, 2 not safe, 3 called away, 4 bad weather, 5 shift over. Or yours."),
)
DECLINE = Usual(
    (N_("ill"), N_("no time"), N_("not my trade"), N_("no tools"), N_("off duty")),
    N_("Usual: 1 ill, 2 no time, 3 not my trade, 4 no tools, 5 off duty. Or yours."),
)
CORRECT = Usual(
    (N_("wrong tag"), N_("wrong task"), N_("wrong value"), N_("by mistake")),
    N_("Usual: 1 wrong tag, 2 wrong task, 3 wrong value, 4 by mistake. Or yours."),
)


def read_reason(usual: Usual, text: str) -> str:
    """Return a reason: the usual one that a number names, else the text; raise Failure for none."""
    text = text.strip()
    if not text:
        raise Failure(
            "reason_missing",
            N_("A reason is missing. Nothing was saved."),
            usual.offer,
            exit_code=USAGE,
        )
    numbered = {str(number): reason for number, reason in enumerate(usual.reasons, 1)}
    return numbered.get(text) or checked_text(text)
