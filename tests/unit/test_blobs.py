"""Photos and signatures on the phone: durable before their action, gone only when they arrived."""

import json
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from random import Random
from urllib.parse import parse_qs, urlsplit

import pytest

from radar_core.actions import Draft, touches
from radar_core.failures import OFFLINE, Failure
from sync.blobs import KEPT_S, ORPHAN_S, count_blobs, keep, sweep, waiting
from sync.exchange import Reply
from sync.sending import send_blobs
from tests.paper_centre import PaperCentre
from tests.phones import NOW_S, Handset, new_phone

PIECE = 32 * 1024


@pytest.fixture
def guard(tmp_path: Path, centre: PaperCentre) -> Handset:
    return new_phone(tmp_path, centre, "G1")


def take(phone: Handset, data: bytes) -> str:
    """Record a photo of the gate; return its name."""
    journal = phone.phone.journal
    with journal.transaction():
        body: dict[str, object] = {"place": "GATE", "sha256": keep(journal, data)}
        draft = Draft(staff="G1", project="HV", kind="photo", subject="GATE", body=body)
        journal.append(draft, phone.world.moment(), touches(draft))
    return sha256(data).hexdigest()


def files(phone: Handset) -> set[str]:
    folder = phone.world.home / "blobs"
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


class Shelf:
    """A centre's side on paper; a test may let it fail at a request, before or after it counts."""

    def __init__(self) -> None:
        self.parts: dict[str, bytes] = {}
        self.asked: list[tuple[str, int, int]] = []
        self.cut_before = self.cut_after = -1
        self.problem = ""

    def put(self, path: str, body: bytes) -> Reply:
        url = urlsplit(path)
        name, query = url.path.rpartition("/")[2], parse_qs(url.query)
        at, size = int(query["from"][0]), int(query["size"][0])
        self.asked.append((name, at, len(body)))
        if len(self.asked) == self.cut_before:
            raise Failure("unreachable", "cut", exit_code=OFFLINE)
        if self.problem:
            return Reply(507, b"", 0, 0, self.problem)
        held = self.parts.get(name, b"")
        if len(held) == at:
            self.parts[name] = held = held + body
        if len(self.asked) == self.cut_after:
            raise Failure("unreachable", "cut", exit_code=OFFLINE)
        if len(held) == size and sha256(held).hexdigest() != name:
            del self.parts[name]
            return Reply(409, b"", 0, 0, "wrong_hash")
        return Reply(
            200, json.dumps({"held": len(held), "arrived": len(held) == size}).encode(), 0, 0
        )

    def send(self, phone: Handset) -> tuple[int, str]:
        sent = send_blobs(phone.phone.journal, self.put, phone.world.moment)
        return sent.arrived, sent.stopped


def states(phone: Handset) -> tuple[int, ...]:
    return tuple(count_blobs(phone.phone.journal).values())


def test_a_photo_is_recorded_then_promised_then_arrived(
    guard: Handset, centre: PaperCentre
) -> None:
    name, shelf = take(guard, b"a picture"), Shelf()
    assert states(guard) == (1, 0, 0, 0)
    assert shelf.send(guard) == (0, "")
    assert shelf.asked == []
    guard.sync(centre.post)
    assert states(guard) == (0, 1, 0, 0)
    assert shelf.send(guard) == (1, "")
    assert states(guard) == (0, 0, 1, 0)
    assert shelf.parts == {name: b"a picture"}
    assert files(guard) == {name}
    assert shelf.send(guard) == (0, "")


def test_the_smallest_goes_first(guard: Handset, centre: PaperCentre) -> None:
    names = [take(guard, bytes(size)) for size in (90_000, 10, 40_000)]
    guard.sync(centre.post)
    shelf = Shelf()
    assert shelf.send(guard) == (3, "")
    assert list(dict.fromkeys(name for name, _, _ in shelf.asked)) == [names[n] for n in (1, 2, 0)]


