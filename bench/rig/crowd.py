"""Many phones, one action a post, each durable before its answer; against the bare group commit."""

import os
import sys
import time
from pathlib import Path
from secrets import token_hex

from bench.rig import site
from bench.rig.centre import make_site
from bench.rig.load import Sender, http_request, write_requests
from bench.rig.sender import Sent, send
from bench.rig.steps import free_port, server
from radar_server.replays import AHEAD_MS
from sync.keys import KEY_BYTES, KeyPair
from tests.contract.centre_postgres import schema_url

PHONES = 64


def ours(kind: str, folder: Path, postgres: str | None, posts: int) -> Sent:
    """Let each phone post so many actions to a real centre, one by one."""
    made = make_site(folder, kind, postgres)
    keys = [KeyPair(os.urandom(KEY_BYTES)) for _ in range(PHONES)]
    enrolled = made.enrol_all(list(enumerate(keys)))
    with made.running() as centre:
        time.sleep(AHEAD_MS / 1000)  # nothing that was signed earlier is taken
        began_ms = time.time_ns() // 1_000_000 - posts * PHONES * 1000
        ways: list[list[bytes]] = []
        for number, pair in enumerate(zip(keys, enrolled, strict=True)):
            sender = Sender(*pair, number)
            # The phones act in turn, a second apart, as they will post.
            times = [began_ms + (post * PHONES + number) * 1000 for post in range(posts)]
            ways.append([sender.request(sender.page([line])) for line in sender.lines(times)])
        file = folder / f"{made.home.name}.requests"
        write_requests(file, ways)
        return send(centre.port, centre.pid, file)


def bare(kind: str, folder: Path, postgres: str | None, posts: int) -> Sent:
    """Let each phone post so many lines to the bare rig, which commits in groups."""
    name = f"crowd{token_hex(4)}"
    db = schema_url(postgres or "", name) if kind == "postgresql" else str(folder / f"{name}.db")
    now_ms = time.time_ns() // 1_000_000
    ways: list[list[bytes]] = []
    for number in range(PHONES):
        sender = _unknown(number)
        lines = sender.lines(site.times(number, now_ms, posts))
        ways.append(
            [
                http_request(f"/one/phone{number}/{seq}", {"Host": "centre"}, line.encode())
                for seq, line in enumerate(lines, 1)
            ]
        )
    file = folder / f"{name}.requests"
    write_requests(file, ways)
    port = free_port()
    command = [sys.executable, "-P", "-m", "bench.rig.bare_centre", db, str(port)]
    with server(command, port) as pid:
        return send(port, pid, file)


def _unknown(number: int) -> Sender:
    """Return a phone that nobody has enrolled: the rig asks nobody."""
    from radar_server.enrolment import Enrolled

    nobody = Enrolled("", "", "", (), "", "", already=False, secret=b"")
    return Sender(KeyPair(os.urandom(KEY_BYTES)), nobody, number)
