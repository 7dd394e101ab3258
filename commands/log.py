"""`radar log`: what this phone recorded, and what became of each; `--verify` checks the chain."""

from commands.phone import Phone
from radar_core.actions import read_line
from radar_core.answers import Answer
from radar_core.failures import Failure, N_

SHOWN = 50


def log(phone: Phone, most: int = SHOWN) -> Answer:
    """List the latest `most` actions of this phone, oldest first, with the state of each."""
    rows = phone.journal.connection.execute(
        "SELECT a.epoch, a.line, CASE WHEN q.state <> 'released' THEN 'quarantined'"
        " WHEN a.seq <= e.receipted THEN 'receipted' WHEN a.seq <= e.sent THEN 'sent'"
        " ELSE 'recorded' END, q.reason, nullif(q.state, 'kept')"
        " FROM action a JOIN epoch e ON e.name = a.epoch"
        " LEFT JOIN quarantine q ON q.epoch = a.epoch AND q.seq = a.seq"
        " WHERE a.hash IS NOT NULL"
        " ORDER BY e.number DESC, a.seq DESC LIMIT ?",
        (most,),
    ).fetchall()
    actions: list[dict[str, object]] = []
    for epoch, line, state, reason, verdict in reversed(rows):
        action = read_line(epoch, line)
        row: dict[str, object] = {
            "id": action.id,
            "seq": action.seq,
            "kind": action.kind,
            "subject": action.subject,
            "wall": action.wall,
            "state": state,
            "outcome": action.body.get("outcome"),
            "reason": reason,
            "verdict": verdict,
        }
        actions.append(row)
    return Answer("log", {"actions": actions})


def verify_log(phone: Phone) -> Answer:
    """Check that no action was edited, removed or inserted; raise Failure `chain_broken`."""
    from sync.outbox import verify  # the protocol comes with it, and the list needs none

    count, broken = verify(phone.journal)
    if broken:
        raise Failure(
            "chain_broken",
            N_("The log was changed: action {action} does not fit the chain ({count} do)."),
            N_("Do not delete anything. Show this to your supervisor."),
            action=broken,
            count=count,
        )
    return Answer("verified", {"verified": count})
