"""Who may do what: the one table of roles, for the phone's verbs and for the centre's doors.

What is not in it nobody may. It says nothing of where: a role holds in the projects in which a
person has it, and nowhere else.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

ROLES = ("guard", "cleaner", "engineer", "supervisor", "manager", "admin")
EVERYBODY = frozenset(ROLES)
LEADERS = frozenset({"supervisor", "manager", "admin"})
"""The roles that see where everybody's work stands, and decide on it."""

PUBLIC = frozenset({"authority", "enrol", "health", "openapi"})
"""What anybody may ask of a centre, whom it does not know too."""
ASKED: "Mapping[str, frozenset[str]]" = {
    "sync": EVERYBODY,
    "listen": EVERYBODY,
    "bring_blob": EVERYBODY,
    "show_blob": EVERYBODY,
    "board": LEADERS,
    "query": LEADERS,
    "figures": LEADERS,
    "decide": LEADERS,
}
"""What may be asked of a centre, by which roles; `decide` is on what lies in quarantine."""
REVOKED = frozenset({"sync", "bring_blob"})
"""What a revoked phone may still do, so that nothing is lost: hand over what it holds (law 11)."""

WORK = frozenset({
    "scan", "start", "hold", "resume", "answer", "reading", "note", "photo", "part", "sign",
    "complete", "end_early", "report", "correct", "bind_tag", "accept", "decline", "handover",
    "shift_start", "shift_end", "sign_in", "sign_out",
})  # fmt: skip
"""What people record of their own work, whatever trade it is of: that it was done is so (law 2)."""
DECISIONS = frozenset({
    "assign", "verify", "reject", "reopen", "cancel", "excuse", "rate", "replace_tag", "retire_tag",
})  # fmt: skip
"""What is decided on other people's work, and on the tags."""
RECORDED: "Mapping[str, frozenset[str]]" = {
    **dict.fromkeys(WORK, EVERYBODY),
    **dict.fromkeys(DECISIONS, LEADERS),
}
"""What may be recorded, by which roles."""
OWN_REPORT = frozenset({"cancel"})
"""What anybody may decide on a work order that they alone reported and nobody else touched."""


def may_ask(roles: "Collection[str]", question: str) -> bool:
    """Tell whether somebody of these roles may ask this of the centre."""
    return not ASKED.get(question, frozenset()).isdisjoint(roles)


def may_record(roles: "Collection[str]", kind: str) -> bool:
    """Tell whether somebody of these roles may record an action of this kind."""
    return not RECORDED.get(kind, frozenset()).isdisjoint(roles)
