"""What readings add up to, and what is odd about a new one."""

import pytest

from radar_core.actions import Action
from radar_core.meters import DAY_S, Reading, judge, readings_of

METER: dict[str, object] = {"asset": "PU1", "step": "hours", "rollover": 10_000, "jump": 100}
GAUGE: dict[str, object] = {"asset": "PU1", "step": "bar", "jump": 2}


def reading(
    seq: int, value: object, *, day: float = 0, kind: str = "reading", **more: object
) -> Action:
    body = {"asset": "PU1", "step": "hours", "task": "T", "value": value, **more}
    at_s = int(1_000_000_000 + day * DAY_S)
    return Action(
        "E",
        {"seq": seq, "hlc": f"{at_s * 1000:012x}{seq:04x}", "wall": "", "boot": "", "mono_ms": 0}
        | {"staff": "E1", "project": "HV", "kind": kind, "subject": "", "body": body},
    )


def doubts(
    values: list[float], meter: dict[str, object] = METER, *, counts: bool = True
) -> list[str]:
    """Return what is odd about each value, a day after the one before."""
    actions = [reading(seq, value, day=seq, step=meter["step"]) for seq, value in enumerate(values)]
    found: list[str] = []
    for at, action in enumerate(actions):
        before = readings_of("HV", meter, actions[:at])
        value = values[at]
        found.append(
            judge(meter, counts=counts, before=before, value=value, at_s=action.at_s).doubt
        )
    return found


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([100, 150, 150], ["", "", ""]),
        ([100, 201], ["", "jump"]),
        ([9_990, 15], ["", "rollover"]),
        ([9_990, 95], ["", "backwards"]),
        ([500, 499], ["", "backwards"]),
        ([20_000, 3], ["", "backwards"]),
        ([500, -3], ["", "backwards"]),
    ],
)
def test_a_counter_rolls_over_runs_backwards_or_jumps(
    values: list[float], expected: list[str]
) -> None:
    assert doubts(values) == expected


def test_without_a_jump_half_of_all_that_it_shows_is_the_most_that_a_counter_ran() -> None:
    silent = {name: METER[name] for name in ("asset", "step", "rollover")}
    assert doubts([6_000, 999], silent) == ["", "rollover"]
    assert doubts([6_000, 1_001], silent) == ["", "backwards"]
    assert doubts([6_000, 9_999], silent) == ["", ""]


def test_a_gauge_may_fall_and_jumps_both_ways() -> None:
    assert doubts([4, 2.5, 4], GAUGE, counts=False) == ["", "", ""]
    assert doubts([4, 1.5, 4], GAUGE, counts=False) == ["", "jump", "jump"]


def test_the_jump_is_by_the_day_and_within_a_day_it_is_the_whole() -> None:
    last = [Reading(1_000_000_000, 100, 0, "")]
    hour, ten_days = 1_000_003_600, 1_000_000_000 + 10 * DAY_S
    assert judge(METER, counts=True, before=last, value=190, at_s=hour).doubt == ""
    assert judge(METER, counts=True, before=last, value=1_100, at_s=ten_days).doubt == ""
    assert judge(METER, counts=True, before=last, value=1_101, at_s=ten_days).doubt == "jump"
    assert judge(METER, counts=True, before=last, value=1_101, at_s=ten_days).used == 1_001
    assert judge(METER, counts=True, before=[], value=5, at_s=hour) == ("", 0, None)


def test_what_ran_adds_up_over_a_roll_over_and_a_new_meter() -> None:
    values = [9_950, 9_990, 15, 3, 60]
    found = readings_of("HV", METER, [reading(n, value, day=n) for n, value in enumerate(values)])
    assert [one.used for one in found] == [0, 40, 65, 65, 122]


def test_only_numbers_of_its_step_on_its_asset_are_a_meters_readings() -> None:
    actions = [
        reading(1, 5),
        reading(2, 6, step="3.hours"),
        reading(3, 7, kind="answer"),
        reading(4, 8, step="bar"),
        reading(5, 9, asset="PU2"),
        reading(6, "10"),
        reading(7, value=True),
        reading(8, 11, kind="note"),
    ]
    assert [one.value for one in readings_of("HV", METER, reversed(actions))] == [5, 6, 7]
    assert readings_of("PK", METER, actions) == []
    anything = {"asset": "PU1"}
    assert [one.value for one in readings_of("HV", anything, actions)] == [5, 6, 8]


def test_what_was_taken_back_is_no_reading() -> None:
    wrong, right = reading(1, 500), reading(2, 50, day=1)
    takes_back = reading(3, None, day=2, kind="correct", action=wrong.id)
    found = readings_of("HV", METER, [takes_back, right, wrong])
    assert [(one.value, one.used) for one in found] == [(50, 0)]
