"""Pictures are read in a process of its own: what breaks it costs one engine, never the shift."""

import os
import signal
import socket
import textwrap
import time
from pathlib import Path

import pytest
from PIL import Image

from radar_core.failures import UNREADABLE, Failure
from radar_core.tags import label_text, make_code
from scanners.apart import MEMORY_BYTES_MAX, SMALL_PX, Reader
from scanners.darkroom import photograph
from scanners.labels import label_picture
from scanners.readings import Reading
from tests.unit.test_scanners_decode import run_program

CODE = make_code(b"\x11" * 7)
LABEL = label_text("r.example", CODE)
AFTER_ZBAR = 55
"""The seed of a photograph that only a step after ZBar's reads, at badness 0.9."""


def _label() -> Image.Image:
    return label_picture(LABEL, CODE, "Pump room")


def _photo(folder: Path, seed: int = 1, badness: float = 0.2) -> str:
    path = folder / f"photo-{seed}.png"
    photograph(_label(), seed, badness=badness).save(path)
    return str(path)


def test_one_process_reads_file_after_file_and_is_gone_when_closed(tmp_path: Path) -> None:
    there = _children()
    with Reader() as reader:
        for seed in (1, 2, 3):
            seen = reader.read(_photo(tmp_path, seed))
            assert [reading.text for reading in seen.readings] == [LABEL]
            assert len(str(seen.frame["hash"])) == 16
        assert len(_children() - there) == 1
    assert _children() == there


def test_a_frame_of_a_camera_is_read_from_its_pixels() -> None:
    frame = photograph(_label(), 1, badness=0.2).convert("L")
    with Reader() as reader:
        assert reader.read(frame, budget_ms=40).readings[0].text == LABEL


def test_a_file_that_fails_fails_as_ever_and_the_next_one_is_read(tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("no picture")
    Image.new("L", (300, 200), 128).save(tmp_path / "wall.png")
    with Reader() as reader:
        for name, code in (
            ("text.jpg", "picture_unreadable"),
            ("none.jpg", "picture_missing"),
            ("wall.png", "no_code"),
        ):
            with pytest.raises(Failure) as caught:
                reader.read(str(tmp_path / name))
            assert (caught.value.code, caught.value.exit_code) == (code, UNREADABLE)
            assert name in str(caught.value)
        assert reader.read(_photo(tmp_path)).readings[0].text == LABEL


def test_the_look_goes_on_until_enough_is_seen(tmp_path: Path) -> None:
    wall = Image.new("L", (1300, 760), 170)
    other = label_picture(label_text("r.example", make_code(b"\x22" * 7)), CODE, "Lift")
    wall.paste(_label(), (20, 20))
    wall.paste(other, (650, 20))
    wall.save(tmp_path / "two.png")
    asked: list[list[str]] = []

    def enough(readings: list[Reading]) -> bool:
        asked.append([reading.text for reading in readings])
        return LABEL in asked[-1]

    with Reader() as reader:
        seen = reader.read(str(tmp_path / "two.png"), enough=enough)
    assert LABEL in [reading.text for reading in seen.readings]
    assert len(asked) == 1


def test_a_look_that_its_asker_left_says_nothing_of_the_next_picture(tmp_path: Path) -> None:
    other = make_code(b"\x22" * 7)
    label_picture(label_text("r.example", other), other, "Lift").save(tmp_path / "other.png")

    def leave(_: list[Reading]) -> bool:
        raise ZeroDivisionError

    with Reader() as reader:
        with pytest.raises(ZeroDivisionError):
            reader.read(_photo(tmp_path), enough=leave)
        seen = reader.read(str(tmp_path / "other.png"))
    assert [reading.text for reading in seen.readings] == [label_text("r.example", other)]


@pytest.mark.parametrize(
    "fault",
    [
        "import os; os.abort()",
        "import time; time.sleep(60)",
        "hoard = bytearray(2**31)",
        "import os; os.write(2, b'noise'); os._exit(0)",
    ],
    ids=["crash", "hang", "memory", "exit"],
)
def test_an_engine_that_breaks_is_left_out_and_the_others_go_on(tmp_path: Path, fault: str) -> None:
    (tmp_path / "pyzbar.py").write_text(fault)
    hard = _photo(tmp_path, AFTER_ZBAR, 0.9)
    easy = _photo(tmp_path)
    Image.new("L", (1280, 960), 128).save(tmp_path / "wall.png")
    program = f"""
        import time
        from radar_core.failures import Failure
        from scanners.apart import MEMORY_BYTES_MAX, SMALL_PX, Reader
        begun = time.monotonic()
        with Reader() as reader:
            print([r.text for r in reader.read({hard!r}).readings])
            try:
                reader.read({str(tmp_path / "wall.png")!r})
            except Failure as failure:
                print(failure.code)
            print([r.text for r in reader.read({easy!r}).readings])
        print(time.monotonic() - begun < 20)
    """
    done = run_program(textwrap.dedent(program), tmp_path)
    assert (done.stdout, done.stderr) == (f"['{LABEL}']\nno_code\n['{LABEL}']\nTrue\n", "")


def test_what_breaks_every_engine_is_given_up_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "zxingcpp.py").write_text("import os; os.abort()")
    program = f"""
        from radar_core.failures import Failure
        from scanners.apart import MEMORY_BYTES_MAX, SMALL_PX, Reader
        with Reader() as reader:
            try:
                reader.read({_photo(tmp_path)!r})
            except Failure as failure:
                print(failure.code, failure.exit_code, failure)
    """
    done = run_program(textwrap.dedent(program), tmp_path)
    assert done.stdout.startswith("picture_breaks_reader 3 ")
    assert "photo-1.png" in done.stdout


