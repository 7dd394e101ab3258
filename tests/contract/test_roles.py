"""Every cell of the roles: who, where, and what is asked or recorded, at the real centre.

What is expected stands here by hand, so that neither the table (`radar_core.permissions`) nor what
the centre makes of it can change alone. Each cell is asked for itself, and beside it goes the same
of somebody with whom it ends the other way: so nothing is refused for being malformed.
"""

import json
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI
from starlette.routing import Route
from starlette.types import Message

from radar_core.actions import KINDS
from radar_core.book import Record
from radar_core.failures import Failure
from radar_server.admin import revoke_device
from radar_server.centre import Centre
from radar_server.database import migrate, open_engine, sqlite_url
from radar_server.http import make_app
from radar_server.quarantine import Word, decide
from sync.chain import digest
from sync.keys import KeyPair, name_of
from sync.protocol import EVENTS_PATH, read_answer
from tests.contract.centre_asgi import AsgiTransport
from tests.contract.centre_parts import (
    Clock,
    Device,
    new_centre,
    new_device,
    person,
    project,
    shown,
)
from tests.contract.test_centre_blobs import put_signed
from tests.contract.test_centre_events import ask

ROLES = ("guard", "cleaner", "engineer", "supervisor", "manager", "admin")
HERE, BESIDE, FAR = "HV", "HW", "PK"
"""Everybody's own project, another one of its district, one of another district."""
PROJECTS = (HERE, BESIDE, FAR)

MATRIX = """
              guard  cleaner  engineer  supervisor  manager  admin
scan            +       +        +          +          +       +
start           +       +        +          +          +       +
hold            +       +        +          +          +       +
resume          +       +        +          +          +       +
answer          +       +        +          +          +       +
reading         +       +        +          +          +       +
note            +       +        +          +          +       +
photo           +       +        +          +          +       +
part            +       +        +          +          +       +
sign            +       +        +          +          +       +
complete        +       +        +          +          +       +
end_early       +       +        +          +          +       +
report          +       +        +          +          +       +
correct         +       +        +          +          +       +
bind_tag        +       +        +          +          +       +
accept          +       +        +          +          +       +
decline         +       +        +          +          +       +
handover        +       +        +          +          +       +
shift_start     +       +        +          +          +       +
shift_end       +       +        +          +          +       +
sign_in         +       +        +          +          +       +
sign_out        +       +        +          +          +       +
assign          -       -        -          +          +       +
verify          -       -        -          +          +       +
reject          -       -        -          +          +       +
reopen          -       -        -          +          +       +
cancel          -       -        -          +          +       +
excuse          -       -        -          +          +       +
rate            -       -        -          +          +       +
replace_tag     -       -        -          +          +       +
retire_tag      -       -        -          +          +       +
sync            +       +        +          +          +       +
listen          +       +        +          +          +       +
bring_blob      +       +        +          +          +       +
show_blob       +       +        +          +          +       +
board           -       -        -          +          +       +
query           -       -        -          +          +       +
figures         -       -        -          +          +       +
decide          -       -        -          +          +       +
"""
"""Who may do what in their own project; in another one nobody may anything."""
OPEN = ("health", "openapi", "authority")
"""What is open to anybody, whatever they are; enrolment is too, for who has a code."""


def rows(matrix: str) -> dict[str, dict[str, bool]]:
    head, *lines = [line.split() for line in matrix.strip().splitlines()]
    return {
        line[0]: dict(zip(head, [cell == "+" for cell in line[1:]], strict=True)) for line in lines
    }


EXPECTED = rows(MATRIX)
RECORDED = [name for name in EXPECTED if name in KINDS]
ASKED = [name for name in EXPECTED if name not in KINDS]
OUTSIDE = {
    "sync": "nothing",
    "listen": "nothing",
    "show_blob": "not_found",
    "bring_blob": "allowed",
}
"""What who may ask something at home gets of another project: what they bring is kept whole."""
REVOKED = {"sync": "revoked", "bring_blob": "allowed"}
"""What a revoked phone gets: what it hands over is kept aside (law 11)."""


