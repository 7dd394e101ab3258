"""`radar scan --camera` on a phone: frames are looked at until they agree, and then recorded."""

import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from commands.scan_live import scan_camera, scan_copied
from radar_core.failures import UNREADABLE, Failure
from radar_core.tags import label_text
from scanners.apart import Reader
from scanners.cameras import FRAME_PX, open_camera
from scanners.labels import barcode_picture, label_picture
from tests.paper_centre import PaperCentre
from tests.phones import FOREIGN, Handset, code, data_of, new_phone
from tests.stand_ins import filming, frame, only, program, wall


@pytest.fixture
def guard(tmp_path: Path, centre: PaperCentre) -> Handset:
    return new_phone(tmp_path, centre, "G1")


@pytest.fixture
def reader() -> Iterator[Reader]:
    with Reader() as one:
        yield one


def look(
    guard: Handset, reader: Reader, folder: Path, seconds: float = 20.0
) -> tuple[dict[str, object], list[tuple[int, int]]]:
    """Scan through the camera that there is, and return the data and what was told."""
    told: list[tuple[int, int]] = []
    with open_camera("", only(folder)) as shots:
        answer = scan_camera(
            guard.phone,
            shots,
            "",
            reader,
            clock_s=time.monotonic,
            look_s=seconds,
            tell=lambda seen, left: told.append((seen, left)),
        )
    return data_of(answer), told


def test_a_label_of_ours_counts_at_once_and_is_recorded_as_seen_by_a_camera(
    guard: Handset, reader: Reader, tmp_path: Path
) -> None:
    filming(tmp_path / "bin", [wall(), wall(), frame(code("GATE"))])
    data, told = look(guard, reader, tmp_path / "bin")
    kind, body = guard.actions()[-1]
    assert (kind, body["via"], body["text"]) == ("scan", "camera", data["code"])
    assert (data["tag"], data["source"], data["saved"]) == (code("GATE"), "camera", True)
    assert body["frame"] == data["frame"] is not None
    assert [seen for seen, _ in told] == [0, 1, 2]
    assert told[0][1] == 20


def test_a_photograph_of_termux_is_looked_at_like_a_picture(
    guard: Handset, reader: Reader, tmp_path: Path
) -> None:
    frame(code("GATE")).save(tmp_path / "tag.jpg")
    copy = f"import shutil; shutil.copy({str(tmp_path / 'tag.jpg')!r}, sys.argv[3])"
    program(tmp_path / "bin", "termux-camera-photo", copy)
    data, _ = look(guard, reader, tmp_path / "bin")
    assert data["tag"] == code("GATE")
    assert guard.actions()[-1][1]["via"] == "camera"


def bar_code() -> Image.Image:
    shown = Image.new("L", FRAME_PX, 200)
    shown.paste(barcode_picture(FOREIGN).convert("L"), (300, 200))
    return shown


def test_a_makers_code_counts_when_a_second_frame_reads_it(
    guard: Handset, reader: Reader, tmp_path: Path
) -> None:
    filming(tmp_path / "bin", [bar_code(), wall(), wall(), bar_code(), wall()])
    data, told = look(guard, reader, tmp_path / "bin")
    assert data["code"] == FOREIGN
    assert [seen for seen, _ in told] == [0, 1, 2, 3]


def test_a_makers_code_that_one_frame_alone_shows_is_not_believed(
    guard: Handset, reader: Reader, tmp_path: Path
) -> None:
    filming(tmp_path / "bin", [bar_code(), wall()])
    with pytest.raises(Failure) as caught:
        look(guard, reader, tmp_path / "bin", 1.5)
    assert caught.value.code == "no_code_in_time"
    assert guard.actions() == []


def test_of_two_labels_in_a_frame_the_one_that_the_book_knows_counts(
    guard: Handset, reader: Reader, tmp_path: Path
) -> None:
    shown = Image.new("L", FRAME_PX, 200)
    for left, name in ((40, "NOWHERE"), (660, "GATE")):
        label = label_picture(label_text("r.example", code(name)), code(name), name)
        shown.paste(label.convert("L").resize((560, 560)), (left, 80))
    filming(tmp_path / "bin", [shown])
    data, _ = look(guard, reader, tmp_path / "bin")
    assert data["tag"] == code("GATE")


