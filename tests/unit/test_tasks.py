"""Track: what each action makes of a task, and what a screen then says of it."""

import json
from datetime import UTC, datetime

import pytest

from radar_core.actions import Action, Draft, Moment, read_line, write_line
from radar_core.tasks import (
    COUNTED,
    LATE_S,
    Progress,
    Task,
    missed_or_unknown,
    read_progress,
    remaining,
    state_at,
    unanswered,
)
from radar_core.tracking import fold
from sync.clock import stamp

DUE_FROM, DUE_TO, GRACE_S = 1_000_000, 1_010_000, 600


def task(kind: str = "patrol", **changes: object) -> Task:
    body: dict[str, object] = {
        "id": "T",
        "project": "HV",
        "kind": kind,
        "due_from": DUE_FROM,
        "due_to": DUE_TO,
        "grace_s": GRACE_S,
        "targets": ["place:A", "place:B", "place:C"] if kind == "patrol" else ["place:A"],
    }
    return Task(body | changes)


class Shift:
    """Writes actions one after the other, each a second later."""

    def __init__(self, at_s: int = DUE_FROM, staff: str = "G1", epoch: str = "E1") -> None:
        self.at_s = at_s
        self.staff = staff
        self.epoch = epoch
        self.seq = 0

    def __call__(self, kind: str, *, at_s: int | None = None, **body: object) -> Action:
        self.seq += 1
        self.at_s = self.at_s + 1 if at_s is None else at_s
        draft = Draft(staff=self.staff, project="HV", kind=kind, subject="T", body=body)
        wall = datetime.fromtimestamp(self.at_s, UTC).isoformat()
        moment = Moment(wall, self.at_s * 1000, "b", 0)
        return read_line(
            self.epoch, write_line(self.seq, stamp(self.at_s * 1000, 0), moment, draft)
        )

    def visit(self, checkpoint: object, outcome: str = "on_round") -> Action:
        return self("scan", task="T", checkpoint=checkpoint, outcome=outcome)


def test_a_round_begins_with_its_first_scan_and_is_done_with_its_last() -> None:
    does = Shift()
    first, second, third = does.visit(2), does.visit(0), does.visit(1)
    assert fold(task(), []).state == ""
    begun = fold(task(), [first])
    assert (begun.state, begun.staff, begun.visited) == ("in_progress", "G1", {"2": first.id})
    assert remaining(task(), begun) == [0, 1]
    done = fold(task(), [first, second, third])
    assert (done.state, done.staff, done.at_s) == ("done", "G1", third.at_s)
    assert remaining(task(), done) == []
    assert done.marks == []


@pytest.mark.parametrize("outcome", sorted(COUNTED))
def test_a_scan_of_these_outcomes_ticks_a_checkpoint_off(outcome: str) -> None:
    assert fold(task(), [Shift().visit(0, outcome)]).visited.keys() == {"0"}


@pytest.mark.parametrize("outcome", ["early", "nothing_due", "wrong_place", "", None, ["on_round"]])
def test_law_04_one_bad_action_of_any_other_outcome_ticks_nothing_off(outcome: object) -> None:
    progress = fold(task(), [Shift()("scan", task="T", checkpoint=0, outcome=outcome)])
    assert progress.body() == Progress().body()


def test_the_first_scan_of_a_checkpoint_stays_the_one_that_counts() -> None:
    does = Shift()
    first, again = does.visit(0), does.visit(0)
    assert fold(task(), [first, again]).visited == {"0": first.id}


@pytest.mark.parametrize("checkpoint", [-1, 3, "0", None, True, 1.0, []])
def test_a_checkpoint_that_the_round_does_not_have_is_marked(checkpoint: object) -> None:
    scan = Shift().visit(checkpoint)
    progress = fold(task(), [scan])
    assert (progress.marks, progress.visited, progress.state) == ([scan.id], {}, "")


