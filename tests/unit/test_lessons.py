"""The lessons of a practice round fit the practice phone: who does each, is led to the end."""

from collections.abc import Callable
from pathlib import Path

import pytest

from commands.answer import answer
from commands.done import done
from commands.moves import move
from commands.part import part
from commands.phone import Phone
from commands.practice import Practice, open_practice
from commands.practice_book import BINS, CHECK, LOBBY, ORDER, ROUND
from commands.practice_tags import THINGS, practice_label
from commands.report import report
from commands.scan import scan
from commands.tasks import my_tasks
from radar_cli.one_screen.lessons import LEARNED, LESSONS, TRADES, learned, step_now, trades_of
from tests.phones import NOW_S, World

Deed = Callable[[Phone], object]


def _task(phone: Phone, schedule: str) -> str:
    (found,) = [task.id for task, _ in my_tasks(phone, NOW_S) if task.schedule == schedule]
    return found


def _scan(thing: str) -> Deed:
    return lambda phone: scan(phone, practice_label(thing), via="wedge")


def _answer(schedule: str, step: str, value: str) -> Deed:
    return lambda phone: answer(phone, _task(phone, schedule), step, value)


def _done(schedule: str) -> Deed:
    return lambda phone: done(phone, _task(phone, schedule))


DEEDS: dict[str, tuple[Deed, ...]] = {
    "guard": (
        _scan("GATE"),
        _scan("LOBBY"),
        _scan("GARAGE"),
        _answer(ROUND, "2.door", "no"),
        _scan("ROOF"),
        lambda phone: report(phone, "ROOF", "The lamp is broken."),
    ),
    "cleaner": (
        _scan("LOBBY"),
        _done(LOBBY),
        _scan("BINS"),
        _answer(BINS, "bins", "yes"),
        _done(BINS),
    ),
    "engineer": (
        _scan("PUMP1"),
        _answer(CHECK, "leak", "yes"),
        _answer(CHECK, "pressure", "4.2"),
        lambda phone: part(phone, _task(phone, CHECK), "Seal", "1"),
        _done(CHECK),
    ),
    "supervisor": (_scan("PUMP1"), lambda phone: move(phone, "verify", ORDER)),
}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def _at(practice: Practice, trade: str) -> int:
    return step_now(trade, practice.actions())


@pytest.mark.parametrize("trade", TRADES)
def test_each_deed_fulfils_its_step_and_no_later_one(world: World, trade: str) -> None:
    with open_practice(world.workplace(), [trade]) as practice:
        for number, deed in enumerate(DEEDS[trade]):
            assert _at(practice, trade) == number
            deed(practice.phone)
        assert _at(practice, trade) == len(LESSONS[trade]) == len(DEEDS[trade])


def test_what_was_done_before_its_turn_is_not_asked_again(world: World) -> None:
    with open_practice(world.workplace(), ["guard"]) as practice:
        for thing in ("GARAGE", "LOBBY"):
            _scan(thing)(practice.phone)
            assert _at(practice, "guard") == 0
        _scan("GATE")(practice.phone)
        assert _at(practice, "guard") == 3


def test_a_step_that_is_passed_over_does_not_come_again(world: World) -> None:
    with open_practice(world.workplace(), ["guard"]) as practice:
        assert step_now("guard", practice.actions(), 1) == 1
        _scan("LOBBY")(practice.phone)
        assert step_now("guard", practice.actions(), 1) == 2
        assert step_now("guard", practice.actions(), 99) == len(LESSONS["guard"])


def test_a_scan_elsewhere_fulfils_nothing(world: World) -> None:
    with open_practice(world.workplace(), ["cleaner"]) as practice:
        _scan("GATE")(practice.phone)
        scan(practice.phone, "6901234567892", via="wedge")
        assert _at(practice, "cleaner") == 0


def test_every_trade_has_steps_at_tags_that_are_there_and_learns_something() -> None:
    assert set(LESSONS) == set(LEARNED) == set(TRADES)
    for trade, steps in LESSONS.items():
        assert steps[0].tag
        assert {step.tag for step in steps if step.tag} <= set(THINGS)
        assert all((step.kind == "scan") == bool(step.tag) for step in steps)
        assert len(learned(trade)) > len(LEARNED[trade]) > 1


@pytest.mark.parametrize(
    ("roles", "trades"),
    [
        (["guard"], ["guard"]),
        (["manager", "engineer"], ["engineer", "supervisor"]),
        (["admin"], ["supervisor"]),
        ([], ["guard", "cleaner", "engineer", "supervisor"]),
    ],
)
def test_who_leads_practises_what_a_supervisor_does(roles: list[str], trades: list[str]) -> None:
    assert trades_of(roles) == trades