def test_what_no_frame_shows_is_given_up_with_advice_that_fits(
    guard: Handset, reader: Reader, tmp_path: Path
) -> None:
    filming(tmp_path / "bin", [wall()])
    began_s = time.monotonic()
    with pytest.raises(Failure) as caught:
        look(guard, reader, tmp_path / "bin", 1.0)
    assert 1.0 <= time.monotonic() - began_s < 10.0
    failure = caught.value
    assert (failure.code, failure.exit_code) == ("no_code_in_time", UNREADABLE)
    assert failure.hint.startswith("Too dark: turn the torch on.")
    assert guard.actions() == []


def test_a_camera_that_gives_rubbish_is_given_up(
    guard: Handset, reader: Reader, tmp_path: Path
) -> None:
    body = "while True: os.write(1, os.urandom(65536))"
    program(tmp_path / "bin", "ffmpeg", body)
    with pytest.raises(Failure) as caught:
        look(guard, reader, tmp_path / "bin", 1.0)
    assert caught.value.code == "no_code_in_time"


def test_a_camera_whose_time_is_up_before_its_first_frame_is_given_up(
    guard: Handset, reader: Reader, tmp_path: Path
) -> None:
    program(tmp_path / "bin", "ffmpeg", "import time; time.sleep(60)")
    with pytest.raises(Failure) as caught:
        look(guard, reader, tmp_path / "bin", 0.5)
    assert caught.value.code == "no_code_in_time"
    assert caught.value.hint.startswith("Hold still.")


def test_a_photograph_that_is_no_picture_is_told_by_the_camera_and_what_is_wrong(
    guard: Handset, reader: Reader, tmp_path: Path
) -> None:
    program(tmp_path / "bin", "termux-camera-photo", "open(sys.argv[3], 'w').write('x' * 999)")
    with pytest.raises(Failure) as caught:
        look(guard, reader, tmp_path / "bin")
    reason = caught.value.values["reason"]
    assert caught.value.code == "camera_fails"
    assert isinstance(reason, Failure)
    assert reason.code == "picture_unreadable"


def test_a_picture_that_was_copied_is_scanned_like_a_file(guard: Handset, reader: Reader) -> None:
    file = BytesIO()
    frame(code("GATE")).save(file, "PNG")
    data = data_of(scan_copied(guard.phone, file.getvalue(), "", lambda: reader))
    assert (data["tag"], data["source"]) == (code("GATE"), "clipboard")
    assert guard.actions()[-1][1]["via"] == "picture"


def test_a_code_or_a_path_that_was_copied_is_scanned(
    guard: Handset, reader: Reader, tmp_path: Path
) -> None:
    frame(code("LOBBY")).save(tmp_path / "tag.png")
    for copied, name, via in (
        (code("GATE"), "GATE", "clipboard"),
        (label_text("r.example", code("ROOF")), "ROOF", "clipboard"),
        (str(tmp_path / "tag.png"), "LOBBY", "picture"),
    ):
        data = data_of(scan_copied(guard.phone, copied, "", lambda: reader))
        assert (data["tag"], guard.actions()[-1][1]["via"]) == (code(name), via)


def test_a_slip_in_a_code_that_was_copied_is_refused(guard: Handset, reader: Reader) -> None:
    right = code("GATE")
    slip = right[1] + right[0] + right[2:]
    with pytest.raises(Failure) as caught:
        scan_copied(guard.phone, slip, "", lambda: reader)
    assert caught.value.code == "code_mistyped"
    assert guard.actions() == []


def test_a_camera_looks_for_the_symbologies_alone_that_the_project_names(
    reader: Reader, tmp_path: Path, centre: PaperCentre
) -> None:
    centre.put("HV", "project", "HV", {"name": "Harbour", "symbologies": ["EAN13"]})
    guard = new_phone(tmp_path, centre, "G1")
    filming(tmp_path / "bin", [frame(code("GATE")), bar_code()])
    data, _ = look(guard, reader, tmp_path / "bin")
    assert data["code"] == FOREIGN
