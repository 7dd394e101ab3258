"""Shared phones at the centre: an action counts for who had signed in, and for nobody else."""

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from radar_server.badges import issue
from radar_server.book import difference, give_out
from radar_server.centre import Centre
from radar_server.database import reading
from radar_server.problems import Problem
from radar_server.quarantine import Word, decide
from radar_server.records import read_records
from sync.badges import SLOW, read_badge
from sync.chain import digest
from sync.keys import KeyPair
from sync.protocol import Answer
from tests.contract.centre_parts import (
    HOUR_MS,
    Clock,
    Device,
    digest_of,
    held,
    import_records,
    new_device,
    person,
    project,
    quarantined,
    shared_device,
    site_book,
)

NOBODY = "not_signed_in"
QUICK = {**SLOW, "n": 2, "p": 1}
"""The hash is tested in tests/unit/test_badges.py; here it takes no time."""


def badge_of(centre: Centre, staff: str) -> KeyPair:
    """Make somebody's badge, and return the key that it makes with its PIN."""
    made = issue(centre, staff, "", QUICK)
    badge = read_badge(str(made["badge"]))
    assert badge is not None
    return badge.keys(str(made["pin"]), QUICK)


@pytest.fixture
def device(centre: Centre) -> Device:
    """Give a shared phone of one project."""
    return shared_device(centre, "HV")


def by(centre: Centre) -> list[tuple[str, str]]:
    """Return person and kind of what is held."""
    lines = [json.loads(line) for _, _, line in held(centre)]
    return [(line["staff"], line["kind"]) for line in lines]


def codes(answer: Answer) -> dict[int, str]:
    return {one.seq: one.code for one in answer.quarantined}


def test_what_is_done_after_signing_in_counts(
    centre: Centre, client: httpx.Client, device: Device
) -> None:
    device.sign_in(badge_of(centre, "G1"), "G1")
    device.act(staff="G1")
    device.act("sign_out", staff="G1")
    answer = device.sync(client)
    assert answer.quarantined == []
    assert by(centre) == [("G1", "sign_in"), ("G1", "note"), ("G1", "sign_out")]
    digest_of(centre, "HV")


def test_who_has_no_badge_records_nothing_that_counts(
    centre: Centre, client: httpx.Client, device: Device
) -> None:
    device.act(staff="G1")
    device.sign_in(KeyPair(digest(b"a key of the thief's")), "G1")
    device.act(staff="G1")
    assert codes(device.sync(client)) == {1: NOBODY, 2: NOBODY, 3: NOBODY}
    assert held(centre) == []


@pytest.mark.parametrize("page", [1, 2, 7])
def test_another_person_cannot_be_written_into_a_session(
    centre: Centre, client: httpx.Client, device: Device, page: int
) -> None:
    badge_of(centre, "G2")
    device.sign_in(badge_of(centre, "G1"), "G1")
    for staff in ("G1", "G2", "G1"):
        device.act(staff=staff)
    device.act("sign_out", staff="G1")
    device.act(staff="G1")
    found: dict[int, str] = {}
    for first in range(1, 7, page):
        found |= codes(device.sync(client, first, min(6, first + page - 1)))
    assert found == {3: NOBODY, 6: NOBODY}


@pytest.mark.parametrize("kind", ["sign_in", "sign_out"])
def test_a_session_ends_with_a_sign_that_does_not_count(
    centre: Centre, client: httpx.Client, device: Device, kind: str
) -> None:
    device.sign_in(badge_of(centre, "G1"), "G1")
    device.act(kind, staff="G2")
    device.act(staff="G1")
    assert codes(device.sync(client)) == {2: NOBODY, 3: NOBODY}


def test_an_old_badge_counts_no_more_once_there_is_a_new_one(
    centre: Centre, client: httpx.Client, device: Device
) -> None:
    old = badge_of(centre, "G1")
    device.sign_in(old, "G1")
    device.act(staff="G1")
    assert codes(device.sync(client)) == {}
    new = badge_of(centre, "G1")
    device.act(staff="G1")
    device.sign_in(old, "G1")
    device.act(staff="G1")
    device.sign_in(new, "G1")
    device.act(staff="G1")
    assert codes(device.sync(client)) == {3: NOBODY, 4: NOBODY, 5: NOBODY}
    assert by(centre).count(("G1", "note")) == 2


@pytest.mark.parametrize(
    "changes",
    [{"staff": "G2", "subject": "G2"}, {"subject": "G2"}, {"at_ms": 1}, {"hlc": "1" * 16}],
)
def test_a_sign_in_is_signed_whole(
    centre: Centre, client: httpx.Client, device: Device, changes: dict[str, Any]
) -> None:
    badge_of(centre, "G2")
    fields = json.loads(device.sign_in(badge_of(centre, "G1"), "G1"))
    device.lines.pop()
    whole = {"staff": "G1", "subject": "G1", "body": fields["body"]}
    device.act("sign_in", **whole | changes)
    assert codes(device.sync(client)) == {1: NOBODY}


