"""Laws 5, 6 and 9 at the centre, seen by real phones: what comes down, page by page."""

from pathlib import Path

import httpx
import pytest
from sqlalchemy import update

from radar_core.book import Record
from radar_server.centre import Centre
from radar_server.database import writing
from radar_server.feed import NewsPage
from radar_server.tables import CentreRow
from tests.contract.centre_parts import (
    Phone,
    digest_of,
    held,
    import_records,
    new_device,
    person,
    project,
    site_book,
)
from tests.contract.conftest import PagedClient

PAGE = 7


@pytest.fixture
def phone(centre: Centre, client: httpx.Client, tmp_path: Path) -> Phone:
    """Give a guard's phone that has not synced yet."""
    return Phone(centre, client, tmp_path)


def of_project(name: str) -> set[tuple[str, str, str]]:
    return {(r.project, r.kind, r.id) for r in site_book() if r.project == name}


def assert_in_step(centre: Centre, phone: Phone, name: str = "HV") -> None:
    """The phone stands at the head, and holds as many items with the same digest."""
    pos, count, total = digest_of(centre, name)
    cursors = {row[0]: row[1:] for row in phone.rows("cursor")}
    assert cursors[name] == (pos, count, str(total))


def test_a_fresh_phone_gets_its_projects_and_nothing_else(centre: Centre, phone: Phone) -> None:
    report = phone.sync()
    assert set(phone.records()) == of_project("HV")
    assert report.healed == []
    assert_in_step(centre, phone)


def test_law_07_a_second_sync_is_one_small_round_trip(phone: Phone) -> None:
    phone.sync()
    again = phone.sync()
    assert (again.round_trips, again.received, again.sent) == (1, 0, 0)
    assert again.bytes_up + again.bytes_down < 1024


def test_an_own_action_is_not_echoed_and_one_of_another_comes_once(
    centre: Centre, client: httpx.Client, tmp_path: Path, phone: Phone
) -> None:
    other = Phone(centre, client, tmp_path, "G2")
    phone.sync()
    other.sync()
    mine, theirs = phone.record(), other.record()
    assert (phone.sync().received, other.sync().received, phone.sync().received) == (0, 1, 1)
    assert set(phone.action_ids()) == set(other.action_ids()) == {mine, theirs}
    assert (phone.sync().received, other.sync().received) == (0, 0)
    assert_in_step(centre, phone)
    assert_in_step(centre, other)


@pytest.mark.parametrize("extra", [0, 1, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, 2 * PAGE + 1])
@pytest.mark.parametrize("rows", [1, PAGE])
def test_law_06_no_gap_in_the_feed_at_any_boundary_of_a_page(
    centre: Centre, paged: PagedClient, tmp_path: Path, extra: int, rows: int
) -> None:
    client = paged(NewsPage(rows=rows))
    phone = Phone(centre, client, tmp_path)
    phone.sync()
    device = new_device(centre, "G2")
    for _ in range(extra):
        device.act()
    device.sync(client)
    report = phone.sync()
    assert report.received == extra
    assert len(list(phone.action_ids())) == extra
    assert report.healed == []
    assert_in_step(centre, phone)


@pytest.mark.parametrize("rows", [1, 2, 3, 16, 17, 18, 19, 20, 40, 5000])
@pytest.mark.parametrize("projects", [1, 2])
def test_a_fresh_phone_of_two_projects_gets_both_whatever_the_page(
    centre: Centre, paged: PagedClient, tmp_path: Path, rows: int, projects: int
) -> None:
    phone = Phone(centre, paged(NewsPage(rows=rows, projects=projects)), tmp_path, "G3")
    report = phone.sync()
    assert set(phone.records()) == of_project("HV") | of_project("PK")
    assert report.healed == []
    assert_in_step(centre, phone, "HV")
    assert_in_step(centre, phone, "PK")


