"""`radar --plain`: the ways of each trade line by line, in both languages, as on the screen."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Event

import pytest

from commands.done import done
from commands.phone import Phone
from radar_cli.helping import root_help
from radar_cli.one_screen.beside import Beside
from radar_cli.one_screen.conversation import Conversation
from radar_cli.one_screen.desk import Desk, SyncState
from radar_cli.one_screen.drafts import Drafts
from radar_cli.one_screen.looks import look
from radar_cli.one_screen.plain import Plain
from radar_cli.one_screen.speaking import spoken
from radar_cli.output import Output
from radar_cli.texts import Texts
from radar_cli.world import real_workplace
from radar_core.answers import Answer
from radar_core.failures import DONE, UNREADABLE, USAGE, Failure
from radar_core.tags import make_code
from tests.boards_told import BOARD, led_centre
from tests.command_line import CommandLine
from tests.conversing import LABEL, LANGUAGES, converse, reader
from tests.paper_centre import PaperCentre
from tests.phones import FOREIGN, SHANGHAI, SWEEP, Handset, code, new_phone, site_centre

GATE, LOBBY, PU1 = (LABEL + code(name) for name in ("GATE", "LOBBY", "PU1"))
ALWAYS = {
    "day": ("patrol", "guard", {"route": "FREE"}),
    "sweep": ("cleaning", "cleaner", {"place": "LOBBY"}),
    "pump": ("maintenance", "engineer", {"asset": "PU1", "checklist": "PUMP"}),
}
"""What is due all day long, whenever the test runs; nothing else is due at all."""
NEVER = ("night", "liu", "lift")
TRADES: Mapping[str, tuple[str, ...]] = {  # G1 says half a report, scans, says the rest
    "G1": (GATE, "1", f"the lamp is {LOBBY}", "out", PU1, "0", "-", ""),
    "C1": (LOBBY, "", "0", "1", "?", "-"),
    "E1": (PU1, "", "1", "2", "3", "2", "-", "2", "seal", "1", "3", "1", "", ""),
}


def always() -> PaperCentre:
    """Return the small site, with work that is due at any time of the day."""
    centre = site_centre()
    for id_, (kind, role, more) in ALWAYS.items():
        start = f"{datetime.now(SHANGHAI).date()}T00:00"
        body = {"kind": kind, "title": id_.title(), "role": role, "start": start}
        day = {"rrule": "FREQ=DAILY", "duration_min": 1440}
        centre.put("HV", "schedule", id_, {**body, **day, **more})
    for id_ in NEVER:
        body = {"kind": "cleaning", "title": id_, "role": "nobody", "place": "GATE"}
        ended = {"rrule": "FREQ=DAILY;COUNT=1", "start": "2026-01-01T00:00", "duration_min": 1}
        centre.put("HV", "schedule", id_, {**body, **ended})
    return centre


@dataclass(frozen=True, slots=True)
class Told:
    """What a child process said, and how it ended."""

    code: int
    out: str
    err: str


def talk_by_pipe(home: Path, text: str, *flags: str) -> Told:
    """Run `radar --plain` as a script does."""
    done = subprocess.run(
        [sys.executable, "-m", "radar_cli", "--plain", "--home", str(home), *flags],
        input=text.encode(),
        env={**os.environ, "LANG": "C.UTF-8"},
        capture_output=True,
        timeout=120,
        check=False,
    )
    return Told(done.returncode, done.stdout.decode(), done.stderr.decode())


def beside(home: Path, language: str) -> Plain:
    """Return the same talk within the test, on a phone that has the real clocks."""
    phone = Phone(real_workplace(str(home), 5.0))
    output = Output(Texts(language), json=False)
    talk = Conversation(Desk(phone, output, reader), Drafts(phone))
    return plain_of(talk)


def plain_of(talk: Conversation) -> Plain:
    return Plain(talk, _no_camera, lambda _desk: None)


def _no_camera() -> tuple[str, None]:
    raise Failure("no_camera", "There is no camera here.", exit_code=UNREADABLE)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("staff", TRADES)
def test_each_trade_s_ways_say_line_by_line_what_the_conversation_shows(
    tmp_path: Path, staff: str, language: str
) -> None:
    centre = always()
    by_pipe = new_phone(tmp_path / "pipe", centre, staff)
    mirror = new_phone(tmp_path / "mirror", centre, staff)
    lines = TRADES[staff]
    told = talk_by_pipe(by_pipe.world.home, "\n".join([*lines, ""]), "--lang", language)
    assert (told.code, told.err) == (DONE, "")
    plain = beside(mirror.world.home, language)
    plain.begin()
    for line in lines:
        plain.hear(line)
        for shown in _shown(plain.talk):
            assert shown in told.out, (line, shown)
    recorded = [kind for kind, _ in mirror.actions()]
    assert recorded == [kind for kind, _ in by_pipe.actions()]
    assert len(recorded) >= 2
    assert not set("✓✗▸·→●○↵█") & set(told.out)


def _shown(talk: Conversation) -> list[str]:
    """Return what the screen shows of a talk, as it is read aloud."""
    view, texts = look(talk), talk.desk.output.texts
    rows = [row.text for row in view.rows] if talk.on is None else []
    seen = [*view.verdict, view.goal, view.goal_detail, *rows, view.prompt.title, view.prompt.hint]
    seen += [f"{item.number} {item.text}" for item in view.choices]
    return [spoken(text, texts) for text in seen if text]


@pytest.fixture
def guard(tmp_path: Path) -> Handset:
    """Give a guard's phone."""
    return new_phone(tmp_path, site_centre(), "G1")


