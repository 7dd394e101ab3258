"""The one screen end to end, in tmux and on a bare terminal: a shift with a centre that goes."""

import json
import os
import re
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from radar_core.tags import make_code
from tests.conftest import Need
from tests.e2e.terminal import Terminal
from tests.e2e.tmux import HOME, SHELLS_SIGN, Tmux
from tests.e2e.world import (
    CODES,
    TINY_BOOK,
    Centre,
    Prepared,
    held,
    journal,
    run,
    say,
    write_book,
)

pytestmark = pytest.mark.timeout(400)

PIN = "493817"
LABEL = "HTTPS://R.EXAMPLE/"
CLEANER = {"id": "HV-C01", "name": "Zhang Min", "roles": "cleaner", "projects": "HV"}
SWEEP = {
    "id": "SWEEP",
    "project": "HV",
    "kind": "cleaning",
    "title": "Sweep the yard",
    "role": "cleaner",
    "rrule": "FREQ=DAILY",
    "start": "2026-01-01T00:00",
    "duration_min": "1440",
    "place": "YARD",
}
FAN = {"id": "FAN1", "project": "HV", "place": "YARD", "class": "fan", "name": "Fan"}
FAN_CODE = make_code(b"   FAN1")
NOT_THE_SCANNERS_S = 0.5
"""So long after a scan an Enter is a person's."""
GONE_S = 15.0
"""So long a process that lost its screen has to end, on a busy machine."""
STYLE = re.compile(r"\x1b\[([0-9;]*)m")
HUE = re.compile(r"\b[34]8;5;(\d+)|\b[34]8;2;(?!(\d+);\2;\2\b)|\b(?:[349]|10)[1-6]\b")
"""An indexed colour, a mixed one, one by name."""
GREYS = {"16", "231", *map(str, range(232, 256))}


@pytest.fixture
def window(tmp_path: Path, need: Need) -> Iterator[Callable[[Path], Tmux]]:
    """Give what opens a window of tmux with a shell for the phone in a folder."""
    need("tmux", shutil.which("tmux"))
    with ExitStack() as stack:

        def open_window(home: Path) -> Tmux:
            tmux = Tmux(tmp_path, home)
            stack.callback(tmux.close)
            return tmux

        yield open_window


@pytest.fixture
def on_terminal() -> Iterator[Callable[..., Terminal]]:
    """Give what opens `radar` on a terminal of its own."""
    with ExitStack() as stack:

        def open_terminal(home: Path, **more: object) -> Terminal:
            terminal = Terminal(home, **more)  # type: ignore[arg-type]
            stack.callback(terminal.close)
            return terminal

        yield open_terminal


def kinds(phone: Path) -> list[str]:
    """Return what was recorded, in order."""
    return [json.loads(line)["kind"] for _, _, line in journal(phone)]


def arrived_once(centre: Centre, phone: Path) -> bool:
    """Tell whether the centre holds what the phone recorded, each once."""
    return held(centre) == sorted((epoch, seq) for epoch, seq, _ in journal(phone))


def leave(tmux: Tmux) -> None:
    """Leave the screen, and see that the terminal is as it was."""
    assert tmux.told("alternate_on") == "1"
    tmux.press("C-q")
    tmux.wait_for(SHELLS_SIGN)
    tmux.type("echo $((40 + 2)); stty -a")
    seen = tmux.wait_for("42", " echo ")
    assert "echo $((40" in seen, "what is typed is seen"
    assert " icanon" in seen
    assert (tmux.told("alternate_on"), tmux.told("cursor_flag")) == ("0", "1")
    assert tmux.told("mouse_any_flag") == "0"


def test_a_guards_round_goes_on_while_the_centre_is_away(
    prepared: Prepared, running: Centre, tmp_path: Path, window: Callable[[Path], Tmux]
) -> None:
    phone = prepared.phone(tmp_path / "phone")
    tmux = window(phone)
    tmux.type("radar")
    tmux.wait_for(HOME, "Round", "● signal")
    tmux.type(LABEL + CODES["DESK"])
    tmux.wait_for("SAVED", "✓ Desk")
    running.stop()
    tmux.wait_for("○ no signal")
    tmux.type(LABEL + CODES["YARD"])
    tmux.wait_for("✓ Yard")
    tmux.type(LABEL + CODES["PUMPS"])
    tmux.wait_for("✓ Pump room")
    running.start()
    tmux.wait_for("● signal", "unsent 0")
    assert kinds(phone) == ["scan", "scan", "scan"]
    assert arrived_once(running, phone)
    leave(tmux)