def test_a_scan_ticks_nothing_off_where_the_task_is_no_round() -> None:
    assert fold(task("cleaning"), [Shift().visit(0)]).state == ""


@pytest.mark.parametrize(
    ("late_s", "state"), [(0, "done"), (GRACE_S, "done"), (GRACE_S + 1, "done_late")]
)
def test_work_is_done_late_from_the_second_after_its_grace(late_s: int, state: str) -> None:
    does = Shift()
    scans = [does.visit(0), does.visit(1)]
    last = does("scan", at_s=DUE_TO + late_s, checkpoint=2, outcome="on_round")
    assert fold(task(), [*scans, last]).state == state
    complete = Shift()("complete", at_s=DUE_TO + late_s)
    assert fold(task("cleaning"), [complete]).state == state


def test_maintenance_is_completed_however_late() -> None:
    progress = fold(task("maintenance"), [Shift()("complete", at_s=DUE_TO + 30 * 86400)])
    assert progress.state == "completed"


def test_law_05_convergence_a_second_completion_is_kept_and_marked() -> None:
    one, two = Shift(staff="C1"), Shift(staff="C2", epoch="E2", at_s=DUE_FROM + 100)
    first, second = one("complete"), two("complete")
    progress = fold(task("cleaning"), [second, first])
    assert (progress.state, progress.staff, progress.at_s) == ("done", "C1", first.at_s)
    assert progress.marks == [second.id]


def test_law_05_convergence_a_round_walked_twice_marks_the_scans_after_its_end() -> None:
    one, two = Shift(staff="G1"), Shift(staff="G2", epoch="E2", at_s=DUE_FROM + 100)
    theirs = [one.visit(0), one.visit(1), one.visit(2)]
    ours = [two.visit(0), two.visit(1), two.visit(2)]
    progress = fold(task(), ours + theirs)
    assert (progress.state, progress.staff) == ("done", "G1")
    assert progress.marks == [scan.id for scan in ours]


@pytest.mark.parametrize("kind", ["start", "hold", "resume", "answer", "reading", "end_early"])
def test_whatever_comes_after_the_end_changes_nothing_and_is_marked(kind: str) -> None:
    does = Shift()
    done, after = does("complete"), does(kind)
    progress = fold(task("cleaning"), [done, after])
    assert (progress.state, progress.at_s, progress.marks) == ("done", done.at_s, [after.id])


def test_a_late_answer_is_kept_although_it_is_marked() -> None:
    does = Shift()
    actions = [does("complete"), does("answer", step="leak", value=False)]
    assert fold(task("cleaning"), actions).answers == {"leak": False}


def test_the_first_to_begin_has_the_task_until_it_is_put_on_hold() -> None:
    one, two = Shift(staff="G1"), Shift(staff="G2", epoch="E2", at_s=DUE_FROM + 10)
    began, joined = one("start"), two("start")
    assert fold(task("maintenance"), [began, joined]).staff == "G1"
    held, taken = one("hold", at_s=DUE_FROM + 20), two("resume", at_s=DUE_FROM + 30)
    on_hold = fold(task("maintenance"), [began, held])
    assert (on_hold.state, on_hold.staff) == ("on_hold", "G1")
    resumed = fold(task("maintenance"), [began, held, taken])
    assert (resumed.state, resumed.staff, resumed.at_s) == ("in_progress", "G2", DUE_FROM + 30)


def test_of_two_who_grab_a_job_off_line_the_first_has_it_and_only_they_give_it_back() -> None:
    one, two = Shift(staff="E1"), Shift(staff="E2", epoch="E2", at_s=DUE_FROM + 10)
    first, second, refusal = one("accept"), two("accept"), two("decline")
    grabbed = fold(task("maintenance"), [first, second, refusal])
    assert (grabbed.state, grabbed.assignee, grabbed.staff) == ("assigned", "E1", "E1")
    assert grabbed.marks == [second.id, refusal.id]
    back = fold(task("maintenance"), [first, second, refusal, one("decline", at_s=DUE_FROM + 30)])
    assert (back.state, back.assignee) == ("open", "")


