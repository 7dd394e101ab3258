"""The centre as a process: it answers, it stops, it is killed, and what it receipted is there."""

import random
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from radar_core.failures import Failure
from radar_core.tags import make_code
from radar_server import admin
from radar_server.database import writing
from radar_server.enrolment import offer_code
from radar_server.serve import serve
from sync.chain import digest
from sync.enrolling import stretch
from sync.framing import WireError
from sync.keys import KeyPair, is_signed, name_of
from sync.protocol import EVENTS_PATH, SYNC_PATH, Push, read_answer, write_push
from sync.signing import SIGNATURE_HEADER, answer_message
from tests.contract.centre_parts import DAY_MS, Device, held, import_records, shown, site_book
from tests.enrolling import application

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from radar_server.serve import serve

def ready(url):
    sys.stdout.write(url + chr(10))
    sys.stdout.flush()

serve(sys.argv[1], "", host="127.0.0.1", port=0, ready=ready, tell=print)
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Give the folder of a centre with the small site book."""
    home = tmp_path / "centre"
    admin.init(str(home), "", "Test")
    with admin.opened(str(home), "") as centre:
        import_records(centre, site_book())
    return home


def start(home: Path) -> tuple[subprocess.Popen[str], str]:
    """Start a centre; return it with its URL once it answers."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(home)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    assert url, process.communicate()[1]
    return process, url


def stop(process: subprocess.Popen[str], number: int) -> tuple[int, str]:
    """Send a signal; return the exit code and what was written to stderr."""
    process.send_signal(number)
    _, errors = process.communicate(timeout=20)
    return process.returncode, errors


@contextmanager
def serving(home: Path) -> Generator[str]:
    """Run a centre and stop it; it must have had nothing to complain of."""
    process, url = start(home)
    try:
        yield url
    finally:
        code, errors = stop(process, signal.SIGTERM)
    assert (code, errors) == (0, "")