def test_a_process_that_was_ended_in_between_is_made_anew(tmp_path: Path) -> None:
    there = _children()
    with Reader() as reader:
        reader.read(_photo(tmp_path))
        (child,) = _children() - there
        os.kill(child, 9)
        assert reader.read(_photo(tmp_path, 2)).readings[0].text == LABEL


def test_what_was_read_before_an_engine_broke_counts(tmp_path: Path) -> None:
    (tmp_path / "pyzbar.py").write_text("import os; os.abort()")
    small = tmp_path / "small.png"
    photograph(_label(), 1, badness=0.1).resize((640, 480)).save(small)
    program = f"""
        from scanners.apart import MEMORY_BYTES_MAX, SMALL_PX, Reader
        with Reader() as reader:
            seen = reader.read({str(small)!r}, enough=lambda _: False)
            print([r.text for r in seen.readings])
    """
    done = run_program(textwrap.dedent(program), tmp_path)
    assert (done.stdout, done.stderr) == (f"['{LABEL}']\n", "")


def test_a_thousand_pictures_take_no_more_memory_than_a_hundred(tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    photograph(_label(), 1, badness=0.2).resize((320, 240)).save(photo)
    there = _children()
    with Reader() as reader:

        def read(times: int) -> int:
            for _ in range(times):
                reader.read(str(photo))
            return _memory_kb(*(_children() - there))

        early, late = read(100), read(900)
    assert late <= early * 1.05 + 1024


def test_the_process_goes_when_its_parent_is_killed(tmp_path: Path) -> None:
    program = f"""
        import os
        from scanners.apart import MEMORY_BYTES_MAX, SMALL_PX, Reader
        reader = Reader()
        reader.read({_photo(tmp_path)!r})
        print(open(f"/proc/self/task/{{os.getpid()}}/children").read(), flush=True)
        os.kill(os.getpid(), 9)
    """
    done = run_program(textwrap.dedent(program), tmp_path, check=False)
    child = int(done.stdout)
    for _ in range(100):
        if not Path(f"/proc/{child}").exists():
            return
        time.sleep(0.05)
    pytest.fail("the reader outlived who asked it")


def _children() -> set[int]:
    listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
    return {int(child) for child in listed.split()}


def _memory_kb(process: int) -> int:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    raise AssertionError("no such process")


def test_a_large_process_leaves_its_reader_as_much_memory_as_a_small_one(tmp_path: Path) -> None:
    ballast = bytearray(MEMORY_BYTES_MAX + 2**26)
    with Reader() as reader:
        assert reader.read(_photo(tmp_path)).readings
    assert ballast


def test_a_file_is_shown_small_before_it_is_read(tmp_path: Path) -> None:
    shown: list[tuple[Image.Image, tuple[int, int]]] = []
    with Reader() as reader:
        reader.read(_photo(tmp_path), show=lambda picture, full: shown.append((picture, full)))
    ((picture, full),) = shown
    with Image.open(_photo(tmp_path)) as whole:
        assert full == whole.size
        few = whole.convert("L").reduce(-(-max(full) // SMALL_PX))
    assert max(picture.size) <= SMALL_PX
    assert (picture.mode, picture.size, picture.tobytes()) == ("L", few.size, few.tobytes())


def test_what_the_screen_does_with_signals_is_not_done_by_the_reader(tmp_path: Path) -> None:
    came: list[int] = []
    before = signal.signal(signal.SIGWINCH, lambda number, _: came.append(number))
    ours, theirs = socket.socketpair()
    theirs.settimeout(0)
    wakeup = signal.set_wakeup_fd(theirs.fileno())
    try:
        with Reader() as reader:
            known = _children()
            assert reader.read(_photo(tmp_path)).readings
            (child,) = _children() - known
            os.kill(child, signal.SIGWINCH)
            assert reader.read(_photo(tmp_path)).readings
            ours.settimeout(0)
            with pytest.raises(BlockingIOError):
                ours.recv(1)
    finally:
        signal.set_wakeup_fd(wakeup)
        signal.signal(signal.SIGWINCH, before)
        ours.close()
        theirs.close()
    assert came == []