@pytest.mark.parametrize("answered", [False, True])
def test_a_cut_at_every_piece_costs_one_piece(
    guard: Handset, centre: PaperCentre, *, answered: bool
) -> None:
    data = Random(5).randbytes(20 * PIECE)
    name = take(guard, data)
    guard.sync(centre.post)
    cut_at, held = 1, 0
    shelf = Shelf()
    while True:
        shelf.asked.clear()
        shelf.cut_before, shelf.cut_after = (-1, cut_at) if answered else (cut_at, -1)
        arrived, stopped = shelf.send(guard)
        if arrived:
            break
        assert stopped == "unreachable"
        assert states(guard) == (0, 1, 0, 0)
        assert len(shelf.parts.get(name, b"")) >= held, "what came stays"
        held = len(shelf.parts.get(name, b""))
        cut_at += 1
    assert cut_at > 3
    assert shelf.parts[name] == data


def test_what_cannot_be_sent_stays_and_the_reason_is_told(
    guard: Handset, centre: PaperCentre
) -> None:
    name = take(guard, b"a picture")
    guard.sync(centre.post)
    shelf = Shelf()
    shelf.problem = "no_room"
    assert shelf.send(guard) == (0, "no_room")
    shelf.problem = "not_named"
    assert shelf.send(guard) == (0, "")
    assert (files(guard), states(guard)) == ({name}, (0, 1, 0, 0))


def test_a_spoilt_part_is_begun_anew(guard: Handset, centre: PaperCentre) -> None:
    name = take(guard, b"x" * 3 * PIECE)
    other = take(guard, b"y" * 4 * PIECE)
    guard.sync(centre.post)
    shelf = Shelf()
    shelf.parts[name] = b"junk"
    assert shelf.send(guard) == (2, "")
    assert shelf.parts.keys() == {name, other}


def test_one_blob_that_never_fits_keeps_no_other_back(guard: Handset, centre: PaperCentre) -> None:
    bad = take(guard, b"x" * 10)
    good = take(guard, b"y" * 20)
    guard.sync(centre.post)
    shelf = Shelf()

    def put(path: str, body: bytes) -> Reply:
        return Reply(409, b"", 0, 0, "wrong_hash") if bad in path else shelf.put(path, body)

    sent = send_blobs(guard.phone.journal, put, guard.world.moment)
    assert (sent.arrived, list(shelf.parts)) == (1, [good])


def test_actions_go_before_the_next_piece(guard: Handset, centre: PaperCentre) -> None:
    name = take(guard, bytes(9 * PIECE))
    guard.sync(centre.post)
    shelf = Shelf()

    def put(path: str, body: bytes) -> Reply:
        reply = shelf.put(path, body)
        take(guard, b"another")
        return reply

    assert send_blobs(guard.phone.journal, put, guard.world.moment).arrived == 0
    assert [asked[0] for asked in shelf.asked] == [name]


@pytest.mark.parametrize(
    "told", [b"", b"{}", b'{"held":-1,"arrived":true}', b'{"held":99,"arrived":false}']
)
def test_nonsense_ends_the_sending(guard: Handset, centre: PaperCentre, told: bytes) -> None:
    take(guard, b"a picture")
    guard.sync(centre.post)
    sent = send_blobs(
        guard.phone.journal, lambda _path, _body: Reply(200, told, 0, 0), guard.world.moment
    )
    assert (sent.arrived, sent.stopped) == (0, "centre_nonsense")
    assert states(guard) == (0, 1, 0, 0)


def spoil(path: Path) -> None:
    path.write_bytes(b"other")


@pytest.mark.parametrize("harm", [Path.unlink, spoil])
def test_a_file_that_is_gone_or_changed_is_lost_unless_the_centre_has_it(
    guard: Handset, centre: PaperCentre, harm: Callable[[Path], None]
) -> None:
    name = take(guard, b"a picture")
    path = guard.world.home / "blobs" / name
    guard.sync(centre.post)
    harm(path)
    shelf = Shelf()
    assert shelf.send(guard) == (0, "")
    assert states(guard) == (0, 0, 0, 1)
    assert shelf.parts.get(name, b"") == b""
    path.write_bytes(b"a picture")
    sweep(guard.phone.journal, NOW_S)
    assert shelf.send(guard) == (1, "")


