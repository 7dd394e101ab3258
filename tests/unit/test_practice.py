"""A practice round is real work on a phone without a centre: nothing of it is left, or leaves."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import gettempdir

import pytest

from commands.answer import answer
from commands.bind import bind
from commands.done import done
from commands.moves import move
from commands.part import part
from commands.phone import Phone
from commands.practice import (
    PREFIX,
    Practice,
    begin_practice,
    open_practice,
    remove_leftovers,
)
from commands.practice_book import (
    ASSETS,
    BINS,
    CHECK,
    LOBBY,
    ORDER,
    PLACES,
    ROUND,
)
from commands.practice_tags import THINGS, practice_code, practice_label
from commands.report import report
from commands.scan import scan
from commands.sync import sync, take_authority
from commands.tasks import my_tasks
from commands.watch import watch
from radar_core.failures import NOT_PERMITTED, Failure
from tests.phones import NOW_S, World, failure_of, new_phone, site_centre

pytestmark = pytest.mark.usefixtures("folder")
ROUTE = ("GATE", "LOBBY", "GARAGE", "ROOF")


@pytest.fixture
def world(tmp_path: Path) -> World:
    home = tmp_path / "home"
    home.mkdir()
    return World(home)


def _files(home: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(home)): path.read_bytes() if path.is_file() else b""
        for path in sorted(home.rglob("*"))
    }


def _task(phone: Phone, schedule: str) -> str:
    (found,) = [task.id for task, _ in my_tasks(phone, NOW_S) if task.schedule == schedule]
    return found


def _walk(phone: Phone) -> str:
    """Walk the guard's round, and report what is broken on the roof."""
    for place in ROUTE:
        assert scan(phone, practice_label(place), via="wedge").data["outcome"] == "on_round"
    task = _task(phone, ROUND)
    answer(phone, task, "2.door", "yes")
    assert done(phone, task).view == "already"
    report(phone, "ROOF", "The lamp is broken.")
    return task


def test_a_whole_round_leaves_nothing_on_the_real_phone_and_nothing_behind(
    tmp_path: Path, folder: Path
) -> None:
    real = new_phone(tmp_path, site_centre(), "G1")
    before = _files(real.world.home)
    with open_practice(real.phone.workplace, ["guard"]) as practice:
        task = _walk(practice.phone)
        assert practice.phone.task(task)[1].state == "done"
        assert [action.kind for action in practice.actions()] == [
            *["scan"] * 4, "answer", "report",
        ]  # fmt: skip
        assert practice.phone.meta["url"] == ""
        home = Path(practice.phone.workplace.home)
        assert home.stat().st_mode & 0o777 == 0o700
        assert b"127.0.0.1:9" in before["phone.db"]
        here = b"".join(_files(home).values()).lower()
        assert here.count(b"://") == here.count(b"https://practice.example/") > 0
    assert _files(real.world.home) == before
    assert list(folder.iterdir()) == []


def test_the_cleaner_s_two_cleanings_the_engineer_s_job_and_the_supervisor_s_word(
    world: World,
) -> None:
    with open_practice(world.workplace(), ["cleaner", "engineer", "supervisor"]) as practice:
        phone = practice.phone
        assert scan(phone, practice_code("LOBBY")).data["outcome"] == "due_here"
        assert done(phone, _task(phone, LOBBY)).data["state"] == "done"
        assert scan(phone, practice_code("BINS")).data["outcome"] == "due_here"
        answer(phone, _task(phone, BINS), "bins", "yes")
        assert done(phone, _task(phone, BINS)).data["state"] == "done"
        assert scan(phone, practice_code("PUMP1")).data["outcome"] == "due_here"
        job = _task(phone, CHECK)
        answer(phone, job, "leak", "yes")
        answer(phone, job, "pressure", "4.2")
        part(phone, job, "Seal", "1")
        assert done(phone, job, 10).data["state"] == "completed"
        assert phone.task(ORDER)[0].title_zh == "水泵漏水。"
        assert move(phone, "verify", ORDER).data["state"] == "verified"


@pytest.mark.parametrize("trade", ["guard", "cleaner", "engineer"])
def test_everybody_has_their_own_trade_s_work_alone(world: World, trade: str) -> None:
    with open_practice(world.workplace(), [trade], ("Li Wei", "李伟")) as practice:
        phone = practice.phone
        assert {task.role for task, _ in my_tasks(phone, NOW_S)} == {trade}
        assert (phone.body("staff", phone.staff) or {})["name_zh"] == "李伟"


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_all_work_is_open_at_any_hour(world: World, hour: int) -> None:
    world.step(hour * 3600)
    with open_practice(world.workplace(), ["guard", "cleaner", "engineer"]) as practice:
        found = [task.schedule for task, _ in my_tasks(practice.phone, NOW_S + hour * 3600)]
        assert sorted(found) == sorted([ROUND, LOBBY, BINS, CHECK, ""])


