"""Sync, the phone's side: pages up and down, and answers that are cut, wrong or somebody else's."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from commands.bind import bind
from commands.log import log
from commands.note import note
from commands.query import query
from commands.scan import scan
from commands.tasks import tasks
from radar_core.failures import FAILED, NOT_ENROLLED, NOT_PERMITTED, OFFLINE, Failure
from sync.clock import stamp
from sync.exchange import Post, Reply
from sync.journal import count_unsent, latest_receipt
from sync.keys import KeyPair, is_signed
from sync.outbox import verify
from sync.protocol import (
    PAGE_BYTES_MAX,
    Answer,
    News,
    Push,
    Receipt,
    read_answer,
    read_push,
    write_answer,
)
from sync.signing import receipt_message
from tests.paper_centre import PaperCentre
from tests.phones import (
    DAY,
    DAY_S,
    NOW_S,
    PUMP,
    STRANGE,
    SWEEP,
    Handset,
    code,
    new_phone,
    site_centre,
)


@pytest.fixture
def guard(tmp_path: Path, centre: PaperCentre) -> Handset:
    return new_phone(tmp_path, centre, "G1")


def dump(phone: Handset) -> list[str]:
    """Return everything that the phone's database holds."""
    return list(phone.phone.journal.connection.iterdump())


def records(phone: Handset) -> set[tuple[str, ...]]:
    return set(phone.phone.journal.connection.execute("SELECT project, kind, id, body FROM record"))


def rows(phone: Handset, query_: str) -> list[tuple[object, ...]]:
    return phone.phone.journal.connection.execute(query_).fetchall()


def logged(phone: Handset) -> list[dict[str, Any]]:
    found = log(phone.phone).data["actions"]
    assert isinstance(found, list)
    return found


def answering(centre: PaperCentre, change: Callable[[Answer, Push], Answer]) -> Post:
    """Return a transport to the centre whose answers are changed on their way."""

    def post(body: bytes) -> Reply:
        push = read_push(body)
        centre.pushes.append(push)
        answer = write_answer(change(centre.answer(push), push))
        return Reply(200, answer, len(body), len(answer))

    return post


def failing(phone: Handset, post: Post) -> Failure:
    with pytest.raises(Failure) as told:
        phone.sync(post)
    return told.value


def test_the_first_sync_brings_the_book_and_what_is_due(
    guard: Handset, centre: PaperCentre
) -> None:
    assert len(records(guard)) == len(centre.items["HV"])
    (cursor,) = rows(guard, "SELECT project, pos, count, sum FROM cursor")
    count, total = centre.digest("HV")
    assert cursor == ("HV", len(centre.items["HV"]), count, str(total))
    assert guard.state(DAY) == ""


def test_law_09_scope_a_phone_gets_only_its_person_s_projects(guard: Handset) -> None:
    assert {row[0] for row in records(guard)} == {"HV"}
    assert scan(guard.phone, code("YARD")).data["outcome"] == "unknown_tag"


