"""Laws 3 and 8 at the centre: each action once, and a chain is one."""

from dataclasses import replace

import httpx
import pytest

from radar_server.centre import Centre
from sync.keys import is_signed
from sync.protocol import Push
from sync.signing import receipt_message
from tests.contract.centre_parts import Device, held, new_device


@pytest.fixture
def device(centre: Centre) -> Device:
    """Give a device with three actions of which the centre holds none."""
    made = new_device(centre)
    for _ in range(3):
        made.act()
    return made


def refused(response: httpx.Response, status: int, code: str) -> dict[str, object]:
    problem: dict[str, object] = response.json()
    assert (response.status_code, problem["code"]) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["status"] == status
    return problem


def test_a_first_push_is_taken_in_and_receipted(
    centre: Centre, client: httpx.Client, device: Device
) -> None:
    receipt = device.sync(client).receipt
    assert (receipt.device, receipt.epoch, receipt.seq) == (device.id, device.epoch, 3)
    assert receipt.hash == device.hashes[3]
    message = receipt_message(device.id, device.epoch, 3, receipt.hash, receipt.at)
    assert is_signed(centre.keys.public, receipt.signature, message)
    assert [seq for _, seq, _ in held(centre)] == [1, 2, 3]


def test_the_lines_are_kept_byte_for_byte(
    centre: Centre, client: httpx.Client, device: Device
) -> None:
    device.act(body={"text": "水泵 ok\u2028 \\ \u0000 😀"})
    device.sync(client)
    assert [line for _, _, line in held(centre)] == device.lines


def test_law_03_exactly_once_when_the_same_push_comes_again(
    centre: Centre, client: httpx.Client, device: Device
) -> None:
    push = device.push()
    first = device.post(client, push)
    before = held(centre)
    again = device.post(client, push)
    assert first.status_code == again.status_code == 200
    assert held(centre) == before


@pytest.mark.parametrize(
    ("first", "last"), [(1, 5), (2, 5), (3, 5), (4, 5), (1, 2), (3, 3), (2, 2)]
)
def test_law_03_exactly_once_when_pushes_overlap(
    centre: Centre, client: httpx.Client, device: Device, first: int, last: int
) -> None:
    device.sync(client)
    device.act()
    device.act()
    response = device.post(client, device.push(first, last))
    assert response.status_code == 200, response.text
    assert [seq for _, seq, _ in held(centre)] == list(range(1, max(3, last) + 1))
    assert device.sync(client, 4).receipt.seq == 5


def test_a_receipt_tells_all_that_is_held_even_if_the_push_was_an_old_one(
    client: httpx.Client, device: Device
) -> None:
    device.sync(client)
    receipt = device.sync(client, 1, 1).receipt
    assert (receipt.seq, receipt.hash) == (3, device.hashes[3])


def test_a_push_with_a_gap_before_it_is_told_what_is_expected(
    centre: Centre, client: httpx.Client, device: Device
) -> None:
    device.sync(client, 1, 1)
    problem = refused(device.post(client, device.push(3)), 409, "gap")
    assert problem["expected"] == 2
    assert len(held(centre)) == 1


def test_a_new_epoch_begins_with_its_first_action(
    centre: Centre, client: httpx.Client, device: Device
) -> None:
    problem = refused(device.post(client, device.push(2)), 409, "gap")
    assert problem["expected"] == 1
    assert held(centre) == []


def test_an_empty_push_of_an_unknown_epoch_gets_a_receipt_for_nothing(
    centre: Centre, client: httpx.Client
) -> None:
    device = new_device(centre)
    receipt = device.sync(client).receipt
    assert (receipt.seq, receipt.hash) == (0, device.hashes[0])


def test_an_empty_push_from_beyond_what_is_held_is_a_gap(
    client: httpx.Client, device: Device
) -> None:
    problem = refused(device.post(client, device.push(4, 3)), 409, "gap")
    assert problem["expected"] == 1


def forked(device: Device, keep: int, add: int) -> Device:
    """Return a copy of the device that went another way after `keep` actions."""
    copy = replace(device, epoch=device.epoch, lines=device.lines[:keep])
    for number in range(add):
        copy.act(body={"text": f"the other way {number}"})
    return copy