def said_by(plain: Plain, *lines: str) -> list[str]:
    """Return what is said to the last of some lines."""
    told: list[str] | None = []
    for line in lines:
        told = plain.hear(line)
    assert told is not None, "they left"
    return told


def begun(handset: Handset, language: str = "en") -> Plain:
    plain = plain_of(converse(handset, language))
    plain.begin()
    return plain


def test_it_says_what_is_new_and_nothing_twice(guard: Handset) -> None:
    plain = begun(guard)
    first = said_by(plain, GATE)
    assert first[0].startswith("SAVED, on your round")
    assert "1 Report something here" in first
    assert [line for line in first if line.endswith(" Gate, done")]
    second = said_by(plain, PU1)
    assert second[0].startswith("SAVED, on your round")
    assert second[-1].endswith(" Pump 1, done")
    assert not set(first) & set(second)


def test_a_code_is_a_scan_within_a_note_and_the_note_goes_on(guard: Handset) -> None:
    plain = begun(guard)
    said_by(plain, GATE, "2")
    told = said_by(plain, f"the door {LOBBY}")
    assert told[0].startswith("SAVED, on your round: Harbour View / Lobby")
    assert told[-1].startswith("Half written: the door. Go on")
    assert said_by(plain, code("PU1"))[-1].startswith("Half written: the door. Go on")
    said_by(plain, "is open")
    assert [kind for kind, _ in guard.actions()] == ["scan", "scan", "scan", "note"]
    assert guard.actions()[-1][1]["text"] == "the door is open"


def test_words_that_spell_no_code_of_the_book_are_words(guard: Handset) -> None:
    plain = begun(guard)
    said_by(plain, GATE, "2", make_code(b"nobody's"))
    assert [kind for kind, _ in guard.actions()] == ["scan", "note"]


def test_what_is_half_written_is_there_again_and_enter_takes_it(guard: Handset) -> None:
    plain = begun(guard)
    said_by(plain, GATE, "2", f"the door {LOBBY}")
    assert plain.hear("q") is None
    plain.talk.drafts.close()
    told = plain_of(converse(guard)).begin()
    assert told[-1].startswith("Half written: the door. Enter alone takes it")
    again = begun(guard)
    said_by(again, "")
    assert guard.actions()[-1][1]["text"] == "the door"


def test_back_goes_to_the_question_before_and_out(tmp_path: Path) -> None:
    engineer = new_phone(tmp_path, always(), "E1")
    plain = beside(engineer.world.home, "en")
    plain.begin()
    said_by(plain, PU1, "", "1", "2", "9", "2", "seal")
    assert said_by(plain, "-")[:2] == ["Which part?", "Pump"]
    assert said_by(plain, "back")[-1] == "Scan, or type a code"
    assert "part" not in [kind for kind, _ in engineer.actions()]


