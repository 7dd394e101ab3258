"""Restored and cloned phones, a restored centre, a revoked phone: nothing lost, nothing doubled."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, select, text, update
from sqlmodel import col

from radar_core.actions import read_line
from radar_core.book import Record
from radar_core.failures import NOT_PERMITTED, OFFLINE, Failure
from radar_server.admin import revoke_device
from radar_server.board import board_of
from radar_server.centre import Centre
from radar_server.database import reading, writing
from radar_server.heads import lock_heads, store_heads
from radar_server.led import Wanted
from radar_server.quarantine import Word, decide
from radar_server.tables import (
    ActionRow,
    CentreRow,
    HeadRow,
    MovedRow,
    RecordRow,
    StreamRow,
    TouchRow,
)
from sync.exchange import Reply
from sync.journal import count_unsent, open_journal
from sync.outbox import other_epochs, verify
from tests.contract.centre_parts import (
    Clock,
    Phone,
    digest_of,
    held,
    import_records,
    quarantined,
    site_book,
)

MakePhone = Callable[..., Phone]


@pytest.fixture
def make(centre: Centre, client: httpx.Client, tmp_path: Path) -> MakePhone:
    """Return what enrols a phone of a person."""

    def made(staff: str = "G1") -> Phone:
        return Phone(centre, client, tmp_path, staff)

    return made


def copy_of(phone: Phone, folder: Path) -> Path:
    """Copy a phone's database as a backup does."""
    phone.journal.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return Path(shutil.copyfile(phone.journal.path, folder / "backup.db"))


def texts(centre: Centre) -> list[str]:
    """Return the texts of all notes that the centre holds, as often as it holds them."""
    return sorted(str(read_line(epoch, line).body["text"]) for epoch, _, line in held(centre))


def own_texts(phone: Phone) -> list[str]:
    rows = phone.journal.connection.execute("SELECT epoch, line FROM action ORDER BY epoch, seq")
    return sorted(str(read_line(epoch, line).body["text"]) for epoch, line in rows)


def forks_on_the_board(centre: Centre) -> list[tuple[object, object]]:
    """Return what a supervisor is told of forks in HV: the phone, and where its copies parted."""
    with reading(centre.engine) as connection:
        board: Any = board_of(connection, "S1", Wanted(project="HV"), centre)
    found = board["projects"][0]["exceptions"]
    return [(one["title"], one["after"]) for one in found if one["kind"] == "fork"]


def put_back(phone: Phone, backup: Path) -> None:
    """Restore a phone's database from its backup."""
    phone.journal.connection.close()
    for rest in ("-wal", "-shm"):
        Path(f"{phone.journal.path}{rest}").unlink(missing_ok=True)
    shutil.copyfile(backup, phone.journal.path)
    phone.journal = open_journal(phone.journal.path)


def be_a_copy(phone: Phone, of: Phone, backup: Path) -> None:
    """Make a phone a clone of another one, from that one's backup."""
    phone.device, phone.keys, phone.epoch, phone.way = of.device, of.keys, of.epoch, of.way
    put_back(phone, backup)


@pytest.mark.parametrize("sent_before", [0, 2])
@pytest.mark.parametrize("after", [0, 1, 3])
def test_law_03_exactly_once_a_restored_phone_goes_on_in_a_new_epoch(
    centre: Centre, make: MakePhone, tmp_path: Path, sent_before: int, after: int
) -> None:
    phone, colleague = make(), make("G2")
    for number in range(sent_before):
        phone.record(text=f"before {number}")
    phone.sync()
    phone.record(text="in the backup, unsent")
    backup = copy_of(phone, tmp_path)
    phone.record(text="after the backup")
    phone.record(text="and another")
    phone.sync()
    put_back(phone, backup)
    for number in range(after):
        phone.record(text=f"restored {number}")
    report = phone.sync()
    assert report.forks == [phone.epoch]
    assert not report.healed
    everything = sorted(
        [f"before {n}" for n in range(sent_before)]
        + ["in the backup, unsent", "after the backup", "and another"]
        + [f"restored {n}" for n in range(after)]
    )
    assert texts(centre) == everything
    assert own_texts(phone) == everything, "what the lost copy wrote comes down like anybody's"
    colleague.sync()
    assert own_texts(colleague) == everything
    assert verify(phone.journal) == (sent_before + 1 + after, "")
    now = phone.journal.meta()["epoch"]
    assert other_epochs(phone.journal, now) == {phone.epoch: sent_before + 1}
    again = phone.sync()
    assert (again.round_trips, again.sent, again.received) == (1, 0, 0)
    phone.record(text="life goes on")
    assert phone.sync().sent == 1
    assert len(texts(centre)) == len(everything) + 1
    assert forks_on_the_board(centre) == [(phone.device, f"{phone.epoch}.{sent_before + 1}")]
    digest_of(centre, "HV")


