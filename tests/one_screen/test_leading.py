"""The leaders' page: exceptions first, worst first, each opens what can be done about it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from rich.cells import cell_len

from commands.done import done
from commands.report import report
from radar_cli.one_screen.asks import Row
from radar_cli.one_screen.boards import Boards
from radar_cli.one_screen.conversation import Conversation
from radar_cli.one_screen.looks import look
from radar_cli.one_screen.worst import WORST
from radar_cli.words import EXCEPTIONS as EXCEPTION_WORDS
from radar_core.answers import Answer
from radar_core.failures import OFFLINE, Failure
from radar_core.jsontext import encode
from radar_server.attention import STATES
from sync.protocol import BOARD_PATH
from tests.boards_told import BOARD, EXCEPTIONS, HARBOUR, led_centre
from tests.conversing import (
    LANGUAGES,
    SIZES,
    converse,
    screen_of,
    seen,
    settled,
    type_slowly,
    until,
)
from tests.paper_site import JSON, PROBLEM, PaperSite, Response, serving
from tests.phones import SWEEP, Handset, new_phone


@pytest.fixture
def lead(tmp_path: Path) -> Handset:
    """Give the phone of a supervisor of two projects."""
    return new_phone(tmp_path, led_centre(), "B1")


@pytest.fixture
def site(lead: Handset) -> Iterator[PaperSite]:
    """Give what answers at the address of that phone's centre."""
    centre = led_centre()
    centre.enrol("D-B1", "B1", lead.keys.public)
    with serving(PaperSite(centre)) as site:
        site.paths[BOARD_PATH] = lambda _: (200, encode(BOARD).encode(), JSON)
        with lead.phone.transaction():
            lead.phone.journal.set_meta("url", site.url)
        lead.reopen()
        yield site


def led(lead: Handset, language: str = "en", **changed: object) -> Conversation:
    """Begin the conversation of a leader to whom a board came."""
    talk = converse(lead, language)
    talk.desk.hear_board(Answer("board", {**BOARD, "offline": False, **changed}))
    talk.refresh()
    return talk


def texts(talk: Conversation) -> list[str]:
    return [f"{item.mark} {item.text}" for item in look(talk).rows]


def details(talk: Conversation) -> list[str]:
    return [item.detail for item in look(talk).rows]


def choose(talk: Conversation, text: str) -> None:
    """Choose the first choice or row that has a text in it."""
    view = look(talk)
    (number, *_) = [
        item.number for item in (*view.choices, *view.rows) if text in item.text and item.number
    ]
    talk.choose(number)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
def test_a_leader_opens_on_what_is_worst_and_every_line_fits(
    lead: Handset, size: tuple[int, int], language: str
) -> None:
    async def open_it() -> None:
        async with screen_of(converse(lead, language), size) as pilot:
            assert ("正在询问中心" if language == "zh" else "Asking the centre") in seen(pilot)
            pilot.app.query_one("#box")
            talk: Conversation = pilot.app.conversation  # type: ignore[attr-defined]
            talk.desk.hear_board(Answer("board", {**BOARD, "offline": False}))
            talk.refresh()
            pilot.app.draw()  # type: ignore[attr-defined]
            await settled(pilot)
            shown = seen(pilot)
            assert {cell_len(line) for line in shown.splitlines()} == {size[0]}
            worst, next_worst = (
                ("已超时限", "漏做") if language == "zh" else ("deadline", "missed:")
            )
            assert shown.index(worst) < shown.rindex(next_worst)
            await type_slowly(pilot, "2")
            assert "Gate" in seen(pilot) or "大门" in seen(pilot), "a round shows its checkpoints"

    asyncio.run(open_it())


