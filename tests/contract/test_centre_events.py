"""The event stream of a centre, over a real socket: who hears what, when it ends."""

import json
import socket
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from time import monotonic

import httpx
import pytest
import uvicorn

from radar_server import events
from radar_server.admin import revoke_device
from radar_server.centre import Centre
from radar_server.http import make_app
from sync.listening import begin, read_events
from sync.protocol import EVENTS_PATH
from tests.contract.centre_parts import Device, digest_of, import_records, new_device, person
from tests.contract.centre_parts import site_book as book

Stream = Iterator[tuple[str, str]]


@pytest.fixture
def url(centre: Centre) -> Iterator[str]:
    """Give the address of a process of the centre."""
    with serving(centre) as url:
        yield url


@contextmanager
def serving(centre: Centre) -> Generator[str]:
    app = make_app(centre)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, lifespan="off", log_config=None, timeout_graceful_shutdown=5)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        app.state.events.close()
        server.should_exit = True
        thread.join()


def ask(device: Device, path: str = EVENTS_PATH) -> tuple[bytes, dict[str, str]]:
    return device.asker().sign("GET", path)


@contextmanager
def hearing(url: str, centre: Centre, device: Device) -> Generator[tuple[dict[str, int], Stream]]:
    """Open a stream; give the positions that it begins with, and what follows."""
    signature, headers = ask(device)
    with (
        httpx.Client(base_url=url, timeout=30) as client,
        client.stream("GET", EVENTS_PATH, headers=headers) as response,
    ):
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        stream = read_events(response.iter_raw())
        heard = begin(stream, signature, centre.keys.public)
        yield dict(heard.positions or {}), stream


def push(url: str, device: Device, project: str = "HV") -> None:
    device.act(project=project)
    with httpx.Client(base_url=url, timeout=30) as client:
        device.sync(client, len(device.lines))


def test_who_listens_hears_that_a_project_of_theirs_moved(centre: Centre, url: str) -> None:
    sender, colleague = new_device(centre), new_device(centre, "G2")
    with hearing(url, centre, colleague) as (positions, stream):
        assert positions == {"HV": digest_of(centre, "HV")[0]}
        push(url, sender)
        name, data = next(stream)
        told = json.loads(data)
        assert (name, told) == ("moved", {"project": "HV", "pos": positions["HV"] + 1})


def test_law_09_nobody_hears_of_a_project_that_is_not_theirs(centre: Centre, url: str) -> None:
    sender, cleaner = new_device(centre, "G3"), new_device(centre, "C1")
    with hearing(url, centre, cleaner) as (positions, stream):
        assert positions.keys() == {"PK"}
        push(url, sender, project="HV")
        push(url, sender, project="PK")
        assert json.loads(next(stream)[1])["project"] == "PK"


def test_another_process_of_the_centre_tells_of_it_too(centre: Centre, url: str) -> None:
    sender, colleague = new_device(centre), new_device(centre, "G2")
    with serving(centre) as other, hearing(url, centre, colleague) as (positions, stream):
        push(other, sender)
        assert json.loads(next(stream)[1])["pos"] == positions["HV"] + 1


def test_many_moves_that_nobody_reads_are_told_as_the_newest(centre: Centre, url: str) -> None:
    sender, colleague = new_device(centre), new_device(centre, "G2")
    with hearing(url, centre, colleague) as (positions, stream):
        for _ in range(20):
            push(url, sender)
        told = [json.loads(next(stream)[1])["pos"]]
        while told[-1] < positions["HV"] + 20:
            told.append(json.loads(next(stream)[1])["pos"])
        assert told == sorted(set(told))


def test_law_09_scope_that_is_won_is_told_and_a_revoked_device_hears_no_more(
    centre: Centre, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "SCOPE_S", 0.0)
    device = new_device(centre, "G2")
    with hearing(url, centre, device) as (positions, stream):
        assert positions.keys() == {"HV"}
        others = [r for r in book() if (r.kind, r.id) != ("staff", "G2")]
        import_records(centre, [*others, *person("G2", "guard", "HV", "PK")])
        told = {json.loads(next(stream)[1])["project"] for _ in range(2)}
        assert told == {"HV", "PK"}
        revoke_device(centre, device.id)
        assert list(stream) == []
    assert refusal(url, device) == (403, "revoked")


def test_law_11_a_revoked_phones_stream_ends_within_seconds_on_every_process(
    centre: Centre, url: str
) -> None:
    import_records(centre, book())
    gone, stays = new_device(centre, "G1"), new_device(centre, "G1")
    with (
        serving(centre) as other,
        hearing(url, centre, gone) as (_, first),
        hearing(other, centre, gone) as (_, second),
        hearing(url, centre, stays) as (_, goes_on),
    ):
        began_s = monotonic()
        revoke_device(centre, gone.id)
        assert [*first, *second] == []
        assert monotonic() - began_s < events.SCOPE_S / 3, "sooner than rights are looked up"
        push(url, stays)
        assert next(goes_on)[0] == "moved"


def test_strangers_are_refused(centre: Centre, url: str) -> None:
    device = new_device(centre)
    stranger = replace(device, id="DNOBODY")
    assert refusal(url, stranger) == (401, "unknown_device")
    _, headers = ask(device, "/v1/board")
    response = httpx.get(f"{url}{EVENTS_PATH}", headers=headers)
    assert (response.status_code, response.json()["code"]) == (401, "bad_signature")


def refusal(url: str, device: Device) -> tuple[int, str]:
    response = httpx.get(f"{url}{EVENTS_PATH}", headers=ask(device)[1])
    return response.status_code, response.json()["code"]


def test_too_many_listeners_are_told_to_come_again(
    centre: Centre, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "LISTENERS_MAX", 1)
    with hearing(url, centre, new_device(centre)):
        assert refusal(url, new_device(centre, "G2")) == (503, "busy")


def test_a_devices_oldest_stream_ends_where_it_opens_too_many(
    centre: Centre, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "LISTENERS_OF_DEVICE_MAX", 1)
    device = new_device(centre)
    with hearing(url, centre, device) as (_, oldest), hearing(url, centre, device) as (_, newest):
        assert list(oldest) == []
        push(url, new_device(centre, "G2"))
        assert next(newest)[0] == "moved"
