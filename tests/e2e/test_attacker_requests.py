"""What somebody can do who copied a request, or has a phone's key: nothing of it counts.

Each comes from an address of its own, so that the operator's line of each is to be seen.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import httpx
import pytest

from sync.chain import links
from sync.keys import KeyPair
from sync.protocol import (
    BLOBS_PATH,
    BOARD_PATH,
    CONTENT_TYPE,
    SYNC_PATH,
    Push,
    Receipt,
    read_answer,
    write_push,
)
from sync.signing import head_message, receipt_message
from tests.contract.centre_parts import Device, shown
from tests.e2e.attackers import (
    Attack,
    WatchedCentre,
    attacking,
    meta_of,
    say_raw,
    stolen,
    watched,
)
from tests.e2e.world import TINY_BOOK, Prepared, held, reading, run, write_book

OTHERS: dict[str, list[dict[str, str]]] = {
    "projects": [
        {"id": "PG", "district": "WC", "name": "Palm Gardens", "timezone": "Asia/Shanghai"}
    ],
    "places": [{"id": "VAULT", "project": "PG", "kind": "room", "name": "Strongroom"}],
    "staff": [{"id": "PG-G01", "name": "Sun Yi", "roles": "guard", "projects": "PG"}],
}
"""A project that none of the attackers works in."""
Sent = tuple[str, str, bytes, dict[str, str]]


@pytest.fixture(scope="module")
def centre(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchedCentre]:
    """Give a running centre of two projects, whose log can be read, for all of these tests."""
    folder = tmp_path_factory.mktemp("attacked")
    made = watched(prepared.folder / "centre", folder / "centre", prepared.port)
    sheets = {name: [*rows, *OTHERS.get(name, ())] for name, rows in TINY_BOOK.items()}
    made.admin("import", str(write_book(folder / "book", sheets)))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def attack(centre: WatchedCentre) -> Iterator[Attack]:
    """Give an attack from an address of its own."""
    with attacking(centre) as made:
        yield made


@pytest.fixture
def device(prepared: Prepared) -> Device:
    """Give the key of a guard's phone."""
    return stolen(prepared.folder / "HV-G01")


@pytest.fixture
def other(prepared: Prepared) -> Device:
    """Give the key of an engineer's phone."""
    return stolen(prepared.folder / "HV-E01")


def code_of(response: httpx.Response) -> str:
    """Return the code of a problem, empty for an answer."""
    return "" if response.is_success else str(response.json()["code"])


def of_epoch(centre: WatchedCentre, device: Device) -> list[int]:
    """Return the numbers of a device's actions that the centre accepted."""
    return [seq for epoch, seq in held(centre) if epoch == device.epoch]


def kept(centre: WatchedCentre, device: Device) -> list[tuple[int, str]]:
    """Return the numbers of a device's actions in quarantine, and why they are there."""
    with reading(centre.home / "centre.db") as database:
        found = "SELECT seq, code FROM quarantine WHERE epoch = ? ORDER BY seq"
        return list(database.execute(found, (device.epoch,)))


def copied(device: Device, body: bytes) -> dict[str, str]:
    """Return the head of a good request, as somebody on the network sees it."""
    _, signed = device.asker().sign("POST", SYNC_PATH, body)
    return {**signed, "Content-Type": CONTENT_TYPE}


STOLEN: dict[str, Callable[[bytes, Mapping[str, str], Device], Sent]] = {
    "another path": lambda body, head, _: ("POST", SYNC_PATH + "?a=b", body, {**head}),
    "another question": lambda _, head, __: ("GET", BOARD_PATH, b"", {**head}),
    "another method": lambda body, head, _: ("PUT", f"{BLOBS_PATH}/{'a' * 64}?from=0&size=9999",
                                             body[:9], {**head}),
    "another body": lambda body, head, _: ("POST", SYNC_PATH, body + b" ", {**head}),
    "no body": lambda _, head, __: ("POST", SYNC_PATH, b"", {**head}),
    "another device": lambda body, head, other: ("POST", SYNC_PATH, body,
                                                 {**head, "Radar-Device": other.id}),
    "a later time": lambda body, head, other: ("POST", SYNC_PATH, body,
                                               {**head, "Radar-Time": other.asker().clock.stamp()}),
    "another's signature": lambda body, head, other: ("POST", SYNC_PATH, body, {
        **head, "Radar-Signature": copied(other, body)["Radar-Signature"]}),
}  # fmt: skip


@pytest.mark.parametrize("name", STOLEN)
def test_a_stolen_signature_serves_for_nothing_else(
    attack: Attack, device: Device, other: Device,
    name: str,
) -> None:  # fmt: skip
    body = write_push(device.push())
    method, path, sent, head = STOLEN[name](body, copied(device, body), other)
    response = attack.client.request(method, path, content=sent, headers=head)
    assert (response.status_code, code_of(response)) == (401, "bad_signature")
    assert of_epoch(attack.centre, device) == []
    assert attack.told("bad_signature", head["Radar-Device"])


