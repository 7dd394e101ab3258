"""The words for states, kinds and outcomes, as people see them."""

from radar_core.failures import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from radar_cli.texts import Texts

STATES = {
    "planned": N_("planned"),
    "due": N_("due"),
    "open": N_("open"),
    "in_progress": N_("under way"),
    "assigned": N_("assigned"),
    "on_hold": N_("on hold"),
    "done": N_("done"),
    "done_late": N_("done late"),
    "ended_early": N_("ended early"),
    "completed": N_("completed"),
    "verified": N_("verified"),
    "rejected": N_("sent back"),
    "cancelled": N_("cancelled"),
    "excused": N_("excused"),
    "missed": N_("missed"),
    "unknown": N_("unknown"),
    "recorded": N_("recorded"),
    "sent": N_("sent"),
    "receipted": N_("receipted"),
    "quarantined": N_("in quarantine"),
}
VERDICTS = {
    "kept": N_("in quarantine"),
    "released": N_("released"),
    "rejected": N_("rejected"),
}
MARKS = {
    "planned": "·",
    "due": "!",
    "open": "!",
    "in_progress": ">",
    "assigned": "!",
    "rejected": "!",
    "on_hold": "=",
    "done": "✓",
    "done_late": "✓",
    "completed": "✓",
    "verified": "✓",
    "cancelled": "-",
    "excused": "-",
    "ended_early": "-",
    "missed": "✗",
    "unknown": "?",
    "ok": "✓",
    "note": "·",
    "bad": "✗",
}
KINDS = {
    "patrol": N_("round"),
    "cleaning": N_("cleaning"),
    "maintenance": N_("maintenance"),
    "scan": N_("scanned"),
    "start": N_("started"),
    "answer": N_("answered"),
    "reading": N_("reading"),
    "note": N_("note"),
    "complete": N_("completed"),
    "hold": N_("put on hold"),
    "resume": N_("went on"),
    "part": N_("part"),
    "end_early": N_("ended early"),
    "correct": N_("taken back"),
    "photo": N_("photo"),
    "sign": N_("signature"),
    "handover": N_("handed over"),
    "accept": N_("taken on"),
    "decline": N_("declined"),
    "shift_start": N_("shift began"),
    "shift_end": N_("shift ended"),
    "sign_in": N_("signed in"),
    "sign_out": N_("signed out"),
    "report": N_("reported"),
    "assign": N_("assigned"),
    "verify": N_("verified"),
    "reject": N_("sent back"),
    "cancel": N_("cancelled"),
    "reopen": N_("opened again"),
    "excuse": N_("excused"),
    "rate": N_("rated"),
    "bind_tag": N_("tag bound"),
    "tag": N_("tag"),
    "place": N_("place"),
    "asset": N_("asset"),
    "task": N_("task"),
    "action": N_("action"),
    "staff": N_("person"),
    "project": N_("project"),
    "rounds": N_("rounds"),
    "sla": N_("deadlines"),
}
PRIORITIES = {
    "low": N_("low"),
    "normal": N_("normal"),
    "high": N_("high"),
    "urgent": N_("urgent"),
}
CATEGORIES = {
    "repair": N_("repair"),
    "cleaning": N_("cleaning"),
    "incident": N_("incident"),
    "supplies": N_("supplies"),
}
OUTCOMES = {
    "on_round": N_("on the round"),
    "due_here": N_("due here"),
    "early": N_("too early"),
    "late": N_("late"),
    "out_of_order": N_("out of order"),
    "wrong_place": N_("wrong place"),
    "nothing_due": N_("nothing due"),
    "unknown_tag": N_("unknown tag"),
    "retired_tag": N_("tag out of use"),
    "not_my_project": N_("not my project"),
}
EXCEPTIONS = STATES | {
    "late": N_("late"),
    "conflict": N_("conflict"),
    "weak_evidence": N_("weak evidence"),
    "fork": N_("restored or cloned phone"),
    "restored": N_("not heard of since the centre was restored"),
    "revoked": N_("locked out, and still sent something"),
    "sla_at_risk": N_("deadline at risk"),
    "sla_breached": N_("deadline missed"),
    "reading_doubt": N_("doubtful reading"),
}
CLOCKS = {
    "moved": N_("its clock was moved"),
    "unanchored": N_("its clock was not checked"),
}
"""What is said of a time that is not sure."""
DEADLINES = {
    "ok": N_("in time"),
    "at_risk": N_("at risk"),
    "breached": N_("too late"),
}
LEVELS = (N_("nobody"), N_("supervisor"), N_("manager"), N_("manager, again"))
"""Who has to hear of a deadline."""
SHEETS = {
    "districts": N_("districts"),
    "projects": N_("projects"),
    "places": N_("places"),
    "assets": N_("assets"),
    "tags": N_("tags"),
    "staff": N_("staff"),
    "checklists": N_("checklists"),
    "routes": N_("routes"),
    "schedules": N_("schedules"),
    "holidays": N_("calendars of holidays"),
    "meters": N_("meters"),
    "orders": N_("post orders"),
    "sla": N_("projects with deadlines"),
}
CHECKS = {
    "python": N_("python"),
    "packages": N_("packages"),
    "sqlite": N_("sqlite"),
    "zbar": N_("zbar"),
    "folder": N_("folder"),
    "enrolment": N_("enrolment"),
    "key": N_("key"),
    "database": N_("database"),
    "at_rest": N_("at rest"),
    "log": N_("log"),
    "clock": N_("clock"),
    "centre": N_("centre"),
}
"""What `radar doctor` looks at."""
SPOKEN = (
    # Roles and types of steps, as the site book has them.
    N_("guard"),
    N_("cleaner"),
    N_("engineer"),
    N_("supervisor"),
    N_("manager"),
    N_("admin"),
    N_("photo"),
    N_("signature"),
    *(N_("check"), N_("choice"), N_("number"), N_("text")),
    # What systems, networks and databases say of themselves.
    N_("Connection refused"),
    N_("Connection reset by peer"),
    N_("Network is unreachable"),
    N_("No route to host"),
    N_("Name or service not known"),
    N_("Temporary failure in name resolution"),
    N_("No address associated with hostname"),
    N_("Server disconnected without sending a response."),
    N_("timed out"),
    N_("Address already in use"),
    N_("Cannot assign requested address"),
    # What is wrong with a certificate, in OpenSSL's words.
    N_("self-signed certificate"),
    N_("self-signed certificate in certificate chain"),
    N_("unable to get local issuer certificate"),
    N_("certificate has expired"),
    N_("certificate is not yet valid"),
    N_("No such file or directory"),
    N_("Permission denied"),
    N_("Is a directory"),
    N_("Not a directory"),
    N_("File exists"),
    N_("File name too long"),
    N_("Read-only file system"),
    N_("No space left on device"),
    N_("Input/output error"),
    N_("database or disk is full"),
    N_("disk I/O error"),
    N_("attempt to write a readonly database"),
    N_("unable to open database file"),
    N_("database disk image is malformed"),
    N_("file is not a database"),
    # What the centre says no with.
    N_("not_permitted"),
    N_("not_found"),
    N_("busy"),
    N_("broken"),
)
"""Words of others that our sentences carry in brackets: see `Output.say`."""


def listed(items: "Iterable[str]", texts: "Texts") -> str:
    """Return a list as a sentence carries it."""
    return texts.say(N_(", ")).join(items)
