"""`radar shift`: post orders at the beginning, a sum at the end, all of it offline."""

from pathlib import Path

import pytest

from commands.correct import correct
from commands.report import report
from commands.scan import scan
from commands.shift import shift, shift_end, shift_start
from radar_core.failures import FAILED, USAGE, Failure
from tests.command_line import CommandLine
from tests.paper_centre import PaperCentre
from tests.phones import FOREIGN, Handset, code, data_of, new_phone

KEYS = {
    "action_id", "seq", "saved", "on", "since", "until", "orders", "scans", "rounds", "tasks",
    "reports", "unsent",
}  # fmt: skip


@pytest.fixture
def guard(tmp_path: Path, centre: PaperCentre) -> Handset:
    for id_, role in (("O1", "guard"), ("O2", "cleaner"), ("O3", "guard")):
        body = {"role": role, "title": id_, "title_zh": f"{id_} 令", "text": "Look.\nWrite."}
        centre.put("HV", "order", id_, body)
    centre.put("PG", "order", "O4", {"role": "guard", "title": "O4", "text": "Elsewhere."})
    return new_phone(tmp_path, centre, "G1")


def order_ids(data: dict[str, object]) -> list[object]:
    orders = data["orders"]
    assert isinstance(orders, list)
    return [order["id"] for order in orders]


def test_the_beginning_shows_the_orders_of_the_trade_and_records_them(guard: Handset) -> None:
    data = data_of(shift_start(guard.phone))
    assert data.keys() == KEYS
    assert order_ids(data) == ["O1", "O3"]
    assert data.items() >= {"saved": True, "on": True, "action_id": "ED-G1.1"}.items()
    assert guard.actions() == [("shift_start", {"orders": ["O1", "O3"]})]
    line = guard.phone.journal.connection.execute("SELECT line FROM action").fetchone()[0]
    assert '"subject":"G1"' in line


def test_a_shift_that_is_on_is_not_begun_again(guard: Handset) -> None:
    began = data_of(shift_start(guard.phone))
    guard.world.step(3600)
    again = data_of(shift_start(guard.phone))
    assert (again["saved"], again["on"], again["since"]) == (False, True, began["since"])
    assert len(guard.actions()) == 1


def test_no_shift_has_no_end(guard: Handset) -> None:
    for _ in range(2):
        with pytest.raises(Failure) as told:
            shift_end(guard.phone)
        assert (told.value.code, told.value.exit_code) == ("no_shift", FAILED)
        assert "radar shift start" in told.value.hint
        if not guard.actions():
            shift_start(guard.phone)
            shift_end(guard.phone)
    assert [kind for kind, _ in guard.actions()] == ["shift_start", "shift_end"]


def test_the_end_sums_up_what_was_done_within_the_shift_alone(guard: Handset) -> None:
    scan(guard.phone, code("GATE"))
    guard.world.step(60)
    shift_start(guard.phone)
    for text in (code("LOBBY"), FOREIGN, code("PU1")):
        scan(guard.phone, text)
    scan(guard.phone, code("ATTIC"))
    correct(guard.phone, "last", "1")
    report(guard.phone, "GATE", "Lamp is broken.")
    data = data_of(shift_end(guard.phone))
    summed = {"scans": 3, "rounds": 1, "tasks": 0, "reports": 1, "unsent": 9, "on": False}
    assert data.items() >= summed.items()
    scan(guard.phone, code("GATE"))
    later = data_of(shift(guard.phone))
    assert later.items() >= (summed | {"unsent": 10, "saved": False}).items()
    assert (later["since"], later["until"]) == (data["since"], data["until"])


def test_how_a_shift_stands_is_told_at_any_time(guard: Handset) -> None:
    data = data_of(shift(guard.phone))
    assert data.items() >= {"on": False, "since": None, "until": None, "scans": 0}.items()
    assert order_ids(data) == ["O1", "O3"]
    shift_start(guard.phone)
    scan(guard.phone, code("GATE"))
    data = data_of(shift(guard.phone))
    assert data.items() >= {"on": True, "until": None, "scans": 1, "rounds": 0}.items()
    assert len(guard.actions()) == 2


def test_the_next_shift_begins_at_nothing(guard: Handset) -> None:
    shift_start(guard.phone)
    scan(guard.phone, code("GATE"))
    shift_end(guard.phone)
    guard.world.step(8 * 3600)
    data = data_of(shift_start(guard.phone))
    assert data.items() >= {"on": True, "until": None, "scans": 0, "saved": True}.items()


def test_another_person_s_shift_is_not_mine(
    guard: Handset, centre: PaperCentre, tmp_path: Path
) -> None:
    other = new_phone(tmp_path, centre, "G2")
    shift_start(other.phone)
    other.sync(centre.post)
    guard.sync(centre.post)
    assert shift(guard.phone).data["since"] is None


def test_a_shift_begins_and_ends_and_nothing_else(
    guard: Handset, capfd: pytest.CaptureFixture[str]
) -> None:
    radar = CommandLine(capfd, guard.world.home)
    told = radar("shift", "dance", "--json")
    assert (told.code, told.error["code"]) == (USAGE, "usage")
    assert "start, end" in told.error["message"]
    assert guard.actions() == []


def test_a_shift_begins_on_a_phone_without_a_book(tmp_path: Path) -> None:
    empty = PaperCentre()
    empty.move("G1")
    phone = new_phone(tmp_path, empty, "G1")
    assert data_of(shift_start(phone.phone))["orders"] == []
    assert shift_end(phone.phone).data["scans"] == 0
