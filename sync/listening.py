"""Hearing from the centre that a project moved, in a thread of its own; events, no news themselves.

Only what our centre signed counts as the beginning of a stream. What follows cannot be signed one
by one; whoever forges it makes the phone sync once in a while, and no more.
"""

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from radar_core.failures import Failure
from sync.asking import Asker
from sync.keys import is_signed
from sync.pacing import listen_again_s
from sync.protocol import EVENTS_PATH
from sync.signing import SIGNATURE_HEADER, answer_message
from sync.transport import not_our_centre, open_client, reaching
from sync.trust import read_authority

SILENCE_S = 45.0
"""A stream that says nothing for so long, not even a heartbeat, is given up."""
EVENT_BYTES_MAX = 1024 * 1024
PROJECTS_MAX = 20_000
OK = 200
REFUSALS = frozenset({"revoked", "unknown_device"})
STALE = "stale_request"


@dataclass(frozen=True, slots=True)
class Way:
    """The way to the centre that a phone was enrolled with; `authority` is the file of it."""

    url: str
    asker: Asker
    centre_key: bytes
    timeout_s: float
    authority: Path


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard so far: where the projects stand, and how often a stream began.

    `count` changes with everything that is heard; `refused` is why the centre lets nobody listen,
    `cuts` how often no stream could be opened after one that had begun.
    """

    count: int = 0
    hellos: int = 0
    cuts: int = 0
    centre: str = ""
    positions: Mapping[str, int] | None = None
    refused: str = ""

    def is_news(self, centre: str, cursors: Mapping[str, int]) -> bool:
        """Tell whether a phone with these cursors has something to fetch, or to forget."""
        if self.refused or self.positions is None:
            return bool(self.refused)
        moved = any(cursors.get(name, 0) < pos for name, pos in self.positions.items())
        return self.centre != centre or moved or bool(cursors.keys() - self.positions.keys())


class Listening:
    """Listens until the process ends; `woken` is set whenever there is something to look at."""

    def __init__(self, way: Way, randomness: Callable[[int], bytes]) -> None:
        self.woken = threading.Event()
        self.heard = Heard()
        self._way = way
        self._randomness = randomness
        self._hurry = threading.Event()

    def start(self) -> None:
        """Begin; the thread does not keep the process from ending."""
        threading.Thread(target=self._run, name="listening", daemon=True).start()

    def hurry(self) -> None:
        """Open the stream again now: the centre was reached."""
        self._hurry.set()

    def _run(self) -> None:
        failures = 0
        while True:
            hellos = self.heard.hellos
            # Whoever syncs meets a failure too, and tells the person.
            with suppress(Failure):
                self._listen()
            failures = 0 if self.heard.hellos > hellos else failures + 1
            if failures == 1 and hellos:
                self._hear(replace(self.heard, cuts=self.heard.cuts + 1))
            self._hurry.clear()
            self._hurry.wait(listen_again_s(failures, chance(self._randomness)))

    def _listen(self) -> None:
        """Open a stream and hear it to its end; raise Failure where there is none."""
        way = self._way
        signature, signed = way.asker.sign("GET", EVENTS_PATH)
        headers = {"Accept": "text/event-stream", "Accept-Encoding": "identity", **signed}
        timeout = httpx.Timeout(way.timeout_s, read=SILENCE_S)
        with (
            reaching(way.url),
            open_client(way.url, way.timeout_s, read_authority(way.authority)) as client,
            client.stream("GET", EVENTS_PATH, headers=headers, timeout=timeout) as response,
        ):
            if response.status_code != OK:
                self._refused(response, signature)
                return
            events = read_events(response.iter_raw())
            begun = begin(events, signature, way.centre_key)
            self._hear(replace(begun, hellos=self.heard.hellos + 1, cuts=self.heard.cuts))
            for name, data in events:
                if name == "moved":
                    self._hear(moved(self.heard, data))

    def _refused(self, response: httpx.Response, asked: bytes) -> None:
        body = next(response.iter_raw(EVENT_BYTES_MAX), b"")
        told = _object(body.decode(errors="replace"))
        code = str(told.get("code"))
        word = _hex(response.headers.get(SIGNATURE_HEADER, ""))
        if code == STALE and is_signed(
            self._way.centre_key, word, answer_message(asked, response.status_code, body)
        ):
            self._way.asker.clock.learn(told)
        if code in REFUSALS:
            self._hear(replace(self.heard, refused=code))

    def _hear(self, heard: Heard) -> None:
        self.heard = replace(heard, count=self.heard.count + 1)
        self.woken.set()


def chance(randomness: Callable[[int], bytes]) -> float:
    """Return a number drawn evenly from 0 to 1."""
    return int.from_bytes(randomness(6), "big") / 2.0**48


def begin(events: Iterator[tuple[str, str]], request: bytes, centre_key: bytes) -> Heard:
    """Return what a stream begins with; raise Failure unless our centre signed it."""
    name, data = next(events, ("", ""))
    signature, _, text = data.partition(" ")
    message = answer_message(request, OK, text.encode())
    if name != "hello" or not is_signed(centre_key, _hex(signature), message):
        raise not_our_centre("its events are not signed")
    told = _object(text)
    projects = told.get("projects")
    if not isinstance(projects, dict):
        raise not_our_centre("its events are broken")
    positions = {str(name): pos for name, pos in projects.items() if isinstance(pos, int)}
    return Heard(centre=str(told.get("centre")), positions=positions)


def moved(heard: Heard, data: str) -> Heard:
    """Return what is heard with one event more; what cannot be one changes nothing."""
    told = _object(data)
    project, pos = told.get("project"), told.get("pos")
    known = heard.positions or {}
    if not isinstance(project, str) or not isinstance(pos, int) or len(known) >= PROJECTS_MAX:
        return heard
    return replace(heard, positions={**known, project: pos})


def read_events(chunks: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    """Yield name and data of each server-sent event; raise Failure for one that does not end."""
    name, data, rest = "", list[str](), b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) + sum(map(len, data)) > EVENT_BYTES_MAX:
            raise not_our_centre("its events do not end")
        for line in lines:
            field, _, value = line.decode(errors="replace").rstrip("\r").partition(":")
            value = value.removeprefix(" ")
            if field == "event":
                name = value
            elif field == "data":
                data.append(value)
            elif not field and not value and data:
                yield name, "\n".join(data)
                name, data = "", []


def _object(text: str) -> dict[str, object]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""
