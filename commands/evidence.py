"""The evidence of scans, as far as this phone can tell: by what it recorded and what came down."""

from collections.abc import Iterable, Sequence

from commands.history import latest_on
from commands.phone import Phone
from radar_core.actions import Action, read_line
from radar_core.evidence import Evidence, grade_scans
from radar_core.scans import Scan, read_scans
from radar_core.trails import NEIGHBOURS
from radar_core.walks import Site, Walks, learn, site_of
from sync.retention import photos_deleted

TAG_SCANS = 40
"""So many of each tag's latest scans are compared; a phone answers at once."""
WALKED = 3
"""So many actions before each of them tell from where people come."""

_BETWEEN = "SELECT epoch, line FROM action WHERE epoch = ? AND seq BETWEEN ? AND ?"

Known = dict[str, Action]


def evidence_of(phone: Phone, actions: Sequence[Action]) -> dict[str, Evidence]:
    """Return the evidence of the scans among actions by their ids."""
    wanted = {action.id: action for action in actions if action.kind == "scan"}
    known: Known = {}
    for action in wanted.values():
        _take(phone, known, action, NEIGHBOURS)
    for tag in {str(action.body["tag"]) for action in wanted.values() if action.body.get("tag")}:
        for action in latest_on(phone.journal, f"tag:{tag}", TAG_SCANS):
            _take(phone, known, action, WALKED)
    photos = [action for action in known.values() if action.kind == "photo"]
    named = [(str(one.body.get("sha256")), one.hlc, one.project) for one in photos]
    arrived, deleted = _arrived(phone, known), photos_deleted(phone.journal, named)
    scans = list(read_scans(((action, None) for action in known.values()), arrived, deleted))
    return grade_scans(scans, Walks(_sites(phone, scans), learn(scans)), wanted)


def _take(phone: Phone, known: Known, action: Action, around: int) -> None:
    """Take an action with those that its phone recorded around it."""
    if action.id in known and around < NEIGHBOURS:
        return
    after = around if around == NEIGHBOURS else 0
    span = (action.epoch, action.seq - around, action.seq + after)
    for epoch, line in phone.journal.connection.execute(_BETWEEN, span):
        found = read_line(epoch, line)
        known[found.id] = found


def _arrived(phone: Phone, known: Known) -> list[str]:
    """Return which of the photographs the centre holds, as far as this phone was told."""
    named = [action.body.get("sha256") for action in known.values() if action.kind == "photo"]
    asked = "SELECT sha256 FROM blob WHERE sha256 = ? AND arrived_s IS NOT NULL"
    rows = (phone.journal.connection.execute(asked, (str(name),)).fetchone() for name in named)
    return [row[0] for row in rows if row is not None]


def _sites(phone: Phone, scans: Iterable[Scan]) -> dict[str, Site]:
    places = {scan.place for scan in scans if scan.place}
    return {place: site_of(phone.body("place", place) or {}) for place in sorted(places)}