def test_help_leaves_what_is_asked_where_it_is(guard: Handset) -> None:
    plain = begun(guard)
    told = said_by(plain, GATE, "2", "?")
    assert told[0].startswith("Scan a tag at any time")
    assert told[-2:] == ["Your note", "Gate"]
    assert said_by(plain, "-", "?")[0] == "How it works"


def test_the_menu_has_everything_but_colours_and_speaks_the_other_language(guard: Handset) -> None:
    plain = begun(guard)
    menu = said_by(plain, "0")
    assert menu[0] == "Everything"
    assert not [line for line in said_by(plain, "?") if "Colours" in line]
    said_by(plain, "-")
    (language,) = [line.split()[0] for line in menu if "中文" in line]
    assert "扫码，或输入编码" in said_by(plain, language)
    assert "1 在此报事" in said_by(plain, GATE)
    assert said_by(plain, "返回", "0", language)[-1] == "Scan, or type a code"


def test_the_camera_that_is_not_there_is_a_sentence(guard: Handset) -> None:
    plain = begun(guard)
    (camera,) = [line.split()[0] for line in said_by(plain, "0") if "camera" in line]
    assert said_by(plain, camera)[0] == "There is no camera here."
    assert plain.exit_code == UNREADABLE


def test_what_the_camera_sees_is_a_scan_with_its_frame(guard: Handset) -> None:
    plain = Plain(converse(guard), lambda: (GATE, {"hash": "0" * 16}), lambda _desk: None)
    plain.begin()
    (camera,) = [line.split()[0] for line in said_by(plain, "0") if "camera" in line]
    assert said_by(plain, camera)[0].startswith("SAVED, on your round")
    assert guard.actions()[-1][1]["via"] == "camera"


def test_a_code_for_a_colleague_is_text(guard: Handset) -> None:
    plain = begun(guard)
    said_by(plain, GATE, "-")
    (number,) = [line.split()[0] for line in plain.hear("") or () if "Hand it over" in line]
    told = said_by(plain, number, "1")
    assert "The code, to send on as it is:" in told
    assert [line for line in told if line.startswith("RADAR1:H:")]
    assert not [line for line in told if "█" in line]


def test_a_number_that_is_no_choice_is_no_scan(guard: Handset) -> None:
    plain = begun(guard)
    assert said_by(plain, "7")[0].startswith("There is no 7 here")
    assert guard.actions() == []
    said_by(plain, FOREIGN)
    assert [kind for kind, _ in guard.actions()] == ["scan"]


def test_the_sync_is_told_when_it_changes_and_only_then(guard: Handset) -> None:
    offline = SyncState(online=False, trouble="No way.")
    states = [SyncState(), SyncState(), offline, offline, SyncState(online=True)]

    def tell(desk: Desk) -> None:
        desk.sync = states.pop(0)

    plain = Plain(converse(guard), _no_camera, tell)
    assert not [line for line in plain.begin() if "unsent" in line]
    assert not [line for line in said_by(plain, GATE) if "unsent" in line]
    told = said_by(plain, GATE)
    assert [line[:9] for line in told if "unsent" in line] == ["no signal"]
    assert "No way." in told
    assert not [line for line in said_by(plain, GATE) if "unsent" in line]
    assert [line[:6] for line in said_by(plain, GATE) if "unsent" in line] == ["signal"]


def test_a_sync_beside_tells_and_ends(guard: Handset) -> None:
    ended, desk = Event(), converse(guard).desk

    async def syncs() -> AsyncGenerator[SyncState]:
        try:
            yield SyncState(online=True)
            await asyncio.sleep(3600)
        finally:
            ended.set()

    with Beside(syncs, begin_s=0) as side:
        while not desk.sync.online:
            side.hear(desk)
    assert ended.is_set()
    desk.sync = SyncState()
    with Beside(syncs, begin_s=3600) as late:
        late.hear(desk)
    assert desk.sync == SyncState(), "it was over before it began"


def test_a_leader_s_board_is_told_as_it_comes(tmp_path: Path) -> None:
    leader = new_phone(tmp_path, led_centre(), "B1")

    def tell(desk: Desk) -> None:
        if desk.here is not None:
            desk.hear_board(Answer("board", BOARD))

    plain = Plain(converse(leader), _no_camera, tell)
    begun = plain.begin()
    assert begun.count("Asking the centre …") == 1
    told = "\n".join([*begun, *said_by(plain, GATE)])
    assert "Pump drips" in told
    assert [line for line in _shown(plain.talk) if line not in told] == []


