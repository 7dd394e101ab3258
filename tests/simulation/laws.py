"""The laws as checks on a town, each under its name: what must hold after every step.

They know the town from outside: what was written, when in truth, and what stands in the databases.
"""

from collections import Counter
from typing import TYPE_CHECKING

from radar_core.failures import Failure
from sync.clock import DRIFT_MS_MAX

if TYPE_CHECKING:
    from sync.exchange import Report
    from tests.simulation.phones import SimPhone
    from tests.simulation.town import Town

Lines = list[tuple[str, int, str]]


def check_step(town: "Town") -> None:
    """Check what must hold at every moment, where something may have changed."""
    for phone in {phone.name: phone for phone in town.touched}.values():
        law_01_recorded_is_durable(town, phone)
        law_10_order_rests_on_no_wall_clock(phone)
        if is_current(town, phone):
            law_06_no_gap_in_the_feed(town, phone)
            law_08_receipts_speak_of_what_is_held(town, phone)
        law_09_what_left_the_scope_left_the_phone(phone)
    law_03_the_database_has_nothing_to_refuse(town)
    if not town.is_changed():
        return
    lines = town.lines()
    law_03_exactly_once(town, lines)
    law_04_one_bad_action_blocks_nothing(town, lines)
    law_11_what_a_revoked_phone_sends_is_kept_aside(town)


def is_current(town: "Town", phone: "SimPhone") -> bool:
    """Tell whether what a phone knows is of the centre as it is, not of one that was restored."""
    return not town.restorations or phone.meta()["centre_epoch"] not in town.old_epochs


def law_01_recorded_is_durable(town: "Town", phone: "SimPhone") -> None:
    """What a phone ever held of its own it holds for good, each action once."""
    own = phone.own()
    found = town.ledger.saw(own, town.clock())
    assert len(found) == len(own), "an action stands twice in the journal"
    assert phone.saved <= found, f"{phone.name} lost {len(phone.saved - found)}"
    phone.saved = found


def law_02_recording_asks_nobody(
    phone: "SimPhone", failure: Failure, refusals: tuple[str, ...]
) -> None:
    """Recording fails for a full disk and for nothing else; a verb may say what makes no sense."""
    full = failure.code == "disk_full" and phone.brittle.struck
    assert full or failure.code in refusals, f"{failure.code}: {failure}"


def law_03_exactly_once(town: "Town", there: Lines) -> None:
    """The centre holds each action once, just as a phone wrote it, and loses none again."""
    ids = Counter((epoch, seq) for epoch, seq, _ in there)
    assert len(ids) == len(there), [one for one, count in ids.items() if count > 1]
    for epoch, seq, line in there:
        assert line in town.ledger.written[epoch, seq], f"{epoch}.{seq} is not what was written"
    counting = town.counting(there)
    found = set(counting)
    assert len(found) == len(counting), "an action counts under two numbers"
    assert town.held <= found, "the centre lost what it held"
    town.held = found


def law_03_the_database_has_nothing_to_refuse(town: "Town") -> None:
    """What is held already is passed over before the database would have to refuse it."""
    assert not town.broken, town.broken


def law_04_one_bad_action_blocks_nothing(town: "Town", there: Lines) -> None:
    """Accepted and quarantined actions together are all up to the high-water mark."""
    counts = Counter(epoch for epoch, _, _ in there)
    for epoch, seq in town.rows("SELECT epoch, seq FROM stream"):
        assert counts[str(epoch)] == seq, f"{epoch} stands at {seq}, held are {counts[str(epoch)]}"


def law_06_no_gap_in_the_feed(town: "Town", phone: "SimPhone") -> None:
    """Up to its cursor a phone holds every action of others in a project, and no other."""
    connection = phone.brittle.real
    mine = dict(connection.execute("SELECT name, coalesce(closed, 1 << 62) FROM epoch").fetchall())
    here: dict[str, set[tuple[str, int]]] = {}
    for project, epoch, seq in connection.execute(
        "SELECT project, epoch, seq FROM action WHERE hash IS NULL"
    ):
        here.setdefault(project, set()).add((epoch, seq))
    cursors = dict(connection.execute("SELECT project, pos FROM cursor").fetchall())
    sent: dict[str, set[tuple[str, int]]] = {project: set() for project in cursors}
    for project, pos, epoch, seq in town.rows("SELECT project, pos, epoch, seq FROM action"):
        of, at, number = str(project), int(str(pos)), int(str(seq))
        if of in cursors and at <= cursors[of] and number > mine.get(str(epoch), 0):
            sent[of].add((str(epoch), number))
    for project in {*here, *sent}:
        there, got = sent.get(project, set()), here.get(project, set())
        told = f"{phone.name} in {project}: lacks {there - got}, has besides {got - there}"
        assert got == there, told


