"""`radar photo` and `radar sign`: what is kept of a picture, and what is refused as none."""

from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from commands.answer import answer
from commands.photo import photo, sign
from commands.status import status
from radar_core.failures import NOT_PERMITTED, UNREADABLE, USAGE, Failure
from scanners.apart import Reader
from tests.paper_centre import PaperCentre
from tests.phones import PUMP, SWEEP, Handset, code, data_of, new_phone, site_centre

SIGN = {"id": "sign", "type": "signature", "title": "Sign"}


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as made:
        yield made


@pytest.fixture
def centre() -> PaperCentre:
    made = site_centre()
    steps = [{"id": "picture", "type": "photo", "title": "Picture"}, SIGN]
    made.put("HV", "checklist", "PUMP", {"name": "Pump", "steps": steps})
    return made


@pytest.fixture
def engineer(tmp_path: Path, centre: PaperCentre) -> Handset:
    return new_phone(tmp_path, centre, "E1")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a picture, red above and blue below, with a position and an owner in its EXIF."""
    picture = Image.new("RGB", (400, 300), "red")
    picture.paste("blue", (0, 150, 400, 300))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    exif[0xA430] = "the owner"
    exif.get_ifd(0x8825)[1] = "N"
    path = tmp_path / "a photo.jpg"
    picture.save(path, exif=exif, comment=b"a comment")
    return path


def kept(phone: Handset) -> dict[str, bytes]:
    """Return the files beside the journal; each has the name of its hash."""
    found = {path.name: path.read_bytes() for path in (phone.world.home / "blobs").glob("*")}
    assert all(sha256(data).hexdigest() == name for name, data in found.items())
    return found


def test_a_photo_is_kept_upright_and_without_what_the_camera_wrote_beside_it(
    engineer: Handset, reader: Reader, file: Path
) -> None:
    told = data_of(photo(engineer.phone, lambda: reader, code("PU1"), str(file), when="before"))
    ((name, data),) = kept(engineer).items()
    ((kind, body),) = engineer.actions()
    assert (kind, body) == (
        "photo",
        {
            "tag": code("PU1"),
            "place": "PUMPS",
            "asset": "PU1",
            "when": "before",
            "sha256": name,
            "bytes": len(data),
            "type": "image/jpeg",
        },
    )
    assert (told["saved"], told["sha256"], told["about"]) == (True, name, f"tag:{code('PU1')}")
    with Image.open(BytesIO(data)) as picture:
        assert (picture.size, picture.format, dict(picture.getexif())) == ((300, 400), "JPEG", {})
        left, right = picture.getpixel((20, 200)), picture.getpixel((280, 200))
        assert isinstance(left, tuple)
        assert isinstance(right, tuple)
        assert max(left) == left[2], "what was below is at the left"
        assert max(right) == right[0]
    assert b"owner" not in data
    assert b"comment" not in data
    states = data_of(status(engineer.phone))["photos"]
    assert states == {
        "waiting": 1, "sent": 0, "recorded": 1, "promised": 0, "arrived": 0, "lost": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("size", "mode", "form", "becomes"),
    [
        ((5000, 2500), "RGB", "JPEG", (2048, 1024)),
        ((3000, 6000), "L", "PNG", (1024, 2048)),
        ((40, 30), "RGBA", "PNG", (40, 30)),
        ((40, 30), "I;16", "PNG", (40, 30)),
        ((40, 30), "P", "GIF", (40, 30)),
        ((40, 30), "CMYK", "TIFF", (40, 30)),
    ],
)
def test_pictures_of_every_kind_become_jpeg_of_a_size_that_spares_airtime(
    tmp_path: Path, reader: Reader, *, size: tuple[int, int], mode: str, form: str,
    becomes: tuple[int, int],
) -> None:  # fmt: skip
    path = tmp_path / "picture"
    Image.new(mode, size).save(path, form)
    with Image.open(BytesIO(reader.photo(str(path)))) as picture:
        assert (picture.size, picture.format, picture.mode) == (becomes, "JPEG", "RGB")


def bad_files(folder: Path, good: Path) -> dict[str, tuple[Path, str]]:
    """Return what is no picture, each with the code of its failure."""
    (folder / "empty.jpg").touch()
    (folder / "text.jpg").write_text("hello")
    (folder / "sheet.pdf").write_bytes(b"%PDF-1.7 and so on")
    (folder / "half.jpg").write_bytes(good.read_bytes()[:2000])
    with (folder / "huge.jpg").open("wb") as huge:
        huge.truncate(65 * 2**20)
    names = {
        "gone.jpg": "picture_missing",
        "empty.jpg": "picture_empty",
        "text.jpg": "picture_unreadable",
        "sheet.pdf": "picture_unreadable",
        "half.jpg": "picture_cut_off",
        "huge.jpg": "picture_too_large",
        ".": "picture_not_a_file",
    }
    return {name: (folder / name, told) for name, told in names.items()}


def test_what_is_no_picture_is_said_and_nothing_is_saved(
    engineer: Handset, reader: Reader, file: Path, tmp_path: Path
) -> None:
    noisy = Image.effect_noise((400, 300), 80)
    noisy.save(file)
    for name, (path, expected) in bad_files(tmp_path, file).items():
        with pytest.raises(Failure) as told:
            photo(engineer.phone, lambda: reader, "PU1", str(path))
        assert (told.value.code, told.value.exit_code) == (expected, UNREADABLE), name
        assert "Nothing was saved" in told.value.hint
        with pytest.raises(Failure) as signed:
            sign(engineer.phone, lambda: reader, PUMP, "Chen Jing", picture=str(path))
        assert signed.value.code == expected
    assert (engineer.actions(), kept(engineer)) == ([], {})
    assert data_of(photo(engineer.phone, lambda: reader, "PU1", str(file)))["saved"] is True


def test_a_photo_answers_a_step_that_asks_for_one(
    engineer: Handset, reader: Reader, file: Path
) -> None:
    told = photo(engineer.phone, lambda: reader, PUMP, str(file), step_id="1", when="after")
    _, progress = engineer.phone.task(PUMP)
    assert progress.answers == {"picture": told.data["sha256"]}
    (_, body), *_ = engineer.actions()
    assert (body["task"], body["asset"], body["step"]) == (PUMP, "PU1", "picture")


def test_a_signature_answers_its_step_with_a_picture_or_without(
    engineer: Handset, reader: Reader, file: Path
) -> None:
    told = data_of(sign(engineer.phone, lambda: reader, PUMP, "  Chen Jing ", step_id="sign"))
    assert (told["saved"], told["name"], told["sha256"]) == (True, "Chen Jing", None)
    assert engineer.phone.task(PUMP)[1].answers == {"sign": "Chen Jing"}
    told = data_of(
        sign(engineer.phone, lambda: reader, PUMP, "Chen", step_id="sign", picture=str(file))
    )
    assert engineer.phone.task(PUMP)[1].answers == {"sign": told["sha256"]}
    assert set(kept(engineer)) == {told["sha256"]}


@pytest.mark.parametrize(
    ("thing", "step", "expected", "exit_code"),
    [
        ("nothing", "", "unknown_thing", 1),
        ("staff:G1", "", "not_of_a_person", USAGE),
        ("PU1", "picture", "step_without_task", USAGE),
        (PUMP, "nonsense", "unknown_step", USAGE),
        (PUMP, "sign", "answer_misfit", USAGE),
        (SWEEP, "picture", "not_yours", NOT_PERMITTED),
    ],
)
def test_a_photo_of_what_has_none_is_refused(
    engineer: Handset, reader: Reader, file: Path, *, thing: str, step: str, expected: str,
    exit_code: int,
) -> None:  # fmt: skip
    with pytest.raises(Failure) as told:
        photo(engineer.phone, lambda: reader, thing, str(file), step_id=step)
    assert (told.value.code, told.value.exit_code) == (expected, exit_code)
    assert engineer.actions() == []


@pytest.mark.parametrize("name", ["", "  ", "x" * 121])
def test_nobody_signs_without_a_name(engineer: Handset, reader: Reader, name: str) -> None:
    with pytest.raises(Failure) as told:
        sign(engineer.phone, lambda: reader, PUMP, name)
    assert (told.value.code, told.value.exit_code) == ("name_length", USAGE)
    assert engineer.actions() == []


def test_the_same_photo_twice_is_one_blob_and_two_actions(
    engineer: Handset, reader: Reader, file: Path
) -> None:
    names = [
        photo(engineer.phone, lambda: reader, thing, str(file)).data["sha256"]
        for thing in ("PU1", "GATE")
    ]
    assert names[0] == names[1]
    assert (len(kept(engineer)), len(engineer.actions())) == (1, 2)


@pytest.mark.parametrize(("step", "verb"), [("picture", "radar photo"), ("sign", "radar sign")])
def test_what_cannot_be_typed_says_how_it_is_answered(
    engineer: Handset, step: str, verb: str
) -> None:
    with pytest.raises(Failure) as caught:
        answer(engineer.phone, PUMP, step, "a photo.jpg")
    assert caught.value.code == "answer_misfit"
    assert caught.value.hint.startswith(verb, caught.value.hint.index("radar"))