@pytest.fixture
def district(tmp_path: Path) -> Iterator[Centre]:
    """Give a running centre with a clean and one job of today's."""
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    job = {
        **SWEEP,
        "id": "FANJOB",
        "kind": "maintenance",
        "title": "Fan check",
        "role": "engineer",
        "rrule": "FREQ=YEARLY",
        "start": f"{today}T00:00",
        "place": "",
        "asset": "FAN1",
        "checklist": "GEN",
    }
    others = [one for one in TINY_BOOK["schedules"] if one["id"] != "GENJOB"]
    book = {
        **TINY_BOOK,
        "assets": [*TINY_BOOK["assets"], FAN],
        "tags": [
            *TINY_BOOK["tags"],
            {"code": FAN_CODE, "project": "HV", "asset": "FAN1", "state": "bound"},
        ],
        "staff": [*TINY_BOOK["staff"], CLEANER],
        "schedules": [*others, SWEEP, job],
    }
    centre = Centre(tmp_path / "centre")
    centre.admin("init")
    centre.admin("import", str(write_book(tmp_path / "book", book)))
    centre.start()
    yield centre
    centre.stop()


def test_a_clean_is_one_scan_and_one_key(
    district: Centre, tmp_path: Path, window: Callable[[Path], Tmux]
) -> None:
    phone = tmp_path / "phone"
    district.enrol(phone, "HV-C01")
    tmux = window(phone)
    tmux.type("radar")
    tmux.wait_for(HOME, "Sweep the yard")
    tmux.type(LABEL + CODES["YARD"])
    tmux.wait_for("SAVED", "Done", "Yard")
    tmux.press("Enter")
    tmux.wait_for("done: Sweep the yard", "unsent 0")
    assert kinds(phone) == ["scan", "complete"]
    assert arrived_once(district, phone)
    leave(tmux)


def test_an_engineers_job_from_scan_to_done_outlives_ctrl_z(
    district: Centre, tmp_path: Path, window: Callable[[Path], Tmux]
) -> None:
    phone = tmp_path / "phone"
    district.enrol(phone, "HV-E01")
    tmux = window(phone)
    tmux.type("radar")
    tmux.wait_for(HOME, "Fan check")
    tmux.type(LABEL + FAN_CODE)
    tmux.wait_for("SAVED")
    time.sleep(NOT_THE_SCANNERS_S)
    tmux.press("Enter")
    tmux.wait_for("yes, in order")
    district.stop()
    tmux.press("C-z")
    tmux.wait_for(SHELLS_SIGN, "Stopped")
    assert (tmux.told("alternate_on"), tmux.told("cursor_flag")) == ("0", "1")
    tmux.type("fg")
    tmux.choose("yes, in order")
    tmux.wait_for("remark")
    tmux.press("Escape")
    tmux.choose("Leave a note")
    tmux.wait_for("Your note")
    tmux.press("-l", "belt")
    tmux.wait_for("belt")
    tmux.type(LABEL + CODES["DESK"])
    tmux.wait_for("SAVED", "Desk", "belt")
    time.sleep(NOT_THE_SCANNERS_S)
    tmux.press("Enter")
    tmux.wait_for("no signal", HOME)
    tmux.wait_for("↵ Done")
    tmux.press("Enter")
    tmux.wait_for("SAVED", "completed")
    district.start()
    tmux.wait_for("● signal", "unsent 0")
    assert kinds(phone) == ["scan", "start", "answer", "scan", "note", "complete"]
    assert arrived_once(district, phone)
    leave(tmux)


def test_without_a_terminal_that_can_move_radar_tells_what_there_is(
    phone: Path, on_terminal: Callable[..., Terminal]
) -> None:
    told = say(phone)
    assert (told.code, told.stderr) == (0, "")
    assert "radar scan" in told.stdout
    dumb = on_terminal(phone, environ={"TERM": "dumb"})
    assert dumb.ended() == 0
    assert "radar scan" in dumb.raw.decode()


