"""`radar scan` on a phone: every outcome is recorded, told, and counted where it counts (law 2)."""

from pathlib import Path

import pytest
from PIL import Image

from commands.scan import scan
from commands.start import start
from radar_core.actions import read_line
from radar_core.failures import UNREADABLE, Failure
from radar_core.matching import OUTCOMES
from radar_core.tags import label_text, typable
from scanners.labels import barcode_picture, label_picture
from tests.paper_centre import PaperCentre
from tests.phones import (
    DAY,
    DAY_S,
    FOREIGN,
    LIFT,
    NIGHT,
    PUMP,
    STRANGE,
    SWEEP,
    Handset,
    code,
    data_of,
    new_phone,
    site_centre,
)

KEYS = {
    "action_id", "seq", "outcome", "code", "place", "matches", "saved",
    "source", "tag", "asset", "task", "left", "expected", "opens", "frame",
}  # fmt: skip
MATCH_KEYS = {"task_id", "kind", "title", "title_zh", "due", "state"}


@pytest.fixture
def guard(tmp_path: Path, centre: PaperCentre) -> Handset:
    return new_phone(tmp_path, centre, "G1")


def told(phone: Handset, source: str, wanted: str = "", via: str = "") -> dict[str, object]:
    """Scan, check what holds for every scan, and return the data."""
    before = len(phone.actions())
    data = data_of(scan(phone.phone, source, wanted, via))
    assert data.keys() >= KEYS
    assert data["outcome"] in OUTCOMES
    assert data["saved"] is True
    for row in matches(data):
        assert row.keys() >= MATCH_KEYS
    kind, body = phone.actions()[-1]
    assert len(phone.actions()) == before + 1
    assert (kind, body["outcome"], body["text"]) == ("scan", data["outcome"], data["code"])
    assert body.get("task") in (data["task"], *(row["task_id"] for row in matches(data)))
    assert body.get("tag") == data["tag"]
    return data


def matches(data: dict[str, object]) -> list[dict[str, object]]:
    found = data["matches"]
    assert isinstance(found, list)
    return found


def task_ids(data: dict[str, object]) -> list[object]:
    return [row["task_id"] for row in matches(data)]


def test_on_round_tells_the_round_and_how_much_of_it_is_left(guard: Handset) -> None:
    data = told(guard, code("GATE"))
    assert (
        data.items()
        >= {
            "action_id": "ED-G1.1",
            "seq": 1,
            "outcome": "on_round",
            "code": code("GATE"),
            "source": code("GATE"),
            "tag": code("GATE"),
            "place": {"id": "GATE", "path": "Harbour View / Gate", "path_zh": "海景 / 大门"},
            "asset": None,
            "matches": [
                {
                    "task_id": DAY,
                    "kind": "patrol",
                    "title": "Day",
                    "title_zh": "Day",
                    "due": "2026-11-23T12:00:00+08:00",
                    "state": "in_progress",
                }
            ],
            "task": DAY,
            "left": 2,
            "expected": None,
            "opens": None,
            "saved": True,
        }.items()
    )


def test_the_last_checkpoint_finishes_the_round_and_the_next_scan_is_not_on_it(
    guard: Handset,
) -> None:
    assert [told(guard, code(name))["left"] for name in ("PU1", "GATE", "LOBBY")] == [2, 1, 0]
    assert guard.state(DAY) == "done"
    assert told(guard, code("GATE"))["outcome"] == "early"


def test_due_here_names_the_work_and_the_asset_it_is_on(
    tmp_path: Path, centre: PaperCentre
) -> None:
    engineer = new_phone(tmp_path, centre, "E1")
    data = told(engineer, code("PU1"), PUMP)
    assert (data["outcome"], task_ids(data), data["left"]) == ("due_here", [PUMP], None)
    assert data["asset"] == {"id": "PU1", "name": "Pump 1", "name_zh": "一号泵"}
    assert data["task"] is None
    assert engineer.actions()[-1][1]["task"] == PUMP
    assert engineer.state(PUMP) == ""


def test_late_work_is_told_by_its_day(tmp_path: Path, centre: PaperCentre) -> None:
    engineer = new_phone(tmp_path, centre, "E1")
    data = told(engineer, FOREIGN)
    assert (data["outcome"], task_ids(data)) == ("late", [LIFT])
    assert matches(data)[0]["due"] == "2026-11-19T16:00:00+08:00"


def test_early_tells_when_the_work_opens(guard: Handset) -> None:
    data = told(guard, code("ROOF"))
    assert (data["outcome"], task_ids(data)) == ("early", [NIGHT])
    assert data["opens"] == "2026-11-23T22:00:00+08:00"


def test_out_of_order_tells_what_was_expected_and_counts(guard: Handset) -> None:
    guard.world.step(12 * 3600)
    data = told(guard, code("ROOF"))
    assert (data["outcome"], data["task"], data["left"]) == ("out_of_order", NIGHT, 2)
    assert data["expected"] == {
        "ref": "place:GATE",
        "place": "GATE",
        "name": "Gate",
        "name_zh": "大门",
        "path": "Harbour View / Gate",
        "path_zh": "海景 / 大门",
    }
    assert [told(guard, code(name))["outcome"] for name in ("GATE", "LOBBY")] == ["on_round"] * 2
    assert guard.state(NIGHT) == "done"


