"""Laws 4 and 11 at the centre: one bad action blocks nothing, a revoked phone is not robbed."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from radar_core.actions import LINE_BYTES_MAX
from radar_server.admin import revoke_device
from radar_server.answering import QUARANTINED_MAX
from radar_server.centre import Centre
from sync.journal import count_unsent
from tests.contract.centre_parts import (
    Device,
    Phone,
    digest_of,
    held,
    import_records,
    new_device,
    quarantined,
    site_book,
)

BAD: dict[str, tuple[str, dict[str, Any]]] = {
    "another number": ("wrong_number", {"seq": 7}),
    "no stamp": ("bad_clock", {"hlc": "yesterday"}),
    "a stamp in capitals": ("bad_clock", {"hlc": "0" * 15 + "A"}),
    "an unknown kind": ("unknown_kind", {"kind": "teleport"}),
    "another person": ("other_person", {"staff": "G2"}),
    "a project of others": ("out_of_scope", {"project": "PK"}),
    "a project that is none": ("out_of_scope", {"project": "NOWHERE"}),
    "a project that hides": ("out_of_scope", {"project": "\u0000\u2028"}),
    "a decision by a guard": (
        "not_permitted",
        {"kind": "assign", "body": {"task": "HV-M1@20260302-0800", "to": "G1"}},
    ),
    "a tag taken out of use by a guard": (
        "not_permitted",
        {"kind": "retire_tag", "subject": "HVTAG00001", "body": {"tag": "HVTAG00001"}},
    ),
    "too long": ("too_long", {"body": {"text": "x" * LINE_BYTES_MAX}}),
    "too long in bytes alone": ("too_long", {"body": {"text": "水" * (LINE_BYTES_MAX // 3)}}),
    "a binding without a tag": ("bad_tag", {"kind": "bind_tag", "body": {"place": "HV-P1"}}),
    "a binding to nothing": ("bad_tag", {"kind": "bind_tag", "subject": "X", "body": {"tag": "X"}}),
    "a binding of another tag than its subject": (
        "bad_tag",
        {"kind": "bind_tag", "subject": "Y", "body": {"tag": "X", "place": "HV-P1"}},
    ),
    "a binding to two things": (
        "bad_tag",
        {
            "kind": "bind_tag",
            "subject": "X",
            "body": {"tag": "X", "place": "HV-P1", "asset": "HV-A1"},
        },
    ),
    "a binding to a place of another project": (
        "unknown_place",
        {"kind": "bind_tag", "subject": "X", "body": {"tag": "X", "place": "PK-P1"}},
    ),
    "a binding to no asset": (
        "unknown_asset",
        {"kind": "bind_tag", "subject": "X", "body": {"tag": "X", "asset": "HV-P1"}},
    ),
}
LINE = (
    '{"seq":2,"hlc":"0000000000000000","wall":"","boot":"","mono_ms":0,"staff":"G1","project":"HV"'
)
REST = ',"project":"HV","kind":"note","subject":"","body":'
BAD_LINES = {
    "not JSON": "hello",
    "nothing": "",
    "an array": "[]",
    "cut": f'{LINE}{REST}{{"text"',
    "space around": f" {LINE}{REST}{{}}}} ",
    "a body that is no object": f"{LINE}{REST}[]}}",
    "a field missing": f"{LINE}}}",
    "a number that is not whole": f"{LINE}{REST}{{}}}}".replace('"seq":2', '"seq":2.0'),
    "half a character": f'{LINE}{REST}{{"text":"\\ud800"}}}}',
    "a number without end": f'{LINE}{REST}{{"n":{"9" * 5000}}}}}',
    "a number too large": f'{LINE}{REST}{{"n":1e999}}}}',
    "not a number": f'{LINE}{REST}{{"n":NaN}}}}',
    "too deep": f'{LINE}{REST}{{"n":{"[" * 70}{"]" * 70}}}}}',
    "much too deep": f'{LINE}{REST}{{"n":{"[" * 20000}{"]" * 20000}}}}}',
    "a raw NUL": f'{LINE}{REST}{{"text":"\0"}}}}',
}


@pytest.mark.parametrize("case", BAD)
def test_law_04_one_bad_action_is_kept_and_the_ones_around_it_go_through(
    centre: Centre, client: httpx.Client, case: str
) -> None:
    code, fields = BAD[case]
    device = new_device(centre)
    device.act()
    device.act(**fields)
    device.act()
    answer = device.sync(client)
    assert answer.receipt.seq == 3
    assert [(q.epoch, q.seq, q.code) for q in answer.quarantined] == [(device.epoch, 2, code)]
    assert answer.quarantined[0].reason.endswith(".")
    assert [seq for _, seq, _ in held(centre)] == [1, 3]
    assert [entry[:2] for entry in quarantined(centre)] == [(2, code)]
    digest_of(centre, "HV")


@pytest.mark.parametrize("case", BAD_LINES)
def test_law_04_what_is_no_action_at_all_is_kept_too(
    centre: Centre, client: httpx.Client, case: str
) -> None:
    device = new_device(centre)
    device.act()
    device.lines.append(BAD_LINES[case])
    device.act()
    answer = device.sync(client)
    assert answer.receipt.seq == 3
    assert [(q.seq, q.code) for q in answer.quarantined] == [(2, "not_an_action")]
    assert [seq for _, seq, _ in held(centre)] == [1, 3]


ODD_BODIES: dict[str, dict[str, object]] = {
    "hidden characters in a reference": {"task": "\u0000", "place": "\u2028", "tag": "a\u0001b"},
    "a reference as long as a line": {"task": "x" * 60_000},
    "a foreign code as long as any": {"tag": "9" * 7089},
    "references that are no text": {"task": 1, "tag": [], "place": None, "asset": {}},
    "a task of no schedule": {"task": "NONE@20260302-0800"},
    "a task whose start is none": {"task": "HV-R1@20261399-9999"},
    "a task at the end of time": {"task": "HV-R1@99991231-2359"},
    "a task at its beginning": {"task": "HV-R1@00010101-0000b"},
    "numbers of any size": {"n": [1e308, -(10**200), 0.1]},
    "as deep as it may be": {"n": eval("[" * 60 + "]" * 60)},
}


@pytest.mark.parametrize("case", ODD_BODIES)
def test_an_odd_but_whole_action_is_accepted_and_every_phone_can_take_it(
    centre: Centre, client: httpx.Client, tmp_path: Path, case: str
) -> None:
    device = new_device(centre)
    device.act("scan", body=ODD_BODIES[case], hlc="f" * 16)
    device.act()
    assert device.sync(client).quarantined == []
    other = Phone(centre, client, tmp_path, "G2")
    other.sync()
    assert set(other.action_ids()) == {f"{device.epoch}.1", f"{device.epoch}.2"}


def test_a_lost_answer_tells_of_the_quarantine_again(centre: Centre, client: httpx.Client) -> None:
    device = new_device(centre)
    device.act(project="PK")
    device.act()
    first = device.sync(client)
    assert device.sync(client).quarantined == first.quarantined
    assert device.sync(client, 2).quarantined == []


@pytest.mark.parametrize("bad", [QUARANTINED_MAX, QUARANTINED_MAX + 1, 2 * QUARANTINED_MAX + 1])
def test_a_phone_hears_of_any_number_of_quarantined_actions(
    centre: Centre, client: httpx.Client, tmp_path: Path, bad: int
) -> None:
    phone = Phone(centre, client, tmp_path)
    phone.record()
    for _ in range(bad):
        phone.record(project="PK")
    phone.record()
    report = phone.sync()
    assert report.healed == []
    assert count_unsent(phone.journal) == 0
    assert len(phone.rows("quarantine")) == bad
    assert len(held(centre)) == 2


def test_law_11_revoked_not_robbed(centre: Centre, client: httpx.Client) -> None:
    device = new_device(centre)
    device.act()
    device.sync(client)
    device.act()
    device.act(project="PK")
    assert revoke_device(centre, device.id)["already"] is False
    response = device.post(client, device.push(2, cursors={"HV": 0}))
    problem = response.json()
    assert (response.status_code, problem["code"]) == (403, "revoked")
    assert problem["receipt"]["seq"] == 3
    assert "HV-P1" not in response.text
    assert [entry[:2] for entry in quarantined(centre)] == [(2, "revoked"), (3, "revoked")]
    assert len(held(centre)) == 1
    assert device.post(client, device.push(4)).json()["code"] == "revoked"
    assert device.post(client, device.push(2)).json()["receipt"]["seq"] == 3
    assert revoke_device(centre, device.id)["already"] is True


def test_a_person_who_left_the_site_book_is_in_no_project(
    centre: Centre, client: httpx.Client
) -> None:
    device: Device = new_device(centre)
    import_records(centre, [r for r in site_book() if r.id != "G1"])
    device.act()
    answer = device.sync(client, cursors={"HV": 5})
    assert [q.code for q in answer.quarantined] == ["out_of_scope"]
    assert (list(answer.dropped), list(answer.news)) == (["HV"], [])