def test_the_page_has_exceptions_then_district_projects_people_and_phones(lead: Handset) -> None:
    talk = led(lead)
    assert look(talk).goal == "deadline missed: Pump drips"
    assert [row for row in texts(talk) if row[0] != "·"][:3] == [
        "✗ deadline missed: Pump drips",
        "✗ missed: Day",
        "? unknown: Sweep",
    ]
    headed = [row[2:] for row in texts(talk) if row[0] == "■"]
    assert headed == ["West Coast", "People today", "Phones, silent longest first"]
    assert "✗ Harbour View: 4 to look at" in texts(talk)
    assert "✓ Palm Gardens" in texts(talk)
    assert "✓ Zhang Min · as of 09:58" in texts(talk)
    assert texts(talk)[-3:] == [
        "! Li Wei · never synced",
        "! Zhao Lei · synced 11-22 10:00",
        "● Zhang Min · synced 09:58",
    ]


def test_law_12_each_row_says_how_fresh_it_is_and_unknown_is_not_missed(lead: Handset) -> None:
    talk = led(lead)
    told = dict(zip(texts(talk), details(talk), strict=True))
    assert told["? unknown: Sweep"] == "30 min · cleaner · Harbour View"
    assert told["✗ missed: Day"] == "3 h · guard · Harbour View"
    assert told["✗ deadline missed: Pump drips"].startswith("30 min · nobody has it · → manager")
    assert told["· done late: Liu"] == "10 min · Liu Yang · Harbour View"
    assert told["✗ Harbour View: 4 to look at"].startswith("age unknown · rounds 0/2")
    assert told["✓ Palm Gardens"] == "as of 09:40 · rounds 2/2"
    assert told["✓ Zhang Min · as of 09:58"] == "3 done · 1 under way · 2 waiting"
    assert told["· Li Wei · no phone"] == "nothing yet"
    assert details(talk)[-3:] == ["", "24 h", "2 min"]
    choose(talk, "Harbour View")
    told = dict(zip(texts(talk), details(talk), strict=True))
    assert (told["■ rounds"], told["■ cleaning"]) == ("as of 09:40", "no phone could tell")
    assert {"✗ missed 1", "? unknown 1", "! too late 1"} <= told.keys()


def test_a_board_that_is_old_says_so_and_one_that_was_refused_says_why(lead: Handset) -> None:
    talk = led(lead, offline=True)
    assert texts(talk)[0] == "! No signal; this is of 09:59, 1 min"
    lead.world.step(2 * 3600)
    talk.refresh()
    assert texts(talk)[0] == "! No signal; this is of 09:59, 2 h"
    talk.desk.hear_board(Answer("board", {**BOARD, "offline": False}))
    talk.refresh()
    assert texts(talk)[0] == "! This is of 09:59, 2 h"
    talk.desk.hear_board(Failure("not_permitted", "The board is for supervisors."))
    talk.refresh()
    assert texts(talk)[0] == "! The board is for supervisors."
    assert "✗ missed: Day" in texts(talk)


def test_every_kind_of_exception_has_a_place_in_the_order_and_the_oldest_comes_first(
    lead: Handset,
) -> None:
    kinds = set(EXCEPTION_WORDS) - {"planned", "due", "open", "assigned", "in_progress", "on_hold"}
    kinds -= {"done", "completed", "verified", "cancelled", "excused", "recorded", "sent"}
    assert set(WORST) == kinds - {"receipted", "quarantined"}
    assert set(WORST) >= STATES
    told: list[dict[str, Any]] = [
        {"kind": kind, "task": "", "title": f"{kind} {at}", "title_zh": "", "at": at}
        for kind in sorted(WORST)
        for at in ("2026-11-23T01:00:00Z", "2026-11-22T01:00:00Z")
    ]
    project = {**HARBOUR, "exceptions": told, "exceptions_count": len(told) + 5}
    talk = led(lead, projects=[project])
    assert "… 19 more" in texts(talk)
    choose(talk, "19 more")
    shown = [text.partition(": ")[2] for text in texts(talk)]
    old, new = "2026-11-22T01:00:00Z", "2026-11-23T01:00:00Z"
    assert shown == [f"{kind} {at}" for kind in WORST for at in (old, new)]
    assert look(talk).heading == "To look at: 33"


