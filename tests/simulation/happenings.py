"""What happens in a town, one function each: work, faults of phones and centre, supervisors."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from commands.answer import answer
from commands.bind import bind
from commands.done import done
from commands.note import note
from commands.phone import Phone
from commands.scan import scan
from commands.start import start
from radar_core.actions import Draft
from radar_core.failures import Failure
from radar_core.permissions import DECISIONS, LEADERS
from radar_core.work_orders import next_id
from radar_server.quarantine import Word, decide
from sync.touching import actions_on
from tests.simulation.book import EXTRA, PROJECTS, ROLES, SCOPES
from tests.simulation.brittle import Died
from tests.simulation.laws import law_02_recording_asks_nobody
from tests.simulation.phones import SimPhone, lay_down

if TYPE_CHECKING:
    from tests.simulation.town import Town

CODES = (
    *(f"{name}TAG0000{number}" for name in PROJECTS for number in (1, 2)),
    "http://strange.example/1",
    *EXTRA,
)
REFUSALS = (
    "not_yours", "round_open", "steps_open", "unknown_step", "unknown_task", "bound_elsewhere"
)  # fmt: skip
"""What a verb may refuse in a town whose people try anything."""
POISON_PROJECT, POISON_STAFF, POISON_KIND = "NOWHERE", "SOMEBODY", "dance"
HOUR_MS = 3_600_000
MOVES = (
    "assign", "accept", "decline", "start", "hold", *("part",) * 6, "complete", "verify", "reject",
    "reopen", "cancel", "correct", "correct"
)  # fmt: skip
"""What somebody does about a work order that was reported."""
WORKED = tuple(kind for kind in MOVES if kind not in DECISIONS)
REPORTS = 0.25
TRIES_OWN = 0.9
"""How often people try what is theirs to do."""
SKEWS_MS = (0, 0, 5_000, *(hours * HOUR_MS for hours in (-30, -30, -24, -1, 1, 20, 30, 30)))
PHONES_MAX = 8


def work(_town: "Town", phone: SimPhone) -> None:
    """Somebody works with the phone."""
    record(phone, phone.phone)


def record(phone: SimPhone, process: Phone) -> None:
    """Record something, from any process of the phone."""
    rng = phone.town.rng
    kind = rng.choice(("scan", "task", "task", "task", "task", "note", "bind", "order", "order"))
    try:
        if kind == "scan":
            scan(process, rng.choice(CODES))
        elif kind == "note" and process.record("place", "HV-P1") is not None:
            note(process, "HV-P1", f"note {rng.random()}")
        elif kind == "order":
            _order(phone, process)
        elif kind == "bind" and process.record("place", "HV-P2") is not None:
            bind(process, f"http://blank.example/{rng.randrange(3)}", f"HV-P{rng.randrange(1, 3)}")
        else:
            _task(phone, process)
    except Failure as failure:
        law_02_recording_asks_nobody(phone, failure, REFUSALS)


def _task(phone: SimPhone, process: Phone) -> None:
    rng = phone.town.rng
    # Of the true day, so that who has a wrong clock meets the others at the same few tasks.
    now_s = phone.town.clock() // 1000
    tasks = process.tasks_between(now_s - 86400, now_s + 86400)
    if not tasks:
        scan(process, rng.choice(CODES))
        return
    some = [task for task, _ in tasks]
    if rng.random() < TRIES_OWN:
        person = process.person()
        some = [task for task in some if person.may_do(task)] or some
    task = rng.choice(some[:3])
    verb = rng.choice(("start", "answer", "answer", "done"))
    if verb == "start":
        start(process, task.id)
    elif verb == "answer":
        answer(process, task.id, "ok", rng.choice(("yes", "no")))
    else:
        done(process, task.id)


def _order(phone: SimPhone, process: Phone) -> None:
    """Report something at a place, or move a work order that the phone knows, whoever may."""
    rng = phone.town.rng
    rows = process.journal.connection.execute(
        "SELECT id, project, state FROM task WHERE instr(id, ':') > 0 ORDER BY id"
    ).fetchall()
    project = rng.choice(process.person().projects or ("",))
    place = f"{project}-P{rng.randrange(1, 3)}"
    knows = process.record("place", place) is not None
    if not (rows or knows):
        return
    with process.transaction():
        if knows and (not rows or rng.random() < REPORTS):
            id_ = next_id("repair", place, {id_: state for id_, _, state in rows})
            body: dict[str, object] = {"task": id_, "place": place, "text": f"{rng.random()}"}
            kind = "report"
        else:
            id_, project, _ = rng.choice(rows)
            decides = ROLES[process.staff] in LEADERS or rng.random() >= TRIES_OWN
            kind = rng.choice(MOVES if decides else WORKED)
            body = {"task": id_, "to": rng.choice(("G1", "C1")), "reason": "so"}
            body |= {"action": _one_of(process, phone, id_)} if kind == "correct" else {}
        process.write(kind, id_, project, body, phone.moment())


def _one_of(process: Phone, phone: SimPhone, task_id: str) -> str:
    """Return some action on a task that the phone holds."""
    ref = f"task:{task_id}"
    return phone.town.rng.choice([one.id for one in actions_on(process.journal, [ref])[ref]])


def sync(town: "Town", phone: SimPhone) -> None:
    town.try_sync(phone, faults=True)


def calm_sync(town: "Town", phone: SimPhone) -> None:
    """A sync over a network that does nothing to it."""
    town.try_sync(phone, faults=False)


def die(town: "Town", phone: SimPhone) -> None:
    """The phone dies in the middle of whatever it does."""
    phone.brittle.arm(town.rng.randrange(40))
    try:
        if town.rng.random() < 0.3:
            work(town, phone)
        else:
            town.try_sync(phone, faults=True)
    except Died:
        town.count("phone died")
    phone.reopen()


def fill_disk(town: "Town", phone: SimPhone) -> None:
    """The phone's disk is full from some statement on."""
    phone.brittle.arm(town.rng.randrange(12), full=True)
    if town.rng.random() < 0.5:
        work(town, phone)
    else:
        town.try_sync(phone, faults=True)
    if phone.brittle.struck:
        town.count("disk full")
    phone.brittle.disarm()