def test_a_sign_in_counts_on_its_phone_in_its_epoch_under_its_number_alone(
    centre: Centre, client: httpx.Client, device: Device
) -> None:
    badge = badge_of(centre, "G1")
    line = device.sign_in(badge, "G1")
    other = shared_device(centre, "HV")
    epoch = replace(device, epoch="E0000000000TH", lines=[])
    later = replace(device, epoch="E0000000000LA", lines=[])
    later.act(staff="G1")
    for copy in (other, epoch, later):
        seq = len(copy.lines) + 1
        copy.lines.append(line.replace('{"seq":1,', f'{{"seq":{seq},'))
        copy.act(staff="G1")
        assert set(codes(copy.sync(client)).values()) == {NOBODY}
    assert codes(device.sync(client)) == {}


def test_a_sign_in_that_is_said_to_be_moved_counts_once(
    centre: Centre, client: httpx.Client, device: Device
) -> None:
    device.sign_in(badge_of(centre, "G1"), "G1")
    device.act("sign_out", staff="G1")
    device.sync(client)
    again = replace(device, epoch="E0000000000TH", lines=[])
    line = device.lines[0]
    again.lines.append(f'{line[:-1]},"was":"{device.epoch}.1"}}')
    again.act(staff="G1")
    told = codes(again.sync(client, parent=(device.epoch, 1)))
    assert told == {1: "already_held", 2: NOBODY}
    changed = replace(device, epoch="E0000000000TI", lines=[])
    changed.lines.append(f'{line.replace("+08:00", "+09:00")[:-1]},"was":"{device.epoch}.1"}}')
    changed.act(staff="G1")
    assert codes(changed.sync(client)) == {1: NOBODY, 2: NOBODY}


def test_a_restored_phone_goes_on_under_who_is_signed_in(
    centre: Centre, client: httpx.Client, device: Device
) -> None:
    device.sign_in(badge_of(centre, "G1"), "G1")
    device.act(staff="G1")
    device.sync(client)
    copy = replace(device, epoch="E0000000000TH", lines=[])
    copy.act(staff="G1")
    copy.lines[0] = f'{copy.lines[0][:-1]},"was":"{device.epoch}.2"}}'
    second = badge_of(centre, "G2")
    moved = replace(device, lines=device.lines[:1])
    moved.act(staff="G1", body={"text": "as it was recorded"})
    line = moved.sign_in(second, "G2")
    copy.lines.append(f'{line.replace(":3,", ":2,", 1)[:-1]},"was":"{device.epoch}.3"}}')
    copy.act(staff="G2")
    assert codes(copy.sync(client, parent=(device.epoch, 1))) == {}
    assert sorted(by(centre)) == [
        ("G1", "note"),
        ("G1", "note"),
        ("G1", "sign_in"),
        ("G2", "note"),
        ("G2", "sign_in"),
    ]


@pytest.mark.parametrize("honest", [True, False])
def test_nobody_goes_back_to_a_session_that_has_ended(
    centre: Centre, client: httpx.Client, device: Device, *, honest: bool
) -> None:
    device.sign_in(badge_of(centre, "G1"), "G1")
    device.act(staff="G1")
    device.act("sign_out", staff="G1" if honest else "G2")
    device.sync(client)
    back = replace(device, epoch="E0000000000TH", lines=[])
    back.act(staff="G1")
    assert codes(back.sync(client, parent=(device.epoch, 2))) == {1: NOBODY}
    elsewhere = shared_device(centre, "HV")
    elsewhere.act(staff="G1")
    assert codes(elsewhere.sync(client, parent=(device.epoch, 2))) == {1: NOBODY}


def test_only_a_person_of_the_phones_projects_signs_in(
    centre: Centre, client: httpx.Client, device: Device
) -> None:
    cleaner, both = badge_of(centre, "C1"), badge_of(centre, "G3")
    device.sign_in(cleaner, "C1", "PK")
    device.act(staff="C1", project="PK")
    device.sign_in(both, "G3")
    device.act(staff="G3")
    device.act(staff="G3", project="PK")
    outside = "out_of_scope"
    assert codes(device.sync(client)) == {1: outside, 2: outside, 5: outside}


def test_the_badge_of_who_leaves_goes_and_comes_with_them(
    centre: Centre, client: httpx.Client, device: Device
) -> None:
    badge = badge_of(centre, "G3")
    assert set(badges(centre)) == {("HV", "G3"), ("PK", "G3")}
    device.sign_in(badge, "G3")
    device.sync(client)
    book = [one for one in site_book() if (one.kind, one.id) != ("staff", "G3")]
    import_records(centre, [*book, *person("G3", "guard", "PK")])
    assert set(badges(centre)) == {("PK", "G3")}
    device.act(staff="G3")
    assert codes(device.sync(client)) == {2: "out_of_scope"}
    import_records(centre, [*book, *project("NO"), *person("G3", "guard", "NO", "PK")])
    assert set(badges(centre)) == {("NO", "G3"), ("PK", "G3")}
    import_records(centre, book)
    assert badges(centre) == {}


