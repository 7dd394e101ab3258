"""The evidence at the centre: by all that it holds, in stored clocks, on both databases."""

from typing import Any

import httpx
import pytest

from radar_server.bulk import insert
from radar_server.centre import Centre
from radar_server.database import reading, writing
from radar_server.evidence import GradedScan, graded_scans, weak_evidence
from radar_server.tables import BlobRow
from sync.protocol import Clock
from tests.contract.centre_parts import DAY_MS, HOUR_MS, START_MS, Device, new_device
from tests.contract.centre_parts import Clock as CentreClock

FACE = {"hash": "0f0f0f0f3c3ca5a5"}


def scan(device: Device, place: int, at_ms: int, **body: Any) -> None:  # noqa: ANN401 - any body
    told = {
        "tag": f"HVTAG{place:05}",
        "place": f"HV-P{place}",
        "via": "picture",
        "task": "R",
        **body,
    }
    device.act("scan", at_ms=at_ms, subject=f"HVTAG{place:05}", body=told)


def graded(
    centre: Centre, since_ms: int = START_MS - DAY_MS, span_ms: int = 2 * DAY_MS
) -> list[GradedScan]:
    with reading(centre.engine) as connection:
        return graded_scans(connection, "HV", since_ms, since_ms + span_ms)


def weak(centre: Centre) -> list[dict[str, Any]]:
    with reading(centre.engine) as connection:
        return weak_evidence(connection, "HV", START_MS - DAY_MS, START_MS + DAY_MS)


def reasons(one: GradedScan) -> dict[str, str]:
    return {part.name: part.reason for part in one.evidence.parts}


@pytest.fixture
def guards(centre: Centre) -> list[Device]:
    return [new_device(centre, staff) for staff in ("G1", "G2", "G3", "S1")]


def test_an_empty_project_has_none(centre: Centre) -> None:
    assert graded(centre) == []
    assert weak(centre) == []


def test_the_stored_clock_counts(
    centre: Centre, client: httpx.Client, guards: list[Device]
) -> None:
    scan(guards[0], 1, START_MS - HOUR_MS)
    scan(guards[1], 2, START_MS - HOUR_MS)
    guards[0].sync(client, clock=Clock("boot", DAY_MS))
    guards[1].sync(client)
    told = graded(centre)
    assert [reasons(one)["clock"] for one in sorted(told, key=lambda one: one.scan.staff)] == [
        "right",
        "unanchored",
    ]
    assert {one.evidence.grade for one in told} == {"B"}
    assert weak(centre) == []


def test_only_the_scans_of_the_time_are_told_by_all_that_came_before(
    centre: Centre, client: httpx.Client, guards: list[Device]
) -> None:
    scan(guards[0], 1, START_MS - 20 * HOUR_MS, frame=FACE)
    scan(guards[0], 1, START_MS - HOUR_MS, frame=FACE)
    scan(guards[0], 2, START_MS + HOUR_MS)
    guards[0].sync(client)
    (one,) = graded(centre, START_MS - 2 * HOUR_MS, 2 * HOUR_MS)
    assert (one.scan.seq, one.evidence.grade) == (2, "D")
    assert reasons(one)["frame"] == "same_picture"


def test_ways_are_learnt_from_all_people_and_a_weak_round_is_one_exception(
    centre: Centre, client: httpx.Client, guards: list[Device]
) -> None:
    for guard in guards[:3]:
        for walk in range(4):
            scan(guard, 1, START_MS - 10 * HOUR_MS + walk * HOUR_MS)
            scan(guard, 2, START_MS - 10 * HOUR_MS + walk * HOUR_MS + 300_000)
        guard.sync(client, clock=Clock("boot", DAY_MS))
    scan(guards[3], 1, START_MS - HOUR_MS)
    scan(guards[3], 2, START_MS - HOUR_MS + 9_000)
    scan(guards[3], 1, START_MS - HOUR_MS + 18_000, frame={"hash": "nonsense"})
    guards[3].sync(client, clock=Clock("boot", DAY_MS))
    (exception,) = weak(centre)
    first, second = exception.pop("scans")
    assert exception == {
        "kind": "weak_evidence",
        "task": "R",
        "staff": "S1",
        "at": "2026-03-01T23:00:09Z",
    }
    assert (first["place"], second["place"]) == ("HV-P2", "HV-P1")
    assert first["parts"] == [
        {
            "part": "walk",
            "grade": "D",
            "reason": "too_quick",
            "values": {"took_s": 9, "from": "HV-P1", "usual_s": 300},
        }
    ]


def test_the_board_tells_a_supervisor_at_most_a_minute_late(
    client: httpx.Client, guards: list[Device], clock: CentreClock
) -> None:
    def board() -> list[dict[str, Any]]:
        told = guards[3].get(client, "/v1/board?project=HV").json()["projects"][0]["exceptions"]
        return [row for row in told if row["kind"] == "weak_evidence"]

    assert board() == []
    fix = {"lat": 0.0, "lon": 0.0, "accuracy_m": 5, "mock": True, "salt": "0" * 32}
    scan(guards[0], 1, START_MS - HOUR_MS, position=fix)
    guards[0].sync(client)
    assert board() == []
    clock.pass_ms(60_000)
    assert board() == []  # and graded anew once that was answered
    (row,) = board()
    assert (row["staff"], row["name"], row["name_zh"]) == ("G1", "Person G1", "员工G1")
    assert (row["at"], row["as_of"]) == ("2026-03-01T23:00:00Z", "2026-03-02T00:01:00Z")
    assert [part["reason"] for part in row["scans"][0]["parts"]] == ["mock"]
    scan(guards[0], 2, START_MS - HOUR_MS, position=fix)
    guards[0].sync(client)
    clock.pass_ms(15 * 60_000)
    assert len(board()[0]["scans"]) == 2


def test_a_photograph_that_arrived_counts_for_the_scan_before_it(
    centre: Centre, client: httpx.Client, guards: list[Device]
) -> None:
    scan(guards[0], 1, START_MS - HOUR_MS)
    guards[0].act("photo", at_ms=START_MS - HOUR_MS + 5000, body={"place": "HV-P1", "sha256": "aa"})
    guards[0].sync(client)
    assert reasons(graded(centre)[0])["photo"] == "promised"
    with writing(centre.engine) as connection:
        insert(connection, BlobRow, [("aa", 1, START_MS, None)])
    assert reasons(graded(centre)[0])["photo"] == "arrived"
