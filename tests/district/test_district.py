"""A week of two projects: what centre and phones make of it is what the reference says."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import groupby
from pathlib import Path
from random import Random

import pytest

from radar_core.book import Record
from radar_server.database import open_engine, sqlite_url
from radar_server.http import make_app
from tests.contract.centre_asgi import asgi_client
from tests.district.book import district_book
from tests.district.centre import DistrictCentre
from tests.district.comparing import Difference, Expected, differences
from tests.district.days import START_S, Page, district_days, district_pages
from tests.district.deeds import DAY_S
from tests.district.real_phone import RealPhone
from tests.district.reference import ENDED

DAYS, FEW_DAYS, SEED = 7, 3, 5
PROJECTS = ("CP", "HV")


@cache
def book() -> list[Record]:
    return district_book(PROJECTS)


@cache
def week() -> Sequence[Page]:
    return tuple(district_pages(book(), DAYS, SEED))


@pytest.fixture
def district(tmp_path: Path) -> DistrictCentre:
    return DistrictCentre(open_engine(sqlite_url(tmp_path / "centre.db")), book())


def shuffled(pages: Sequence[Page], chance: Random) -> list[Page]:
    """Return the pages of each epoch in their order, those of different ones in any, at the end."""
    queues: dict[str, list[Page]] = {}
    for page in pages:
        queues.setdefault(page.epoch, []).append(page)
    turns = [epoch for epoch, queue in queues.items() for _ in queue]
    chance.shuffle(turns)
    return [replace(queues[epoch].pop(0), at_s=pages[-1].at_s) for epoch in turns]


def test_law_05_convergence_every_task_of_a_week_stands_where_the_reference_says(
    district: DistrictCentre,
) -> None:
    expected = Expected(book(), DAYS)
    for day, pages in groupby(week(), lambda page: (page.at_s - START_S) // DAY_S):
        sent = list(pages)
        district.take(sent)
        for page in sent:
            expected.take(page)
        now_s = START_S + (day + 1) * DAY_S - 900
        board = list(district.board(now_s))
        shown = {item.task.id: item.state for item in board}
        assert shown == {item.task.id: expected.state(item.task, now_s) for item in board}
        assert {"open", "unknown", "done"} <= {*shown.values()}
    assert list(differences(district.folded(), expected)) == []


def test_law_05_convergence_in_whatever_order_the_phones_come(district: DistrictCentre) -> None:
    expected = Expected(book(), DAYS)
    district.take(shuffled(week(), Random(SEED)))
    for action in district.actions():
        expected.note(action)
    assert list(differences(district.folded(), expected)) == []


def test_law_05_convergence_phones_that_record_and_sync_show_the_same(
    district: DistrictCentre, tmp_path: Path
) -> None:
    days = [page for page in week() if page.at_s < START_S + FEW_DAYS * DAY_S]
    lost = {page.staff for page in days if not page.epoch.endswith("-1")}
    people = sorted({page.staff for page in days if page.staff.startswith("HV")} - lost)
    some = [next(who for who in people if who[3] == role) for role in "GES"]
    with asgi_client(make_app(district.centre)) as client:
        phones = {who: RealPhone(district, client, tmp_path, who) for who in some}
        for is_ours, pages in groupby(days, lambda page: page.staff in phones):
            sent = list(pages)
            district.take([] if is_ours else sent)
            for page in sent if is_ours else []:
                phones[page.staff].record(page)
                phones[page.staff].sync(page.at_s)
        expected = Expected(book(), DAYS)
        for action in district.actions():
            expected.note(action)
        for who, phone in phones.items():
            phone.sync(days[-1].at_s + 1)
            assert len(phone.folded()) > 500
            assert _on_phone(phone, expected) == [], who


def _on_phone(phone: RealPhone, expected: Expected) -> list[Difference]:
    """Return what differs on a phone, which shows its own project, touched or not."""
    project = phone.staff[:2]
    kept = {(project, id_): body for id_, body in phone.folded().items() if body}
    theirs = Expected([], 0)
    theirs.tasks = expected.tasks
    theirs.touching = {key: held for key, held in expected.touching.items() if key[0] == project}
    return list(differences(kept, theirs))


def test_a_week_has_everything_that_can_happen() -> None:
    expected = Expected(book(), DAYS)
    for page in week():
        expected.take(page)
    stood = [(task.kind, standing) for _, task, standing in expected.touched()]
    states = {(kind, standing.state) for kind, standing in stood}
    rounds = {"in_progress", "done", "done_late", "ended_early", "excused"}
    work = {"open", "assigned", "in_progress", "on_hold", "completed", "verified", "cancelled"}
    assert states >= {(kind, state) for kind in ("patrol", "cleaning") for state in rounds}
    assert states >= {("maintenance", state) for state in (*work, "rejected")}
    for member in ("assignee", "reason", "links", "parts", "marks", "answers", "visited"):
        assert any(getattr(standing, member) for _, standing in stood), member
    assert any(standing.score >= 0 and standing.state in ENDED for _, standing in stood)
    assert any(standing.rating > 0 and standing.reports > 1 for _, standing in stood)


def test_the_same_seed_makes_the_same_days_and_another_seed_others() -> None:
    one = list(district_days(book(), 1, SEED))
    assert one == list(district_days(book(), 1, SEED))
    assert one != list(district_days(book(), 1, SEED + 1))
    by_epoch: dict[str, int] = {}
    for device, staff, epoch, line in one:
        by_epoch[epoch] = by_epoch.get(epoch, 0) + 1
        assert line.startswith(f'{{"seq":{by_epoch[epoch]},')
        assert (device, f'"staff":"{staff}"' in line) == (f"D-{staff}", True)