def test_a_blob_that_arrived_stays_for_a_month(guard: Handset, centre: PaperCentre) -> None:
    name = take(guard, b"a picture")
    guard.sync(centre.post)
    Shelf().send(guard)
    sweep(guard.phone.journal, NOW_S + KEPT_S - 60)
    assert (files(guard), states(guard)) == ({name}, (0, 0, 1, 0))
    sweep(guard.phone.journal, NOW_S + KEPT_S + 60)
    assert (files(guard), states(guard)) == (set(), (0, 0, 0, 0))


def test_a_centre_that_was_restored_is_sent_what_had_arrived(
    guard: Handset, centre: PaperCentre
) -> None:
    name = take(guard, b"a picture")
    guard.sync(centre.post)
    Shelf().send(guard)
    assert waiting(guard.phone.journal) == []
    centre.epoch = "C-RESTORED"
    guard.sync(centre.post)
    assert waiting(guard.phone.journal) == [(name, 9)]
    again = Shelf()
    assert again.send(guard) == (1, "")
    assert again.parts == {name: b"a picture"}


def test_a_restored_database_finds_the_photos_that_were_taken_since(
    guard: Handset, centre: PaperCentre
) -> None:
    home = guard.world.home
    guard.phone.journal.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    backup = (home / "phone.db").read_bytes()
    name = take(guard, b"a picture")
    guard.sync(centre.post)
    guard.phone.journal.connection.close()
    for path in home.glob("phone.db*"):
        path.unlink()
    (home / "phone.db").write_bytes(backup)
    guard.reopen()
    with guard.phone.transaction():
        guard.phone.journal.append(
            Draft(staff="G1", project="HV", kind="note", subject="", body={"text": "after"}),
            guard.world.moment(),
            (),
        )
    guard.sync(centre.post)
    sweep(guard.phone.journal, NOW_S + 9 * ORPHAN_S)
    assert waiting(guard.phone.journal) == [(name, 9)]
    assert Shelf().send(guard) == (1, "")


DIES = """
import os, sys
sys.path.insert(0, {root!r})
from pathlib import Path
from random import Random
from sync.blobs import keep
from sync.journal import open_journal
journal = open_journal({path!r})
with journal.transaction():
    keep(journal, b"a picture")
    os.kill(os.getpid(), 9)
"""


def test_killed_between_the_file_and_its_action_leaves_a_file_that_goes_later(
    guard: Handset, centre: PaperCentre
) -> None:
    root = str(Path(__file__).parents[2])
    text = DIES.format(root=root, path=guard.phone.journal.path)
    assert subprocess.run([sys.executable, "-c", text], check=False).returncode == -signal.SIGKILL
    name = sha256(b"a picture").hexdigest()
    assert (files(guard), states(guard), guard.actions()) == ({name}, (0, 0, 0, 0), [])
    now_s = int((guard.world.home / "blobs" / name).stat().st_mtime)
    sweep(guard.phone.journal, now_s + ORPHAN_S - 60)
    assert files(guard) == {name}
    sweep(guard.phone.journal, now_s + ORPHAN_S + 60)
    assert files(guard) == set()
    assert take(guard, b"a picture") == name
    guard.sync(centre.post)
    assert Shelf().send(guard) == (1, "")


@contextmanager
def small_disk(size: int) -> Generator[None]:
    """Let no file grow beyond `size` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_says_so_and_no_action_is_without_its_photo(guard: Handset) -> None:
    with small_disk(64 * 1024), pytest.raises(Failure) as told:
        take(guard, bytes(100_000))
    assert told.value.code == "disk_full"
    assert (guard.actions(), states(guard)) == ([], (0, 0, 0, 0))
    take(guard, bytes(100_000))
    assert states(guard) == (1, 0, 0, 0)