def test_wrong_place_tells_where_the_round_goes_on_by_the_asset_and_its_place(
    guard: Handset,
) -> None:
    told(guard, code("GATE"))
    told(guard, code("LOBBY"))
    data = told(guard, code("ATTIC"))
    assert (data["outcome"], data["task"], data["left"]) == ("wrong_place", None, None)
    assert data["expected"] == {
        "ref": "asset:PU1",
        "place": "PUMPS",
        "name": "Pump 1",
        "name_zh": "一号泵",
        "path": "Harbour View / Pump room",
        "path_zh": "海景 / 水泵房",
    }


def test_nothing_due_is_recorded_at_its_place(guard: Handset) -> None:
    data = told(guard, code("ATTIC"))
    assert (data["outcome"], data["matches"]) == ("nothing_due", [])
    assert guard.actions()[-1][1]["place"] == "ATTIC"


@pytest.mark.parametrize("source", [STRANGE, "1234", "泵房", "00000000000", "x" * 7089])
def test_law_02_recording_asks_nobody_an_unknown_tag_is_recorded_as_it_was_read(
    guard: Handset, source: str
) -> None:
    data = told(guard, source)
    assert (data["outcome"], data["code"], data["place"], data["tag"]) == (
        "unknown_tag",
        source,
        None,
        None,
    )


def test_a_blank_tag_is_unknown_until_it_is_bound(guard: Handset) -> None:
    assert told(guard, code("BLANK"))["outcome"] == "unknown_tag"


@pytest.mark.parametrize("name", ["OLD", "SWAPPED"])
def test_a_retired_tag_is_recorded_and_told(guard: Handset, name: str) -> None:
    assert told(guard, code(name))["outcome"] == "retired_tag"


def test_a_tag_of_a_project_that_is_no_longer_mine_is_recorded(
    tmp_path: Path, centre: PaperCentre
) -> None:
    chief = new_phone(tmp_path, centre, "S1")
    body = {"name": "Chen Jing", "roles": ["guard"], "projects": ["HV"]}
    for project in ("HV", "PG"):
        centre.put(project, "staff", "S1", body)
    centre.move("S1", "HV", "PG")
    chief.sync(centre.post)
    assert told(chief, code("YARD"))["outcome"] == "not_my_project"
    recorded = chief.phone.journal.connection.execute("SELECT project FROM action").fetchall()
    assert recorded == [("HV",)], "in the person's own project, where the centre takes it"


@pytest.mark.parametrize(
    "source",
    [
        label_text("r.example", code("GATE")),
        label_text("another.example", code("GATE")).lower(),
        typable(code("GATE")).lower(),
        f" {code('GATE')}\n",
    ],
)
def test_a_label_is_the_same_tag_however_it_is_read_or_typed(guard: Handset, source: str) -> None:
    assert told(guard, source)["place"] == {
        "id": "GATE",
        "path": "Harbour View / Gate",
        "path_zh": "海景 / 大门",
    }


def test_a_foreign_code_is_located_like_one_of_ours(guard: Handset) -> None:
    data = told(guard, FOREIGN)
    assert data["asset"] == {"id": "LI1", "name": "Lift 1", "name_zh": "Lift 1"}
    assert (data["outcome"], data["task"]) == ("on_round", DAY)


def test_one_scan_counts_for_one_round_and_the_next_for_the_other(
    guard: Handset, centre: PaperCentre
) -> None:
    second = {
        "kind": "patrol", "title": "Second", "role": "guard", "route": "FREE",
        "rrule": "FREQ=DAILY", "start": "2026-01-01T09:00", "duration_min": 240,
    }  # fmt: skip
    centre.put("HV", "schedule", "second", second)
    guard.sync(centre.post)
    other = "second@20261123-0900"
    assert [told(guard, code("GATE"))["task"] for _ in range(3)] == [DAY, other, DAY]
    assert [told(guard, code(name))["task"] for name in ("LOBBY", "PU1")] == [DAY, DAY]
    assert [told(guard, code(name))["task"] for name in ("LOBBY", "PU1")] == [other, other]
    assert guard.state(DAY) == guard.state(other) == "done"


@pytest.mark.parametrize("word", [DAY, "day", "day@2026"])
def test_the_task_that_is_meant_may_be_named_by_its_beginning(guard: Handset, word: str) -> None:
    assert told(guard, code("GATE"), word)["task"] == DAY


@pytest.mark.parametrize("word", ["nonsense", SWEEP, PUMP])
def test_law_02_recording_asks_nobody_whatever_task_is_named_the_scan_is_kept(
    guard: Handset, word: str
) -> None:
    assert told(guard, code("GATE"), word)["outcome"] == "nothing_due"


