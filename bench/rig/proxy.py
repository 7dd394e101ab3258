"""A relay on loopback that counts what goes through and makes the way long.

    python -m bench.rig.proxy PORT RTT_MS     prints its own port, then a line of counts for each

A new connection waits one round trip, as TCP's handshake does, and every byte half of one. A turn
is the change from what comes down to what goes up, so HTTP has one for each request. Peers run it
with their own Python, so it uses nothing that 3.9 lacks.
"""

import json
import queue
import socket
import subprocess
import sys
import threading
import time
from typing import Any, Optional

CHUNK = 262_144
SETTLE_S = 0.05
Parcel = tuple[float, bytes]


class Relay:
    """Takes connections and passes on, counting turns, bytes each way and connections."""

    def __init__(self, target: int, rtt_ms: float) -> None:
        self._target = target
        self._one_way_s = rtt_ms / 2000
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        self.counts = {"turns": 0, "up": 0, "down": 0, "connections": 0}

    def run(self) -> None:
        """Take connections for ever."""
        while True:
            client, _ = self._listener.accept()
            self.counts["connections"] += 1
            _thread(self._join, client)

    def _join(self, client: socket.socket) -> None:
        time.sleep(2 * self._one_way_s)
        try:
            server = socket.create_connection(("127.0.0.1", self._target))
        except OSError:
            client.close()
            return
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        speaking = {"up": False}
        _thread(self._pass, client, server, "up", speaking)
        _thread(self._pass, server, client, "down", speaking)

    def _pass(
        self, source: socket.socket, sink: socket.socket, way: str, speaking: dict[str, bool]
    ) -> None:
        parcels: queue.Queue[Parcel] = queue.Queue()
        _thread(_deliver, parcels, sink)
        data = b"x"
        while data:
            try:
                data = source.recv(CHUNK)
            except OSError:
                data = b""
            if data:
                self.counts[way] += len(data)
                self.counts["turns"] += way == "up" and not speaking["up"]
                speaking["up"] = way == "up"
            parcels.put((time.monotonic() + self._one_way_s, data))


def _deliver(parcels: "queue.Queue[Parcel]", sink: socket.socket) -> None:
    """Hand on each parcel when it is due; an empty one is the end."""
    try:
        while True:
            due, data = parcels.get()
            time.sleep(max(0.0, due - time.monotonic()))
            if not data:
                sink.shutdown(socket.SHUT_WR)
                return
            sink.sendall(data)
    except OSError:
        return


def _thread(work: Any, *arguments: Any) -> None:  # noqa: ANN401 - handed on as they are
    threading.Thread(target=work, args=arguments, daemon=True).start()


class Proxy:
    """The relay in a process of its own: a peer that syncs holds its interpreter's lock."""

    def __init__(self, target: int, rtt_ms: float) -> None:
        command = [sys.executable, __file__, str(target), str(rtt_ms)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        self.port = int(self._line())
        self._before: Optional[dict[str, int]] = None  # noqa: UP045 - 3.9

    def counted(self) -> dict[str, int]:
        """Return what went through since the last call."""
        assert self._process.stdin is not None
        time.sleep(SETTLE_S)
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        now = json.loads(self._line())
        before = self._before or dict.fromkeys(now, 0)
        self._before = now
        return {name: count - before[name] for name, count in now.items()}

    def stop(self) -> None:
        """End the relay."""
        self._process.kill()
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


def main() -> None:
    """Relay until the input ends."""
    relay = Relay(int(sys.argv[1]), float(sys.argv[2]))
    print(relay.port, flush=True)
    _thread(relay.run)
    for _ in sys.stdin:
        print(json.dumps(relay.counts), flush=True)


if __name__ == "__main__":
    main()
