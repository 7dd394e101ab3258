"""Requests that are ready before the clock starts: recorded, chained, signed, compressed.

They are written to a file, so that the process that sends them does nothing else.
"""

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import zstandard

from bench.rig import site
from radar_core.actions import write_line
from radar_server.enrolment import Enrolled
from sync.asking import Asker, CentreClock
from sync.chain import genesis, links
from sync.clock import stamp
from sync.keys import KEY_BYTES, KeyPair, name_of
from sync.protocol import CONTENT_TYPE, SYNC_PATH, Push, write_push
from sync.signing import head_message
from sync.transport import SMALL_BYTES, ZSTD_LEVEL

CLOCK = CentreClock(lambda: time.time_ns() // 1_000_000, os.urandom)
NOTHING_NEW = (1 << 62) - 1
"""A cursor past all that there is: the answer is to carry no news, for the way up is measured."""


@dataclass(slots=True)
class Sender:
    """A device with its chain, but without a phone around it."""

    keys: KeyPair
    enrolled: Enrolled
    number: int
    epoch: str = ""
    seq: int = 0
    head: bytes = b""

    def __post_init__(self) -> None:
        self.epoch = name_of(os.urandom(KEY_BYTES), "E")
        self.head = genesis(self.epoch, self.keys.public)

    def lines(self, times_ms: Sequence[int]) -> list[str]:
        """Return what the person records at these times, later than all before, as lines."""
        return [
            write_line(seq, stamp(moment.wall_ms, 0), moment, draft)
            for seq, (draft, moment) in enumerate(site.drafts(self.number, times_ms), self.seq + 1)
        ]

    def page(self, lines: Sequence[str]) -> Push:
        """Return the push of the next lines, chained and with its head signed."""
        hashes = links(self.head, lines)
        last = self.seq + len(lines)
        push = Push(
            device=self.enrolled.device,
            epoch=self.epoch,
            first=self.seq + 1,
            previous=self.head,
            lines=lines,
            head_signature=self.keys.sign(head_message(self.epoch, last, hashes[-1])),
            centre_epoch=self.enrolled.centre_epoch,
            cursors={site.guard(self.number)[1]: NOTHING_NEW},
        )
        self.seq, self.head = last, hashes[-1]
        return push

    def request(self, push: Push) -> bytes:
        """Return the whole HTTP request that carries a push."""
        body = write_push(push)
        headers = {"Host": "centre", "Content-Type": CONTENT_TYPE}
        headers["Accept-Encoding"] = "zstd, gzip"
        if len(body) > SMALL_BYTES:
            body = zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(body)
            headers["Content-Encoding"] = "zstd"
        _, signed = Asker(self.enrolled.device, self.keys, CLOCK).sign("POST", SYNC_PATH, body)
        headers |= signed
        return http_request(SYNC_PATH, headers, body)


def http_request(path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """Return a POST as it goes over the wire."""
    told = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {path} HTTP/1.1\r\n{told}Content-Length: {len(body)}\r\n\r\n".encode() + body


def write_requests(path: Path, ways: Iterable[Iterable[bytes]]) -> None:
    """Write requests for `bench.rig.sender`: for each connection those that go over it in turn."""
    with path.open("wb") as file:
        for way, requests in enumerate(ways):
            for request in requests:
                file.write(b"%d %d\n" % (way, len(request)) + request)
