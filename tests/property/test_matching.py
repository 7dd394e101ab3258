"""Match: whatever work there is, however odd its rules, a scan has one of the outcomes."""

from hypothesis import given
from hypothesis import strategies as st

from radar_core.matching import OUTCOMES, Person, match
from radar_core.places import Spot
from radar_core.tasks import COUNTED, FINISHED, Progress, Task, open_questions
from radar_core.tracking import ROUND, WORK_ORDER

STATES = sorted({""} | {to for table in (WORK_ORDER, ROUND) for to in [*table["start"]]} | FINISHED)
PLACES = ("A", "B", "C")
REFS = [f"place:{place}" for place in PLACES] + ["asset:P"]
seconds: st.SearchStrategy[object] = st.integers(-100, 100_000) | st.sampled_from(
    [None, True, "x", 1.5, [], {}]
)
rules = st.dictionaries(
    st.sampled_from(["open_s", "close_s", "gap_min_s", "gap_max_s", "other"]), seconds
)
persons = st.builds(
    Person,
    st.sampled_from(["G1", "G2"]),
    st.dictionaries(
        st.sampled_from(["HV", "PG"]), st.lists(st.sampled_from(["guard", "cleaner"]), max_size=2)
    ),
)
spots = st.none() | st.builds(
    lambda project, state, place, asset: Spot("T", project, state=state, place=place, asset=asset),
    st.sampled_from(["HV", "PG"]),
    st.sampled_from(["bound", "blank", "retired", "replaced", "odd"]),
    st.sampled_from(["", *PLACES, "X"]),
    st.sampled_from(["", "P"]),
)
steps = st.fixed_dictionaries(
    {"id": st.sampled_from(["0.a", "1.b", "c"])},
    optional={"checkpoint": st.integers(0, 2), "required": st.booleans()},
)


@st.composite
def candidates(draw: st.DrawFn) -> tuple[Task, Progress]:
    """Draw a task of any kind and rules, and a place where it may stand."""
    targets = draw(st.lists(st.sampled_from(REFS), max_size=4, unique=True))
    due_from = draw(st.integers(0, 200_000))
    body: dict[str, object] = {
        "id": draw(st.sampled_from(["R1", "R2", "S#1", "repair:P:1"])),
        "project": draw(st.sampled_from(["HV", "PG"])),
        "kind": draw(st.sampled_from(["patrol", "cleaning", "maintenance"])),
        "role": draw(st.sampled_from(["", "guard"])),
        "staff": draw(st.sampled_from(["", "G1"])),
        "category": draw(st.sampled_from(["", "repair"])),
        "due_from": due_from,
        "due_to": due_from + draw(st.integers(0, 50_000)),
        "grace_s": draw(st.integers(0, 600)),
        "ordered": draw(st.booleans()),
        "targets": targets,
        "steps": draw(st.lists(steps, max_size=3)),
        "checkpoints": draw(st.lists(rules | st.none(), max_size=5)),
    }
    progress = Progress()
    progress.state = draw(st.sampled_from(STATES))
    progress.staff = draw(st.sampled_from(["", "G1", "G2"]))
    progress.assignee = draw(st.sampled_from(["", "G1", "G2"]))
    progress.scanned_s = draw(st.integers(0, 300_000))
    progress.visited = {str(n): "E.1" for n in draw(st.sets(st.integers(0, 5)))}
    return Task(body), progress


@given(
    spots,
    persons,
    st.lists(candidates(), max_size=4),
    st.integers(0, 300_000),
    st.sampled_from(["", "R1", "nothing"]),
)
def test_every_scan_has_one_of_the_outcomes_and_what_belongs_to_it(
    spot: Spot | None, person: Person, pairs: list[tuple[Task, Progress]], now_s: int, wanted: str
) -> None:
    found = match(spot, person, pairs, now_s, wanted)
    assert found.outcome in OUTCOMES
    assert bool(found.task) == (found.checkpoint >= 0)
    assert not found.task or found.outcome in COUNTED
    assert bool(found.opens_s) == (found.outcome == "early")
    assert found.opens_s == 0 or found.opens_s > now_s
    assert found.closes_s == 0 or (found.closes_s < now_s and found.task)
    assert not found.gap or found.task
    assert all(pair in pairs for pair in found.found)
    for task, progress in found.found:
        assert person.may_take(task, progress)
        assert progress.state not in FINISHED
    if found.task:
        task, progress = found.found[0]
        assert spot is not None
        assert task.targets[found.checkpoint] in spot.refs
        asked = open_questions(task, progress, found.checkpoint)
        assert all(str(step["id"]) not in progress.answers for step in asked)