@pytest.mark.parametrize(("keep", "add"), [(2, 1), (2, 2), (1, 1), (0, 1), (0, 5), (3, 0)])
def test_law_08_another_action_under_a_known_number_is_never_passed_over(
    centre: Centre, client: httpx.Client, device: Device, keep: int, add: int
) -> None:
    device.act()
    device.sync(client)
    before = held(centre)
    copy = forked(device, keep, add)
    response = copy.post(client, copy.push())
    if add:
        assert refused(response, 409, "fork")["common"] == keep
    else:
        assert response.status_code == 200
    assert held(centre) == before


def test_a_fork_that_lies_before_the_push_is_told_as_such(
    client: httpx.Client, device: Device
) -> None:
    device.sync(client)
    copy = forked(device, 1, 3)
    assert refused(copy.post(client, copy.push(4)), 409, "fork")["common"] is None
    assert refused(copy.post(client, copy.push(3)), 409, "fork")["common"] is None
    assert refused(copy.post(client, copy.push(2)), 409, "fork")["common"] == 1


def test_a_phone_that_was_put_back_is_found_even_if_it_sends_nothing(
    client: httpx.Client, device: Device
) -> None:
    device.sync(client)
    copy = forked(device, 1, 1)
    assert refused(copy.post(client, copy.push(3, 2)), 409, "fork")["common"] is None


def test_a_known_number_in_quarantine_counts_for_the_chain_too(
    centre: Centre, client: httpx.Client
) -> None:
    device = new_device(centre)
    device.act(project="PK")
    device.act()
    device.act()
    device.sync(client)
    copy = forked(device, 1, 1)
    assert refused(copy.post(client, copy.push()), 409, "fork")["common"] == 1
    assert device.sync(client, 2, 1).receipt.seq == 3


def test_an_epoch_belongs_to_one_device(
    centre: Centre, client: httpx.Client, device: Device
) -> None:
    device.sync(client)
    other = new_device(centre, "G2")
    other.epoch = device.epoch
    other.act()
    assert refused(other.post(client, other.push()), 409, "fork")["common"] == 0
    assert len(held(centre)) == 3


def test_a_chain_that_does_not_begin_at_the_device_s_own_genesis_is_a_fork(
    client: httpx.Client, device: Device
) -> None:
    other = replace(device, epoch="EOTHER", lines=device.lines)
    push = other.push(epoch=device.epoch)
    assert refused(device.post(client, push), 400, "bad_head")["status"] == 400


@pytest.mark.parametrize("wrong", [b"", b"x" * 64, b"\0" * 64])
def test_law_08_a_head_that_the_device_did_not_sign_is_refused(
    centre: Centre, client: httpx.Client, device: Device, wrong: bytes
) -> None:
    refused(device.post(client, device.push(head_signature=wrong)), 400, "bad_head")
    assert held(centre) == []


def test_law_08_a_line_changed_on_the_way_does_not_fit_the_signed_head(
    centre: Centre, client: httpx.Client, device: Device
) -> None:
    lines = [*device.lines[:1], device.lines[1].replace("note 2", "note X"), device.lines[2]]
    push: Push = device.push(lines=lines)
    refused(device.post(client, push), 400, "bad_head")
    assert held(centre) == []


def test_two_devices_are_two_streams(centre: Centre, client: httpx.Client, device: Device) -> None:
    other = new_device(centre, "G2")
    for first in (1, 2, 3):
        other.act()
        other.sync(client, first)
        device.sync(client, first, first)
    assert sorted((epoch, seq) for epoch, seq, _ in held(centre)) == sorted(
        (epoch, seq) for epoch in (device.epoch, other.epoch) for seq in (1, 2, 3)
    )


def test_a_device_may_have_several_epochs(
    centre: Centre, client: httpx.Client, device: Device
) -> None:
    device.sync(client)
    later = replace(device, epoch="ELATER", lines=[])
    later.act()
    assert later.sync(client).receipt.seq == 1
    assert len(held(centre)) == 4