def test_law_03_exactly_once_two_clones_live_on_side_by_side(
    centre: Centre, make: MakePhone, tmp_path: Path
) -> None:
    one = make()
    one.record(text="common")
    one.sync()
    other = make()
    be_a_copy(other, one, copy_of(one, tmp_path))
    for number in range(3):
        one.record(text=f"one {number}")
        other.record(text=f"other {number}")
        for phone in (one, other) if number % 2 else (other, one):
            assert not phone.sync().healed
    for phone in (one, other):
        phone.sync()
    everything = sorted(["common"] + [f"{who} {n}" for who in ("one", "other") for n in range(3)])
    assert texts(centre) == own_texts(one) == own_texts(other) == everything
    assert verify(one.journal)[1] == verify(other.journal)[1] == ""
    with reading(centre.engine) as connection:
        parents = set(connection.execute(select(col(StreamRow.parent))).scalars())
    assert f"{one.epoch}.1" in parents, "the centre noted where they parted"


def test_law_08_tamper_evident_a_moved_line_tells_where_it_stood_and_keeps_its_times(
    make: MakePhone, tmp_path: Path
) -> None:
    phone = make()
    backup = copy_of(phone, tmp_path)
    phone.record(text="lost")
    phone.sync()
    put_back(phone, backup)
    phone.record(text="mine")
    (before,) = phone.rows("action")
    phone.sync()
    kept = phone.journal.connection.execute("SELECT epoch, seq, hash, line FROM moved").fetchall()
    assert kept == [(before[0], before[1], before[4], before[5])]
    (line,) = [row[5] for row in phone.rows("action") if '"was"' in str(row[5])]
    was, now = read_line(phone.epoch, str(before[5])), read_line(phone.epoch, str(line))
    assert f'"was":"{phone.epoch}.1"' in str(line)
    assert (now.hlc, now.wall, now.mono_ms, now.body) == (was.hlc, was.wall, was.mono_ms, was.body)


def lose(centre: Centre, keep: int) -> None:
    """Put the centre back to where it held only so many actions of each epoch, as a backup does."""
    with writing(centre.engine) as connection:
        for epoch, seq in connection.execute(
            select(col(StreamRow.epoch), col(StreamRow.seq))
        ).all():
            if seq <= keep:
                continue
            hashes = select(col(ActionRow.hash)).where(
                col(ActionRow.epoch) == epoch, col(ActionRow.seq) == keep
            )
            head = connection.execute(hashes).scalar_one_or_none()
            start = select(col(StreamRow.genesis)).where(col(StreamRow.epoch) == epoch)
            connection.execute(
                update(StreamRow)
                .where(col(StreamRow.epoch) == epoch)
                .values(seq=keep, head=head or connection.execute(start).scalar_one())
            )
        connection.execute(delete(ActionRow).where(col(ActionRow.seq) > keep))
        connection.execute(delete(TouchRow).where(col(TouchRow.seq) > keep))
        connection.execute(delete(MovedRow).where(col(MovedRow.seq) > keep))
    recount(centre)


