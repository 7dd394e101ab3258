"""The laws as checks on a town: called after every step, whatever happened in it."""

from sqlalchemy import select
from sqlmodel import col

from radar_core.jsontext import decode_object
from radar_core.tasks import Task, fold, read_progress
from radar_server.database import reading
from radar_server.records import live_records
from radar_server.scope import scope_of
from radar_server.streams import read_stream
from radar_server.tables import ActionRow
from sync.feed import actions_on
from sync.outbox import verify
from tests.contract.centre_parts import digest_of, held, quarantined
from tests.simulation.town import SimPhone, Town


def check_laws(town: Town) -> None:
    """Check what must hold at every moment."""
    law_03_exactly_once(town)
    law_04_one_bad_action_blocks_nothing(town)
    for phone in town.phones:
        law_05_state_is_the_fold(phone)
        law_06_no_gap_in_the_feed(town, phone)
        law_08_the_chain_fits(phone)


def law_03_exactly_once(town: Town) -> None:
    """The centre holds each action once, and just as the phone wrote it."""
    written = {
        (epoch, seq): line
        for phone in town.phones
        for epoch, seq, line in phone.phone.journal.connection.execute(
            "SELECT epoch, seq, line FROM action WHERE epoch = ?", (phone.epoch,)
        )
    }
    there = held(town.centre)
    assert len({(epoch, seq) for epoch, seq, _ in there}) == len(there)
    for epoch, seq, line in there:
        assert written[epoch, seq] == line


def law_04_one_bad_action_blocks_nothing(town: Town) -> None:
    """Accepted and quarantined actions together are all up to the high-water mark."""
    accepted = len(held(town.centre))
    aside = len(quarantined(town.centre))
    assert accepted + aside == sum(_high_water(town, phone) for phone in town.phones)


def _high_water(town: Town, phone: SimPhone) -> int:
    with reading(town.centre.engine) as connection:
        stream = read_stream(connection, phone.epoch)
    seq, head = (stream.seq, stream.head) if stream is not None else (0, b"")
    journal = phone.phone.journal.connection
    row = journal.execute(
        "SELECT hash FROM action WHERE epoch = ? AND seq = ?", (phone.epoch, seq)
    ).fetchone()
    assert seq == 0 or row[0] == head
    (receipted,) = journal.execute("SELECT max(receipted) FROM epoch").fetchone()
    assert receipted <= seq, "a receipt for what the centre does not hold"
    return seq


def law_05_state_is_the_fold(phone: SimPhone) -> None:
    """Each task's progress is the fold of all actions on it that the phone holds."""
    journal = phone.phone.journal
    rows = journal.connection.execute("SELECT id, body, progress FROM task").fetchall()
    touched = actions_on(journal, [f"task:{id_}" for id_, _, _ in rows])
    for id_, body, progress in rows:
        task = Task(decode_object(body))
        expected = fold(task, touched[f"task:{id_}"])
        assert read_progress(decode_object(progress)).body() == expected.body(), id_


def law_06_no_gap_in_the_feed(town: Town, phone: SimPhone) -> None:
    """Up to its cursor a phone holds every action of others in a project, and no other."""
    wanted = select(col(ActionRow.pos), col(ActionRow.epoch), col(ActionRow.seq))
    connection = phone.phone.journal.connection
    for project, pos in connection.execute("SELECT project, pos FROM cursor").fetchall():
        with reading(town.centre.engine) as reader:
            rows = reader.execute(wanted.where(col(ActionRow.project) == project)).all()
        sent = {(epoch, seq) for at, epoch, seq in rows if at <= pos and epoch != phone.epoch}
        here = set(
            connection.execute(
                "SELECT epoch, seq FROM action WHERE project = ? AND epoch <> ?",
                (project, phone.epoch),
            )
        )
        assert here == sent, (phone.name, project)


def law_08_the_chain_fits(phone: SimPhone) -> None:
    """Nothing was edited, removed or inserted."""
    _, broken = verify(phone.phone.journal)
    assert not broken


def check_settled(town: Town) -> None:
    """Check what must hold once every phone has synced over a network that works."""
    for phone in [*town.phones, *town.phones]:
        phone.sync(faults=False)
    check_laws(town)
    for phone in town.phones:
        last = phone.sync(faults=False)
        assert (last.round_trips, last.sent, last.received) == (1, 0, 0), "law 7"
        assert not last.healed
        law_09_scope(town, phone)
    codes = [code for _, code, _ in quarantined(town.centre)]
    assert set(codes) <= {"out_of_scope", "other_person"}
    # What a person recorded in a project that was taken from them meanwhile is kept aside too.
    assert len(codes) >= town.poisoned
    for project in ("HV", "PK"):
        digest_of(town.centre, project)
    law_05_convergence(town)


def law_09_scope(town: Town, phone: SimPhone) -> None:
    """A phone holds the records of its person's projects, all of them and no others."""
    with reading(town.centre.engine) as connection:
        scope = scope_of(connection, phone.staff)
        live = live_records(connection)
    here = {
        (project, kind, id_): body
        for project, kind, id_, body in phone.phone.journal.connection.execute(
            "SELECT project, kind, id, body FROM record"
        )
    }
    assert here == {key: body for key, (body, _) in live.items() if key[0] in scope}


def law_05_convergence(town: Town) -> None:
    """Two phones that hold the same actions on a task hold the same state, byte for byte."""
    seen: dict[tuple[str, tuple[str, ...]], tuple[str, str]] = {}
    for phone in town.phones:
        journal = phone.phone.journal
        for id_, state, progress in journal.connection.execute(
            "SELECT id, state, progress FROM task"
        ).fetchall():
            held_here = actions_on(journal, [f"task:{id_}"])[f"task:{id_}"]
            key = (id_, tuple(sorted(action.id for action in held_here)))
            assert seen.setdefault(key, (state, progress)) == (state, progress), id_
