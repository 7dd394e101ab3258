"""A signed request serves once, and for its moment; a phone with a wrong clock finds its way."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import delete, func, select
from sqlmodel import col

from radar_server.centre import Centre
from radar_server.database import reading, writing
from radar_server.devices import read_device
from radar_server.http import make_app
from radar_server.problems import Problem
from radar_server.replays import AHEAD_MS, BEHIND_MS, KEPT_MS, Replays
from radar_server.tables import SeenRow
from sync.asking import Asker, CentreClock
from sync.protocol import BOARD_PATH, SYNC_PATH, write_push
from tests.contract.centre_asgi import asgi_client
from tests.contract.centre_parts import Clock, Device, Phone, held, new_device

Change = Callable[[dict[str, str]], dict[str, str]]


def code_of(response: httpx.Response) -> str:
    code: str = response.json()["code"] if response.status_code != 200 else ""
    return code


def at(device: Device, off_ms: int) -> Asker:
    """Return what signs for a device whose clock is off."""
    clock = CentreClock(lambda: device.now_ms() + off_ms, lambda size: b"\1" * size)
    return Asker(device.id, device.keys, clock)


def ask(client: httpx.Client, headers: dict[str, str]) -> str:
    return code_of(client.get(BOARD_PATH, headers=headers))


def test_a_request_serves_once(centre: Centre, client: httpx.Client, clock: Clock) -> None:
    device = new_device(centre, "S1")
    _, headers = device.asker().sign("GET", BOARD_PATH)
    assert ask(client, headers) == ""
    for _ in range(3):
        assert ask(client, headers) == "replayed"
    clock.pass_ms(BEHIND_MS)
    assert ask(client, headers) == "replayed"
    clock.pass_ms(1)
    assert ask(client, headers) == "stale_request"


def test_of_many_at_once_one_is_taken(centre: Centre) -> None:
    device = new_device(centre)
    _, headers = device.asker().sign("POST", SYNC_PATH, b"")
    taken: list[str] = []

    def take(_: int) -> None:
        try:
            signature = bytes.fromhex(headers["Radar-Signature"])
            now_ms = centre.now_ms()
            centre.replays.take(centre.engine, signature, headers["Radar-Time"], now_ms)
            taken.append("taken")
        except Problem as problem:
            taken.append(problem.code)

    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(take, range(64)))
    assert sorted(set(taken)) == ["replayed", "taken"]
    assert taken.count("taken") == 1


@pytest.mark.parametrize(
    ("off_ms", "code"),
    [
        (-BEHIND_MS, ""),
        (-BEHIND_MS - 1, "stale_request"),
        (AHEAD_MS - 1, ""),
        (AHEAD_MS, "stale_request"),
        (10**13, "stale_request"),
    ],
)
def test_a_request_is_for_its_moment(
    centre: Centre, client: httpx.Client, off_ms: int, code: str
) -> None:
    device = new_device(centre, "S1")
    response = client.get(BOARD_PATH, headers=at(device, off_ms).sign("GET", BOARD_PATH)[1])
    assert code_of(response) == code
    if code:
        assert response.json()["now_ms"] == centre.now_ms()


@pytest.mark.parametrize(
    "time",
    [
        "",
        "now",
        "-1.0011223344556677",
        "1772409600000",
        "1772409600000.",
        "9" * 40,
    ],
)
def test_a_time_that_is_none_is_stale_and_only_under_a_signature(
    centre: Centre, client: httpx.Client, time: str
) -> None:
    device = new_device(centre, "S1")

    class Wrong(CentreClock):
        def stamp(self) -> str:
            return time

    asker = Asker(device.id, device.keys, Wrong(device.now_ms, bytes))
    _, headers = asker.sign("GET", BOARD_PATH)
    sent = {**headers, "Radar-Time": time}
    assert ask(client, sent) in {"stale_request", "bad_signature"}
    _, right = device.asker().sign("GET", BOARD_PATH)
    assert ask(client, {**right, "Radar-Time": f"{centre.now_ms()}.0011223344556677"}) == (
        "bad_signature"
    )
    del right["Radar-Time"]
    assert ask(client, right) == "bad_signature"


def test_every_signed_door_takes_a_request_once(centre: Centre, client: httpx.Client) -> None:
    device = new_device(centre, "S1")
    body = write_push(device.push())
    name = f"/v1/blobs/{'0' * 64}"
    piece = f"{name}?from=0&size=1"
    sent = [
        ("POST", SYNC_PATH, body),
        ("PUT", piece, b"x"),
        *(("GET", path, b"") for path in (BOARD_PATH, "/v1/figures", "/v1/query", name)),
    ]
    for method, path, data in sent:
        _, headers = device.asker().sign(method, path, data)
        headers["Content-Type"] = "application/vnd.radar.sync+ndjson"
        codes = [
            code_of(client.request(method, path, content=data, headers=headers)) for _ in range(2)
        ]
        assert codes[0] not in {"replayed", "stale_request"}, path
        assert codes[1] == "replayed", path


@pytest.mark.parametrize("off_ms", [-86_400_000, -BEHIND_MS, 0, AHEAD_MS, 400 * 86_400_000])
def test_law_07_a_wrong_clock_costs_one_round_trip_once(
    centre: Centre, client: httpx.Client, tmp_path: Path, off_ms: int
) -> None:
    phone = Phone(centre, client, tmp_path)
    true = phone.clock
    phone.clock = lambda: true() + off_ms
    phone.record()
    wrong = not -BEHIND_MS <= off_ms < AHEAD_MS
    assert phone.sync().round_trips == 1 + wrong
    assert len(held(centre)) == 1
    assert phone.sync().round_trips == 1
    phone.record()
    assert phone.sync().round_trips == 1


def test_what_a_late_request_says_counts_as_of_its_time(
    centre: Centre, client: httpx.Client, clock: Clock
) -> None:
    device = new_device(centre)
    clock.pass_ms(3_600_000)
    wrote_ms = clock()
    body = write_push(device.push())
    _, headers = device.asker().sign("POST", SYNC_PATH, body)
    headers["Content-Type"] = "application/vnd.radar.sync+ndjson"
    clock.pass_ms(BEHIND_MS)
    assert client.post(SYNC_PATH, content=body, headers=headers).status_code == 200
    with reading(centre.engine) as connection:
        found = read_device(connection, device.id)
    assert found is not None
    assert found.last_sync_ms == wrote_ms


def test_what_was_taken_before_a_restart_is_not_taken_after_it(
    centre: Centre, clock: Clock, tmp_path: Path
) -> None:
    device = new_device(centre, "S1")
    fast = at(device, AHEAD_MS - 1).sign("GET", BOARD_PATH)[1]
    exact = device.asker().sign("GET", BOARD_PATH)[1]
    with asgi_client(make_app(centre)) as client:
        assert [ask(client, fast), ask(client, exact)] == ["", ""]
    again = replace(centre, replays=Replays(clock() + AHEAD_MS))
    with asgi_client(make_app(again)) as client:
        clock.pass_ms(1)
        assert ask(client, fast) in {"stale_request", "replayed"}
        assert ask(client, exact) in {"stale_request", "replayed"}
        phone = Phone(again, client, tmp_path)
        assert phone.sync().round_trips <= 2
        assert phone.sync().round_trips == 1


@pytest.mark.parametrize("centre", ["postgresql"], indirect=True)
def test_a_table_that_lost_what_it_held_begins_anew(
    centre: Centre, client: httpx.Client, clock: Clock, tmp_path: Path
) -> None:
    device = new_device(centre, "S1")
    phone = Phone(centre, client, tmp_path)
    phone.sync()
    used = device.asker().sign("GET", BOARD_PATH)[1]
    clock.pass_ms(KEPT_MS // 2)
    assert ask(client, used) == ""
    with writing(centre.engine) as connection:
        connection.execute(delete(SeenRow))
    assert ask(client, used) == "stale_request"
    clock.pass_ms(1)
    assert phone.sync().round_trips == 2
    assert phone.sync().round_trips == 1


def test_what_is_old_is_forgotten(centre: Centre, client: httpx.Client, clock: Clock) -> None:
    device = new_device(centre, "S1")
    for _ in range(6):
        for _ in range(5):
            assert ask(client, device.asker().sign("GET", BOARD_PATH)[1]) == ""
        clock.pass_ms(KEPT_MS + 1)
    with reading(centre.engine) as connection:
        kept = connection.execute(select(func.count()).select_from(SeenRow)).scalar_one()
        oldest = connection.execute(
            select(func.min(col(SeenRow.at_ms))).where(col(SeenRow.signature) != b"")
        ).scalar_one()
    if centre.engine.dialect.name == "postgresql":
        assert kept <= 1 + 3 * 5
        assert oldest >= clock() - 4 * KEPT_MS
    else:
        assert kept == 1
        halves = vars(centre.replays)
        assert len(halves["_seen"]) + len(halves["_before"]) <= 10
