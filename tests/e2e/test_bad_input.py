"""Bad input: one sentence, a hint, the documented exit code, and nothing lost."""

import io
import shutil
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from radar_core.tags import LABEL_CHARS_MAX, label_text
from scanners.labels import label_picture
from tests.conftest import Need
from tests.e2e.world import (
    CODES,
    Prepared,
    Said,
    environment,
    journal,
    refusal,
    run,
    say,
)

DESK = CODES["DESK"]
QUARTER_LEFT_EXIF = 6
"""The camera's mark for a picture that has to be turned a quarter to the right."""
BOMB_SIDE_PX = 60_000


def _label(*, height: int = 0) -> Image.Image:
    """Return the desk's label, at the top of a sheet of that height."""
    label = label_picture(label_text("R.EXAMPLE", DESK), DESK, "Desk").convert("L")
    sheet = Image.new("L", (label.width, max(height, label.height)), 255)
    sheet.paste(label)
    return sheet


def _file(picture: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def _cut(data: bytes, share: float) -> bytes:
    return data[: int(len(data) * share)]


def _bomb() -> bytes:
    """Return a small PNG that says it has 3,600 million pixels, and has them."""

    def chunk(name: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + checksum

    head = struct.pack(">IIBBBBB", BOMB_SIDE_PX, BOMB_SIDE_PX, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((BOMB_SIDE_PX // 8 + 1) * BOMB_SIDE_PX), 9)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def _turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = QUARTER_LEFT_EXIF
    return _file(_label().rotate(90, expand=True), "JPEG", exif=exif.tobytes())


UNREADABLE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a text": ("picture_unreadable", lambda: b"This is not a picture.\n"),
    "noise": ("picture_unreadable", lambda: b"\xff\xd8\xff" + bytes(range(256)) * 16),
    "blank": ("no_code", lambda: _file(Image.new("L", (600, 400), 200), "JPEG")),
    "cut off": ("picture_cut_off", lambda: _cut(_file(_label(), "JPEG"), 0.3)),
    "bomb": ("picture_too_many_pixels", _bomb),
    "empty": ("picture_empty", lambda: b""),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_picture_that_gives_no_code_is_refused_and_nothing_is_recorded(
    phone: Path, tmp_path: Path, name: str
) -> None:
    code, content = UNREADABLE[name]
    picture = tmp_path / f"{name}.jpg"
    picture.write_bytes(content())
    error = refusal(phone, "scan", str(picture), exit_code=3)
    assert error["code"] == code
    assert str(picture) in error["message"]
    assert journal(phone) == []


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("/dev/null", "picture_not_a_file"),
        ("nowhere.jpg", "picture_missing"),
        ("./nowhere", "picture_missing"),
        (" ", "code_empty"),
    ],
)
def test_what_is_no_picture_and_no_code_is_refused(phone: Path, source: str, code: str) -> None:
    assert refusal(phone, "scan", source, exit_code=3)["code"] == code
    assert journal(phone) == []


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(lambda: _cut(_file(_label(height=2500), "JPEG"), 0.9), id="cut off below"),
        pytest.param(lambda: _cut(_file(_label(height=2500), "PNG"), 0.9), id="cut off PNG"),
        pytest.param(_turned, id="turned by the camera"),
    ],
)
def test_a_picture_that_is_less_than_whole_is_read_as_far_as_it_goes(
    phone: Path, tmp_path: Path, content: Callable[[], bytes]
) -> None:
    picture = tmp_path / "tag.jpg"
    picture.write_bytes(content())
    scan = run(phone, "scan", str(picture)).data
    assert (scan["tag"], scan["saved"], scan["outcome"]) == (DESK, True, "on_round")
    assert len(journal(phone)) == 1


def test_one_bad_picture_does_not_stop_the_others(phone: Path, tmp_path: Path) -> None:
    good = tmp_path / "good.png"
    _label().save(good)
    done = run(phone, "scan", "nowhere.jpg", str(good), DESK)
    assert done.code == 3
    bad, *read = done.data["scans"]
    assert (bad["source"], bad["error"]["code"]) == ("nowhere.jpg", "picture_missing")
    assert [scan["saved"] for scan in read] == [True, True]
    assert len(journal(phone)) == 2


def test_a_folder_among_others_is_refused_and_the_others_are_scanned(
    phone: Path, tmp_path: Path
) -> None:
    done = run(phone, "scan", str(tmp_path), DESK)
    assert done.code == 3
    folder, desk = done.data["scans"]
    assert (folder["error"]["code"], desk["saved"]) == ("picture_not_a_file", True)


def test_a_thousand_pictures_are_scanned_in_a_row_in_little_memory(
    phone: Path, tmp_path: Path
) -> None:
    """Each is recorded but the bad ones, and the thousandth takes no more than the hundredth."""
    for number in range(1000):
        picture = tmp_path / f"{number}.png"
        if number % 250 == 0:
            picture.write_bytes(b"no picture")
        else:
            picture.write_bytes(_SMALL)
    names = [str(tmp_path / f"{number}.png") for number in range(1000)]
    peaks = []
    for count in (100, 1000):
        told = _peak(phone, "scan", *names[:count])
        assert told.code == 3
        peaks.append(int(told.stderr.splitlines()[-1]))
    assert len(journal(phone)) == 99 + 996
    assert peaks[1] < peaks[0] * 1.2


_SMALL = _file(_label(), "PNG")


def _peak(phone: Path, *words: str) -> Said:
    """Run `radar WORDS` and have its peak of memory, in kB, as the last line on stderr."""
    program = (
        "import os, resource, sys; from radar_cli.__main__ import run;"
        "code = run(sys.argv[1:], os.environ);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr);"
        "os._exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        env=environment(phone),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def test_a_text_of_5_mb_as_a_code_is_refused_and_the_next_line_is_read(phone: Path) -> None:
    typed = b"A" * 5_000_000 + f"\n{DESK}\n".encode()
    told = say(phone, "scan", "-", typed=typed)
    assert told.code == 3
    sentence, hint = told.stderr.splitlines()
    assert f"{LABEL_CHARS_MAX}." in sentence
    assert len(sentence) < 200
    assert hint.startswith("  → ")
    assert told.stdout.startswith("SAVED  on your round")
    assert len(journal(phone)) == 1


def test_an_argument_of_100_kb_as_a_code_is_refused(phone: Path) -> None:
    assert refusal(phone, "scan", "A" * 100_000, exit_code=3)["code"] == "code_too_long"
    assert refusal(phone, "bind", "A" * 100_000, "GEN1", exit_code=3)["code"] == "code_too_long"
    too_long = refusal(phone, "note", "DESK", "A" * 100_000, exit_code=2)
    assert too_long["code"] == "note_length"
    assert journal(phone) == []


@pytest.mark.parametrize(
    "text", ["NO-SUCH-TAG", "https://elsewhere.example/a?b=c", "9" * LABEL_CHARS_MAX, "电梯 7"]
)
def test_an_unknown_tag_is_recorded_word_for_word(phone: Path, text: str) -> None:
    told = say(phone, "scan", text)
    assert (told.code, told.stderr) == (0, "")
    verdict, hint = told.stdout.splitlines()
    assert verdict.startswith("SAVED  unknown tag: ")
    assert hint.startswith("  → ")
    scan = run(phone, "scan", text).data
    assert (scan["outcome"], scan["code"], scan["saved"]) == ("unknown_tag", text, True)
    assert [f'"text":"{text}"' in line for _, _, line in journal(phone)] == [True, True]


def test_a_task_of_another_person_is_refused_and_names_whose_it_is(phone: Path) -> None:
    for words in (("start", "FUEL"), ("done", "FUEL"), ("answer", "FUEL", "1", "yes")):
        error = refusal(phone, *words, exit_code=6)
        assert error["code"] == "not_yours"
        assert "HV-G02" in error["message"]
    assert journal(phone) == []


def test_work_that_does_not_exist_or_fit_is_refused(prepared: Prepared, tmp_path: Path) -> None:
    engineer = prepared.phone(tmp_path / "engineer", "HV-E01")
    cases: list[tuple[tuple[str, ...], int, str]] = [
        (("start", "NOSUCH"), 1, "unknown_task"),
        (("start", ""), 1, "unknown_task"),
        (("done", "GENJOB@20200101-0000"), 1, "unknown_task"),
        (("done", "GENJOB"), 1, "steps_open"),
        (("answer", "GENJOB", "nostep", "yes"), 2, "unknown_step"),
        (("answer", "GENJOB", "leak", "perhaps"), 2, "answer_misfit"),
        (("note", "NOTHING", "text"), 1, "unknown_thing"),
        (("note", "GEN1", "  "), 2, "note_length"),
        (("query", "NOTHING"), 1, "unknown_thing"),
        (("bind", "NEW-CODE", "NOTHING"), 1, "unknown_thing"),
        (("bind", "NEW-CODE", "HV-G01"), 2, "bind_target"),
        (("bind", DESK, "GEN1"), 1, "bound_elsewhere"),
        (("scan", "-", DESK), 2, "usage"),
        (("scan",), 2, "usage"),
        (("start",), 2, "usage"),
        (("log", "--most", "none"), 2, "usage"),
        (("scan", "--no-such-option", DESK), 2, "usage"),
        (("no-such-verb",), 2, "usage"),
    ]
    for words, exit_code, code in cases:
        assert refusal(engineer, *words, exit_code=exit_code)["code"] == code, words
    assert journal(engineer) == []


def test_a_scan_for_a_task_that_is_not_the_persons_is_recorded_all_the_same(phone: Path) -> None:
    for wanted in ("FUEL", "NOSUCH"):
        scan = run(phone, "scan", DESK, "--task", wanted)
        assert (scan.code, scan.data["saved"]) == (0, True)
    assert len(journal(phone)) == 2


def test_on_a_full_disk_not_saved_is_said_and_the_next_scan_with_space_works(
    need: Need, phone: Path
) -> None:
    need("prlimit (of util-linux)", shutil.which("prlimit"))
    for code in CODES.values():
        assert run(phone, "scan", code).data["saved"]
    kept = journal(phone)
    log_bytes = (phone / "phone.db-wal").stat().st_size
    # A limit on the size of files; within a page, between pages, and before the first.
    for room in (0, 1000, 4200, 9000):
        full = ("prlimit", f"--fsize={log_bytes + room}")
        for words in (("scan", DESK), ("note", "DESK", "text")):
            error = refusal(phone, *words, behind=full, exit_code=1)
            assert error["code"] == "disk_full"
            assert error["message"].startswith("NOT saved")
        assert journal(phone) == kept
    again = run(phone, "scan", DESK).data
    assert (again["saved"], again["seq"]) == (True, len(kept) + 1)
    assert run(phone, "log", "--verify").data["verified"] == len(kept) + 1


def test_a_full_disk_loses_no_line_of_a_stream_silently(need: Need, phone: Path) -> None:
    need("prlimit (of util-linux)", shutil.which("prlimit"))
    room = (phone / "phone.db-wal").stat().st_size + 60_000
    typed = f"{DESK}\n".encode() * 20
    told = say(phone, "scan", "-", typed=typed, behind=("prlimit", f"--fsize={room}"))
    assert told.code == 1
    saved = told.stdout.count("SAVED  ")
    assert saved == len(journal(phone))
    assert 0 < saved < 20
    assert told.stderr.count("NOT saved") == 20 - saved


VERBS: list[tuple[str, ...]] = [
    ("scan", DESK),
    ("scan", "-"),
    ("scan", "nowhere.jpg"),
    ("tasks",),
    ("start", "T"),
    ("answer", "T", "S", "V"),
    ("note", "T", "text"),
    ("done", "T"),
    ("bind", "C", "T"),
    ("sync",),
    ("status",),
    ("log",),
    ("log", "--verify"),
    ("query", "T"),
    ("board",),
]


def test_a_phone_that_is_not_enrolled_says_so_for_every_verb(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    for words in VERBS:
        error = refusal(nowhere, *words, typed=DESK.encode(), exit_code=7)
        assert error["code"] == "not_enrolled"
        assert "radar enrol" in error["hint"]
    assert not nowhere.exists()