def poison(town: "Town", phone: SimPhone) -> None:
    """Write what no verb would: the centre must keep it aside and go on."""
    project, staff, kind = town.rng.choice(
        (
            (POISON_PROJECT, phone.staff, "note"),
            ("HV", POISON_STAFF, "note"),
            ("HV", phone.staff, POISON_KIND),
        )
    )
    draft = Draft(staff=staff, project=project, kind="note", subject="", body={})
    draft.kind = kind
    journal = phone.phone.journal
    with journal.transaction():
        journal.append(draft, phone.moment(), ())
    town.poisoned += 1


def time_passes(town: "Town", _phone: SimPhone) -> None:
    town.clock.pass_ms(town.rng.choice((60_000, HOUR_MS, 2 * HOUR_MS, 8 * HOUR_MS)))


def clock_jumps(town: "Town", phone: SimPhone) -> None:
    phone.skew_ms = town.rng.choice(SKEWS_MS)
    phone.drift(town.rng.choice((-90, 0, 90)))
    town.count("clock jumped")


def reboot(_town: "Town", phone: SimPhone) -> None:
    phone.reopen()
    phone.boot_anew()


def book_changes(town: "Town", _phone: SimPhone) -> None:
    """A supervisor edits the book: a tag comes or goes, or a person's projects change."""
    if town.rng.random() < 0.4:
        name = town.rng.choice(EXTRA)
        town.extras = [one for one in EXTRA if (one in town.extras) != (one == name)]
    else:
        staff = town.rng.choice(sorted(SCOPES))
        town.scopes[staff] = town.rng.choice(SCOPES[staff])
        town.count("scope changed")
    town.write_book()


def late_delivery(town: "Town", _phone: SimPhone) -> None:
    town.network.deliver_late()


def revoke(town: "Town", phone: SimPhone) -> None:
    town.revoke(phone)
    town.count("phone revoked")