def expected(who: str, what: str, where: str) -> str:
    """Return what a cell says, as the centre does."""
    if what in OPEN:
        return "allowed"
    if who == "nobody":
        return "not_permitted" if what == "decide" else "unknown_device"
    if who == "revoked":
        return REVOKED.get(what, "revoked")
    if what in KINDS and where != HERE:
        return "out_of_scope"
    if not EXPECTED[what][who]:
        return "not_permitted"
    if where == HERE:
        return "allowed"
    return OUTSIDE.get(what, "not_found" if what == "query" else "not_permitted")


def book() -> list[Record]:
    """Return three projects in two districts, a person of each role at home, one who leads all."""
    far = [
        replace(record, id="ED", body=record.body | {"name": "East"})
        if record.kind == "district"
        else replace(record, body=record.body | {"district": "ED"})
        if record.kind == "project"
        else record
        for record in project(FAR)
    ]
    people = [record for role in ROLES for record in person(f"P-{role}", role, HERE)]
    people += person("P-revoked", "admin", HERE)
    return [*project(HERE), *project(BESIDE), *far, *people, *person("LEAD", "admin", *PROJECTS)]


@dataclass
class World:
    """One centre with a phone for each actor, and what they ask of it."""

    centre: Centre
    app: FastAPI
    client: httpx.Client
    call: Callable[..., Any]
    phones: dict[str, Device]
    sent: dict[str, int] = field(default_factory=dict[str, int])
    blobs: dict[str, str] = field(default_factory=dict[str, str])

    def outcome(self, who: str, what: str, where: str) -> str:
        """Return `allowed`, or in one word why not."""
        device = self.phones[who]
        if what in KINDS:
            return self.record(device, what, where)
        match what:
            case "sync":
                return self.sync(device, where)
            case "listen":
                return self.listen(device, where)
            case "bring_blob":
                return self.bring(device, where)
            case "decide":
                return self.decide(device, where)
            case "show_blob":
                path = f"/v1/blobs/{self.blob_of(where)}"
            case "query":
                path = f"/v1/query?thing=place:{where}-P1"
            case "figures":
                path = f"/v1/figures?project={where}&month=2026-03"
            case "openapi":
                path = "/openapi.json"
            case _:
                path = f"/v1/{what}?project={where}"
        return said(device.get(self.client, path))

    def record(self, device: Device, kind: str, where: str, **body: object) -> str:
        """Push one action, and tell what became of it."""
        tag = f"NEW{next(_numbers)}"
        told: dict[str, object] = {"text": f"{kind} {tag}"} | body
        if kind == "bind_tag":
            told |= {"tag": tag, "place": f"{where}-P1"}
        device.act(kind, project=where, subject=tag, body=told)
        push = device.push(len(device.lines))
        response = device.post(self.client, push)
        if response.status_code != 200:
            problem = response.json()
            device.lines.pop() if problem["code"] == "unknown_device" else None
            return str(problem["code"])
        answer = read_answer(response.content, shown(push))
        return next((one.code for one in answer.quarantined), "allowed")

    def sync(self, device: Device, where: str) -> str:
        """Ask for news of everything, and tell whether a project is among it."""
        push = device.push(len(device.lines) + 1)
        response = device.post(self.client, push)
        if response.status_code != 200:
            return str(response.json()["code"])
        answer = read_answer(response.content, shown(push))
        return "allowed" if where in [news.project for news in answer.news] else "nothing"

    def listen(self, device: Device, where: str) -> str:
        """Open a stream of events, and tell whether a project is among those that it names."""
        status, text = self.call(first_part, self.app, ask(device)[1])
        if status != 200:
            return str(json.loads(text)["code"])
        return "allowed" if where in json.loads(text[text.index("{") :])["projects"] else "nothing"

    def bring(self, device: Device, where: str) -> str:
        """Bring a blob that an action of this device in the project names."""
        data = f"picture {next(_numbers)}".encode()
        name = sha256(data).hexdigest()
        self.record(device, "photo", where, sha256=name)
        path = f"/v1/blobs/{name}?from=0&size={len(data)}"
        return said(put_signed(device, self.client, path, data))

    def blob_of(self, where: str) -> str:
        """Return a blob that an accepted action of this project names, and of no other."""
        if where not in self.blobs:
            data = f"picture of {where}".encode()
            self.blobs[where] = sha256(data).hexdigest()
            lead = self.phones["lead"]
            assert self.record(lead, "photo", where, sha256=self.blobs[where]) == "allowed"
            path = f"/v1/blobs/{self.blobs[where]}?from=0&size={len(data)}"
            assert said(put_signed(lead, self.client, path, data)) == "allowed"
        return self.blobs[where]

    def decide(self, device: Device, where: str) -> str:
        """Let somebody reject an action that lies in quarantine."""
        lead = self.phones["lead"]
        assert self.record(lead, "teleport", where) == "unknown_kind"
        word = Word("rejected", device.staff, "")
        try:
            decide(self.centre, f"{lead.epoch}.{len(lead.lines)}", word)
        except Failure as failure:
            return failure.code
        return "allowed"