def test_how_a_code_was_read_is_recorded(guard: Handset) -> None:
    told(guard, code("GATE"))
    told(guard, code("GATE"), via="wedge")
    assert [body["via"] for _, body in guard.actions()] == ["typed", "wedge"]


def test_a_picture_of_a_label_is_scanned_and_its_name_told(guard: Handset, tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    text = label_text("r.example", code("GATE"))
    label_picture(text, code("GATE"), "Gate").save(path)
    data = told(guard, str(path))
    assert (data["outcome"], data["source"], data["code"]) == ("on_round", str(path), text)
    assert guard.actions()[-1][1]["via"] == "picture"


@pytest.mark.parametrize("source", ["", "   ", "\n", "missing.jpg", "./missing", "x" * 7090])
def test_what_cannot_be_read_is_a_failure_and_nothing_is_recorded(
    guard: Handset, source: str
) -> None:
    with pytest.raises(Failure) as failure:
        scan(guard.phone, source)
    assert failure.value.exit_code == UNREADABLE
    assert failure.value.hint
    assert guard.actions() == []


def test_a_late_round_under_way_still_counts_and_is_done_late(guard: Handset) -> None:
    told(guard, code("GATE"))
    guard.world.step(3 * 3600)
    assert [told(guard, code(name))["outcome"] for name in ("LOBBY", "PU1")] == ["late", "late"]
    assert guard.state(DAY) == "done_late"


def test_a_started_round_is_preferred_over_one_that_ends_sooner(
    guard: Handset, centre: PaperCentre
) -> None:
    short = {
        "kind": "patrol", "title": "Short", "role": "guard", "route": "FREE",
        "rrule": "FREQ=DAILY", "start": "2026-01-01T09:00", "duration_min": 70,
    }  # fmt: skip
    centre.put("HV", "schedule", "short", short)
    guard.sync(centre.post)
    start(guard.phone, DAY)
    assert told(guard, code("GATE"))["task"] == DAY


def test_law_02_recording_asks_nobody_a_phone_that_never_saw_its_book_records(
    tmp_path: Path,
) -> None:
    empty = PaperCentre()
    empty.move("G1")
    phone = new_phone(tmp_path, empty, "G1")
    data = told(phone, code("GATE"))
    assert data["outcome"] == "unknown_tag"
    row = phone.phone.journal.connection.execute("SELECT epoch, line FROM action").fetchone()
    assert read_line(*row).project == ""


def test_weeks_without_a_centre_the_phone_makes_its_tasks_itself(guard: Handset) -> None:
    guard.world.step(60 * DAY_S)
    data = told(guard, code("GATE"))
    assert (data["outcome"], data["task"]) == ("on_round", "day@20270122-0900")


def test_law_02_recording_asks_nobody_a_clock_that_was_years_ahead_and_came_back_is_got_over(
    guard: Handset,
) -> None:
    guard.world.step(9 * 365 * DAY_S)
    assert told(guard, code("GATE"))["outcome"] == "on_round"
    guard.world.step(-9 * 365 * DAY_S)
    guard.reopen()
    data = told(guard, code("GATE"))
    assert (data["outcome"], data["task"]) == ("on_round", DAY)


def test_a_colleague_s_scans_count_on_my_phone_after_a_sync(
    guard: Handset, tmp_path: Path, centre: PaperCentre
) -> None:
    other = new_phone(tmp_path, centre, "G2")
    told(guard, code("GATE"))
    guard.sync(centre.post)
    other.sync(centre.post)
    assert told(other, code("LOBBY"))["left"] == 1


def test_a_picture_is_searched_for_what_the_site_book_has_alone(tmp_path: Path) -> None:
    both = Image.new("L", (1100, 800), 200)
    both.paste(label_picture(label_text("r.example", code("GATE")), code("GATE"), "Gate"), (20, 20))
    both.paste(barcode_picture("4006381333931"), (640, 300))
    both.save(tmp_path / "both.png")
    for symbologies, found in (("QRCode", code("GATE")), ("EAN13", "4006381333931")):
        centre = site_centre()
        centre.put("HV", "project", "HV", {"name": "Harbour", "symbologies": [symbologies]})
        phone = new_phone(tmp_path / symbologies, centre, "G1").phone
        answer = scan(phone, str(tmp_path / "both.png"))
        assert found in str(answer.data["code"])


def test_the_id_of_a_place_stands_for_a_tag_that_is_gone(guard: Handset) -> None:
    data = told(guard, "LOBBY")
    assert (data["outcome"], data["via"], data["tag"]) == ("on_round", "picked", None)
    assert isinstance(data["place"], dict)
    assert data["place"]["id"] == "LOBBY"
    scanned = told(guard, code("LOBBY"))
    assert (scanned["via"], scanned["outcome"]) == ("typed", "on_round")


def test_what_a_machine_read_is_no_id_of_a_place(guard: Handset) -> None:
    assert told(guard, "LOBBY", via="wedge")["outcome"] == "unknown_tag"