def test_what_nobody_did_for_days_is_one_row_that_opens_each_day(lead: Handset) -> None:
    days = [f"2026-11-{day}" for day in (20, 21, 22)]
    told = [
        {"kind": kind, "task": f"sweep@{day.replace('-', '')}-0930", "title": "Sweep",
         "title_zh": "扫", "at": f"{day}T02:00:00Z"}
        for day in days
        for kind in ("unknown", "missed")
    ]  # fmt: skip
    talk = led(lead, projects=[{**HARBOUR, "exceptions": told, "exceptions_count": 6}])
    assert texts(talk)[:2] == ["✗ missed ×3: Sweep", "? unknown ×3: Sweep"]
    assert details(talk)[0] == "3 days · cleaner"
    choose(talk, "missed ×3")
    assert look(talk).heading == "missed ×3: Sweep"
    assert list(zip(texts(talk), details(talk), strict=True)) == [
        ("✗ missed: Sweep", "3 days · cleaner"),
        ("✗ missed: Sweep", "2 days · cleaner"),
        ("✗ missed: Sweep", "24 h · cleaner"),
    ]


def test_all_people_and_phones_are_a_row_away(lead: Handset) -> None:
    people = [HARBOUR["people"][0] | {"staff": f"X{n}", "name": f"Nr {n}"} for n in range(20)]
    phones = [HARBOUR["phones"][1] | {"device": f"D{n}", "name": f"Nr {n}"} for n in range(12)]
    talk = led(lead, projects=[{**HARBOUR, "people": people, "phones": phones}])
    for more, heading, count in (
        ("11 more", "People today", 20),
        ("3 more", "Phones, silent longest first", 12),
    ):
        choose(talk, more)
        assert (look(talk).heading, len(texts(talk))) == (heading, count)
        talk.back()


def test_what_lies_in_quarantine_is_told(lead: Handset) -> None:
    talk = led(lead, projects=[{**HARBOUR, "quarantined": 3}])
    assert "! 3 kept aside, to be decided" in texts(talk)


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_did_not_do_a_task_is_decided_on_from_its_row(lead: Handset, language: str) -> None:
    talk = led(lead, language)
    sweep, assign, excuse = "Sweep", "Give it", "could not"
    if language == "zh":
        sweep, assign, excuse = "扫大堂", "派给", "无法做"
    choose(talk, sweep)
    choose(talk, assign)
    assert [one.value for one in talk.on.ask.options] == ["*", "C1", "C2"]  # type: ignore[union-attr]
    talk.enter("Liu Yang")
    choose(talk, sweep)
    choose(talk, excuse)
    talk.choose(1)
    recorded = lead.actions()
    assert [kind for kind, _ in recorded] == ["assign", "excuse"]
    assert (recorded[0][1]["to"], recorded[1][1]["reason"]) == ("C2", "no access")
    assert lead.state(SWEEP) == "excused"


def sweep_by_cleaner(lead: Handset, tmp_path: Path) -> None:
    """Have a cleaner do a task, and the leader's phone hear of it."""
    centre = led_centre()
    centre.enrol("D-B1", "B1", lead.keys.public)
    cleaner = new_phone(tmp_path, centre, "C1")
    done(cleaner.phone, SWEEP)
    cleaner.sync(centre.post)
    lead.sync(centre.post)


def test_finished_work_is_verified_or_sent_back_and_a_work_order_cancelled_or_reopened(
    lead: Handset, tmp_path: Path
) -> None:
    sweep_by_cleaner(lead, tmp_path)
    order = report(lead.phone, "PU1", "Drips.").data["task_id"]
    talk = led(lead)
    choose(talk, "Sweep")
    choose(talk, "well done")
    choose(talk, "Sweep")
    choose(talk, "Send it back")
    talk.enter("Corners.")
    project = {**HARBOUR, "exceptions": [EXCEPTIONS[3] | {"task": order}]}
    talk.desk.hear_board(Answer("board", {**BOARD, "projects": [project]}))
    talk.refresh()
    for wanted in ("Nobody has to do it", "Open it again"):
        choose(talk, "Pump drips")
        choose(talk, wanted)
        talk.enter("So.")
    kinds = [kind for kind, _ in lead.actions()]
    assert kinds == ["report", "verify", "reject", "report", "cancel", "reopen"]