def _steps(guard: Handset, centre: PaperCentre) -> int:
    """Return how many steps SQLite's machine makes on the phone for a sync."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection = guard.phone.journal.connection
    connection.set_progress_handler(count, 1)
    guard.sync(centre.post)
    connection.set_progress_handler(None, 1)
    return steps


def test_law_07_the_phones_own_work_for_a_sync_does_not_grow_with_its_log(
    guard: Handset, centre: PaperCentre
) -> None:
    costs: list[tuple[int, int]] = []
    for more in (1, 300):
        for number in range(more):
            note(guard.phone, code("GATE"), f"Note {number}")
        guard.sync(centre.post)
        nothing = _steps(guard, centre)
        note(guard.phone, code("GATE"), "One more")
        costs.append((nothing, _steps(guard, centre)))
    (nothing_before, one_before), (nothing_after, one_after) = costs
    assert nothing_after <= nothing_before * 1.1
    assert one_after <= one_before * 1.1


def test_law_07_cost_follows_the_change_nothing_new_is_one_small_round_trip(
    guard: Handset, centre: PaperCentre
) -> None:
    guard.sync(centre.post)
    before = dump(guard)
    report = guard.sync(centre.post)
    assert (report.sent, report.received, report.round_trips) == (0, 0, 1)
    assert report.bytes_up < 600
    assert report.bytes_down < 600
    # Only what the phone knows of the centre's clock is newer than before.
    changed = set(dump(guard)) ^ set(before)
    assert all("'anchor'" in row for row in changed), changed


def test_a_new_action_goes_up_once_and_is_receipted(guard: Handset, centre: PaperCentre) -> None:
    recorded = scan(guard.phone, code("GATE")).data
    assert count_unsent(guard.phone.journal) == 1
    report = guard.sync(centre.post)
    assert (report.sent, report.received, report.round_trips) == (1, 0, 1)
    assert count_unsent(guard.phone.journal) == 0
    (row,) = logged(guard)
    assert (row["id"], row["state"]) == (recorded["action_id"], "receipted")
    assert guard.sync(centre.post).sent == 0
    assert len(centre.streams["ED-G1"].lines) == 1


def test_a_receipt_is_kept_as_the_centre_signed_it(guard: Handset, centre: PaperCentre) -> None:
    scan(guard.phone, code("GATE"))
    guard.sync(centre.post)
    kept = latest_receipt(guard.phone.journal)
    assert kept is not None
    message = receipt_message(
        str(kept["device"]),
        str(kept["epoch"]),
        1,
        bytes.fromhex(str(kept["hash"])),
        str(kept["at"]),
    )
    assert is_signed(centre.keys.public, bytes.fromhex(str(kept["signature"])), message)
    assert guard.phone.meta["last_sync"] == kept["at"]


def test_law_03_exactly_once_an_answer_that_is_lost_costs_a_repeat_and_no_second_action(
    guard: Handset, centre: PaperCentre
) -> None:
    scan(guard.phone, code("GATE"))

    def lost(body: bytes) -> Reply:
        centre.post(body)
        raise Failure("unreachable", "", exit_code=OFFLINE)

    assert failing(guard, lost).exit_code == OFFLINE
    (row,) = logged(guard)
    assert row["state"] == "sent"
    assert guard.sync(centre.post).sent == 1
    assert len(centre.streams["ED-G1"].lines) == 1


def test_law_04_one_bad_action_blocks_nothing(guard: Handset, centre: PaperCentre) -> None:
    centre.refuse["bind_tag"] = ("bad_tag", "Not with this tag.")
    scan(guard.phone, code("GATE"))
    bind(guard.phone, STRANGE, "ATTIC")
    scan(guard.phone, code("LOBBY"))
    report = guard.sync(centre.post)
    assert (report.sent, report.round_trips, report.healed) == (3, 1, [])
    states = [(row["state"], row["reason"]) for row in logged(guard)]
    assert states == [
        ("receipted", None),
        ("quarantined", "Not with this tag."),
        ("receipted", None),
    ]
    centre.put("HV", "place", "NEW", {"name": "New"})
    assert guard.sync(centre.post).healed == []


@pytest.mark.parametrize("page", [1, 7, 32])
def test_a_book_that_comes_in_pages_is_the_same_book(
    tmp_path: Path, guard: Handset, page: int
) -> None:
    paged = site_centre(page)
    paged.epoch = f"C-PAGE-{tmp_path.name}"
    other = new_phone(tmp_path / "paged", paged, "G1")
    assert records(other) == records(guard)
    assert rows(other, "SELECT * FROM task") == rows(guard, "SELECT * FROM task")
    assert rows(other, "SELECT * FROM cursor") == rows(guard, "SELECT * FROM cursor")
    assert len(paged.pushes) == -(-len(paged.items["HV"]) // page)


def test_pages_that_came_before_the_signal_broke_are_not_fetched_again(
    guard: Handset, centre: PaperCentre
) -> None:
    for number in range(10):
        centre.put("HV", "place", f"NEW{number}", {"name": str(number)})
    centre.page = 4
    trips = 0

    def breaking(body: bytes) -> Reply:
        nonlocal trips
        trips += 1
        if trips == 3:
            raise Failure("unreachable", "", exit_code=OFFLINE)
        return centre.post(body)

    failing(guard, breaking)
    report = guard.sync(centre.post)
    assert (report.round_trips, report.received, report.healed) == (1, 2, [])


def test_each_page_tells_how_far_the_sync_is(guard: Handset, centre: PaperCentre) -> None:
    for number in range(10):
        centre.put("HV", "place", f"NEW{number}", {"name": str(number)})
    centre.page = 4
    scan(guard.phone, code("GATE"))
    told: list[tuple[int, int]] = []
    guard.sync(centre.post, lambda report: told.append((report.sent, report.received)))
    assert told == [(1, 4), (1, 8), (1, 10)]


def test_a_page_of_actions_goes_up_after_the_other(guard: Handset, centre: PaperCentre) -> None:
    assert PAGE_BYTES_MAX < 90 * 60_000
    with guard.phone.transaction():
        for _ in range(90):
            body = {"text": "x" * 60_000}
            guard.phone.write("note", "T", "HV", body, guard.world.moment())
    report = guard.sync(centre.post)
    assert (report.sent, report.round_trips) == (90, 2)
    assert verify(guard.phone.journal) == (90, "")


def test_a_project_whose_digest_does_not_fit_is_fetched_anew_and_nothing_own_is_lost(
    guard: Handset, centre: PaperCentre
) -> None:
    scan(guard.phone, code("GATE"))
    guard.sync(centre.post)
    whole = records(guard)
    guard.phone.journal.connection.execute("DELETE FROM record WHERE id = 'LOBBY'")
    guard.phone.journal.connection.execute("UPDATE cursor SET count = count - 1, sum = '7'")
    centre.put("HV", "place", "NEW", {"name": "New"})
    scan(guard.phone, code("GATE"))
    report = guard.sync(centre.post)
    assert report.healed == ["HV"]
    assert report.round_trips == 2
    assert {row for row in records(guard) if row[2] != "NEW"} == whole
    assert guard.state(DAY) == "in_progress"
    assert len(guard.actions()) == 2
    assert guard.sync(centre.post).healed == []


def test_all_of_a_person_s_projects_are_healed_in_one_sync(
    tmp_path: Path, centre: PaperCentre
) -> None:
    for number in range(5):
        centre.put(f"P{number}", "place", f"PL{number}", {"name": "A place"})
    centre.move("S1", "HV", *(f"P{number}" for number in range(5)))
    chief = new_phone(tmp_path, centre, "S1")
    whole = records(chief)
    chief.phone.journal.connection.execute("UPDATE cursor SET sum = '7'")
    for project in list(centre.items):
        centre.put(project, "place", f"NEW-{project}", {"name": "New"})
    report = chief.sync(centre.post)
    assert sorted(report.healed) == ["HV", "P0", "P1", "P2", "P3", "P4"]
    assert whole <= records(chief)


def test_a_digest_that_never_fits_ends_in_a_sentence_and_the_work_stays(
    guard: Handset, centre: PaperCentre
) -> None:
    scan(guard.phone, code("GATE"))

    def lying(answer: Answer, _: Push) -> Answer:
        return replace(answer, news=[replace(news, total=7) for news in answer.news])

    failure = failing(guard, answering(centre, lying))
    assert (failure.code, failure.exit_code) == ("centre_nonsense", OFFLINE)
    assert len(guard.actions()) == 1
    assert guard.sync(centre.post).healed == []
    assert guard.state(DAY) == "in_progress"


def test_news_that_never_go_on_end_in_a_sentence_at_once(
    guard: Handset, centre: PaperCentre
) -> None:
    def stuck(answer: Answer, push: Push) -> Answer:
        pos = push.cursors.get("HV", 0)
        return replace(answer, news=[News("HV", pos, True, 0, 0)])  # noqa: FBT003

    centre.pushes.clear()
    assert failing(guard, answering(centre, stuck)).code == "centre_nonsense"
    assert len(centre.pushes) == 1
    assert guard.sync(centre.post).round_trips == 1


def test_law_09_scope_what_leaves_the_scope_leaves_the_phone_and_what_was_done_there_goes_up(
    tmp_path: Path, centre: PaperCentre
) -> None:
    chief = new_phone(tmp_path, centre, "S1")
    colleague = new_phone(tmp_path, centre, "S1", "D-OTHER")
    note(colleague.phone, "YARD", "theirs")
    colleague.sync(centre.post)
    chief.sync(centre.post)
    assert len(query(chief.phone, "YARD").data["history"]) == 1  # type: ignore[arg-type]
    note(chief.phone, "YARD", "mine")
    centre.move("S1", "HV")
    report = chief.sync(centre.post)
    assert report.sent == 1
    assert {row[0] for row in records(chief)} == {"HV"}
    assert rows(chief, "SELECT count(*) FROM task WHERE project = 'PG'") == [(0,)]
    assert rows(chief, "SELECT project FROM cursor") == [("HV",)]
    assert [body["text"] for _, body in chief.actions()] == ["mine"]
    assert rows(chief, "SELECT count(*) FROM action WHERE hash IS NULL") == [(0,)]
    assert verify(chief.phone.journal) == (1, "")


def test_a_project_that_comes_back_into_scope_comes_from_its_beginning(
    tmp_path: Path, centre: PaperCentre
) -> None:
    chief = new_phone(tmp_path, centre, "S1")
    note(chief.phone, "YARD", "mine")
    chief.sync(centre.post)
    whole = records(chief)
    centre.move("S1", "HV")
    chief.sync(centre.post)
    centre.move("S1", "HV", "PG")
    report = chief.sync(centre.post)
    assert report.healed == []
    assert records(chief) == whole
    assert len(query(chief.phone, "YARD").data["history"]) == 1  # type: ignore[arg-type]


def test_a_record_that_goes_goes_with_the_tasks_that_were_made_of_it(
    guard: Handset, centre: PaperCentre
) -> None:
    centre.put("HV", "schedule", "day", None)
    guard.sync(centre.post)
    with pytest.raises(Failure):
        guard.phone.task(DAY)
    assert scan(guard.phone, code("GATE")).data["outcome"] == "early"


def test_a_record_that_changes_is_the_new_one_and_counted_once(
    guard: Handset, centre: PaperCentre
) -> None:
    before = len(records(guard))
    for name in ("Main gate", "North gate"):
        centre.put("HV", "place", "GATE", {"name": name, "path": f"Harbour View / {name}"})
        report = guard.sync(centre.post)
        assert (report.received, report.healed) == (1, [])
        assert query(guard.phone, "GATE").data["what"]["name"] == name  # type: ignore[index]
    assert len(records(guard)) == before


def test_tasks_that_a_changed_schedule_no_longer_makes_are_due_nowhere(
    guard: Handset, centre: PaperCentre
) -> None:
    lobby = {"name": "Day", "checkpoints": ["place:LOBBY"]}
    centre.put("HV", "route", "FREE", lobby)
    guard.sync(centre.post)
    targets = rows(guard, f"SELECT ref FROM target WHERE task = '{DAY}'")
    assert targets == [("place:LOBBY",)]
    assert scan(guard.phone, code("LOBBY")).data["left"] == 0


def spoiled(change: Callable[[Receipt], Receipt]) -> Callable[[Answer, Push], Answer]:
    return lambda answer, _: replace(answer, receipt=change(answer.receipt))


FORGER = KeyPair(bytes(32))


def _forge(receipt: Receipt) -> Receipt:
    r = receipt
    message = receipt_message(r.device, r.epoch, r.seq, r.hash, r.at)
    return replace(r, signature=FORGER.sign(message))


@pytest.mark.parametrize(
    ("change", "exit_code"),
    [
        (lambda r: replace(r, device="D-OTHER"), OFFLINE),
        (lambda r: replace(r, epoch="EOTHER"), OFFLINE),
        (lambda r: replace(r, seq=r.seq + 1), OFFLINE),
        (lambda r: replace(r, hash=bytes(32)), OFFLINE),
        (lambda r: replace(r, at="2030-01-01T00:00:00Z"), OFFLINE),
        (lambda r: replace(r, signature=bytes(64)), OFFLINE),
        (lambda r: replace(r, signature=b""), OFFLINE),
        (_forge, OFFLINE),
    ],
)
def test_a_receipt_that_is_not_our_centre_s_word_for_this_phone_changes_nothing(
    guard: Handset,
    centre: PaperCentre,
    change: Callable[[Receipt], Receipt],
    exit_code: int,
) -> None:
    guard.sync(centre.post)
    before = dump(guard)
    failure = failing(guard, answering(centre, spoiled(change)))
    assert (failure.code, failure.exit_code) == ("centre_nonsense", exit_code)
    assert dump(guard) == before


@pytest.mark.parametrize("other", ["D-OTHER", "EOTHER"])
def test_a_receipt_for_another_phone_changes_nothing_even_if_our_centre_signed_it(
    guard: Handset, centre: PaperCentre, other: str
) -> None:
    guard.sync(centre.post)
    before = dump(guard)
    name = "device" if other.startswith("D") else "epoch"
    post = answering(centre, spoiled(lambda r: centre.sign(replace(r, **{name: other}))))  # type: ignore[arg-type]
    assert failing(guard, post).code == "centre_nonsense"
    assert dump(guard) == before


def test_law_08_tamper_evident_a_receipt_for_another_chain_is_none(
    guard: Handset, centre: PaperCentre
) -> None:
    scan(guard.phone, code("GATE"))
    guard.sync(centre.post)
    before = dump(guard)
    other = answering(centre, spoiled(lambda r: centre.sign(replace(r, hash=bytes(32)))))
    failure = failing(guard, other)
    assert (failure.code, failure.exit_code) == ("centre_nonsense", OFFLINE)
    assert dump(guard) == before


def test_law_03_exactly_once_a_centre_that_always_holds_more_is_not_believed_for_ever(
    guard: Handset, centre: PaperCentre
) -> None:
    scan(guard.phone, code("GATE"))
    guard.sync(centre.post)
    before = guard.actions()
    more = answering(centre, spoiled(lambda r: centre.sign(replace(r, seq=r.seq + 3))))
    failure = failing(guard, more)
    assert (failure.code, failure.exit_code) == ("centre_nonsense", OFFLINE)
    assert guard.actions() == before
    assert scan(guard.reopen(), code("LOBBY")).data["saved"] is True
    assert guard.sync(centre.post).sent == 1
    assert verify(guard.phone.journal) == (2, "")


def test_law_11_revoked_not_robbed_the_phone_forgets_the_projects_and_keeps_its_own(
    guard: Handset,
) -> None:
    scan(guard.phone, code("GATE"))
    failure = failing(guard, lambda _: Reply(403, b"", 0, 0, "revoked"))
    assert (failure.code, failure.exit_code) == ("revoked", NOT_PERMITTED)
    assert count_unsent(guard.phone.journal) == 1
    held = guard.phone.journal.connection.execute("SELECT count(*) FROM record").fetchone()
    assert held == (0,)
    assert scan(guard.phone, code("LOBBY")).data["saved"] is True


def test_a_receipt_that_never_covers_what_was_sent_ends_in_a_sentence_at_once(
    guard: Handset, centre: PaperCentre
) -> None:
    scan(guard.phone, code("GATE"))
    start = guard.phone.journal.connection.execute("SELECT genesis FROM epoch").fetchone()[0]

    def behind(receipt: Receipt) -> Receipt:
        return centre.sign(replace(receipt, seq=0, hash=start))

    centre.pushes.clear()
    assert failing(guard, answering(centre, spoiled(behind))).code == "centre_nonsense"
    assert len(centre.pushes) == 1
    assert count_unsent(guard.phone.journal) == 1


def test_a_receipt_for_less_than_is_known_takes_nothing_back(
    guard: Handset, centre: PaperCentre
) -> None:
    scan(guard.phone, code("GATE"))
    guard.sync(centre.post)
    start = guard.phone.journal.connection.execute("SELECT genesis FROM epoch").fetchone()[0]
    post = answering(centre, spoiled(lambda r: centre.sign(replace(r, seq=0, hash=start))))
    guard.sync(post)
    assert rows(guard, "SELECT receipted FROM epoch") == [(1,)]
    assert count_unsent(guard.phone.journal) == 0


def test_an_answer_that_was_cut_anywhere_changes_nothing(
    guard: Handset, centre: PaperCentre
) -> None:
    centre.put("HV", "place", "NEW", {"name": "New"})
    before = dump(guard)

    def cut_at(end: int) -> Post:
        def post(body: bytes) -> Reply:
            whole = centre.post(body)
            return replace(whole, body=whole.body[:end])

        return post

    answer = centre.post(push_body(guard)).body
    for end in range(0, len(answer), 7):
        assert failing(guard, cut_at(end)).code == "centre_nonsense"
        assert dump(guard) == before
    guard.sync(cut_at(len(answer)))
    assert len(records(guard)) == len(centre.items["HV"])


def push_body(phone: Handset) -> bytes:
    """Return the body of the push that the phone would make now."""
    bodies: list[bytes] = []

    def keep(body: bytes) -> Reply:
        bodies.append(body)
        raise Failure("unreachable", "", exit_code=OFFLINE)

    failing(phone, keep)
    return bodies[0]


@pytest.mark.parametrize(
    "body", [b"", b"<html>Sign in to Hotel WiFi</html>", b"{}\n", b"\xff" * 99]
)
def test_a_login_page_is_not_our_centre(guard: Handset, body: bytes) -> None:
    before = dump(guard)
    failure = failing(guard, lambda _: Reply(200, body, 0, len(body)))
    assert (failure.code, failure.exit_code) == ("centre_nonsense", OFFLINE)
    assert dump(guard) == before


@pytest.mark.parametrize(
    ("problem", "code_", "exit_code"),
    [
        ("fork", "centre_nonsense", OFFLINE),
        ("revoked", "revoked", NOT_PERMITTED),
        ("unknown_device", "unknown_device", NOT_ENROLLED),
        ("gap", "centre_nonsense", OFFLINE),
        ("bad_format", "other_version", FAILED),
        ("on fire", "centre_refused", OFFLINE),
    ],
)
def test_law_11_revoked_not_robbed_a_refusal_is_told_and_takes_nothing(
    guard: Handset, problem: str, code_: str, exit_code: int
) -> None:
    scan(guard.phone, code("GATE"))
    failure = failing(guard, lambda _: Reply(409, b"", 0, 0, problem))
    assert (failure.code, failure.exit_code) == (code_, exit_code)
    assert str(failure)
    assert count_unsent(guard.phone.journal) == 1
    assert scan(guard.phone, code("LOBBY")).data["saved"] is True


LINE = (
    '{"seq":1,"hlc":"HLC","wall":"w","boot":"b","mono_ms":1,"staff":"G2","project":"HV",'
    '"kind":"note","subject":"T","body":{"task":"T"}}'
).replace("HLC", stamp(NOW_S * 1000, 0))
BAD_LINES = [
    "",
    "{}",
    "[]",
    LINE.replace('"seq":1', '"seq":-1'),
    LINE.replace('"seq":1', '"seq":99999999999999999999'),
    LINE.replace(stamp(NOW_S * 1000, 0), "yesterday"),
    LINE.replace('{"task":"T"}', '"T"'),
    LINE.replace('{"task":"T"}', '{"task":"\\ud800"}'),
    LINE.replace("G2", "\\udfff"),
    LINE.replace('"T"}', "[" * 5000 + "]" * 5000 + "}"),
]


@pytest.mark.parametrize("line", BAD_LINES, ids=lambda line: line[:30])
def test_a_line_that_is_no_action_is_nonsense_and_does_not_get_in(
    guard: Handset, centre: PaperCentre, line: str
) -> None:
    before = dump(guard)

    def adding(answer: Answer, push: Push) -> Answer:
        return replace(
            answer,
            news=[News("HV", push.cursors["HV"] + 1, False, 1, 1, (), [("E2", line)])],  # noqa: FBT003
        )

    failure = failing(guard, answering(centre, adding))
    assert (failure.code, failure.exit_code) == ("centre_nonsense", OFFLINE)
    assert dump(guard) == before
    guard.sync(centre.post)


def test_this_phone_s_own_actions_never_come_down_into_its_chain(
    guard: Handset, centre: PaperCentre
) -> None:
    def echoing(answer: Answer, push: Push) -> Answer:
        line = LINE.replace('"seq":1', '"seq":2')
        news = News("HV", push.cursors["HV"] + 1, False, 1, 1, (), [("ED-G1", line)])  # noqa: FBT003
        return replace(answer, news=[news])

    scan(guard.phone, code("GATE"))
    assert failing(guard, answering(centre, echoing)).code == "centre_nonsense"
    assert scan(guard.phone, code("LOBBY")).data["seq"] == 2
    assert verify(guard.phone.journal) == (2, "")


def test_law_05_convergence_colleagues_see_the_same_round(
    tmp_path: Path, guard: Handset, centre: PaperCentre
) -> None:
    colleague = new_phone(tmp_path, centre, "G2")
    scan(guard.phone, code("GATE"))
    colleague.world.step(60)
    scan(colleague.phone, code("LOBBY"))
    colleague.world.step(60)
    scan(colleague.phone, code("PU1"))
    for phone in (colleague, guard, colleague):
        phone.sync(centre.post)
    assert guard.state(DAY) == colleague.state(DAY) == "done"
    assert rows(guard, "SELECT * FROM task") == rows(colleague, "SELECT * FROM task")


def test_law_05_convergence_a_colleague_s_clock_that_is_days_ahead_does_not_part_the_phones(
    tmp_path: Path, centre: PaperCentre
) -> None:
    one = new_phone(tmp_path, centre, "C1")
    two = new_phone(tmp_path, centre, "C1", "D-TWO")
    one.world.wall_ms += 3 * DAY_S * 1000
    with one.phone.transaction():
        one.phone.write("complete", SWEEP, "HV", {"task": SWEEP}, one.world.moment())
    one.sync(centre.post)
    two.sync(centre.post)
    with two.phone.transaction():
        two.phone.write("complete", SWEEP, "HV", {"task": SWEEP}, two.world.moment())
    two.sync(centre.post)
    one.sync(centre.post)
    progress = [phone.phone.task(SWEEP)[1].body() for phone in (one, two)]
    assert progress[0] == progress[1]
    assert progress[0]["marks"] == ["ED-C1.1"]


def test_law_10_honest_time_what_was_heard_moves_the_phone_s_own_clock_on(
    tmp_path: Path, guard: Handset, centre: PaperCentre
) -> None:
    colleague = new_phone(tmp_path, centre, "G2")
    colleague.world.step(3600)
    scan(colleague.phone, code("GATE"))
    colleague.sync(centre.post)
    guard.sync(centre.post)
    scan(guard.phone, code("LOBBY"))
    hlcs = dict(guard.phone.journal.connection.execute("SELECT epoch, hlc FROM action"))
    assert hlcs["ED-G1"] > hlcs["ED-G2"]


def test_two_syncs_at_once_count_nothing_twice(guard: Handset, centre: PaperCentre) -> None:
    centre.put("HV", "place", "NEW", {"name": "New"})

    def meanwhile(body: bytes) -> Reply:
        reply = centre.post(body)
        Handset(guard.world, guard.keys).sync(centre.post)
        return reply

    report = guard.sync(meanwhile)
    assert report.healed == []
    assert len(records(guard)) == len(centre.items["HV"])
    count, total = centre.digest("HV")
    assert rows(guard, "SELECT count, sum FROM cursor") == [(count, str(total))]


def test_a_scan_during_a_sync_is_not_lost_and_goes_up_with_the_next(
    guard: Handset, centre: PaperCentre
) -> None:
    scan(guard.phone, code("GATE"))
    once: list[bytes] = []

    def scanning(body: bytes) -> Reply:
        if not once:
            once.append(body)
            scan(Handset(guard.world, guard.keys).phone, code("LOBBY"))
        return centre.post(body)

    report = guard.sync(scanning)
    assert report.round_trips == 2
    assert len(centre.streams["ED-G1"].lines) == 2
    assert count_unsent(guard.phone.journal) == 0


@pytest.mark.parametrize("fails", [True, False])
def test_recording_is_flushed_again_after_a_sync_whatever_became_of_it(
    guard: Handset,
    centre: PaperCentre,
    fails: bool,  # noqa: FBT001
) -> None:
    guard.reopen()
    if fails:
        failing(guard, lambda body: replace(centre.post(body), body=b""))
    else:
        guard.sync(centre.post)
    assert rows(guard, "PRAGMA synchronous") == [(2,)]


def test_a_restored_centre_starts_its_news_anew(guard: Handset, centre: PaperCentre) -> None:
    scan(guard.phone, code("GATE"))
    guard.sync(centre.post)
    whole = records(guard)

    def post(body: bytes) -> Reply:
        push = read_push(body)
        known = push.centre_epoch == "C-NEW"
        answer = centre.answer(push) if known else _restored(centre, push)
        written = write_answer(replace(answer, centre_epoch="C-NEW"))
        return Reply(200, written, len(body), len(written))

    report = guard.sync(post)
    assert report.healed == []
    assert records(guard) == whole
    assert guard.phone.meta["centre_epoch"] == "C-NEW"


def _restored(centre: PaperCentre, push: Push) -> Answer:
    """Answer as a centre does whose epoch the phone does not know: forget all, begin anew."""
    answer = centre.answer(push)
    anew = centre.answer(replace(push, cursors={}))
    return replace(answer, news=anew.news, dropped=list(push.cursors))


def test_an_engineer_s_task_of_a_broken_schedule_keeps_nobody_from_scanning(
    tmp_path: Path, centre: PaperCentre
) -> None:
    centre.put("HV", "schedule", "broken", {"kind": "cleaning", "rrule": "EVERY DAY", "start": "x"})
    centre.put("HV", "schedule", "odd", {"kind": "cleaning"})
    engineer = new_phone(tmp_path, centre, "E1")
    assert scan(engineer.phone, code("PU1")).data["outcome"] in ("due_here", "late")
    assert PUMP in {row["id"] for row in tasks(engineer.phone).data["tasks"]}  # type: ignore[attr-defined]


def test_an_answer_is_read_as_the_centre_wrote_it(centre: PaperCentre, guard: Handset) -> None:
    reply = centre.post(push_body(guard))
    shown = centre.shown(centre.pushes[-1])
    assert read_answer(reply.body, shown).centre_epoch == centre.epoch
