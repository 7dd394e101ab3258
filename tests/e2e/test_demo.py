"""`radar demo`: a shift on this machine, in time, with all that it promises; Ctrl-C undoes it."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from scanners.decode import read_codes
from tests.conftest import Need
from tests.e2e.world import RADAR, Centre, environment, held, journal, refusal, run, say
from tests.print_shop import pages

LONGEST_S = 120.0
START_S = 30.0
IMPATIENCE_S = 0.1
PHONES = {"guard": 8, "cleaner": 4, "engineer": 7, "manager": 0}
"""How many actions each phone records in the demonstration."""


@dataclass(frozen=True, slots=True)
class Played:
    """A demonstration that was played to its end."""

    folder: Path
    code: int
    stdout: str
    stderr: str
    took_s: float

    @property
    def commands(self) -> list[str]:
        """The commands to go on by hand."""
        return [line.strip() for line in self.stdout.splitlines()[1:]]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Play the demonstration, in a folder whose name a shell would take apart."""
    elsewhere = tmp_path_factory.mktemp("demo")
    # What lies in the folder where it is called must not be taken for a part of it.
    (elsewhere / "json.py").write_text("raise RuntimeError('this is not the json module')\n")
    folder = elsewhere / "night shift's 夜班"
    began = time.monotonic()
    done = subprocess.run(
        [RADAR, "demo", "--folder", folder.name],
        cwd=elsewhere,
        env=environment(elsewhere / "unused"),
        capture_output=True,
        timeout=LONGEST_S,
        check=False,
    )
    took_s = time.monotonic() - began
    told = Played(folder, done.returncode, done.stdout.decode(), done.stderr.decode(), took_s)
    assert told.code == 0, told
    return told


def _processes(folder: Path) -> list[str]:
    """Return the command lines of the processes that know of a folder."""
    found: list[str] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            known = (process / "cmdline").read_bytes(), (process / "environ").read_bytes()
        except OSError:  # it has ended, or is somebody else's
            continue
        if any(os.fsencode(folder) in text for text in known):
            found.append(known[0].replace(b"\0", b" ").decode())
    return found


def test_the_demonstration_tells_its_steps_in_time_and_without_a_fault(played: Played) -> None:
    assert played.took_s < LONGEST_S
    steps = [line for line in played.stderr.splitlines() if re.match(r"\d\. ", line)]
    assert [step[:2] for step in steps] == [f"{number}." for number in range(1, 9)]
    assert "Traceback" not in played.stderr
    assert "NOT saved" not in played.stderr
    assert "round finished" in played.stderr
    assert "cannot be reached" in played.stderr
    assert "stands for Booster pump 1" in played.stderr
    assert played.stderr.count("SAVED  ") == sum(PHONES.values())
    assert _processes(played.folder) == []


def test_the_demonstration_leaves_a_folder_to_explore(played: Played, need: Need) -> None:
    need("a font with Chinese letters", (played.folder / "labels.pdf").exists())
    left = {path.name for path in played.folder.iterdir()}
    assert left == {"book", "centre", "phones", "photos", "labels.pdf"}
    assert len(list((played.folder / "book").glob("*.csv"))) == 13
    assert len(list((played.folder / "photos").glob("*.jpg"))) == 10
    (sheet,) = pages((played.folder / "labels.pdf").read_bytes(), 150)
    printed = [one.text for one in read_codes(sheet)]
    assert len(printed) == 10
    assert all(text.startswith("HTTPS://") for text in printed)


def test_the_demonstrations_centre_holds_every_action_once(played: Played) -> None:
    there = held(Centre(played.folder / "centre"))
    recorded: list[tuple[str, int]] = []
    for phone, count in PHONES.items():
        home = played.folder / "phones" / phone
        own = [(epoch, seq) for epoch, seq, _ in journal(home)]
        assert len(own) == count
        recorded += own
        assert run(home, "status").data["unsent"] == 0
    assert there == sorted(recorded)


@pytest.fixture
def served(played: Played) -> Iterator[None]:
    """Run the first of the commands, as a person does in another window."""
    serving = subprocess.Popen(
        ["sh", "-c", f"exec env {played.commands[0]}"], stderr=subprocess.PIPE, text=True
    )
    assert serving.stderr is not None
    with serving.stderr:
        assert "The centre answers at" in serving.stderr.readline()
        yield
    serving.send_signal(signal.SIGINT)
    assert serving.wait(START_S) == 0


@pytest.mark.usefixtures("served")
def test_the_commands_to_go_on_by_hand_work(played: Played) -> None:
    assert len(played.commands) == 5
    for command in played.commands[1:]:
        done = subprocess.run(
            ["sh", "-c", command], capture_output=True, text=True, timeout=START_S, check=False
        )
        assert (done.returncode, done.stderr) == (0, ""), command
        assert done.stdout
    manager = played.folder / "phones" / "manager"
    (project,) = run(manager, "board", "HV").data["projects"]
    assert (project["cleaning"]["done"], project["maintenance"]["completed"]) == (1, 1)
    assert project["rounds"]["done"] == 1
    assert run(manager, "board").data["offline"] is False


@pytest.mark.parametrize(
    ("step", "number"), [("1.", signal.SIGINT), ("2.", signal.SIGINT), ("2.", signal.SIGHUP)]
)
def test_a_demonstration_that_is_interrupted_leaves_nothing_behind(
    tmp_path: Path, step: str, number: signal.Signals
) -> None:
    folder = tmp_path / "demo"
    playing = subprocess.Popen(
        [RADAR, "demo", "--folder", str(folder)],
        env=environment(tmp_path / "unused"),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert playing.stderr is not None
    with playing.stderr as told:
        assert any(line.startswith(step) for line in told), "the step is never reached"
        assert told.readline()
        os.killpg(playing.pid, number)  # a terminal sends Ctrl-C to all that runs in it
        time.sleep(IMPATIENCE_S)
        if playing.poll() is None:
            os.killpg(playing.pid, number)
        rest = told.read()
    assert playing.wait(START_S) == 130
    assert "Traceback" not in rest
    assert rest.endswith("Nothing of it is left behind.\n")
    assert list(tmp_path.iterdir()) == []
    assert _processes(folder) == []


def test_a_folder_that_is_there_or_cannot_be_made_is_refused_and_left_alone(
    tmp_path: Path, plainly: tuple[str, ...]
) -> None:
    there, locked = tmp_path / "there", tmp_path / "locked"
    there.mkdir()
    (there / "mine").write_text("keep")
    locked.mkdir(0o500)
    for folder in (there, there / "mine", locked / "demo", there / "mine" / "below"):
        error = refusal(tmp_path, "demo", "--folder", str(folder), behind=plainly, exit_code=1)
        assert error["code"] == "demo_folder"
        assert "--folder" in error["hint"]
    assert (there / "mine").read_text() == "keep"
    assert say(tmp_path, "demo", "--folder").code == 2
