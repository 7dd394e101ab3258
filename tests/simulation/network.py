"""The network between phones and centre: what it loses, cuts, changes, doubles and holds back."""

import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy.exc import IntegrityError

from radar_core.failures import OFFLINE, Failure
from radar_server.feed import NewsPage
from radar_server.handling import (
    answer_push,
    check_push,
    is_sync_due,
    note_last_sync,
    read_push,
    store_push,
)
from radar_server.problems import Problem
from radar_server.requests import Asked
from sync.exchange import Reply
from sync.protocol import CONTENT_TYPE, SYNC_PATH
from sync.signing import TIME_HEADER
from tests.simulation.brittle import Died

if TYPE_CHECKING:
    from tests.simulation.phones import SimPhone
    from tests.simulation.town import Town

PAGE = NewsPage(rows=7, actions=3)
"""Small pages and entries, so that a sync has many points to be cut at."""
MEANWHILE = 0.2
"""How often something else happens between a request and its answer."""

FATES: dict[str, float] = {
    "lost request": 0.07,
    "request held back": 0.04,
    "request cut": 0.04,
    "request changed": 0.03,
    "answer lost": 0.08,
    "answer cut": 0.04,
    "answer changed": 0.03,
    "request doubled": 0.06,
    "centre died": 0.08,
}


class Lost(Failure):
    """What the network swallowed."""

    def __init__(self) -> None:
        super().__init__("lost", "lost", exit_code=OFFLINE)


class Sent(NamedTuple):
    """A request on its way."""

    device: str
    body: bytes
    time: str
    signature: bytes


@dataclass
class Network:
    """Carries requests; `held_back` are those that will come late, out of their order.

    `held_up` names device and boot of those that came so.
    """

    town: "Town"
    fates: set[str]
    held_back: list[Sent] = field(default_factory=list[Sent])
    held_up: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    requests: int = 0

    def carry(self, phone: "SimPhone", body: bytes, *, faults: bool) -> Reply:
        """Carry a request to the centre and its answer back, or lose or maim either."""
        self.requests += 1

        def send(signature: bytes, signed: dict[str, str]) -> Reply:
            sent = Sent(phone.device, body, signed[TIME_HEADER], signature)
            return self._carry(phone, sent) if faults else self.serve(sent)

        return phone.asker.ask("POST", SYNC_PATH, body, send)

    def _carry(self, phone: "SimPhone", sent: "Sent") -> Reply:
        town = self.town
        (fate,) = town.rng.choices((*FATES, ""), (*FATES.values(), 1 - sum(FATES.values())))
        fate = fate if fate in self.fates else ""
        town.count(fate)
        if town.rng.random() < MEANWHILE:
            town.meanwhile(phone)
        reply = self._there(phone, sent, fate)
        if town.rng.random() < MEANWHILE:
            town.meanwhile(phone)
        return self._back(reply, fate)

    def _there(self, phone: "SimPhone", sent: "Sent", fate: str) -> Reply:
        rng, body = self.town.rng, sent.body
        match fate:
            case "lost request":
                raise Lost
            case "request held back":
                self.held_back.append(sent)
                self.held_up.add((phone.device, phone.boot))
                raise Lost
            case "request cut":
                body = body[: rng.randrange(len(body))]
            case "request changed":
                body = _changed(body, rng.randrange(len(body)))
            case "request doubled":
                self.serve(sent)
            case "centre died":
                self.town.brittle.arm(rng.randrange(30))
            case _:
                pass
        if fate in ("request cut", "request changed") and rng.random() < 0.5:
            # As if the phone itself had sent it so: the checks behind the signature are on.
            signature, signed = phone.asker.sign("POST", SYNC_PATH, body)
            sent = Sent(phone.device, body, signed[TIME_HEADER], signature)
        try:
            return self.serve(sent._replace(body=body))
        except (Died, sqlite3.Error):
            # A dead process tidies nothing up: whatever went wrong in doing so did not happen.
            if not self.town.brittle.died:
                raise
            self.town.centre.engine.dispose()
            raise Lost from None
        finally:
            self.town.brittle.disarm()

    def _back(self, reply: Reply, fate: str) -> Reply:
        rng = self.town.rng
        if fate == "answer lost":
            raise Lost
        if fate in ("answer cut", "answer changed"):
            if reply.problem or not reply.body:
                raise Lost
            at = rng.randrange(len(reply.body))
            body = reply.body[:at] if fate == "answer cut" else _changed(reply.body, at)
            return Reply(reply.status, body, reply.bytes_up, len(body), reply.problem)
        return reply

    def deliver_late(self) -> None:
        """Bring one of the requests that were held back; nobody waits for its answer any more."""
        if self.held_back:
            some = self.held_back.pop(self.town.rng.randrange(len(self.held_back)))
            self.serve(some)
            if self.town.rng.random() < 0.3:
                self.held_back.append(some)

    def serve(self, sent: "Sent") -> Reply:
        """Let the centre answer a request."""
        centre, body, shown = self.town.centre, sent.body, (sent.signature, sent.time)
        asked = Asked("sync", "POST", SYNC_PATH, sent.device, *shown, CONTENT_TYPE, "", "")
        try:
            device, page = read_push(centre, asked, body)
            heard = self.town.heard_ms
            heard[device.id] = max(heard.get(device.id, 0), device.wrote_ms)
            if page.push.lines:
                store_push(centre, page, device)
            else:
                check_push(centre, page, device)
            told = answer_push(centre, page, device, PAGE)
            if not page.push.lines and is_sync_due(centre, device):
                note_last_sync(centre, device)
        except Problem as problem:
            return Reply(
                problem.status, b"", len(body), 0, problem.code, members=dict(problem.members)
            )
        except IntegrityError as error:
            # Told as a 5xx; the phone tries again, and the town does not let it pass.
            self.town.broken = str(error)
            return Reply(503, b"", len(body), 0, "busy")
        return Reply(200, told, len(body), len(told))


def _changed(body: bytes, at: int) -> bytes:
    return body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