def law_06_digests_fit(town: "Town", report: "Report") -> None:
    """A phone never has to fetch a project anew, but after the centre lost something."""
    assert town.restorations or not report.healed, f"had to heal {report.healed}"


def law_08_receipts_speak_of_what_is_held(town: "Town", phone: "SimPhone") -> None:
    """What has a receipt is held, under the same hash."""
    held = {str(epoch): (seq, head) for epoch, seq, head in town.rows(
        "SELECT epoch, seq, head FROM stream"
    )}  # fmt: skip
    for epoch, receipted, closed in phone.brittle.real.execute(
        "SELECT name, receipted, closed FROM epoch WHERE receipted > 0"
    ).fetchall():
        seq, head = held.get(epoch, (0, b""))
        assert receipted <= int(str(seq)), f"{epoch}: receipt for {receipted}, held are {seq}"
        if receipted == seq and closed is None:
            (mine,) = phone.brittle.real.execute(
                "SELECT hash FROM action WHERE epoch = ? AND seq = ?", (epoch, receipted)
            ).fetchone()
            assert mine == head, f"the receipt for {epoch}.{seq} is for another chain"


def law_09_what_left_the_scope_left_the_phone(phone: "SimPhone") -> None:
    """Records and other people's actions are of projects that the phone reads, of no others."""
    connection = phone.brittle.real
    read = {name for (name,) in connection.execute("SELECT project FROM cursor")}
    for table in ("record", "task", "action WHERE hash IS NULL"):
        rows = connection.execute(f"SELECT DISTINCT project FROM {table}")
        assert {name for (name,) in rows} <= read, f"{phone.name} keeps what it no longer reads"


def law_10_order_rests_on_no_wall_clock(phone: "SimPhone") -> None:
    """An action comes after what its phone knew, and not later than any clock may be ahead.

    What came from elsewhere and was followed is `heard`.
    """
    rows = phone.brittle.real.execute(
        "SELECT e.number, a.seq, a.hlc FROM action a JOIN epoch e ON e.name = a.epoch"
        " WHERE a.hash IS NOT NULL ORDER BY e.number, a.seq"
    ).fetchall()
    by_epoch: dict[int, str] = {}
    for number, seq, hlc in rows:
        assert hlc > by_epoch.get(number, ""), f"the stamp of {number}.{seq} runs back"
        by_epoch[number] = hlc
    heard = phone.meta()["heard"]
    moment = phone.moment()
    phone.most_ms = max(phone.most_ms, moment.wall_ms)
    own_ms = max((int(hlc[:12], 16) for _, _, hlc in rows), default=0)
    limit = max(phone.most_ms + DRIFT_MS_MAX, own_ms)
    assert int(heard[:12], 16) <= limit, f"{phone.name} follows a clock that is far ahead"
    phone.least_ms = min(phone.least_ms, moment.wall_ms)
    others = phone.brittle.real.execute(
        "SELECT max(hlc) FROM action WHERE hash IS NULL AND hlc <= ?",
        (f"{max(0, phone.least_ms + DRIFT_MS_MAX):012x}",),
    ).fetchone()
    assert (others[0] or "") <= max(heard, max(by_epoch.values(), default="")), (
        f"{phone.name} does not follow what it heard"
    )


def law_11_revoked_gets_nothing(town: "Town", phone: "SimPhone", *, revoked: bool) -> None:
    """No sync of a revoked phone succeeds."""
    still = revoked and phone.device in town.revoked
    assert not still, f"{phone.name} is revoked, and was given an answer"


def law_11_what_a_revoked_phone_sends_is_kept_aside(town: "Town") -> None:
    """Nothing is accepted from a device after it was revoked, but by a supervisor's word."""
    if not town.revoked:
        return
    latest = dict(
        town.rows(
            "SELECT device, max(received_ms) FROM action JOIN stream USING (epoch)"
            " WHERE (epoch, action.seq) NOT IN (SELECT epoch, seq FROM quarantine) GROUP BY device"
        )
    )
    for device, since_ms in town.revoked.items():
        at_ms = int(str(latest.get(device, 0)))
        assert at_ms <= since_ms, f"something of {device} was accepted after it was revoked"