@pytest.mark.parametrize("extra", [1, 2, 3, 4, 5, 9])
def test_many_actions_come_in_several_entries_of_one_answer(
    centre: Centre, paged: PagedClient, tmp_path: Path, extra: int
) -> None:
    client = paged(NewsPage(actions=2))
    phone = Phone(centre, client, tmp_path)
    phone.sync()
    reader, device = new_device(centre), new_device(centre, "G2")
    at = {"HV": reader.sync(client).news[-1].pos}
    for _ in range(extra):
        device.act()
    device.sync(client)
    entries = reader.sync(client, cursors=at).news
    assert [len(one.actions) for one in entries] == [2] * (extra // 2) + [1] * (extra % 2)
    assert [one.more for one in entries] == [True] * (len(entries) - 1) + [False]
    report = phone.sync()
    assert (report.received, report.round_trips, report.healed) == (extra, 1, [])
    assert_in_step(centre, phone)


@pytest.mark.parametrize("size", [1, 100, 1000])
def test_a_page_is_bounded_in_bytes_too(
    centre: Centre, paged: PagedClient, tmp_path: Path, size: int
) -> None:
    phone = Phone(centre, paged(NewsPage(bytes=size)), tmp_path, "G3")
    report = phone.sync()
    assert set(phone.records()) == of_project("HV") | of_project("PK")
    assert report.round_trips > 2
    assert report.healed == []


def test_records_and_actions_come_in_the_order_of_their_positions(
    centre: Centre, paged: PagedClient, tmp_path: Path
) -> None:
    """A page that ends between an action and a record skips neither."""
    client = paged(NewsPage(rows=1))
    phone = Phone(centre, client, tmp_path)
    phone.sync()
    device = new_device(centre, "G2")
    book = site_book()
    for number in (1, 2, 3):
        device.act()
        device.sync(client, number)
        book = [*book, Record("HV", "place", f"HV-NEW{number}", {"name": "New"})]
        import_records(centre, book)
    assert phone.sync().received == 6
    assert_in_step(centre, phone)


def test_what_left_the_site_book_leaves_the_phone(centre: Centre, phone: Phone) -> None:
    phone.sync()
    import_records(centre, [r for r in site_book() if r.id != "HV-P3"])
    assert phone.sync().received == 1
    assert set(phone.records()) == of_project("HV") - {("HV", "place", "HV-P3")}
    assert_in_step(centre, phone)


def test_a_fresh_phone_is_not_told_of_what_went_before(
    centre: Centre, client: httpx.Client
) -> None:
    import_records(centre, [r for r in site_book() if r.id != "HV-P3"])
    news = new_device(centre).sync(client).news
    assert [n.project for n in news] == ["HV"]
    assert all(body is not None for _, _, body in news[0].records)


def test_a_record_that_comes_back_is_there_again(centre: Centre, phone: Phone) -> None:
    phone.sync()
    import_records(centre, [r for r in site_book() if r.id != "HV-P3"])
    phone.sync()
    import_records(centre, site_book())
    phone.sync()
    assert set(phone.records()) == of_project("HV")
    assert_in_step(centre, phone)


def test_law_09_scope_a_new_project_comes_from_its_beginning(
    centre: Centre, client: httpx.Client, phone: Phone
) -> None:
    phone.sync()
    old = new_device(centre, "C1")
    old.act(project="PK")
    old.sync(client)
    others = [r for r in site_book() if r.id != "G1"]
    import_records(centre, [*others, *person("G1", "guard", "HV", "PK")])
    report = phone.sync()
    assert {key[0] for key in phone.records()} == {"HV", "PK"}
    assert f"{old.epoch}.1" in set(phone.action_ids())
    assert report.healed == []
    assert_in_step(centre, phone, "PK")


def test_law_09_scope_a_lost_project_leaves_the_phone_and_unsent_actions_still_go_up(
    centre: Centre, client: httpx.Client, tmp_path: Path
) -> None:
    phone = Phone(centre, client, tmp_path, "G3")
    phone.sync()
    mine = phone.record(project="PK")
    others = [r for r in site_book() if r.id != "G3"]
    import_records(centre, [*others, *person("G3", "guard", "HV")])
    report = phone.sync()
    assert {key[0] for key in phone.records()} == {"HV"}
    assert [row[0] for row in phone.rows("cursor")] == ["HV"]
    assert [one.dropped for one in phone.changes if one.dropped] == [("PK",)]
    assert (report.sent, list(phone.action_ids())) == (1, [mine])
    assert [row[2] for row in phone.rows("quarantine")] == ["out_of_scope"]


def test_a_person_of_no_project_gets_nothing(centre: Centre, phone: Phone) -> None:
    phone.sync()
    import_records(centre, [r for r in site_book() if r.id != "G1"])
    phone.sync()
    assert phone.records() == {}


def test_a_phone_whose_replica_was_damaged_heals_by_fetching_that_project_alone(
    centre: Centre, client: httpx.Client, tmp_path: Path
) -> None:
    phone = Phone(centre, client, tmp_path, "G3")
    phone.sync()
    mine = phone.record(project="HV")
    phone.sync()
    with phone.journal.transaction():
        phone.journal.connection.execute("UPDATE cursor SET sum = '5' WHERE project = 'HV'")
    device = new_device(centre, "G2")
    device.act()
    device.sync(client)
    report = phone.sync()
    assert report.healed == ["HV"]
    assert set(phone.action_ids()) == {mine, f"{device.epoch}.1"}
    assert set(phone.records()) == of_project("HV") | of_project("PK")
    assert_in_step(centre, phone)


def test_a_restored_centre_is_read_anew_and_nothing_is_doubled(
    centre: Centre, client: httpx.Client, tmp_path: Path, phone: Phone
) -> None:
    other = Phone(centre, client, tmp_path, "G2")
    mine, theirs = phone.record(), other.record()
    other.sync()
    phone.sync()
    with writing(centre.engine) as connection:
        connection.execute(update(CentreRow).values(epoch="CRESTORED"))
    more = phone.record()
    report = phone.sync()
    assert report.healed == []
    assert [one.dropped for one in phone.changes if one.dropped] == [("HV",)]
    assert set(phone.action_ids()) == {mine, theirs, more}
    assert phone.journal.meta()["centre_epoch"] == "CRESTORED"
    assert len(held(centre)) == 3
    assert_in_step(centre, phone)
    assert phone.sync().received == 0


def test_a_phone_that_was_enrolled_anew_gets_its_own_earlier_actions(
    centre: Centre, client: httpx.Client, tmp_path: Path, phone: Phone
) -> None:
    first = phone.record()
    phone.sync()
    again = Phone(centre, client, tmp_path, "G1", keys=phone.keys)
    assert again.device == phone.device
    second = again.record()
    report = again.sync()
    assert report.healed == []
    assert set(again.action_ids()) == {first, second}
    assert_in_step(centre, again)


def test_a_cursor_from_the_future_is_healed(centre: Centre, phone: Phone) -> None:
    phone.sync()
    with phone.journal.transaction():
        phone.journal.connection.execute("UPDATE cursor SET pos = pos + 100, sum = '5'")
    assert phone.sync().healed == ["HV"]
    assert set(phone.records()) == of_project("HV")
    assert_in_step(centre, phone)


def test_a_project_without_records_yet_is_nobody_s(centre: Centre, phone: Phone) -> None:
    import_records(centre, [*site_book(), *project("NEW")])
    phone.sync()
    assert {key[0] for key in phone.records()} == {"HV"}


def test_law_05_convergence_two_phones_hold_the_same_bytes_whatever_the_order(
    centre: Centre, client: httpx.Client, tmp_path: Path, phone: Phone
) -> None:
    other = Phone(centre, client, tmp_path, "G2")
    for turn in range(4):
        (phone if turn % 2 else other).record(kind="note", text=f"{turn}")
        (other if turn < 2 else phone).sync()
    for _ in range(2):
        phone.sync()
        other.sync()
    assert phone.records() == other.records()
    lines = "SELECT epoch, seq, hlc, project, line FROM action ORDER BY epoch, seq"
    rows = [list(p.journal.connection.execute(lines)) for p in (phone, other)]
    assert rows[0] == rows[1]
    assert len(rows[0]) == 4