def test_no_color_is_no_colour(phone: Path, on_terminal: Callable[..., Terminal]) -> None:
    plain = on_terminal(phone, environ={"NO_COLOR": "1"})
    plain.wait_for(HOME)
    plain.type(LABEL + CODES["DESK"] + "\r")
    plain.wait_for("SAVED")
    assert not hues(bytes(plain.raw))
    coloured = on_terminal(phone)
    coloured.wait_for(HOME)
    assert hues(bytes(coloured.raw))


def hues(raw: bytes) -> set[str]:
    """Return the styles that are drawn in colours, but for black, white and greys."""
    styles = set(STYLE.findall(raw.decode()))
    return {style for style in styles if any(one[1] not in GREYS for one in HUE.finditer(style))}


def test_a_window_too_small_to_read_still_saves(
    phone: Path, on_terminal: Callable[..., Terminal]
) -> None:
    exported = {"COLUMNS": "80", "LINES": "24"}  # of another window: this one's own size counts
    small = on_terminal(phone, size=(20, 5), environ=exported)
    small.wait_for("unsent 0")
    small.type(LABEL + CODES["DESK"] + "\r")
    small.wait_for("unsent 1")
    small.type("\x11")
    assert small.ended() == 0
    assert kinds(phone) == ["scan"]


def test_a_phone_of_nobody_is_told_how_to_begin(
    tmp_path: Path, on_terminal: Callable[..., Terminal]
) -> None:
    nobodys = on_terminal(tmp_path / "none")
    nobodys.wait_for("enrol")
    assert b"Traceback" not in nobodys.raw


def test_a_locked_phone_asks_for_its_pin_and_opens(
    phone: Path, memory: Path, on_terminal: Callable[..., Terminal]
) -> None:
    assert memory.is_dir(), "where the key of an unlocked phone lies"
    assert run(phone, "pin", typed=f"{PIN}\n".encode()).data["encrypted"]
    run(phone, "lock")
    terminal = on_terminal(phone)
    terminal.wait_for("PIN of this phone")
    for key in f"{PIN}\r":
        time.sleep(NOT_THE_SCANNERS_S)
        terminal.type(key)
    terminal.wait_for("Li Wei")
    assert PIN.encode() not in terminal.raw, "a PIN is never drawn"
    run(phone, "lock")


def test_a_shared_phone_without_a_person_asks_for_a_badge(
    running: Centre, tmp_path: Path, on_terminal: Callable[..., Terminal]
) -> None:
    shared = tmp_path / "shared"
    code = running.admin("enrol-code", "--shared", "HV")["code"]
    assert run(shared, "enrol", running.url, code).data
    on_terminal(shared).wait_for("Scan your badge")


def children(terminal: Terminal) -> list[int]:
    """Return the processes that a screen began."""
    pid = terminal.process.pid
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_there(pid: int) -> bool:
    """Tell whether a process lives."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_what_the_screen_began_ends_with_it(
    phone: Path, on_terminal: Callable[..., Terminal], how: signal.Signals
) -> None:
    terminal = on_terminal(phone)
    before = terminal.mode()
    terminal.wait_for(HOME, "no signal")
    began = children(terminal)
    assert began
    own = os.getpriority(os.PRIO_PROCESS, terminal.process.pid)
    assert all(os.getpriority(os.PRIO_PROCESS, pid) > own for pid in began), "the screen goes first"
    assert terminal.mode() != before, "keys come one by one"
    if how == signal.SIGHUP:
        terminal.hang_up()
    else:
        terminal.signal(how)
    code = terminal.process.wait(GONE_S)
    assert code == (0 if how == signal.SIGTERM else -how)
    until = time.monotonic() + GONE_S
    while any(is_there(pid) for pid in began):
        assert time.monotonic() < until, "it goes on without a screen"
        time.sleep(0.05)
    if how == signal.SIGTERM:
        assert terminal.mode() == before
        terminal.seen()
        assert terminal.raw.rfind(b"\x1b[?1049l") > terminal.raw.rfind(b"\x1b[?1049h")
        assert terminal.raw.rfind(b"\x1b[?25h") > terminal.raw.rfind(b"\x1b[?25l")
