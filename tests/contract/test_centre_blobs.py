"""Photos and signatures at the centre, over HTTP and on each database: real phones bring them."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from random import Random

import httpx
import pytest
from sqlalchemy import delete, select, update
from sqlmodel import col

from radar_core.actions import Draft, touches
from radar_core.failures import OFFLINE, Failure
from radar_server.admin import revoke_device
from radar_server.centre import Centre
from radar_server.database import reading, writing
from radar_server.problems import Problem
from radar_server.quarantine import Word, decide
from radar_server.shelf import PART_S_MAX, Piece, Shelf
from radar_server.tables import BlobRow, CentreRow
from sync.blobs import count_blobs, keep
from sync.exchange import Reply
from sync.protocol import BLOB_BYTES_MAX, PIECE_BYTES_MAX
from sync.sending import Sent, send_blobs
from tests.contract.centre_parts import Device, Phone, moment, new_device
from tests.contract.test_centre_http import is_by_the_centre, problem_of

PICTURE = Random(5).randbytes(200_000)
NAME = sha256(PICTURE).hexdigest()
Put = Callable[[str, bytes], Reply]


@pytest.fixture
def phone(centre: Centre, client: httpx.Client, tmp_path: Path) -> Phone:
    return new_phone(centre, client, tmp_path / "one")


def new_phone(centre: Centre, client: httpx.Client, folder: Path, staff: str = "G1") -> Phone:
    folder.mkdir()
    return Phone(centre, client, folder, staff)


def take(phone: Phone, data: bytes, project: str = "HV") -> str:
    """Record a photo; return its name."""
    with phone.journal.transaction():
        body: dict[str, object] = {"sha256": keep(phone.journal, data), "bytes": len(data)}
        draft = Draft(staff=phone.staff, project=project, kind="photo", subject="", body=body)
        phone.journal.append(draft, moment(1_772_409_600_000), touches(draft))
    return sha256(data).hexdigest()


def send(phone: Phone, put: Put | None = None) -> Sent:
    return send_blobs(phone.journal, put or phone.way.put, lambda: moment(1_772_409_600_000))


def state(phone: Phone) -> str:
    (found,) = [name for name, count in count_blobs(phone.journal).items() if count]
    return found


def arrived(centre: Centre) -> list[str]:
    with reading(centre.engine) as connection:
        return sorted(connection.execute(select(col(BlobRow.sha256))).scalars())


def path_of(tmp_path: Path, name: str) -> Path:
    return tmp_path / "blobs" / name[:2] / name[2:]


def piece(device: Device, client: httpx.Client, at: int, size: int, data: bytes) -> httpx.Response:
    """Send a piece of the picture, signed, as it is."""
    return put_signed(device, client, f"/v1/blobs/{NAME}?from={at}&size={size}", data)


def put_signed(device: Device, client: httpx.Client, path: str, data: bytes) -> httpx.Response:
    return client.put(path, content=data, headers=device.asker().sign("PUT", path, data)[1])


@pytest.fixture
def device(centre: Centre, client: httpx.Client) -> Device:
    """Give a device that has promised the picture."""
    made = new_device(centre)
    made.act("photo", body={"sha256": NAME})
    made.sync(client)
    return made


def test_a_photo_comes_in_pieces_and_whoever_sees_the_project_may_see_it(
    centre: Centre, client: httpx.Client, phone: Phone, tmp_path: Path
) -> None:
    take(phone, PICTURE)
    assert state(phone) == "recorded"
    phone.sync()
    assert (state(phone), arrived(centre)) == ("promised", [])
    guard, cleaner = new_device(centre, "G2"), new_device(centre, "C1")
    path = f"/v1/blobs/{NAME}"
    assert problem_of(guard.get(client, path)) == (404, "not_found")
    assert send(phone).arrived == 1
    assert (state(phone), arrived(centre)) == ("arrived", [NAME])
    assert path_of(tmp_path, NAME).read_bytes() == PICTURE
    assert list((tmp_path / "blobs" / "part").iterdir()) == []
    response = guard.get(client, path)
    assert (response.status_code, response.content) == (200, PICTURE)
    assert response.headers["content-type"] == "application/octet-stream"
    assert is_by_the_centre(centre, response)
    assert problem_of(cleaner.get(client, path)) == (404, "not_found")
    assert problem_of(client.get(path)) == (401, "unknown_device")


@pytest.mark.parametrize("answered", [False, True])
def test_cut_at_every_piece_it_arrives_all_the_same(
    centre: Centre, phone: Phone, tmp_path: Path, *, answered: bool
) -> None:
    take(phone, PICTURE)
    phone.sync()
    way = Cut(phone.way.put, answered=answered)
    for way.left in range(20):
        if send(phone, way).arrived:
            break
        assert (state(phone), arrived(centre)) != ("arrived", [])
    assert way.left > 2
    assert path_of(tmp_path, NAME).read_bytes() == PICTURE
    assert (state(phone), arrived(centre)) == ("arrived", [NAME])


class Cut:
    """A way to the centre that is cut after so many pieces, before or after the last came in."""

    def __init__(self, put: Put, *, answered: bool) -> None:
        self.left = 0
        self._put = put
        self._answered = answered
        self._used = 0

    def __call__(self, path: str, body: bytes) -> Reply:
        self._used = 0 if "from=0&" in path else self._used + 1
        if self._used < self.left:
            return self._put(path, body)
        if self._answered:
            self._put(path, body)
        raise Failure("unreachable", "cut", exit_code=OFFLINE)


def test_a_piece_that_does_not_go_on_is_passed_over_and_the_answer_says_where_it_stands(
    client: httpx.Client, device: Device
) -> None:
    size = len(PICTURE)
    assert piece(device, client, 0, size, PICTURE[:1000]).json() == {"held": 1000, "arrived": False}
    for at in (0, 999, 1001, 5000):
        told = piece(device, client, at, size, PICTURE[at : at + 500]).json()
        assert told == {"held": 1000, "arrived": False}
    assert piece(device, client, 0, size, b"").json()["held"] == 1000
    rest = piece(device, client, 1000, size, PICTURE[1000:])
    assert rest.json() == {"held": size, "arrived": True}
    assert piece(device, client, 0, size, b"").json() == {"held": size, "arrived": True}


def test_what_has_the_wrong_hash_is_thrown_away(
    centre: Centre, client: httpx.Client, device: Device, phone: Phone, tmp_path: Path
) -> None:
    size = len(PICTURE)
    assert problem_of(piece(device, client, 0, size, bytes(size))) == (409, "wrong_hash")
    assert (arrived(centre), piece(device, client, 0, size, b"").json()["held"]) == ([], 0)
    piece(device, client, 0, size, bytes(10))
    take(phone, PICTURE)
    phone.sync()
    assert send(phone).arrived == 1, "begun anew after another's junk"
    assert path_of(tmp_path, NAME).read_bytes() == PICTURE


def test_two_phones_with_the_same_photo_need_it_once(
    centre: Centre, client: httpx.Client, phone: Phone, tmp_path: Path
) -> None:
    other = new_phone(centre, client, tmp_path / "two", "G2")
    pieces: list[int] = []
    for each in (phone, other):
        take(each, PICTURE)
        each.sync()

    def put(path: str, body: bytes) -> Reply:
        pieces.append(len(body))
        return other.way.put(path, body)

    assert send(phone).arrived == 1
    assert (send(other, put).arrived, len(pieces)) == (1, 1)
    assert arrived(centre) == [NAME]


def test_law_11_a_revoked_phone_brings_what_it_holds_and_sees_nothing(
    centre: Centre, client: httpx.Client, phone: Phone, tmp_path: Path
) -> None:
    take(phone, PICTURE)
    phone.sync()
    later = take(phone, b"taken later")
    revoke_device(centre, phone.device)
    with pytest.raises(Failure) as told:
        phone.sync()
    assert told.value.code == "revoked"
    assert send(phone).arrived == 2
    assert path_of(tmp_path, later).read_bytes() == b"taken later"
    with pytest.raises(Failure):
        phone.sync()
    assert phone.way.get(f"/v1/blobs/{NAME}").problem == "revoked"
    assert new_device(centre, "G2").get(client, f"/v1/blobs/{later}").status_code == 404


def test_only_what_an_action_of_this_device_names_is_taken(
    client: httpx.Client, centre: Centre, device: Device
) -> None:
    stranger = new_device(centre, "G1")
    size = len(PICTURE)
    assert problem_of(piece(stranger, client, 0, size, PICTURE)) == (403, "not_named")
    nobody = replace(stranger, id="D0")
    assert problem_of(piece(nobody, client, 0, size, PICTURE)) == (401, "unknown_device")
    forged = replace(stranger, id=device.id)
    assert problem_of(piece(forged, client, 0, size, PICTURE)) == (401, "bad_signature")
    assert arrived(centre) == []


@pytest.mark.parametrize(
    ("path", "data", "code"),
    [
        (f"/v1/blobs/{NAME}", b"x", "bad_body"),
        (f"/v1/blobs/{NAME}?from=-1&size=5", b"x", "bad_body"),
        (f"/v1/blobs/{NAME}?from=0&size=x", b"x", "bad_body"),
        (f"/v1/blobs/{NAME}?from=0&size=٣", b"x", "bad_body"),
        (f"/v1/blobs/{NAME}?from=9&size=9", b"x", "bad_body"),
        (f"/v1/blobs/{NAME}?from=0&size=0", b"", "too_large"),
        (f"/v1/blobs/{NAME}?from=0&size={BLOB_BYTES_MAX + 1}", b"x", "too_large"),
        (f"/v1/blobs/{NAME}?from=0&size=9999999", bytes(PIECE_BYTES_MAX + 1), "too_large"),
        (f"/v1/blobs/{NAME.upper()}?from=0&size=1", b"x", "not_found"),
        ("/v1/blobs/..%2f..%2fkey?from=0&size=1", b"x", "not_found"),
        ("/v1/blobs/abc?from=0&size=1", b"x", "not_found"),
    ],
)
def test_what_cannot_be_a_piece_is_refused(
    centre: Centre, client: httpx.Client, device: Device, *, path: str, data: bytes, code: str
) -> None:
    assert problem_of(put_signed(device, client, path, data))[1] == code
    assert arrived(centre) == []


def test_a_centre_with_a_full_disk_says_so_and_the_phone_keeps_it(
    centre: Centre, phone: Phone, tmp_path: Path
) -> None:
    take(phone, PICTURE)
    phone.sync()
    full = Shelf(tmp_path / "blobs", spare_bytes=1 << 60)
    with held_by(centre, full):
        assert send(phone).stopped == "no_room"
        phone.record()
        assert phone.sync().sent == 1, "actions go on"
    (tmp_path / "blobs").rename(tmp_path / "moved")
    (tmp_path / "blobs").write_text("a file where the folder should be")
    assert send(phone).stopped == "no_room"
    (tmp_path / "blobs").unlink()
    assert (send(phone).arrived, arrived(centre)) == (1, [NAME])


@contextmanager
def held_by(centre: Centre, shelf: Shelf) -> Generator[None]:
    """Let a centre keep its photos elsewhere for a while."""
    before = centre.shelf
    object.__setattr__(centre, "shelf", shelf)
    yield
    object.__setattr__(centre, "shelf", before)


def test_a_centre_that_was_restored_to_before_the_photo_gets_it_again(
    centre: Centre, phone: Phone, tmp_path: Path
) -> None:
    phone.sync()
    take(phone, PICTURE)
    phone.sync()
    send(phone)
    path_of(tmp_path, NAME).unlink()
    with writing(centre.engine) as connection:
        connection.execute(delete(BlobRow))
        connection.execute(update(CentreRow).values(epoch="CRESTORED"))
    phone.sync()
    assert state(phone) == "promised"
    assert (send(phone).arrived, arrived(centre)) == (1, [NAME])
    assert path_of(tmp_path, NAME).read_bytes() == PICTURE


def test_a_centre_that_stopped_before_it_noted_a_photo_notes_it_when_asked(
    centre: Centre, client: httpx.Client, device: Device
) -> None:
    centre.shelf.take(Piece(NAME, 0, len(PICTURE), PICTURE))
    assert arrived(centre) == []
    assert piece(device, client, 0, len(PICTURE), b"").json()["arrived"] is True
    assert arrived(centre) == [NAME]


def test_a_photo_in_a_released_action_is_seen_then(
    centre: Centre, client: httpx.Client, phone: Phone
) -> None:
    take(phone, PICTURE, project="PK")
    phone.sync()
    assert send(phone).arrived == 1, "what lies in quarantine is kept whole"
    supervisor, path = new_device(centre, "S1"), f"/v1/blobs/{NAME}"
    assert supervisor.get(client, path).status_code == 404
    decide(centre, f"{phone.epoch}.1", Word("released", "S1", "seen"))
    assert supervisor.get(client, path).content == PICTURE


def test_many_at_one_part_make_one_whole(tmp_path: Path) -> None:
    shelf, step = Shelf(tmp_path / "blobs", 0), 10_000
    faults: list[Problem] = []

    def bring() -> None:
        at, whole = 0, False
        while not whole:
            try:
                at, whole = shelf.take(Piece(NAME, at, len(PICTURE), PICTURE[at : at + step]))
            except Problem as problem:
                faults.append(problem)
                return

    threads = [threading.Thread(target=bring) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert shelf.read(NAME) == PICTURE


def test_a_part_that_nobody_goes_on_with_goes(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "blobs", 0)
    shelf.take(Piece(NAME, 0, 100, b"begun"))
    part = tmp_path / "blobs" / "part" / NAME
    at_s = part.stat().st_mtime
    shelf.sweep(at_s + PART_S_MAX - 60)
    assert part.exists()
    shelf.sweep(at_s + PART_S_MAX + 60)
    assert not part.exists()
