"""Binding a tag: an action that changes the site book, the latest by its stamp."""

from pathlib import Path

import httpx
import pytest

from radar_core.book import Record
from radar_core.jsontext import decode_object
from radar_server.centre import Centre
from sync.clock import stamp
from tests.contract.centre_parts import (
    START_MS,
    Device,
    Phone,
    digest_of,
    import_records,
    new_device,
    quarantined,
    site_book,
)

FOREIGN = "https://maker.example/pump?sn=4711"


def bind(device: Device, tag: str, at_s: int, **target: str) -> None:
    device.act(
        "bind_tag", subject=tag, body={"tag": tag, **target}, hlc=stamp(START_MS + at_s * 1000, 0)
    )


@pytest.fixture
def phone(centre: Centre, client: httpx.Client, tmp_path: Path) -> Phone:
    """Give another guard's phone that has synced."""
    phone = Phone(centre, client, tmp_path, "G2")
    phone.sync()
    return phone


def tag_on(phone: Phone, tag: str) -> dict[str, object]:
    phone.sync()
    return decode_object(phone.records()["HV", "tag", tag])


@pytest.mark.parametrize(
    "tag",
    [FOREIGN, "9" * 7089, "\u0000\u001d01\u001d", "\u2028", "#" + "0" * 64, "🏷" * 50, " 0123 "],
)
def test_any_code_can_be_a_tag_by_its_exact_text(
    centre: Centre, client: httpx.Client, phone: Phone, tag: str
) -> None:
    device = new_device(centre)
    bind(device, tag, 1, asset="HV-A1")
    assert device.sync(client).quarantined == []
    assert tag_on(phone, tag) == {"asset": "HV-A1", "state": "bound"}
    digest_of(centre, "HV")


def test_a_tag_of_the_site_book_can_be_bound_elsewhere(
    centre: Centre, client: httpx.Client, phone: Phone
) -> None:
    device = new_device(centre)
    bind(device, "HVTAG00001", 1, place="HV-P2")
    device.sync(client)
    assert tag_on(phone, "HVTAG00001") == {"place": "HV-P2", "state": "bound"}
    digest_of(centre, "HV")


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_law_05_convergence_the_later_binding_holds_in_whatever_order_they_arrive(
    centre: Centre, client: httpx.Client, phone: Phone, order: tuple[int, int]
) -> None:
    for at_s in order:
        device = new_device(centre, "G1", f"device bound at {at_s}")
        bind(device, FOREIGN, at_s, place=f"HV-P{at_s}")
        device.sync(client)
    assert tag_on(phone, FOREIGN) == {"place": "HV-P2", "state": "bound"}


def test_of_several_bindings_in_one_push_the_last_holds(
    centre: Centre, client: httpx.Client, phone: Phone
) -> None:
    device = new_device(centre)
    bind(device, FOREIGN, 1, place="HV-P1")
    bind(device, FOREIGN, 2, asset="HV-A1")
    bind(device, FOREIGN, 3, place="NOWHERE")
    bind(device, "another", 4, place="HV-P3")
    device.sync(client)
    assert tag_on(phone, FOREIGN) == {"asset": "HV-A1", "state": "bound"}
    assert tag_on(phone, "another") == {"place": "HV-P3", "state": "bound"}
    assert [entry[:2] for entry in quarantined(centre)] == [(3, "unknown_place")]


def test_a_binding_that_is_older_than_one_that_held_stays_without_effect(
    centre: Centre, client: httpx.Client, phone: Phone
) -> None:
    """Even where an import took the tag out of use in between."""
    device = new_device(centre)
    bind(device, FOREIGN, 5, place="HV-P1")
    device.sync(client)
    retired = {"place": "HV-P1", "state": "retired"}
    import_records(centre, [*site_book(), Record("HV", "tag", FOREIGN, dict[str, object](retired))])
    late = new_device(centre)
    bind(late, FOREIGN, 3, place="HV-P2")
    late.sync(client)
    assert tag_on(phone, FOREIGN) == retired
    bind(device, FOREIGN, 9, place="HV-P3")
    device.sync(client, 2)
    assert tag_on(phone, FOREIGN) == {"place": "HV-P3", "state": "bound"}
    digest_of(centre, "HV")


def test_a_binding_to_what_left_the_site_book_is_kept_aside(
    centre: Centre, client: httpx.Client
) -> None:
    import_records(centre, [r for r in site_book() if r.id != "HV-P3"])
    device = new_device(centre)
    bind(device, FOREIGN, 1, place="HV-P3")
    assert [q.code for q in device.sync(client).quarantined] == ["unknown_place"]


def test_a_tag_bound_in_the_field_stays_when_a_book_comes_that_does_not_know_it(
    centre: Centre, client: httpx.Client, phone: Phone
) -> None:
    device = new_device(centre)
    blank = Record("HV", "tag", "HVTAG00009", {"state": "blank"})
    import_records(centre, [*site_book(), blank])
    bind(device, FOREIGN, 1, place="HV-P3")
    bind(device, "HVTAG00009", 2, asset="HV-A1")
    device.sync(client)
    assert import_records(centre, [*site_book(), blank])["kept"] == {"tag": 2}
    assert tag_on(phone, FOREIGN) == {"place": "HV-P3", "state": "bound"}
    assert tag_on(phone, "HVTAG00009") == {"asset": "HV-A1", "state": "bound"}
    without = [r for r in site_book() if r.id != "HV-P3"]
    told = import_records(centre, [*without, blank])
    assert (told["kept"], told["removed"]) == ({"tag": 1}, {"place": 1, "tag": 1})
    digest_of(centre, "HV")
