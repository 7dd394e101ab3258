"""What was done last, read without reading all that was ever done."""

from radar_core.actions import Action, read_line
from sync.journal import Journal

_TOUCHED = (
    "SELECT touch.hlc, touch.epoch, touch.seq, line FROM touch JOIN action USING (epoch, seq)"
    " WHERE ref = ? ORDER BY touch.hlc DESC, touch.epoch DESC, touch.seq DESC LIMIT ?"
)
_NOTED = "SELECT latest, epoch, seqs FROM mention WHERE ref = ? ORDER BY latest DESC"
_OF_PAGE = (
    "SELECT hlc, seq, line FROM action WHERE epoch = ?1"
    " AND seq IN (SELECT value FROM json_each(?2))"
)


def latest_on(journal: Journal, ref: str, most: int) -> list[Action]:
    """Return the newest actions on a reference, newest first, however many there are.

    A page's note has its latest stamp: pages that only have older actions are not opened.
    """
    execute = journal.connection.execute
    own = execute(_TOUCHED, (ref, most))
    found = {(hlc, epoch, seq): line for hlc, epoch, seq, line in own}
    for latest, epoch, seqs in execute(_NOTED, (ref,)):
        newest = sorted(found, reverse=True)[:most]
        if len(newest) == most and latest < newest[-1][0]:
            break
        found = {key: found[key] for key in newest}
        found |= {(hlc, epoch, seq): line for hlc, seq, line in execute(_OF_PAGE, (epoch, seqs))}
    return [read_line(key[1], found[key]) for key in sorted(found, reverse=True)[:most]]
