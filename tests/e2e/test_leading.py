"""A manager's screen and a real centre that comes and goes: what it shows, and what is decided."""

import asyncio
from contextlib import closing
from functools import partial
from pathlib import Path

from radar_cli.one_screen.boards import Boards
from radar_cli.one_screen.conversation import Conversation
from radar_cli.one_screen.desk import Desk
from radar_cli.one_screen.drafts import Drafts
from radar_cli.session import Session
from tests.conversing import screen_of, seen, type_slowly, until
from tests.e2e.world import Prepared, environment, run

ASKING = "Asking"
MANAGER, ENGINEER = "HV-M01", "HV-E01"


async def look_until(home: Path, wanted: str, *keys: str) -> str:
    """Open the screen of a phone, wait until a board shows something, press keys, leave.

    Return what stands there then.
    """
    session = Session({"home": str(home)}, environment(home))
    session.begin(recording=False)
    phone = session.phone()
    with closing(phone.journal.connection), closing(Drafts(phone)) as drafts:
        talk = Conversation(Desk(phone, session.output, session.reader), drafts)
        talk.begin()
        boards = partial(Boards, session.workplace())
        async with screen_of(talk, (45, 40), boards=boards) as pilot:
            await until(pilot, lambda: wanted in seen(pilot) and ASKING not in seen(pilot))
            await type_slowly(pilot, *keys)
            return seen(pilot)


def look(home: Path, wanted: str, *keys: str) -> str:
    return asyncio.run(asyncio.wait_for(look_until(home, wanted, *keys), 120))


def test_a_manager_sees_what_is_late_gives_it_to_somebody_and_keeps_the_board_without_signal(
    prepared: Prepared, tmp_path: Path
) -> None:
    centre = prepared.fresh(tmp_path / "centre")
    centre.start()
    manager, engineer = tmp_path / "manager", tmp_path / "engineer"
    centre.enrol(manager, MANAGER)
    centre.enrol(engineer, ENGINEER)
    run(engineer, "report", "GEN1", "It smokes.", "--priority", "urgent")
    run(engineer, "sync")
    run(manager, "sync")

    shown = look(manager, "To look at")
    assert "late" in shown
    assert "Generator check" in shown
    assert "Zhao Lei" in shown
    assert "No signal" not in shown

    assert "Give it to somebody" in look(manager, "To look at", "1", "1")
    look(manager, "To look at", "1", "1", "1", "2")
    recorded = run(manager, "log").data["actions"]
    assert [row["kind"] for row in recorded] == ["assign"]
    assert run(manager, "sync").data["sent"] == 1

    centre.stop()
    shown = look(manager, "No signal")
    assert "late" in shown
    assert "as of" in shown
    centre.start()
    assert "No signal" not in look(manager, "To look at")
    centre.stop()
