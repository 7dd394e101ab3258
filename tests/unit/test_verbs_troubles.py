"""`radar troubles`: what is wrong with what was recorded, what resolves it, and what was seen."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from commands.answer import answer
from commands.bind import bind
from commands.correct import correct
from commands.done import done
from commands.note import note
from commands.photo import photo
from commands.start import start
from commands.troubles import HOW, see, troubles
from radar_cli.texts import Texts
from radar_cli.troubles_view import resolved_sentence, wrong_sentence
from radar_cli.views import view_lines
from radar_core.failures import DECIDE, DONE, Failure
from radar_server.envelope import REASONS
from scanners.apart import Reader
from sync.outbox import take_notice
from tests.paper_centre import PaperCentre
from tests.phones import PUMP, STRANGE, SWEEP, Handset, data_of, new_phone


def rows(phone: Handset) -> list[dict[str, Any]]:
    found = data_of(troubles(phone.phone))["troubles"]
    assert isinstance(found, list)
    return found


def told(phone: Handset) -> list[tuple[str, str]]:
    return [(row["kind"], row["how"]) for row in rows(phone)]


def sentence(phone: Handset, language: str = "en") -> str:
    (row,) = rows(phone)
    return wrong_sentence(row, Texts(language))


def test_a_phone_without_trouble_says_so_and_ends_with_0(
    tmp_path: Path, centre: PaperCentre
) -> None:
    guard = new_phone(tmp_path, centre, "G1")
    note(guard.phone, "GATE", "hello")
    guard.sync(centre.post)
    answer = troubles(guard.phone)
    assert (answer.exit_code, answer.data["troubles"]) == (DONE, [])
    assert view_lines(answer, Texts("en"))[0] == "✓ Nothing is wrong."


@pytest.mark.parametrize("code", REASONS)
def test_what_lies_in_quarantine_is_told_with_the_reason_and_what_resolves_it(
    tmp_path: Path, centre: PaperCentre, code: str
) -> None:
    guard = new_phone(tmp_path, centre, "G1")
    centre.refuse["note"] = (code, REASONS[code])
    note(guard.phone, "GATE", "hello")
    guard.sync(centre.post)
    assert troubles(guard.phone).exit_code == DECIDE
    assert told(guard) == [("quarantined", HOW.get(code, "wait"))]
    (row,) = rows(guard)
    assert (row["code"], row["what"], row["about"]["ref"]) == (code, "note", "place:GATE")
    assert sentence(guard).startswith("“note” on Gate (11-23 ")
    assert sentence(guard).endswith(f"is kept aside: {REASONS[code]}")
    assert Texts("zh").say(REASONS[code]) in sentence(guard, "zh")
    assert resolved_sentence(row, Texts("en"))


def test_what_a_supervisor_left_out_is_told_with_their_note_and_what_they_released_is_not(
    tmp_path: Path, centre: PaperCentre
) -> None:
    guard = new_phone(tmp_path, centre, "G1")
    centre.refuse["note"] = ("out_of_scope", "Not here.")
    note(guard.phone, "GATE", "hello")
    guard.sync(centre.post)
    see(guard.phone, "all")
    assert rows(guard) == []
    execute = guard.phone.journal.connection.execute
    execute("UPDATE quarantine SET state = 'rejected', reason = 'A test.'")
    assert told(guard) == [("rejected", "again")]
    assert sentence(guard).endswith("was left out by a supervisor: A test.")
    execute("UPDATE quarantine SET state = 'released'")
    assert rows(guard) == []


def test_who_completed_second_hears_who_was_first_and_the_first_hears_of_it_too(
    tmp_path: Path, centre: PaperCentre
) -> None:
    one, two = (new_phone(tmp_path, centre, staff) for staff in ("C1", "C2"))
    third = new_phone(tmp_path, centre, "G1")
    done(one.phone, SWEEP)
    two.world.step(5)
    done(two.phone, SWEEP)
    for phone in (one, two, third, one):
        phone.sync(centre.post)
    for phone in (one, two):
        assert told(phone) == [("conflict", "look")]
        assert rows(phone)[0]["who"]["staff"] == "C2"
        assert sentence(phone).startswith("“completed” on Sweep by Liu Yang (11-23 ")
        assert sentence(phone).endswith("did not count: Zhang Min was first.")
    assert rows(third) == []


def test_a_doubtful_reading_is_told_until_it_is_taken_back(
    tmp_path: Path, centre: PaperCentre
) -> None:
    centre.put("HV", "meter", "M1", {"asset": "PU1", "step": "hours", "rollover": 1000})
    engineer = new_phone(tmp_path, centre, "E1")
    start(engineer.phone, PUMP)
    answer(engineer.phone, PUMP, "hours", "100")
    assert rows(engineer) == []
    answer(engineer.phone, PUMP, "hours", "7")
    assert told(engineer) == [("doubt", "correct")]
    assert sentence(engineer).endswith("is doubtful: it is below the last one.")
    correct(engineer.phone, "last", "3")
    assert rows(engineer) == []


def _picture(tmp_path: Path) -> str:
    path = tmp_path / "picture.png"
    Image.new("RGB", (8, 8)).save(path)
    return str(path)


def test_a_photo_that_is_lost_and_one_that_does_not_go_up_are_told(
    tmp_path: Path, centre: PaperCentre
) -> None:
    guard = new_phone(tmp_path, centre, "G1")
    reader = Reader(0)
    photo(guard.phone, lambda: reader, "GATE", _picture(tmp_path))
    reader.close()
    guard.sync(centre.post)
    assert rows(guard) == []
    execute = guard.phone.journal.connection.execute
    execute("UPDATE meta SET value = '2026-11-24T02:00:00Z' WHERE key = 'last_sync'")
    assert rows(guard) == []
    execute("UPDATE meta SET value = '2026-11-24T03:00:00Z' WHERE key = 'last_sync'")
    assert told(guard) == [("photo_waits", "tell")]
    execute("UPDATE blob SET lost = 1")
    assert told(guard) == [("photo_lost", "again")]
    assert sentence(guard).startswith("A photo of Gate (11-23 ")


def test_a_copied_phone_and_a_restored_centre_are_told_once(
    tmp_path: Path, centre: PaperCentre
) -> None:
    guard = new_phone(tmp_path, centre, "G1")
    note(guard.phone, "GATE", "before")
    guard.sync(centre.post)
    shutil.copytree(guard.world.home, tmp_path / "backup")
    note(guard.phone, "GATE", "after")
    guard.sync(centre.post)
    guard.phone.journal.connection.close()
    shutil.rmtree(guard.world.home)
    shutil.copytree(tmp_path / "backup", guard.world.home)
    guard.reopen()
    note(guard.phone, "GATE", "from the copy")
    assert guard.sync(centre.post).forks == ["ED-G1"]
    assert told(guard) == [("parted", "nothing")]
    see(guard.phone, "1")
    assert rows(guard) == []
    with guard.phone.transaction():
        guard.phone.journal.set_meta("restored", "2026-11-22T00:00:00Z")
        guard.phone.journal.set_meta("again", "3")
    assert take_notice(guard.phone.journal) == ("2026-11-22T00:00:00Z", 3)
    assert told(guard) == [("restored", "nothing")]
    assert "sent 3 actions again" in sentence(guard)


def test_what_was_seen_is_chosen_by_number_or_id_and_is_forgotten_when_it_is_over(
    tmp_path: Path, centre: PaperCentre
) -> None:
    guard = new_phone(tmp_path, centre, "G1")
    centre.refuse |= {"note": ("out_of_scope", "No."), "bind_tag": ("unknown_place", "No place.")}
    note(guard.phone, "GATE", "one")
    bind(guard.phone, STRANGE, "ROOF")
    note(guard.phone, "GATE", "two")
    guard.sync(centre.post)
    assert [row["how"] for row in rows(guard)] == ["wait", "again", "wait"]
    for word in ("0", "4", "no such", ""):
        with pytest.raises(Failure) as caught:
            see(guard.phone, word)
        assert caught.value.code == "unknown_trouble"
    assert len(rows(guard)) == 3
    see(guard.phone, "2")
    left = see(guard.phone, "quarantined:ED-G1.3")
    assert (left.exit_code, [row["action_id"] for row in rows(guard)]) == (DECIDE, ["ED-G1.1"])
    assert see(guard.phone, "all").exit_code == DONE
    guard.reopen()
    assert rows(guard) == []
    guard.phone.journal.connection.execute("UPDATE quarantine SET state = 'released'")
    see(guard.phone, "all")
    kept = guard.phone.journal.connection.execute("SELECT key FROM meta WHERE key LIKE 'seen:%'")
    assert kept.fetchall() == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_trouble_has_a_number_a_sentence_and_what_to_do(
    tmp_path: Path, centre: PaperCentre, language: str
) -> None:
    guard = new_phone(tmp_path, centre, "G1")
    centre.refuse["note"] = ("out_of_scope", REASONS["out_of_scope"])
    note(guard.phone, "GATE", "one")
    guard.sync(centre.post)
    texts = Texts(language)
    lines = view_lines(troubles(guard.phone), texts)
    (row,) = rows(guard)
    assert lines[:2] == [
        f"1 ! {wrong_sentence(row, texts)}",
        f"  → {resolved_sentence(row, texts)}",
    ]
    assert "radar troubles --seen" in lines[2]