def test_a_request_that_is_sent_again_is_refused_also_after_a_restart(
    attack: Attack, device: Device
) -> None:
    body = write_push(device.push())
    head = copied(device, body)
    assert attack.client.post(SYNC_PATH, content=body, headers=head).status_code == 200
    again = attack.client.post(SYNC_PATH, content=body, headers=head)
    assert (again.status_code, code_of(again)) == (401, "replayed")
    assert attack.told("replayed", device.id)
    assert attack.centre.stop() == 0
    attack.centre.start()
    late = attack.client.post(SYNC_PATH, content=body, headers=head)
    assert (late.status_code, code_of(late)) in {(401, "stale_request"), (401, "replayed")}
    assert attack.told(code_of(late), device.id)
    assert of_epoch(attack.centre, device) == [1, 2, 3]


def test_one_phone_cannot_speak_for_another(attack: Attack, device: Device, other: Device) -> None:
    assert code_of(other.post(attack.client, device.push())) == "bad_body"
    assert attack.told("bad_body", other.id, "another device")
    as_other = replace(other, epoch=device.epoch, lines=device.lines)
    assert device.sync(attack.client).receipt.seq == 3
    told = as_other.post(attack.client, as_other.push())
    assert (told.status_code, told.json()["code"], told.json()["common"]) == (409, "fork", 0)
    assert "receipt" not in told.json()
    assert attack.told("fork", other.id)
    assert code_of(device.post(attack.client, device.push(
        head_signature=other.push().head_signature))) == "bad_head"  # fmt: skip
    assert attack.told("bad_head", device.id)


def edited(device: Device) -> list[str]:
    """Return a phone's lines, one of them rewritten."""
    one, two, three = device.lines
    return [one, two.replace("note 2", "note 9"), three]


def behind_zeros(device: Device, first: int) -> Push:
    """Return a push of the last lines from a number on, behind a hash of zeros, well signed."""
    lines, last = device.lines[-1:], first
    head = links(bytes(32), lines)[-1]
    word = device.keys.sign(head_message(device.epoch, last, head))
    return replace(device.push(), first=first, previous=bytes(32), lines=lines, head_signature=word)


def signed_head(device: Device, epoch: str, seq: int) -> Push:
    """Return a push whose head is signed for another place."""
    return device.push(head_signature=device.keys.sign(head_message(epoch, seq, device.hashes[3])))