def enrolled(home: Path, url: str, staff: str, seed: str) -> Device:
    """Enrol a device over HTTP."""
    code = make_code(digest(seed.encode()))
    with admin.opened(str(home), "") as centre, writing(centre.engine) as connection:
        offer_code(connection, stretch(code), staff, centre.now_ms() + DAY_MS)
    keys = KeyPair(digest(f"key of {seed}".encode()))
    response = httpx.post(f"{url}/v1/enrol", json=application(code, keys, seed))
    assert response.status_code == 200, response.text
    told = response.json()
    return Device(told["device"], staff, keys, name_of(digest(keys.public.hex().encode()), "E"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_centre_answers_and_stops_cleanly_when_it_is_told_to(home: Path, number: int) -> None:
    process, url = start(home)
    with httpx.Client(base_url=url) as client:
        assert client.get("/v1/health").json()["ok"] is True
        assert stop(process, number) == (0, "")


def test_a_centre_stops_cleanly_while_somebody_listens(home: Path) -> None:
    process, url = start(home)
    with httpx.Client(base_url=url) as client:
        device = enrolled(home, url, "G1", "listener")
        _, headers = device.asker().sign("GET", EVENTS_PATH)
        with client.stream("GET", EVENTS_PATH, headers=headers) as response:
            lines = response.iter_lines()
            assert next(lines).startswith("retry:")
            assert stop(process, signal.SIGTERM) == (0, "")
            assert "event: hello" in list(lines)


def hush(*_told: object, **_values: object) -> None:
    """Hear what is told, and do nothing."""


def test_a_port_in_use_is_one_clear_sentence(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Failure) as caught:
            serve(str(home), "", host="127.0.0.1", port=port, ready=hush, tell=hush)
    assert caught.value.code == "address_in_use"
    assert str(port) in str(caught.value)


@pytest.mark.parametrize(
    ("host", "port"), [("no.such.host.invalid", 0), ("192.0.2.1", 0), ("127.0.0.1", 99_999)]
)
def test_an_address_that_is_not_ours_is_one_clear_sentence(
    home: Path, host: str, port: int
) -> None:
    with pytest.raises(Failure) as caught:
        serve(str(home), "", host=host, port=port, ready=hush, tell=hush)
    assert caught.value.code == "address_not_usable"


def test_a_centre_that_was_not_made_does_not_serve(tmp_path: Path) -> None:
    with pytest.raises(Failure) as caught:
        serve(str(tmp_path / "none"), "", host="127.0.0.1", port=0, ready=hush, tell=hush)
    assert caught.value.code == "not_initialised"


def test_a_body_that_is_cut_on_the_way_is_never_taken_in(home: Path) -> None:
    with serving(home) as url:
        device = enrolled(home, url, "G1", "cut")
        device.act()
        with httpx.Client(base_url=url) as client:
            request = client.build_request("POST", SYNC_PATH, content=write_push(device.push()))
            head = _head(device, client, request)
            body = request.content
            for size in (0, 1, len(body) // 2, len(body) - 1):
                with socket.create_connection(_address(url)) as wire:
                    wire.sendall(head + body[:size])
            assert client.get("/v1/health").is_success
            assert device.post(client, device.push()).status_code == 200
    with admin.opened(str(home), "") as centre:
        assert len(held(centre)) == 1


def _head(device: Device, client: httpx.Client, request: httpx.Request) -> bytes:
    """Return the head of the request that `device` would send."""
    signed = device.post(client, device.push(2, 1)).request.headers
    wanted = ("radar-device", "radar-signature", "content-type")
    lines = [f"{name}: {signed[name]}" for name in wanted]
    lines += ["host: centre", f"content-length: {len(request.content)}"]
    return "\r\n".join([f"POST {SYNC_PATH} HTTP/1.1", *lines, "", ""]).encode()


def _address(url: str) -> tuple[str, int]:
    parsed = httpx.URL(url)
    assert parsed.port is not None
    return parsed.host, parsed.port


KILLS = 5


@dataclass
class Sender:
    """A device that pushes as long as its centre lives, and remembers what was receipted."""

    device: Device
    centre_key: bytes
    receipted: int = 0
    problems: list[str] = field(default_factory=list[str])

    def run(self, url: str) -> None:
        """Push one to five actions at a time until the centre is gone."""
        chance = random.Random(self.receipted)
        with httpx.Client(base_url=url, timeout=5) as client:
            while True:
                for _ in range(chance.randint(1, 5)):
                    self.device.act()
                push = self.device.push(self.receipted + 1)
                try:
                    response = self.device.post(client, push)
                except httpx.HTTPError:
                    return
                self._heed(push, response)

    def _heed(self, push: Push, response: httpx.Response) -> None:
        asked = bytes.fromhex(response.request.headers[SIGNATURE_HEADER])
        message = answer_message(asked, response.status_code, response.content)
        signature = bytes.fromhex(response.headers.get(SIGNATURE_HEADER, ""))
        if response.status_code != 200 or not is_signed(self.centre_key, signature, message):
            self.problems.append(response.text)
            return
        try:
            receipt = read_answer(response.content, shown(push)).receipt
            self.receipted = max(self.receipted, receipt.seq)
        except WireError as error:
            self.problems.append(str(error))


def _centre_key(home: Path) -> bytes:
    with admin.opened(str(home), "") as centre:
        return centre.keys.public


def _while_killed(home: Path, senders: list[Sender], after_s: float) -> None:
    """Let all push at once, and kill the centre in the midst of it."""
    process, url = start(home)
    threads = [threading.Thread(target=sender.run, args=(url,)) for sender in senders]
    for thread in threads:
        thread.start()
    killer: Callable[[], None] = process.kill
    threading.Timer(after_s, killer).start()
    for thread in threads:
        thread.join()
    process.communicate()


def test_law_01_recorded_is_durable_whatever_was_receipted_survives_kill_9(home: Path) -> None:
    with serving(home) as url:
        key = _centre_key(home)
        senders = [
            Sender(enrolled(home, url, staff, f"killed {staff}"), key) for staff in ("G1", "G2")
        ]
    chance = random.Random(7)
    for _ in range(KILLS):
        _while_killed(home, senders, 0.05 + 0.3 * chance.random())
    with serving(home) as url, httpx.Client(base_url=url) as client:
        for sender in senders:
            assert sender.problems == []
            receipt = sender.device.sync(client, sender.receipted + 1).receipt
            assert receipt.seq == len(sender.device.lines) > KILLS
    with admin.opened(str(home), "") as centre:
        rows = held(centre)
    for sender in senders:
        device = sender.device
        lines = [line for epoch, _, line in rows if epoch == device.epoch]
        assert lines == device.lines