def enrol_again(town: "Town", phone: SimPhone) -> None:
    if phone.device in town.revoked:
        town.enrol_again(phone)


def back_up(town: "Town", phone: SimPhone) -> None:
    path = town.folder / f"{phone.name}.backup"
    phone.back_up(path)
    town.backups[phone.name] = path


def restore(town: "Town", phone: SimPhone) -> None:
    """The phone's database is put back to what it was."""
    if phone.name in town.backups:
        phone.put_back(town.backups[phone.name])
        phone.is_copy = True
        town.copies += 1
        town.after_restoration()
        town.count("phone restored")


def clone(town: "Town", phone: SimPhone) -> None:
    """Somebody copies the phone; both live on."""
    if len(town.phones) >= PHONES_MAX:
        return
    copy = SimPhone(
        town, f"copy{len(town.phones)}", phone.staff, phone.keys, phone.device, is_copy=True
    )
    copy.boot_anew()
    copy.least_ms, copy.most_ms = phone.least_ms, phone.most_ms
    path = town.folder / "copy.backup"
    phone.back_up(path)
    lay_down(path, copy.path)
    copy.open()
    phone.is_copy = True
    town.copies += 1
    town.phones.append(copy)
    town.after_restoration()
    town.count("phone cloned")


def back_up_centre(town: "Town", _phone: SimPhone) -> None:
    town.backups[""] = town.ground.keep("centre.backup")


def restore_centre(town: "Town", _phone: SimPhone) -> None:
    """The centre's database is put back to what it was."""
    town.old_epochs.add(town.epoch())
    town.lay_centre(town.backups[""])
    town.old_epochs.add(town.epoch())
    town.restorations += 1
    town.revoked = {
        str(device): int(str(at_ms))
        for device, at_ms in town.rows(
            "SELECT id, revoked_ms FROM device WHERE revoked_ms IS NOT NULL"
        )
    }
    town.after_restoration()
    town.write_book()
    town.count("centre restored")


def decide_on_quarantine(town: "Town", _phone: SimPhone) -> None:
    """A supervisor releases or rejects something that lies in quarantine."""
    kept = town.rows("SELECT epoch, seq FROM quarantine WHERE state = 'kept' ORDER BY epoch, seq")
    if not kept:
        return
    epoch, seq = town.rng.choice(kept)
    word = Word(town.rng.choice(("released", "rejected")), note="seen")
    try:
        decide(town.centre, f"{epoch}.{seq}", word)
    except Failure as failure:
        if failure.code != "not_releasable":
            raise
    else:
        town.count(f"supervisor {word.verdict}")


def twin_syncs(town: "Town", phone: SimPhone) -> None:
    """Another process of the phone syncs."""
    town.try_sync(phone, faults=True, twin=True)


def twin_records(_town: "Town", phone: SimPhone) -> None:
    """Another process of the phone records something."""
    process = phone.process()
    try:
        record(phone, process)
    finally:
        process.journal.connection.close()


MEANWHILE = (
    twin_syncs, twin_syncs, twin_records, book_changes, late_delivery, revoke, decide_on_quarantine
)  # fmt: skip

HAPPENINGS: dict[str, tuple[float, Callable[["Town", SimPhone], None]]] = {
    "work": (34, work),
    "sync": (22, sync),
    "calm_sync": (8, calm_sync),
    "die": (6, die),
    "fill_disk": (2, fill_disk),
    "poison": (3, poison),
    "time_passes": (8, time_passes),
    "clock_jumps": (5, clock_jumps),
    "reboot": (2, reboot),
    "book_changes": (4, book_changes),
    "late_delivery": (3, late_delivery),
    "decide_on_quarantine": (3, decide_on_quarantine),
    "revoke": (0.7, revoke),
    "enrol_again": (2, enrol_again),
    "back_up": (2.5, back_up),
    "restore": (1.5, restore),
    "clone": (0.6, clone),
    "back_up_centre": (1, back_up_centre),
    "restore_centre": (0.8, restore_centre),
}
"""Each thing that can happen, and how often it does beside the others."""