def test_what_is_well_done_may_have_a_score_and_what_is_none_is_mended(
    lead: Handset, tmp_path: Path
) -> None:
    sweep_by_cleaner(lead, tmp_path)
    talk = led(lead)
    choose(talk, "Sweep")
    choose(talk, "give it a score")
    for wrong in ("101", "good", "-1"):
        talk.enter(wrong)
        assert talk.draft == wrong
    assert lead.actions() == []
    talk.enter("90")
    kind, body = lead.actions()[-1]
    assert (kind, body["score"]) == ("verify", 90)


def test_who_leads_nothing_sees_no_board_and_may_decide_nothing(tmp_path: Path) -> None:
    cleaner = new_phone(tmp_path, led_centre(), "C1")
    talk = converse(cleaner)
    done(cleaner.phone, SWEEP)
    talk.refresh()
    assert "To look at" not in look(talk).heading
    choose(talk, "Sweep")
    assert not {"Send it back", "It is well done"} & {item.text for item in look(talk).choices}


def heard(lead: Handset) -> tuple[list[Answer | Failure], Boards, Event]:
    """Begin to ask for the board; return what is told, and what is set when something was."""
    told: list[Answer | Failure] = []
    came = Event()

    def tell(one: Answer | Failure) -> None:
        told.append(one)
        came.set()

    return told, Boards(lead.world.workplace(), tell), came


def test_the_board_is_asked_beside_and_without_signal_the_last_one_is_told(
    lead: Handset, site: PaperSite
) -> None:
    told, boards, came = heard(lead)
    boards.ask()
    assert came.wait(60)
    assert isinstance(told[0], Answer)
    assert (told[0].data["offline"], told[0].data["as_of"]) == (False, BOARD["as_of"])
    came.clear()
    site.paths[BOARD_PATH] = lambda _: (403, b'{"code":"not_permitted"}', PROBLEM)
    boards.ask()
    assert came.wait(60)
    assert isinstance(told[1], Failure)
    assert told[1].code == "not_permitted"
    boards.end()
    with lead.phone.transaction():
        lead.phone.journal.set_meta("url", "http://127.0.0.1:9")
    told, boards, came = heard(lead)
    boards.ask()
    while not any(isinstance(one, Answer) and one.data["offline"] for one in told):
        assert came.wait(60)
        came.clear()
    marks = [
        (one.data["offline"], one.data.get("asking")) for one in told if isinstance(one, Answer)
    ]
    assert marks == [(False, True), (True, None)]
    boards.end()


def test_without_a_board_that_ever_came_what_is_in_the_way_is_told(lead: Handset) -> None:
    told, boards, came = heard(lead)
    boards.ask()
    assert came.wait(60)
    assert isinstance(told[0], Failure)
    assert told[0].exit_code == OFFLINE
    boards.end()


def has_board(talk: Conversation) -> bool:
    return talk.desk.board is not None


def test_no_key_waits_for_a_centre_that_does_not_answer(lead: Handset, site: PaperSite) -> None:
    asked, answered = Event(), Event()

    def slow(_: bytes) -> Response:
        asked.set()
        answered.wait(60)
        return 200, encode(BOARD).encode(), JSON

    site.paths[BOARD_PATH] = slow
    talk = converse(lead)

    async def work() -> None:
        made = lead.world.workplace()
        async with screen_of(talk, (45, 40), boards=lambda tell: Boards(made, tell)) as pilot:
            assert await asyncio.to_thread(asked.wait, 60)
            await type_slowly(pilot, "0")
            assert "What to look at" in seen(pilot)
            assert not has_board(talk)
            await type_slowly(pilot, "escape")
            answered.set()
            await until(pilot, lambda: has_board(talk))
            assert "deadline missed" in seen(pilot)

    try:
        asyncio.run(work())
    finally:
        answered.set()


def test_a_row_without_a_choice_has_no_number(lead: Handset) -> None:
    talk = led(lead)
    rows: tuple[Row, ...] = talk.page.rows
    numbered = [item.number for item in look(talk).rows if item.number]
    assert len(numbered) == len([row for row in rows if row.choice is not None])
    assert numbered == list(range(1, len(numbered) + 1))
