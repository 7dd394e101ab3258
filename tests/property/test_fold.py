"""State = fold(sorted set of actions), however and in whatever order they came (law 5)."""

from hypothesis import given
from hypothesis import strategies as st

from radar_core.actions import KINDS, Action, Draft, Moment, read_line, write_line
from radar_core.tasks import FINISHED, Progress, Task, fold, read_progress, step
from sync.clock import stamp

KINDS_THAT_MOVE = ("start", "hold", "resume", "answer", "reading", "complete", "end_early")
scalars = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3)
values = scalars | st.lists(scalars, max_size=2) | st.dictionaries(st.text(max_size=2), scalars)
bodies = st.fixed_dictionaries(
    {},
    optional={
        "outcome": st.sampled_from(["on_round", "late", "out_of_order", "early"]) | values,
        "checkpoint": st.integers(-1, 4) | values,
        "step": st.sampled_from(["a", "b"]) | values,
        "value": values,
    },
)


@st.composite
def action_sets(draw: st.DrawFn) -> list[Action]:
    """Draw actions of several phones at times that collide, each identity once."""
    found: dict[tuple[str, int], Action] = {}
    for _ in range(draw(st.integers(0, 12))):
        epoch = draw(st.sampled_from(["E1", "E2", "E3"]))
        seq = draw(st.integers(1, 4))
        kind = draw(st.sampled_from(["scan", *KINDS_THAT_MOVE]) | st.sampled_from(sorted(KINDS)))
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


tasks = st.builds(
    lambda kind, count: Task(
        {
            "id": "T",
            "project": "HV",
            "kind": kind,
            "due_from": 1_000,
            "due_to": 1_100,
            "grace_s": 50,
            "targets": [f"place:{n}" for n in range(count)],
        }
    ),
    st.sampled_from(["patrol", "cleaning", "maintenance"]),
    st.integers(0, 4),
)


@given(tasks, action_sets(), st.randoms(use_true_random=False))
def test_law_05_convergence_the_order_of_arrival_does_not_matter(
    task: Task, actions: list[Action], chance: object
) -> None:
    shuffled = list(actions)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fold(task, shuffled).body() == fold(task, actions).body()


@given(tasks, action_sets(), st.data())
def test_law_05_convergence_stepping_on_from_a_kept_state_is_folding_anew(
    task: Task, actions: list[Action], data: st.DataObject
) -> None:
    ordered = sorted(actions, key=lambda action: action.order)
    at = data.draw(st.integers(0, len(ordered)))
    progress = read_progress(fold(task, ordered[:at]).body())
    for action in ordered[at:]:
        step(task, progress, action)
    assert progress.body() == fold(task, actions).body()


@given(tasks, action_sets())
def test_law_05_convergence_an_action_that_comes_too_late_for_the_state_is_marked(
    task: Task, actions: list[Action]
) -> None:
    ordered = sorted(actions, key=lambda action: action.order)
    progress = Progress()
    for action in ordered:
        before = (progress.state, progress.staff, progress.at_s, dict(progress.visited))
        step(task, progress, action)
        after = (progress.state, progress.staff, progress.at_s, dict(progress.visited))
        if before[0] in FINISHED:
            assert after == before
            assert (action.id in progress.marks) == (
                action.kind in KINDS_THAT_MOVE
                or (
                    action.kind == "scan"
                    and task.kind == "patrol"
                    and action.body.get("outcome") in ("on_round", "late", "out_of_order")
                )
            )


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