def recount(centre: Centre) -> None:
    """Bring the heads in step with what is left."""
    from radar_server.heads import Head, store_heads
    from radar_server.records import live_records
    from sync.feed import Holding

    with writing(centre.engine) as connection:
        positions = dict(connection.execute(select(col(HeadRow.project), col(HeadRow.pos))).all())
        heads = {project: Head(pos, Holding()) for project, pos in positions.items()}
        for (project, kind, id_), (body, _) in live_records(connection).items():
            heads[project].holding.add(kind, id_, body)
        wanted = select(col(ActionRow.project), col(ActionRow.epoch), col(ActionRow.line))
        for project, epoch, line in connection.execute(wanted):
            heads[project].holding.add("action", epoch, line)
        store_heads(connection, heads)


def test_law_03_exactly_once_a_restored_centre_gets_again_what_it_lost_and_says_that_it_is_new(
    centre: Centre, make: MakePhone, clock: Clock
) -> None:
    phones = [make(), make("G2"), make("G3")]
    clock.pass_ms(5_000)
    for number in range(4):
        for phone in phones:
            phone.record(text=f"{phone.staff} {number}")
            phone.sync()
    before = texts(centre)
    epoch_before = centre_epoch(centre)
    clock.pass_ms(5_000)
    lose(centre, 2)
    assert len(texts(centre)) < len(before)
    for phone in phones:
        assert not phone.sync().forks
    assert texts(centre) == before
    epoch = centre_epoch(centre)
    assert epoch != epoch_before
    for phone in phones:
        report = phone.sync()
        assert not report.healed
        assert own_texts(phone) == before
        assert phone.journal.meta()["centre_epoch"] == epoch
    assert centre_epoch(centre) == epoch, "one restoration makes one new epoch"
    assert phones[0].sync().round_trips == 1


def centre_epoch(centre: Centre) -> str:
    with reading(centre.engine) as connection:
        return connection.execute(select(col(CentreRow.epoch))).scalar_one()


def test_law_11_revoked_not_robbed_all_of_it_is_kept_aside_in_one_sync_and_comes_back_enrolled_anew(
    centre: Centre, make: MakePhone
) -> None:
    phone = make()
    phone.record(text="before")
    phone.sync()
    for number in range(7):
        phone.record(text=f"after {number}")
    revoke_device(centre, phone.device)
    with pytest.raises(Failure) as told:
        phone.sync()
    assert (told.value.code, told.value.exit_code) == ("revoked", NOT_PERMITTED)
    assert count_unsent(phone.journal) == 0
    assert {code for _, code, _ in quarantined(centre)} == {"revoked"}
    assert len(quarantined(centre)) == 7
    assert phone.records() == {}, "what leaves the scope leaves the phone"
    phone.enrol_again(centre)
    report = phone.sync()
    assert not report.healed
    assert phone.records()
    assert phone.sync().round_trips == 1


def test_law_03_exactly_once_a_closed_epoch_parts_once_more_after_a_centre_was_restored(
    centre: Centre, make: MakePhone, clock: Clock, tmp_path: Path
) -> None:
    phone = make()
    empty = copy_of(phone, tmp_path)
    early = Path(shutil.copyfile(empty, tmp_path / "early.db"))
    for number in range(3):
        phone.record(text=f"first {number}")
    phone.sync()
    backup = copy_of(phone, tmp_path)
    phone.record(text="lost copy")
    phone.sync()
    put_back(phone, backup)
    phone.record(text="restored")
    assert phone.sync().forks == [phone.epoch]
    clock.pass_ms(5_000)
    lose(centre, 0)
    other = make()
    be_a_copy(other, phone, early)
    other.record(text="from the oldest copy")
    other.sync()
    assert phone.sync().forks == [phone.epoch]
    for one in (other, phone, other):
        one.sync()
    everything = ["first 0", "first 1", "first 2", "from the oldest copy", "restored"]
    assert texts(centre) == everything, "what no phone has any more is lost with the centre's disk"
    assert own_texts(phone) == own_texts(other) == everything
    assert verify(phone.journal) == (4, "")
    assert phone.sync().round_trips == 1


