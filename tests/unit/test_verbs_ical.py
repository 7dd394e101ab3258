"""`radar tasks --ical`: the coming month as a calendar has it, made without a centre."""

from pathlib import Path

import pytest

from commands.done import done
from commands.ical import ical
from radar_cli.texts import Texts
from radar_core.failures import NOT_PERMITTED, Failure
from tests.paper_centre import PaperCentre
from tests.phones import DAY_S, SWEEP, Handset, data_of, new_phone
from tests.property.test_icalendar import parsed

HOLIDAYS: dict[str, object] = {"name": "China", "dates": ["2026-11-25", "2026-12-05"]}


def events(phone: Handset, out: Path, project: str = "", language: str = "en") -> dict[str, str]:
    """Write the file and return the titles by task, as a reader finds them."""
    told = data_of(ical(phone.phone, str(out), Texts(language).pick, project))
    _, found = parsed(out.read_bytes().decode())
    assert told == {"out": str(out), "tasks": len(found), "days": 30}
    return {event["UID"]: event["SUMMARY"] for event in found}


def test_a_person_s_month_is_there_though_the_phone_keeps_ten_days(
    tmp_path: Path, centre: PaperCentre
) -> None:
    cleaner = new_phone(tmp_path, centre, "C1")
    before = cleaner.phone.journal.connection.execute("SELECT count(*) FROM task").fetchone()

    found = events(cleaner, tmp_path / "mine.ics")

    assert len(found) == 30 + 1, "today's, still open, and that of the last day"
    assert {SWEEP, "sweep@20261222-0930"} <= found.keys()
    assert set(found.values()) == {"Sweep"}
    after = cleaner.phone.journal.connection.execute("SELECT count(*) FROM task").fetchone()
    assert before == after


def test_holidays_are_left_out_and_what_is_done_stays(tmp_path: Path, centre: PaperCentre) -> None:
    centre.put("HV", "holidays", "CN", HOLIDAYS)
    sweep = {"kind": "cleaning", "title": "Sweep", "role": "cleaner", "rrule": "FREQ=DAILY"}
    more = {"duration_min": 60, "place": "LOBBY", "start": "2026-01-01T09:30", "calendar": "CN"}
    centre.put("HV", "schedule", "sweep", sweep | more)
    cleaner = new_phone(tmp_path, centre, "C1")
    done(cleaner.phone, SWEEP)

    found = events(cleaner, tmp_path / "mine.ics")

    assert len(found) == 29
    assert SWEEP in found
    assert not {"sweep@20261125-0930", "sweep@20261205-0930"} & found.keys()


def test_a_project_s_calendar_has_everybody_s_work(tmp_path: Path, centre: PaperCentre) -> None:
    boss = new_phone(tmp_path, centre, "S1")

    whole = events(boss, tmp_path / "hv.ics", "HV")
    own = events(boss, tmp_path / "mine.ics")

    assert {one.partition("@")[0] for one in whole} == {
        *("day", "night", "sweep", "liu", "pump", "lift")
    }
    assert {one.partition("@")[0] for one in own} == {"day", "night", "yard"}


def test_a_month_later_without_a_centre_the_next_month_is_there(
    tmp_path: Path, centre: PaperCentre
) -> None:
    cleaner = new_phone(tmp_path, centre, "C1")
    cleaner.world.step(30 * DAY_S)

    assert "sweep@20270120-0930" in events(cleaner, tmp_path / "mine.ics")


def test_a_stranger_s_project_and_a_folder_that_is_not_there_are_failures(
    tmp_path: Path, centre: PaperCentre
) -> None:
    cleaner = new_phone(tmp_path, centre, "C1")

    with pytest.raises(Failure) as strange:
        events(cleaner, tmp_path / "pg.ics", "PG")
    with pytest.raises(Failure) as nowhere:
        events(cleaner, tmp_path / "none" / "mine.ics")

    assert strange.value.code == "not_my_project"
    assert (strange.value.exit_code, strange.value.values["projects"]) == (NOT_PERMITTED, "HV")
    assert nowhere.value.code == "out_not_writable"