def test_every_name_in_the_book_is_there_in_both_languages(world: World) -> None:
    with open_practice(world.workplace(), ["guard"]) as practice:
        for thing in THINGS:
            spot = practice.phone.spot(practice_label(thing))
            assert spot is not None
            assert thing == (spot.asset or spot.place)
            assert spot.name != spot.name_zh
        for task, _ in practice.phone.tasks_between(NOW_S, NOW_S):
            assert task.title != task.title_zh
            assert all(step["title"] != step["title_zh"] for step in task.steps)


def test_codes_are_the_same_for_every_round_and_each_is_another() -> None:
    assert set(THINGS) == {*PLACES, *ASSETS}
    assert len({practice_code(thing) for thing in THINGS}) == len(THINGS) == 7
    assert practice_code("GATE") == "BN72F85WYT3"


@pytest.mark.parametrize("verb", [sync, lambda phone: watch(phone, print)])
def test_a_practice_phone_asks_no_centre(world: World, verb: object) -> None:
    with open_practice(world.workplace(), ["guard"]) as practice:
        assert callable(verb)
        with pytest.raises(Failure) as caught:
            verb(practice.phone)
        failure = failure_of(caught.value)
        assert (failure.code, failure.exit_code) == ("practice", NOT_PERMITTED)
        assert not take_authority(practice.phone)


def test_practice_tags_are_printed(world: World, tmp_path: Path) -> None:
    out = tmp_path / "tags.pdf"
    with open_practice(world.workplace(), ["guard"]) as practice:
        told = practice.print_tags(str(out), lambda *_: None)
    assert told.data["count"] == len(THINGS)
    assert out.read_bytes().startswith(b"%PDF")


def test_what_a_killed_round_left_is_removed_and_what_is_in_use_is_not(
    world: World, folder: Path
) -> None:
    in_use = begin_practice(world.workplace(), ["guard"])
    killed = subprocess.Popen(
        [sys.executable, "-c", KILLED],
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(folder)},
    )
    with killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == b"ready\n"
        assert len(list(folder.glob(f"{PREFIX}*"))) == 2
        remove_leftovers()
        assert len(list(folder.glob(f"{PREFIX}*"))) == 2
        killed.send_signal(signal.SIGKILL)
    remove_leftovers()
    assert list(folder.iterdir()) == [Path(in_use.phone.workplace.home)]
    in_use.close()
    in_use.close()
    assert list(folder.iterdir()) == []


KILLED = """
import time
from commands.practice import begin_practice
from radar_cli.world import real_workplace
held = begin_practice(real_workplace("", 1.0), ["guard"])
print("ready", flush=True)
time.sleep(60)
"""


def test_another_s_folder_and_a_link_stay(folder: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "work").write_text("unsent")
    (folder / f"{PREFIX}link").symlink_to(kept)
    (folder / f"{PREFIX}file").write_text("mine")
    remove_leftovers()
    assert (kept / "work").read_text() == "unsent"
    assert len(list(folder.iterdir())) == 2


def test_where_there_is_no_room_that_is_told(world: World, folder: Path) -> None:
    folder.rmdir()
    assert not Path(gettempdir()).exists()
    with pytest.raises(Failure) as caught:
        begin_practice(world.workplace(), ["guard"])
    assert caught.value.code == "no_practice"


def test_a_round_is_the_person_s_own_and_colleagues_acts_are_not_theirs(world: World) -> None:
    practice: Practice = begin_practice(world.workplace(), ["supervisor"])
    assert practice.actions() == []
    practice.close()


@pytest.mark.parametrize("text", [practice_code("GATE"), practice_label("PUMP1")])
@pytest.mark.parametrize("via", ["wedge", "typed", "camera"])
def test_a_practice_tag_is_nothing_to_a_real_phone(tmp_path: Path, text: str, via: str) -> None:
    """Whoever scans one that lies about leaves no trace of it at the centre."""
    real = new_phone(tmp_path, site_centre(), "G1")
    with pytest.raises(Failure) as scanned:
        scan(real.phone, text, via=via)
    with pytest.raises(Failure) as bound:
        bind(real.phone, text, "ATTIC")
    for failure in (scanned.value, bound.value):
        assert (failure.code, failure.exit_code) == ("practice_tag", NOT_PERMITTED)
    assert real.actions() == []
