"""Questions that read much: a few are worked on, some wait, and then the centre is busy."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from radar_server.centre import Centre
from radar_server.http import COSTLY_THREADS, COSTLY_WAITING_MAX, make_app
from sync.protocol import BOARD_PATH, FIGURES_PATH, QUERY_PATH
from tests.contract.centre_asgi import asgi_client
from tests.contract.centre_parts import new_device

PATHS = (BOARD_PATH, f"{FIGURES_PATH}?month=2026-02", f"{QUERY_PATH}?thing=PUMPS")
ENOUGH = COSTLY_THREADS + COSTLY_WAITING_MAX


@pytest.mark.parametrize("centre", ["sqlite"], indirect=True)
def test_of_too_many_dear_questions_some_are_refused_and_pushes_go_through(centre: Centre) -> None:
    asking, pushing = new_device(centre, "S1"), new_device(centre)
    pushing.act()
    go_on, standing = threading.Event(), threading.Semaphore(0)

    def slow_clock() -> int:
        """Hold up the questions, which are asked in threads of the test's."""
        if not pushing_now.is_set():
            standing.release()
            assert go_on.wait(30)
        return centre.now_ms()

    pushing_now = threading.Event()
    slow = replace(centre, now_ms=slow_clock)
    with asgi_client(make_app(slow)) as client, ThreadPoolExecutor(ENOUGH + 5) as pool:
        asked = [
            pool.submit(asking.get, client, PATHS[number % len(PATHS)]) for number in range(ENOUGH)
        ]
        for _ in range(COSTLY_THREADS):
            assert standing.acquire(timeout=30)
        end_s = time.monotonic() + 30
        codes: list[str] = []
        while not codes and time.monotonic() < end_s:
            done = pool.submit(asking.get, client, BOARD_PATH)
            time.sleep(0.1)
            if done.done():
                codes.append(done.result().json()["code"])
            else:
                asked.append(done)
        assert codes == ["busy"]
        pushing_now.set()
        assert pushing.sync(client).receipt.seq == 1
        go_on.set()
        assert {one.result().status_code for one in asked} <= {200, 404, 503}
