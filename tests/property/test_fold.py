"""State = fold(sorted set of actions), however and in whatever order they came (law 5)."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from radar_core.actions import KINDS, Action, Draft, Moment, read_line, write_line
from radar_core.tasks import FINISHED, Progress, Task, read_progress
from radar_core.tracking import (
    CORRECTABLE,
    PRIORITIES,
    ROUND,
    TABLES,
    WHOLE,
    WORK_ORDER,
    fold,
    step,
)
from sync.clock import stamp
from tests.district.reference import Standing, stand

MOVING = sorted(set(WORK_ORDER) | set(ROUND))
EPOCHS = ("E1", "E2", "E3")
SEQ_MAX = 4
ENDS_A_ROUND = ("scan", "answer", "reading", "accept")
IDS = [f"{epoch}.{seq}" for epoch in EPOCHS for seq in range(1, SEQ_MAX + 1)]
scalars = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3)
values = scalars | st.lists(scalars, max_size=2) | st.dictionaries(st.text(max_size=2), scalars)
bodies = st.fixed_dictionaries(
    {},
    optional={
        "outcome": st.sampled_from(["on_round", "late", "out_of_order", "early"]) | values,
        "checkpoint": st.integers(-1, 4) | values,
        "step": st.sampled_from(["a", "b"]) | values,
        "value": values,
        "action": st.sampled_from(IDS) | values,
        "to": st.sampled_from(["G1", "G2"]) | values,
        "from": st.sampled_from(["U", "T"]) | values,
        "opens": values,
        "handover": values,
        "visited": st.dictionaries(st.sampled_from(["0", "1", "2", "x"]), st.text(max_size=2))
        | values,
        "score": st.integers(-1, 101) | values,
        "stars": st.integers(0, 6) | values,
        "minutes": st.integers(-1, 60) | values,
        "priority": st.sampled_from(PRIORITIES) | values,
        "reason": values,
    },
)


@st.composite
def action_sets(draw: st.DrawFn) -> list[Action]:
    """Draw actions of several phones at times that collide, each identity once."""
    found: dict[tuple[str, int], Action] = {}
    for _ in range(draw(st.integers(0, 12))):
        epoch = draw(st.sampled_from(EPOCHS))
        seq = draw(st.integers(1, SEQ_MAX))
        kind = draw(st.sampled_from(MOVING) | st.sampled_from(sorted(KINDS)))
        draft = Draft(
            staff=draw(st.sampled_from(["G1", "G2"])),
            project="HV",
            kind=kind,
            subject="T",
            body=draw(bodies),
        )
        at_ms = draw(st.integers(900, 1_300)) * 1000
        hlc = stamp(at_ms, draw(st.integers(0, 2)))
        wall = draw(
            st.sampled_from(["w", "1970-01-01T00:18:20+00:00", "1970-01-01T08:20:00+08:00"])
        )
        line = write_line(seq, hlc, Moment(wall, at_ms, "b", 0), draft)
        found[epoch, seq] = read_line(epoch, line)
    return list(found.values())


STEPS: list[dict[str, object]] = [
    {"id": "a", "required": True},
    {"id": "b"},
    {"id": "", "type": "photo", "required": True},
]
tasks = st.builds(
    lambda kind, count, steps: Task(
        {
            "id": "T",
            "project": "HV",
            "kind": kind,
            "due_from": 1_000,
            "due_to": 1_100,
            "grace_s": 50,
            "targets": [f"place:{n}" for n in range(count)],
            "steps": STEPS[:steps],
        }
    ),
    st.sampled_from(["patrol", "cleaning", "maintenance"]),
    st.sampled_from([0, 1, 1, 2, 3, 4]),
    st.sampled_from([0, 0, 1, 3]),
)


@given(tasks, action_sets(), st.randoms(use_true_random=False))
def test_law_05_convergence_the_order_of_arrival_does_not_matter(
    task: Task, actions: list[Action], chance: object
) -> None:
    shuffled = list(actions)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fold(task, shuffled).body() == fold(task, actions).body()


PLAIN: dict[str, object] = {
    "outcome": "on_round",
    "to": "G2",
    "stars": 4,
    "visited": {"1": "E9.1", "7": "E9.2"},
}
OFTEN = ("scan", "scan", "answer", "complete", "complete", "accept", "correct", "correct")


@st.composite
def histories(draw: st.DrawFn) -> list[Action]:
    """Draw what people might well do: actions of two of them, with bodies that mostly fit."""
    found: list[Action] = []
    for place in range(draw(st.integers(1, 8))):
        kind = draw(st.sampled_from([*MOVING, *OFTEN, *OFTEN, "part", "rate", "handover"]))
        body = PLAIN | {"value": place, "action": f"E1.{draw(st.integers(1, place + 1))}"}
        body |= {
            "checkpoint": draw(st.sampled_from([0, 0, 1])),
            "step": draw(st.sampled_from("ab")),
        }
        body |= {"score": draw(st.sampled_from([0, 100, 101]))}
        body |= {"handover": draw(st.sampled_from(["", "E1.1"]))}
        body |= draw(bodies) if draw(st.integers(0, 3)) == 0 else {"reason": "r"}
        staff = draw(st.sampled_from(["G1", "G1", "G2"]))
        draft = Draft(staff=staff, project="HV", kind=kind, subject="T", body=body)
        at_s = draw(st.sampled_from([1_000, 1_100, 1_101, 1_150, 1_150, 1_151]))
        wall = datetime.fromtimestamp(at_s, UTC).isoformat()
        hlc = stamp((1_000 + place) * 1000, 0)
        line = write_line(place + 1, hlc, Moment(wall, at_s * 1000, "b", 0), draft)
        found.append(read_line("E1", line))
    return found


@settings(max_examples=400)
@given(tasks, histories() | action_sets())
def test_law_05_convergence_a_task_stands_where_the_plain_reference_says(
    task: Task, actions: list[Action]
) -> None:
    note([(action.id, action.kind, action.staff, action.body) for action in actions])
    progress, standing = fold(task, actions), stand(task, actions)
    for member in Standing.__dataclass_fields__:
        assert getattr(progress, member) == getattr(standing, member), member


@given(tasks, action_sets(), st.data())
def test_law_05_convergence_stepping_on_from_a_kept_state_is_folding_anew(
    task: Task, actions: list[Action], data: st.DataObject
) -> None:
    actions = [action for action in actions if action.kind not in WHOLE]
    ordered = sorted(actions, key=lambda action: action.order)
    at = data.draw(st.integers(0, len(ordered)))
    progress = read_progress(fold(task, ordered[:at]).body())
    for action in ordered[at:]:
        step(task, progress, action)
    assert progress.body() == fold(task, actions).body()


@given(tasks, action_sets())
def test_a_task_moves_only_as_its_table_says_and_marks_what_does_not_fit(
    task: Task, actions: list[Action]
) -> None:
    table = TABLES[task.kind]
    progress = Progress()
    for action in sorted(actions, key=lambda action: action.order):
        if action.kind in WHOLE:
            continue
        before, marks = progress.state, len(progress.marks)
        step(task, progress, action)
        told = {table.get(action.kind, {}).get(before, before)}
        if "done" in told or (task.kind == "patrol" and action.kind in ENDS_A_ROUND):
            told |= {"done", "done_late"}
        if progress.state not in told or progress.state == before:
            assert progress.state == before
        if len(progress.marks) > marks:
            assert progress.state == before
        if action.kind in table and action.kind not in ("scan", "report"):
            fits = before in table[action.kind]
            assert fits or action.id in progress.marks


@given(tasks, action_sets(), st.data())
def test_law_03_exactly_once_folding_an_action_twice_is_folding_it_once(
    task: Task, actions: list[Action], data: st.DataObject
) -> None:
    held = {action.id: action for action in actions}
    again = data.draw(st.permutations(actions)) if actions else []
    held |= {action.id: action for action in again}
    assert fold(task, held.values()).body() == fold(task, actions).body()


@given(tasks, action_sets())
def test_what_a_person_took_back_counts_as_if_it_had_never_been(
    task: Task, actions: list[Action]
) -> None:
    ordered = sorted(actions, key=lambda action: action.order)
    gone: dict[str, str] = {}
    for at, action in enumerate(ordered):
        for wrong in ordered[:at]:
            named = action.kind == "correct" and action.body.get("action") == wrong.id
            if named and wrong.staff == action.staff and wrong.kind in CORRECTABLE:
                gone.setdefault(wrong.id, action.id)
    kept = [a for a in actions if a.id not in gone and a.id not in gone.values()]
    whole, without = fold(task, actions), fold(task, kept)
    assert sorted(whole.corrected) == sorted(set(gone.values()))
    whole.corrected = []
    assert whole.body() == without.body()


@pytest.mark.parametrize(
    ("kind", "states"),
    [
        (
            "maintenance",
            "open assigned in_progress on_hold completed verified rejected cancelled",
        ),
        ("cleaning", "in_progress done done_late ended_early excused"),
        ("patrol", "in_progress done done_late ended_early excused"),
    ],
)
def test_each_state_machine_reaches_every_state_and_no_other(kind: str, states: str) -> None:
    task = Task({"id": "T", "project": "HV", "kind": kind, "due_to": 1_100, "targets": ["place:1"]})
    reached, frontier = {""}, [list[Action]()]
    while frontier:
        held = frontier.pop()
        for name in sorted(KINDS - WHOLE):
            for late in (0, 10_000):
                action = _plain(name, len(held) + 1, 1_000 + len(held) + late)
                state = fold(task, [*held, action]).state
                if state not in reached:
                    reached.add(state)
                    frontier.append([*held, action])
    assert reached - {""} == set(states.split())


def _plain(kind: str, seq: int, at_s: int) -> Action:
    body: dict[str, object] = {"outcome": "on_round", "checkpoint": 0, "reason": "r"}
    draft = Draft(staff="G1", project="HV", kind=kind, subject="T", body=body)
    line = write_line(seq, stamp(seq * 1000, 0), Moment("w", at_s * 1000, "b", 0), draft)
    action = read_line("E1", line)
    action.wall = datetime.fromtimestamp(at_s, UTC).isoformat()
    return action


@given(tasks, action_sets())
def test_folding_changes_neither_the_task_nor_the_actions(
    task: Task, actions: list[Action]
) -> None:
    before = (task.body(), [(action.order, dict(action.body)) for action in actions])
    fold(task, actions)
    assert (task.body(), [(action.order, dict(action.body)) for action in actions]) == before


@given(tasks, action_sets())
def test_a_round_is_finished_by_scans_only_when_every_checkpoint_was_visited(
    task: Task, actions: list[Action]
) -> None:
    scans = [action for action in actions if action.kind == "scan"]
    progress = fold(task, scans)
    assert (progress.state in FINISHED) == (
        task.kind == "patrol" and 0 < len(task.targets) == len(progress.visited)
    )
    assert progress.visited.keys() <= {str(n) for n in range(len(task.targets))}