@pytest.mark.parametrize("kind", ["assign", "accept", "handover"])
def test_nobody_gets_a_job_that_is_finished(kind: str) -> None:
    does, boss = Shift(staff="E1"), Shift(staff="S1", epoch="E2", at_s=DUE_FROM + 10)
    late = boss(kind, to="E2")
    for job in (task("maintenance"), task("cleaning")):
        progress = fold(job, [does("complete"), late])
        assert (progress.assignee, progress.staff, progress.marks) == ("", "E1", [late.id])


@pytest.mark.parametrize("to", [None, "", 7, ["E2"]])
def test_an_assignment_to_nobody_is_marked(to: object) -> None:
    given = Shift()("assign", to=to)
    progress = fold(task("maintenance"), [given])
    assert (progress.state, progress.marks) == ("", [given.id])


@pytest.mark.parametrize("kind", ["assign", "decline", "verify", "reject", "reopen", "cancel"])
def test_who_gives_judges_or_calls_off_a_job_is_not_who_worked_on_it(kind: str) -> None:
    does, boss = Shift(staff="E1"), Shift(staff="S1", epoch="E2", at_s=DUE_FROM + 10)
    actions = [boss("assign", at_s=DUE_FROM, to="S1"), does("start")]
    if kind in ("verify", "reject", "reopen"):
        actions.append(does("complete"))
    late = boss(kind, at_s=DUE_FROM + 30, to="E2")
    assert fold(task("maintenance"), [*actions, late]).staff == "E1"


def test_a_round_with_open_questions_goes_on_until_they_are_answered() -> None:
    does, round_ = Shift(), task(steps=[{"id": "2.ok", "required": True}])
    scans = [does.visit(0), does.visit(1), does.visit(2)]
    assert fold(round_, scans).state == "in_progress"
    assert fold(round_, [*scans, does("answer", step="2.ok", value=True)]).state == "done"


def test_the_minutes_that_a_person_tells_stand_for_those_between_start_and_end() -> None:
    does = Shift()
    start, end = does("start"), does("complete", at_s=DUE_FROM + 3600, minutes=20)
    assert fold(task("maintenance"), [start, end]).labour_s == 1200


def test_a_job_is_resolved_when_it_was_completed_not_when_somebody_verified_it() -> None:
    does = Shift()
    actions = [does("report"), does("complete"), does("verify")]
    assert fold(task("maintenance"), actions).resolved_s == actions[1].at_s
    assert fold(task("maintenance"), [*actions, does("reopen")]).resolved_s == 0


def test_several_reports_have_the_highest_priority_and_each_task_that_they_came_from_once() -> None:
    does = Shift()
    told = [("high", "A"), ("low", "B"), ("normal", "A")]
    actions = [does("report", priority=name) for name, _ in told]
    for action, (_, source) in zip(actions, told, strict=True):
        action.body["from"] = source
    progress = fold(task("maintenance"), actions)
    assert (progress.reports, progress.priority, progress.links) == (3, "high", ["A", "B"])


def test_a_score_counts_with_a_verdict_that_fits_alone() -> None:
    does, boss = Shift(staff="E1"), Shift(staff="S1", epoch="E2", at_s=DUE_FROM + 10)
    early, done = boss("verify", at_s=DUE_FROM, score=10), does("complete")
    good, again = boss("verify", at_s=DUE_FROM + 9, score=90), boss("reject", score=1)
    actions = [early, done, good, again]
    progress = fold(task("maintenance"), actions)
    assert (progress.state, progress.score) == ("verified", 90)
    assert progress.marks == [early.id, again.id]
    seen = fold(task("cleaning"), actions)
    assert (seen.state, seen.score, seen.marks) == ("done", 1, [early.id])