FORGED: dict[str, tuple[str, Callable[[Device], Push]]] = {
    "an edited line": ("bad_head", lambda device: device.push(lines=edited(device))),
    "an edited line, signed": ("fork", lambda device: replace(device, lines=edited(device)).push()),
    "a wrong beginning": ("bad_head", lambda device: device.push(previous=bytes(32))),
    "a wrong beginning, signed": ("fork", lambda device: behind_zeros(device, 3)),
    "another order": ("bad_head", lambda device: device.push(lines=device.lines[::-1])),
    "another order, signed": (
        "fork",
        lambda device: replace(device, lines=device.lines[::-1]).push(),
    ),
    "a line less": ("bad_head", lambda device: device.push(lines=device.lines[:2])),
    "a line less, the first": ("bad_head", lambda device: device.push(lines=device.lines[1:])),
    "a gap": ("gap", lambda device: behind_zeros(device, 5)),
    "another number's head": ("bad_head", lambda device: signed_head(device, device.epoch, 4)),
    "another epoch's head": ("bad_head", lambda device: signed_head(device, "E0", 3)),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_or_cut_history_is_refused(attack: Attack, device: Device, name: str) -> None:
    assert device.sync(attack.client).receipt.seq == 3
    code, forge = FORGED[name]
    response = device.post(attack.client, forge(device))
    assert (response.status_code, code_of(response)) == ({"bad_head": 400}.get(code, 409), code)
    assert of_epoch(attack.centre, device) == [1, 2, 3]
    assert device.sync(attack.client).receipt.hash == device.hashes[3]
    if code == "gap":  # which honest phones meet too, after a loss: it is not told
        assert response.json()["expected"] == 4
    else:
        assert attack.told(code, device.id)


def test_a_reordered_history_that_nobody_knows_yet_is_kept_apart(
    attack: Attack, device: Device
) -> None:
    lines = device.lines
    crossed = replace(device, lines=[lines[1], lines[0], lines[2]])
    told = crossed.sync(attack.client)
    assert [(one.seq, one.code) for one in told.quarantined] == [
        (1, "wrong_number"),
        (2, "wrong_number"),
    ]
    assert of_epoch(attack.centre, device) == [3]


def test_a_shorter_history_takes_nothing_back(attack: Attack, device: Device) -> None:
    assert device.sync(attack.client).receipt.seq == 3
    for last in (0, 1, 2):
        told = device.sync(attack.client, 1, last)
        assert (told.receipt.seq, told.receipt.hash) == (3, device.hashes[3])
    assert of_epoch(attack.centre, device) == [1, 2, 3]


AT = "2099-01-01T00:00:00Z"


def proof_of(device: Device, keys: KeyPair) -> Receipt:
    """Return a receipt for more than the centre holds, signed by whomever."""
    message = receipt_message(device.id, device.epoch, 9, bytes(32), AT)
    return Receipt(device.id, device.epoch, 9, bytes(32), AT, keys.sign(message))


@pytest.mark.parametrize("name", ["by itself", "of another seq", "of another", "of another epoch"])
def test_a_forged_receipt_proves_no_loss(
    attack: Attack, prepared: Prepared, device: Device, other: Device, name: str
) -> None:
    ours = KeyPair((prepared.folder / "centre" / "key").read_bytes())
    right = device.sync(attack.client).receipt
    proof = {
        "by itself": proof_of(device, device.keys),
        "of another seq": replace(right, seq=9),
        "of another": proof_of(other, ours),
        "of another epoch": proof_of(replace(device, epoch="E0"), ours),
    }[name]
    before = meta_of(prepared.folder / "HV-G01")["centre_epoch"]
    device.act()
    told = device.sync(attack.client, first=4, proof=proof, centre_epoch=before)
    assert (told.centre_epoch, told.receipt.seq) == (before, 4)
    assert attack.told("forged_proof", device.id)


def test_another_projects_cursor_brings_nothing_of_it(
    attack: Attack, prepared: Prepared, device: Device
) -> None:
    epoch = meta_of(prepared.folder / "HV-G01")["centre_epoch"]
    for cursors in ({"PG": 0, "NOPE": 0, "HV": 0}, {"PG": 2**62}, {"": 0, "pg": 0, "PG'--": 0}):
        push = device.push(cursors=cursors, centre_epoch=epoch)
        response = device.post(attack.client, push)
        told = read_answer(response.content, shown(push))
        assert [*told.dropped] == sorted({*cursors} - {"HV"})
        assert {news.project for news in told.news} <= {"HV"}
        for secret in ("Palm Gardens", "VAULT", "Strongroom", "PG-G01", "Sun Yi"):
            assert secret not in response.text
    device.act(project="PG", staff=device.staff)
    told = device.sync(attack.client)
    assert [(one.seq, one.code) for one in told.quarantined] == [(4, "out_of_scope")]
    assert kept(attack.centre, device) == [(4, "out_of_scope")]


UP = ("..", "../../centre.db", "..%2f..%2fcentre.db", "..%2F..%2Fcentre.db", "%2e%2e%2fcentre.db")
NAMES = (*UP, "%252e%252e%252f", "..\\centre.db", "%00", "aa%00", "%61", "./aa", "/aa", "//etc")
TAKEN_FOR_NONE = ["A" * 64, "a" * 63, "a" * 65, "a" * 9_000, "centre.db"]


@pytest.mark.parametrize("method", ["GET", "PUT"])
@pytest.mark.parametrize("name", NAMES)
def test_a_path_in_a_blobs_name_leads_nowhere(
    attack: Attack, device: Device, name: str, method: str
) -> None:
    path = f"{BLOBS_PATH}/{name}?from=0&size=4"
    body = b"" if method == "GET" else b"evil"
    _, signed = device.asker().sign(method, path, body)
    lines = [f"{method} {path} HTTP/1.1", "Host: c", f"Content-Length: {len(body)}"]
    head = "\r\n".join([*lines, *(f"{key}: {value}" for key, value in signed.items())])
    before = sorted(attack.centre.home.rglob("*"))
    told = say_raw(attack.centre.port, head.encode() + b"\r\n\r\n" + body, source=attack.source)
    assert told.startswith(b"HTTP/1.1 400 "), told
    assert b"SQLite" not in told
    assert attack.told("malformed", "", "the path")
    assert sorted(attack.centre.home.rglob("*")) == before


def test_a_name_that_is_no_hash_or_not_ones_own_is_not_taken(
    attack: Attack, device: Device
) -> None:
    """Those that are none are not told: an honest phone may ask for what is not there."""
    for name in [*TAKEN_FOR_NONE, "a" * 64]:
        path = f"{BLOBS_PATH}/{name}?from=0&size=4"
        _, signed = device.asker().sign("PUT", path, b"evil")
        response = attack.client.put(path, content=b"evil", headers=signed)
        assert code_of(response) == ("not_found" if name in TAKEN_FOR_NONE else "not_named")
    assert not (attack.centre.home / "blobs").exists()
    assert attack.told("not_named", device.id)


def test_the_honest_phone_goes_on(
    centre: WatchedCentre, prepared: Prepared, tmp_path_factory: pytest.TempPathFactory
) -> None:
    phone = prepared.phone(tmp_path_factory.mktemp("honest") / "phone")
    assert run(phone, "note", "HV", "all is well").code in {0, 2}
    told = run(phone, "sync").data
    assert (told["unsent"], told["quarantined"]) == (0, 0)
    assert "Traceback" not in centre.log