def badges(centre: Centre) -> dict[tuple[str, str], dict[str, object]]:
    """Return the badges of all projects, whose digests must fit."""
    for name in ("HV", "PK"):
        digest_of(centre, name)
    with reading(centre.engine) as connection:
        return read_records(connection, ["HV", "PK", "NO"], "badge")


def test_a_book_knows_nothing_of_badges(centre: Centre, tmp_path: Any) -> None:  # noqa: ANN401
    badge_of(centre, "G1")
    with reading(centre.engine) as connection:
        assert difference(connection, site_book()).changes == []
        assert "badge" not in str(give_out(connection, tmp_path / "book"))


def test_a_badge_tells_nothing_of_its_secret(centre: Centre, client: httpx.Client) -> None:
    made = issue(centre, "G1", "")
    (record,) = badges(centre).values()
    assert set(record) == {"key", "mark", "slow"}
    badge = read_badge(str(made["badge"]))
    assert badge is not None
    assert badge.secret.hex() not in str(record)
    news = new_device(centre).sync(client).news
    assert [name for page in news for kind, name, _ in page.records if kind == "badge"] == ["G1"]


def test_a_supervisor_releases_what_nobody_had_signed_in_for(
    centre: Centre, client: httpx.Client, device: Device
) -> None:
    device.act(staff="G1")
    device.sync(client)
    decide(centre, f"{device.epoch}.1", Word("released", "S1"))
    assert by(centre) == [("G1", "note")]
    digest_of(centre, "HV")


def test_a_revoked_shared_phone_is_not_robbed(
    centre: Centre, client: httpx.Client, device: Device
) -> None:
    from radar_server.admin import revoke_device

    device.sign_in(badge_of(centre, "G1"), "G1")
    revoke_device(centre, device.id)
    push = device.push()
    assert device.post(client, push).json()["code"] == "revoked"
    assert quarantined(centre) == [(1, "revoked", "HV")]


def test_two_people_who_take_turns_are_never_taken_for_each_other(
    centre: Centre, client: httpx.Client, device: Device
) -> None:
    keys = {staff: badge_of(centre, staff) for staff in ("G1", "G2")}
    for turn in range(100):
        staff = ("G1", "G2")[turn % 2]
        device.sign_in(keys[staff], staff)
        device.act(staff=staff, body={"text": f"{staff} in turn {turn}"})
    assert codes(device.sync(client)) == {}
    notes = [json.loads(line) for _, _, line in held(centre)][1::2]
    assert [f"{note['staff']} in turn {turn}" for turn, note in enumerate(notes)] == [
        note["body"]["text"] for note in notes
    ]
    assert len(notes) == 100


def test_a_page_that_comes_again_changes_nothing(
    centre: Centre, client: httpx.Client, device: Device
) -> None:
    device.sign_in(badge_of(centre, "G1"), "G1")
    device.act(staff="G1")
    device.sync(client)
    device.act(staff="G1")
    device.act("sign_out", staff="G1")
    device.sync(client, 2)
    device.sync(client, 1, 3)
    device.act(staff="G1")
    assert codes(device.sync(client)) == {5: NOBODY}


def test_a_shared_phone_gets_its_projects_and_no_board(
    centre: Centre, client: httpx.Client, device: Device
) -> None:
    assert [page.project for page in device.sync(client).news] == ["HV"]
    assert device.get(client, "/v1/board").json()["code"] == "not_permitted"
    book = [one for one in site_book() if one.project != "HV"]
    import_records(centre, book)
    told = device.sync(client, cursors={"HV": 1})
    assert (told.news, told.dropped) == ([], ["HV"])


def test_a_round_is_missed_only_when_the_shared_phone_was_heard_of(
    centre: Centre, client: httpx.Client, clock: Clock, device: Device
) -> None:
    lead = new_device(centre, "S1")

    def told() -> tuple[dict[str, int], list[tuple[str, bool]]]:
        board = lead.get(client, "/v1/board?project=HV").json()["projects"][0]
        return board["rounds"], [(phone["device"], phone["shared"]) for phone in board["phones"]]

    clock.pass_ms(3 * HOUR_MS)
    assert told() == ({"unknown": 1}, [(one, one == device.id) for one in _sorted(lead, device)])
    lead.sync(client)
    assert told()[0] == {"unknown": 1}
    device.sync(client)
    assert told()[0] == {"missed": 1}


def _sorted(*devices: Device) -> list[str]:
    return sorted(device.id for device in devices)


def test_a_code_for_a_shared_phone_is_for_projects_that_there_are(
    centre: Centre, client: httpx.Client
) -> None:
    book = site_book()
    gone = shared_device(centre, "HV", "PK")
    import_records(centre, [one for one in book if one.project != "PK"])
    assert [page.project for page in gone.sync(client).news] == ["HV"]
    with pytest.raises(Problem, match="left the site book"):
        shared_device(centre, "PK")


def test_a_personal_phone_stays_as_it_was(centre: Centre, client: httpx.Client) -> None:
    mine = new_device(centre)
    mine.act()
    mine.act(staff="G2")
    assert codes(mine.sync(client)) == {2: "other_person"}
    assert replace(mine).id == mine.id
