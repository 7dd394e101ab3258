"""Whose actions are whose on a shared phone: theirs who signed in before, with badge and PIN.

A sign-in is signed with the badge's key, over the very line. It ends with the next sign-in or
sign-out, valid or not, and with the badge: one that was replaced, or whose owner left, counts no
more. What is not so is kept in quarantine.

Lines that a restored phone moved to a new epoch (`sync.forking`) go on under whoever is signed in
at the epoch that they were moved out of, unless somebody signed in or out there since the two
parted; a sign-in that was moved is proved where it stood, and counts once, as any moved line does.
"""

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, select
from sqlmodel import col

from radar_core.actions import Action
from radar_server.records import Body
from radar_server.streams import Page
from radar_server.tables import ActionRow, HeadRow, QuarantineRow, StreamRow
from radar_server.twins import Origin
from sync.badges import is_sign_in

SIGN_IN, SIGN_OUT = "sign_in", "sign_out"
Badges = Mapping[tuple[str, str], Body]
"""The badges of the site book, by project and person."""

_HELD = select(col(StreamRow.device), col(StreamRow.signed_in)).where(
    col(StreamRow.epoch) == bindparam("epoch")
)
# By project, so that it stays an index probe where the table is spread by project.
_ACCEPTED = (
    select(col(ActionRow.seq))
    .where(
        col(ActionRow.project).in_(select(col(HeadRow.project))),
        col(ActionRow.epoch) == bindparam("epoch"),
        col(ActionRow.seq) > bindparam("after"),
        col(ActionRow.kind).in_((SIGN_IN, SIGN_OUT)),
    )
    .limit(1)
)
_REFUSED = select(col(QuarantineRow.line)).where(
    col(QuarantineRow.epoch) == bindparam("epoch"), col(QuarantineRow.seq) > bindparam("after")
)


class Watch:
    """Who is signed in on a shared phone while its lines are gone through, one after the other.

    `who` is what a stream's row has of it: the badge's key and the person, empty for nobody.
    """

    def __init__(self, page: Page, moved: Mapping[int, Origin], badges: Badges, who: str) -> None:
        self._page = page
        self._moved = moved
        self._badges = badges
        self.who = who

    def counts(self, seq: int, line: str, action: Action, *, fits: bool) -> bool:
        """Tell whether an action counts for its person, and note who is signed in after it.

        `fits` tells whether nothing else speaks against it.
        """
        key = self._badges.get((action.project, action.staff), {}).get("key", "")
        signed = f"{key} {action.staff}"
        if action.kind == SIGN_IN:
            proved = fits and isinstance(key, str) and self._is_proved(seq, line, key)
            self.who = signed if proved else ""
            return proved
        counts = bool(key) and self.who == signed
        if action.kind == SIGN_OUT:
            self.who = ""
        return counts

    def _is_proved(self, seq: int, line: str, key: str) -> bool:
        push, origin = self._page.push, self._moved.get(seq)
        stood = (push.epoch, seq) if origin is None else (origin.epoch, origin.seq)
        after = self._page.hash_at(seq - 1) if origin is None else None
        return is_sign_in(bytes.fromhex(key), push.device, line, stood, after)


def carried_over(connection: Connection, device: str, parent: tuple[str, int] | None) -> str:
    """Return who is signed in where a new epoch goes on from `parent`: as its epoch has it now.

    Nobody where somebody signed in or out there after that: else an old sign-in could be gone back
    to without its badge.
    """
    if parent is None:
        return ""
    epoch, after = parent
    row = connection.execute(_HELD, {"epoch": epoch}).one_or_none()
    if row is None or row[0] != device or not row[1]:
        return ""
    since = {"epoch": epoch, "after": after}
    if connection.execute(_ACCEPTED, since).first() is not None:
        return ""
    kept = connection.execute(_REFUSED, since).scalars()
    return "" if any(b'"kind":"sign_' in line for line in kept) else str(row[1])