_numbers = count(1)


def said(response: httpx.Response) -> str:
    return "allowed" if response.status_code < 300 else str(response.json()["code"])


async def first_part(app: FastAPI, headers: dict[str, str]) -> tuple[int, str]:
    """Return the status of a stream and the first of what comes, then hang up."""
    said: list[Message] = []
    heard = anyio.Event()
    scope = {
        "type": "http", "method": "GET", "path": EVENTS_PATH, "raw_path": EVENTS_PATH.encode(),
        "query_string": b"", "root_path": "", "scheme": "http", "http_version": "1.1",
        "asgi": {"version": "3.0", "spec_version": "2.3"}, "client": ("127.0.0.1", 1),
        "server": ("centre", 80),
        "headers": [(name.lower().encode(), text.encode()) for name, text in headers.items()],
    }  # fmt: skip
    begun = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Message:
        for message in begun:
            return message
        await heard.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        said.append(message)
        if message.get("body"):
            heard.set()

    await app(scope, receive, send)
    return said[0]["status"], b"".join(part.get("body", b"") for part in said[1:]).decode()


@contextmanager
def open_world(folder: Path) -> Generator[World]:
    engine = open_engine(sqlite_url(folder / "centre.db"))
    migrate(engine)
    centre = new_centre(engine, Clock(), book(), folder / "blobs")
    app = make_app(centre)
    phones = {role: new_device(centre, f"P-{role}") for role in (*ROLES, "revoked")}
    phones["lead"] = new_device(centre, "LEAD")
    keys = KeyPair(digest(b"whom nobody knows"))
    phones["nobody"] = Device(name_of(keys.public, "D"), "NOBODY", keys, "ENOBODY")
    revoke_device(centre, phones["revoked"].id)
    with (
        start_blocking_portal() as portal,
        httpx.Client(transport=AsgiTransport(app, portal), base_url="http://centre") as client,
    ):
        yield World(centre, app, client, portal.call, phones)
        portal.call(app.state.events.close)
    engine.dispose()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("roles")) as world:
        yield world


CELLS = [
    (who, what, where)
    for what in (*EXPECTED, *OPEN)
    for who in (*ROLES, "nobody", "revoked")
    for where in PROJECTS
    # A person is revoked by no phone of theirs: at the console their word counts as before.
    if (who, what) != ("revoked", "decide")
]


@pytest.mark.parametrize(("who", "what", "where"), CELLS)
def test_each_cell_is_as_it_is_written_here(world: World, who: str, what: str, where: str) -> None:
    assert world.outcome(who, what, where) == expected(who, what, where)
    if what in OPEN:
        return
    if expected(who, what, where) != "allowed":
        assert world.outcome("lead", what, where) == "allowed"
    elif what == "bring_blob":
        path = f"/v1/blobs/{sha256(what.encode()).hexdigest()}?from=0&size=10"
        assert said(put_signed(world.phones[who], world.client, path, what.encode())) == "not_named"
    else:
        assert world.outcome("nobody", what, where) in ("unknown_device", "not_permitted")


def test_there_are_several_hundred_cells_and_none_is_forgotten(world: World) -> None:
    assert set(RECORDED) == KINDS
    assert len(CELLS) > 900
    asked = {route.name for route in world.app.routes if isinstance(route, Route)}
    assert asked == (set(ASKED) - {"decide"}) | set(OPEN) | {"enrol"}


def test_of_a_mixed_push_each_action_is_for_itself(world: World) -> None:
    guard = new_device(world.centre, "P-guard")
    for kind in ("note", "verify", "note"):
        guard.act(kind)
    guard.act(project=FAR)
    guard.act()
    answer = guard.sync(world.client)
    assert [(one.seq, one.code) for one in answer.quarantined] == [
        (2, "not_permitted"),
        (4, "out_of_scope"),
    ]