@pytest.mark.parametrize("words", [("--plain", "--json"), ("tasks", "--plain")])
def test_it_stands_alone(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    told = CommandLine(capfd, tmp_path)(*words)
    assert told.code == USAGE
    assert "--plain" in told.out + told.err


def test_a_line_of_a_file_ends_once_and_its_failures_end_it_as_any_verb_s(tmp_path: Path) -> None:
    phone = new_phone(tmp_path, always(), "C1")
    mistyped = code("LOBBY")[:-1] + ("0" if code("LOBBY")[-1] != "0" else "1")
    told = talk_by_pipe(phone.world.home, f"{LOBBY}\r\n{mistyped}\r\n")
    assert told.code == UNREADABLE
    assert "> " not in told.out, "nobody is there to be prompted"
    assert [kind for kind, _ in phone.actions()] == ["scan"]


def test_at_a_terminal_it_prompts_and_a_scanner_s_second_end_is_nobody_s_enter(
    tmp_path: Path,
) -> None:
    phone = new_phone(tmp_path, always(), "C1")
    ours, theirs = os.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "radar_cli", "--plain", "--home", str(phone.world.home)],
        stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "LANG": "C.UTF-8"},
    )  # fmt: skip
    os.close(theirs)
    _until(ours, "> ")
    os.write(ours, f"{LOBBY}\r\n".encode())
    _until(ours, "1 Done, or Enter alone", "> ")
    os.write(ours, b"q\n")
    assert child.wait(timeout=60) == DONE
    os.close(ours)
    assert [kind for kind, _ in phone.actions()] == ["scan"]


def _until(descriptor: int, *texts: str) -> None:
    """Read a terminal until it has said some texts, one after the other."""
    seen = b""
    for text in texts:
        while text.encode() not in seen:
            seen += os.read(descriptor, 4096)
        seen = seen.partition(text.encode())[2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_program_s_own_help_tells_what_it_does_without_a_verb(language: str) -> None:
    lines = [line.split() for line in root_help(Texts(language)).splitlines()]
    assert [line[:2] for line in lines if line[:2] == ["radar", "--plain"]]
    assert [line for line in lines if line[:1] == ["radar"] and len(line) > 1]


def test_wrong_settings_stop_nobody_who_records(tmp_path: Path) -> None:
    phone = new_phone(tmp_path, always(), "C1")
    (phone.world.home / "config.toml").write_text("wedge_suffix = [")
    told = talk_by_pipe(phone.world.home, f"{LOBBY}\n")
    assert told.code == DONE
    assert told.err, "it is told"
    assert [kind for kind, _ in phone.actions()] == ["scan"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_leader_s_word_on_finished_work_is_a_number(tmp_path: Path, language: str) -> None:
    centre = led_centre()
    leader, cleaner = new_phone(tmp_path, centre, "B1"), new_phone(tmp_path, centre, "C1")
    done(cleaner.phone, SWEEP)
    cleaner.sync(centre.post)
    leader.sync(centre.post)
    plain = plain_of(converse(leader, language))
    plain.talk.desk.hear_board(Answer("board", BOARD))
    told = plain.begin()
    for words in (("Sweep", "扫大堂"), ("well done", "做得好")):
        (number, *_) = [line.split()[0] for line in told if any(word in line for word in words)]
        told = said_by(plain, number)
    assert [kind for kind, _ in leader.actions()] == ["verify"]
    assert told[0].startswith(("SAVED, ", "已保存，"))


def test_a_new_phone_is_let_in_line_by_line_and_has_help(tmp_path: Path) -> None:
    told = talk_by_pipe(tmp_path / "new", "?\n-\nnothing\n1\n")
    assert (told.code, told.err) == (DONE, "")
    lines = told.out.splitlines()
    assert "Scan the code that your supervisor shows. This phone is not enrolled yet." in lines
    assert not [line for line in lines if "F5" in line or "Colours" in line]
    assert "The centre's address?" in lines
