"""The benches' own parts: what they record is accepted, what they count is right, they run."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bench.rig import site
from bench.rig.proxy import Proxy
from bench.rig.questions import AskedPhone, measure_copies, simulate
from bench.rig.questions import measure as questions
from bench.rig.radar import Radar
from bench.rig.sides import write_workload
from bench.rig.steps import REPEATS, measure
from radar_core.actions import Action
from radar_server.database import open_engine, sqlite_url
from radar_server.envelope import Sender, judge
from tests.house import ROOT

ACTIONS = 60


@pytest.mark.parametrize(
    ("name", "told"), [("sync.py", "10,000 actions up"), ("query.py", "its busiest")]
)
def test_a_script_finds_the_packages_although_one_is_named_like_it(name: str, told: str) -> None:
    command = [sys.executable, str(ROOT / "bench" / name), "--help"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/")
    assert told in said.stdout


def test_the_questions_are_answered_about_a_day_of_the_district(tmp_path: Path) -> None:
    engine = open_engine(sqlite_url(tmp_path / "centre.db"))
    simulate(engine, 1)
    phone = AskedPhone(tmp_path / "phone")
    day = questions("a day", engine, phone)
    measure_copies(engine, phone, [2], settled=True)
    again = questions("a day", engine, phone)
    assert (again.actions, again.on_asset) == (day.actions, day.on_asset)
    engine.dispose()


def test_every_line_of_the_workload_is_an_action_that_the_centre_accepts(tmp_path: Path) -> None:
    write_workload(tmp_path, ACTIONS)
    lines = [
        line for name in ("actions", "more") for line in (tmp_path / name).read_text().split("\n")
    ]
    staff, _ = site.guard(0)
    sender = Sender(staff, revoked=False)
    judged = [judge("E", seq, line, sender) for seq, line in enumerate(lines, 1)]
    assert len(judged) == ACTIONS + REPEATS
    assert [found for found in judged if not isinstance(found, Action)] == []
    stamps = [found.hlc for found in judged if isinstance(found, Action)]
    assert stamps == sorted(set(stamps)), "a phone's stamps only grow"


def test_radar_goes_through_all_steps_and_each_sync_is_one_request(tmp_path: Path) -> None:
    write_workload(tmp_path, ACTIONS)
    found = measure(Radar(), tmp_path, 0)
    for step in ("up", "one", "nothing"):
        assert found[f"{step} counts"]["turns"] == 1, (step, found)
    assert found["up counts"]["up"] > found["one counts"]["up"] > found["nothing counts"]["up"]


def test_the_proxy_counts_turns_bytes_and_connections() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = Proxy(listener.getsockname()[1], 0)
        try:
            with socket.create_connection(("127.0.0.1", proxy.port)) as client:
                served, _ = listener.accept()
                with served:
                    for _ in range(3):
                        client.sendall(b"question")
                        assert served.recv(8, socket.MSG_WAITALL) == b"question"
                        served.sendall(b"ok")
                        assert client.recv(2, socket.MSG_WAITALL) == b"ok"
                    assert proxy.counted() == {"turns": 3, "up": 24, "down": 6, "connections": 1}
                    assert proxy.counted() == {"turns": 0, "up": 0, "down": 0, "connections": 0}
        finally:
            proxy.stop()