def test_law_05_convergence_a_centre_that_came_to_the_same_positions_by_another_way(
    centre: Centre, make: MakePhone
) -> None:
    """As one does that was restored from a backup before a change of the book, and changed anew."""
    phone = make()
    for place in ("HV-P1", "HV-P2"):
        body: dict[str, object] = {"place": place, "state": "bound"}
        import_records(centre, [*site_book(), Record("HV", "tag", "HVTAGNEW1", body)])
        if place == "HV-P1":
            phone.sync()
    with writing(centre.engine) as connection:
        of_hv = col(HeadRow.project) == "HV"
        pos = connection.execute(select(col(HeadRow.pos)).where(of_hv)).scalar_one()
        newest = (col(RecordRow.project) == "HV", col(RecordRow.pos) == pos)
        assert connection.execute(update(RecordRow).where(*newest).values(pos=pos - 1)).rowcount
        connection.execute(update(HeadRow).where(of_hv).values(pos=pos - 1))
    assert phone.sync().healed == ["HV"]
    (told,) = phone.journal.connection.execute(
        "SELECT body FROM record WHERE id = 'HVTAGNEW1'"
    ).fetchall()
    assert '"HV-P2"' in told[0]
    again = phone.sync()
    assert (again.round_trips, again.received) == (1, 0)


def go_back(centre: Centre, epoch: str, seq: int) -> None:
    """Let a released action lie in quarantine undecided again, as a backup from before has it."""
    where = "WHERE epoch = :epoch AND seq = :seq"
    told: dict[str, object] = {"epoch": epoch, "seq": seq}
    with writing(centre.engine) as connection:
        wanted = text(f"SELECT project, line FROM action {where}")
        for project, line in connection.execute(wanted, told).all():
            heads = lock_heads(connection, [project])
            heads[project].holding.remove("action", epoch, line)
            store_heads(connection, heads)
        for table in ("action", "touch"):
            connection.execute(text(f"DELETE FROM {table} {where}"), told)
        connection.execute(text(f"UPDATE quarantine SET state = 'kept' {where}"), told)


@pytest.mark.parametrize("heard", [False, True])
def test_law_05_convergence_a_centre_that_lost_a_release(
    centre: Centre, make: MakePhone, *, heard: bool
) -> None:
    """Whether the phone had heard of the quarantine before, or only ever of the release."""
    phone = make()
    phone.staff = "G2"
    phone.record()

    def lost(body: bytes) -> Reply:
        phone.way.post(body)
        raise Failure("lost", "lost", exit_code=OFFLINE)

    if heard:
        phone.sync()
    else:
        with pytest.raises(Failure):
            phone.sync(lost)
    decide(centre, f"{phone.epoch}.1", Word("released"))
    assert phone.sync().healed == []
    go_back(centre, phone.epoch, 1)
    assert set(phone.sync().healed) == {"HV"}
    assert [row[4] for row in phone.rows("quarantine")] == ["kept"]
    again = phone.sync()
    assert (again.round_trips, again.received, again.healed) == (1, 0, [])
    decide(centre, f"{phone.epoch}.1", Word("released"))
    assert phone.sync().healed == []
    assert [row[4] for row in phone.rows("quarantine")] == ["released"]


def test_law_04_a_decision_that_a_restored_centre_lost_is_asked_again(
    centre: Centre, make: MakePhone
) -> None:
    phone = make()
    phone.staff = "G2"
    phone.record()
    phone.sync()
    decide(centre, f"{phone.epoch}.1", Word("rejected"))
    phone.sync()
    go_back(centre, phone.epoch, 1)
    with writing(centre.engine) as connection:
        connection.execute(update(CentreRow).values(epoch="CRESTORED"))
    phone.sync()
    decide(centre, f"{phone.epoch}.1", Word("released"))
    assert phone.sync().healed == []
    assert [row[4] for row in phone.rows("quarantine")] == ["released"]