def test_ending_early_ends_a_round_for_whoever_said_so() -> None:
    does = Shift()
    progress = fold(task(), [does.visit(0), does("end_early", reason="storm")])
    assert (progress.state, remaining(task(), progress)) == ("ended_early", [1, 2])


def test_an_answer_begins_the_work_and_the_last_one_counts() -> None:
    does = Shift()
    progress = fold(
        task("maintenance"),
        [
            does("reading", step="hours", value=10),
            does("answer", step="leak", value=True),
            does("reading", step="hours", value=12),
        ],
    )
    assert progress.state == "in_progress"
    assert progress.answers == {"hours": 12, "leak": True}


@pytest.mark.parametrize("kind", ["note", "photo", "bind_tag", "handover"])
def test_kinds_that_do_not_move_a_task_leave_it_as_it_is(kind: str) -> None:
    assert fold(task(), [Shift()(kind)]).body() == Progress().body()


def test_required_steps_without_an_answer_are_named_in_their_order() -> None:
    steps = [
        {"id": "a", "required": True},
        {"id": "b"},
        {"id": "c", "required": True},
        {"id": "d", "required": "yes"},
        {"id": "e", "required": True, "type": "signature"},
        {"id": "f", "required": True, "type": "photo"},
    ]
    job = task("maintenance", steps=steps)
    assert unanswered(job, Progress()) == ["a", "c"]
    assert unanswered(job, fold(job, [Shift()("answer", step="a", value=False)])) == ["c"]


@pytest.mark.parametrize(
    ("kind", "at_s", "state"),
    [
        ("patrol", DUE_FROM - 1, "planned"),
        ("patrol", DUE_FROM, "due"),
        ("patrol", DUE_TO + GRACE_S, "due"),
        ("patrol", DUE_TO + GRACE_S + 1, "unknown"),
        ("cleaning", DUE_TO + GRACE_S + 1, "unknown"),
        ("maintenance", DUE_FROM - 1, "open"),
        ("maintenance", DUE_TO + 99 * 86400, "open"),
    ],
)
def test_a_task_that_nobody_touched_is_told_by_the_time(kind: str, at_s: int, state: str) -> None:
    assert state_at(task(kind), Progress(), at_s) == state


def test_a_task_that_somebody_touched_is_told_by_its_state() -> None:
    assert state_at(task(), fold(task(), [Shift()("start")]), DUE_TO + 10**6) == "in_progress"


def test_law_12_freshness_a_round_is_missed_only_once_every_phone_has_synced_past_it() -> None:
    end = DUE_TO + GRACE_S
    assert missed_or_unknown(task(), [end + 1, end + 500]) == "missed"
    assert missed_or_unknown(task(), [end + 500, end]) == "unknown"
    assert missed_or_unknown(task(), [end + 500, 0]) == "unknown"
    assert missed_or_unknown(task(), []) == "missed"


def test_maintenance_can_be_begun_for_a_week_after_its_window() -> None:
    assert task("patrol").last_s() == DUE_TO + GRACE_S
    assert task("maintenance").last_s() == DUE_TO + GRACE_S + LATE_S["maintenance"]
    assert LATE_S["maintenance"] == 7 * 86400


def test_task_and_progress_come_back_from_their_json() -> None:
    job = task("maintenance", title="Pump", title_zh="泵", ordered=True, steps=[{"id": "a"}])
    assert Task(json.loads(json.dumps(job.body()))).body() == job.body()
    progress = fold(task(), [Shift().visit(0), Shift(epoch="E2")("answer", step="a", value=1.5)])
    back = read_progress(json.loads(json.dumps(progress.body())))
    assert back.body() == progress.body()
    assert read_progress({}).body() == Progress().body()


def test_a_task_with_fields_of_odd_types_is_read_as_far_as_they_go() -> None:
    odd = Task({"id": "T", "project": "HV", "kind": "patrol", "targets": "place:A", "due_to": "x"})
    assert (odd.targets, odd.due_to, odd.steps, odd.title_zh) == ([], 0, [], "")
