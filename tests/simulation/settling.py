"""What must hold at intervals, and once every phone has synced over a network that works."""

# pyright: reportPrivateUsage=false

import json
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlmodel import col

from radar_core.jsontext import decode_object, encode
from radar_core.permissions import DECISIONS, LEADERS
from radar_core.tasks import Task, read_progress
from radar_core.tracking import fold
from radar_core.work_orders import work_order
from radar_server.database import reading
from radar_server.day import day_of
from radar_server.doors import projects_for
from radar_server.folding import actions_on as actions_on_centre
from radar_server.led import hands_of
from radar_server.plans import read_plans
from radar_server.records import live_records, read_records
from radar_server.reference import key_of
from radar_server.tables import TaskRow
from sync.chain import link
from sync.keys import is_signed
from sync.outbox import verify
from sync.signing import head_message
from sync.touching import actions_on
from tests.contract.centre_parts import digest_of
from tests.simulation.book import PROJECTS, ROLES
from tests.simulation.happenings import POISON_KIND, POISON_PROJECT, POISON_STAFF
from tests.simulation.laws import check_step
from tests.simulation.ledger import essence

if TYPE_CHECKING:
    from tests.simulation.phones import SimPhone
    from tests.simulation.town import Town

ROUNDS_MAX = 4
"""So many rounds of syncs bring everything everywhere: up, down, and what healing brings up."""


def check_whole(town: "Town") -> None:
    """Check what is too dear for every step."""
    for phone in town.phones:
        law_05_a_phone_holds_the_fold(phone)
        law_08_the_chain_fits(phone)
    law_05_the_centre_holds_the_fold(town)
    law_08_the_centres_chains_fit(town)
    law_10_dated_within_its_error(town)
    law_12_missed_only_when_all_have_synced(town)


def check_settled(town: "Town") -> None:
    """Bring everything home, then check that nothing is lost, doubled or different anywhere."""
    town.touched = list(town.phones)
    for _ in range(ROUNDS_MAX):
        moved = [town.try_sync(phone, faults=False) for phone in town.phones]
        if not any(moved):
            break
    check_step(town)
    check_whole(town)
    law_03_nothing_saved_is_missing(town)
    law_04_quarantined_for_a_reason(town)
    for phone in town.phones:
        if phone.device in town.revoked:
            law_11_revoked_not_robbed(phone)
        else:
            law_07_nothing_new_is_one_round_trip(phone)
            law_04_its_phone_hears_of_a_decision(town, phone)
            law_09_scope(town, phone)
            law_05_phones_agree_with_the_centre(town, phone)
            law_05_numbered_work_is_the_same(town, phone)
    for project in PROJECTS:
        law_06_the_centres_digest(town, project)
    law_05_convergence(town)
    law_05_every_report_is_a_work_order(town)


def law_03_nothing_saved_is_missing(town: "Town") -> None:
    """All that was ever saved is at the centre, but for what a restoration destroyed."""
    missing = town.ledger.must - set(town.counting(town.lines()))
    assert not missing, f"{len(missing)} missing: {sorted(missing)[:2]}"


def law_04_quarantined_for_a_reason(town: "Town") -> None:
    """Each action that lies in quarantine is there for what is wrong with that very action."""
    counting = set(town.counting(town.lines()))
    for code, device, line in town.rows(
        "SELECT code, device, cast(line AS text) FROM quarantine JOIN stream USING (epoch)"
    ):
        fields = json.loads(line)
        kind, project = fields["kind"], fields["project"]
        deserved = {
            "unknown_kind": kind == POISON_KIND,
            "other_person": fields["staff"] == POISON_STAFF,
            "not_permitted": kind in DECISIONS and ROLES.get(fields["staff"]) not in LEADERS,
            # A tag that the phone does not know is of no project.
            "out_of_scope": project in ("", POISON_PROJECT) or town.faults["scope changed"],
            "revoked": device in town.ever_revoked,
            "bad_tag": kind == "bind_tag",
            "unknown_place": kind == "bind_tag",
            "already_held": essence(line) in counting,
        }
        assert deserved.get(code), f"{code}: {line}"


def law_04_its_phone_hears_of_a_decision(town: "Town", phone: "SimPhone") -> None:
    """What a supervisor decided on an action in quarantine its phone knows, once it has synced.

    A decision that a restored centre has lost stays with the phone until it is decided anew.
    """
    there = {
        (str(epoch), int(str(seq))): str(state)
        for epoch, seq, state in town.rows("SELECT epoch, seq, state FROM quarantine")
    }
    here = phone.brittle.real.execute("SELECT epoch, seq, state FROM quarantine").fetchall()
    for epoch, seq, state in here:
        now = there.get((epoch, seq), state)
        lost = now == "kept" and town.restorations
        assert lost or now == state, f"{phone.name}: {epoch}.{seq} is {state} here, {now} there"


def law_05_a_phone_holds_the_fold(phone: "SimPhone") -> None:
    """Each task's progress is the fold of all actions on it that the phone holds."""
    journal = phone.phone.journal
    rows = journal.connection.execute(
        "SELECT id, body, progress FROM task WHERE state <> ''"
        " OR 'task:' || id IN (SELECT ref FROM touch UNION SELECT ref FROM mention)"
    ).fetchall()
    for id_, body, progress in rows:
        actions = actions_on(journal, [f"task:{id_}"])[f"task:{id_}"]
        if not actions:
            assert progress == "{}", id_
            continue
        task = Task(decode_object(body))
        if task.category:
            made = work_order(id_, actions)
            assert made is not None
            assert made.body() == task.body(), id_
        expected = fold(task, actions)
        found = read_progress(decode_object(progress))
        assert found.body() == expected.body(), f"{phone.name}, {id_}"


def law_05_the_centre_holds_the_fold(town: "Town") -> None:
    """Each task at the centre is the fold of all accepted actions on it."""
    with reading(town.centre.engine) as connection:
        for project, plan in read_plans(connection, PROJECTS).items():
            rows = connection.execute(
                select(col(TaskRow.id), col(TaskRow.progress)).where(
                    col(TaskRow.project) == project
                )
            ).all()
            progress = {id_: text for id_, text in rows}  # noqa: C416 - rows are not tuples
            tasks = plan.named(progress)
            keys = {key_of(f"task:{id_}"): id_ for id_ in progress}
            actions = actions_on_centre(connection, project, keys)
            for ref, some in actions.items():
                task = tasks.get(keys[ref]) or work_order(keys[ref], some)
                if task is None:
                    continue
                assert progress[task.id] == encode(fold(task, some).body()), task.id


def law_05_convergence(town: "Town") -> None:
    """Who holds the same actions on a task holds the same state, phones and centre alike."""
    seen: dict[tuple[str, tuple[str, ...]], tuple[str, str]] = {}
    for phone in town.phones:
        journal = phone.phone.journal
        for id_, state, progress in journal.connection.execute(
            "SELECT id, state, progress FROM task WHERE state <> ''"
        ).fetchall():
            here = actions_on(journal, [f"task:{id_}"])[f"task:{id_}"]
            key = (id_, tuple(sorted(action.id for action in here)))
            assert seen.setdefault(key, (state, progress)) == (state, progress), id_
    there: dict[tuple[str, str], list[str]] = {}
    for epoch, seq, line in town.rows("SELECT epoch, seq, line FROM action"):
        fields = json.loads(line)
        key_there = (fields["project"], str(fields["body"].get("task")))
        there.setdefault(key_there, []).append(f"{epoch}.{seq}")
    for project, id_, state, progress in town.rows("SELECT project, id, state, progress FROM task"):
        key = (id_, tuple(sorted(there.get((str(project), str(id_)), []))))
        assert seen.get(key, (state, progress)) == (state, progress), id_


def law_05_every_report_is_a_work_order(town: "Town") -> None:
    """What an accepted action reports is a work order at the centre and on all who may see it."""
    there = set(town.rows("SELECT project, id FROM task WHERE body <> ''"))
    for (line,) in town.rows("SELECT line FROM action WHERE kind = 'report'"):
        fields = json.loads(line)
        project, task = fields["project"], fields["body"]["task"]
        assert (project, task) in there, f"{task} is no work order at the centre"
        for phone in town.phones:
            if phone.device not in town.revoked and project in town.scopes[phone.staff]:
                found = "SELECT 1 FROM task WHERE id = ?"
                known = phone.brittle.real.execute(found, (task,)).fetchone()
                assert known, f"{phone.name} does not know {task}"


def law_05_phones_agree_with_the_centre(town: "Town", phone: "SimPhone") -> None:
    """A phone holds every record of its projects, and every action that the centre accepted."""
    with reading(town.centre.engine) as reader:
        scope = projects_for(reader, phone.staff, "sync")
        live = live_records(reader)
    connection = phone.brittle.real
    records = {
        (project, kind, id_): body
        for project, kind, id_, body in connection.execute(
            "SELECT project, kind, id, body FROM record"
        )
    }
    wanted = {key: body for key, (body, _) in live.items() if key[0] in scope}
    assert records == wanted, f"{phone.name} holds other records than the centre"
    here = {(epoch, seq) for epoch, seq in connection.execute("SELECT epoch, seq FROM action")}
    there = {
        (str(epoch), int(str(seq)))
        for project, epoch, seq in town.rows("SELECT project, epoch, seq FROM action")
        if project in scope
    }
    assert there <= here, f"{phone.name} lacks {sorted(there - here)[:3]}"


def law_05_numbered_work_is_the_same(town: "Town", phone: "SimPhone") -> None:
    """A phone has the occurrences that the centre has, unless some of its own is kept aside."""
    connection = phone.brittle.real
    if connection.execute("SELECT 1 FROM quarantine WHERE state <> 'released'").fetchone():
        return
    here = connection.execute(
        "SELECT id, due_from, state, progress FROM task WHERE instr(id, '#') > 0"
    ).fetchall()
    projects = {name for (name,) in connection.execute("SELECT project FROM cursor")}
    there = [
        row[1:]
        for row in town.rows("SELECT project, id, due_from, state, progress FROM task")
        if row[0] in projects and "#" in str(row[1])
    ]
    assert sorted(here) == sorted(there), f"{phone.name} has other occurrences than the centre"


def law_06_the_centres_digest(town: "Town", project: str) -> None:
    """Count and total of a project are those of all that it holds."""
    digest_of(town.centre, project)


def law_07_nothing_new_is_one_round_trip(phone: "SimPhone") -> None:
    """A sync of a phone that is up to date asks once and moves nothing."""
    last = phone.sync(faults=False)
    told = (last.round_trips, last.sent, last.received, last.healed)
    assert told == (1, 0, 0, []), f"{phone.name}: {told}"


def law_08_the_chain_fits(phone: "SimPhone") -> None:
    """Nothing on the phone was edited, removed or inserted, and its receipt speaks of it."""
    _, broken = verify(phone.phone.journal)
    assert not broken, f"{phone.name} at {broken}"


def law_08_the_centres_chains_fit(town: "Town") -> None:
    """Each epoch at the centre is one chain from its beginning to the head that is signed."""
    lines: dict[str, list[tuple[int, str]]] = {}
    for epoch, seq, line in town.lines():
        lines.setdefault(epoch, []).append((seq, line))
    keys = {phone.device: phone.keys.public for phone in town.phones}
    for epoch, device, start, seq, head, signature in town.rows(
        "SELECT epoch, device, genesis, seq, head, head_signature FROM stream WHERE seq > 0"
    ):
        assert isinstance(start, bytes)
        assert isinstance(head, bytes)
        assert isinstance(signature, bytes)
        previous = start
        for _, line in sorted(lines[str(epoch)]):
            previous = link(previous, line)
        assert previous == head, f"the chain of {epoch} is broken"
        message = head_message(str(epoch), int(str(seq)), head)
        assert is_signed(keys[str(device)], signature, message), f"{epoch} is signed by nobody"


def law_09_scope(town: "Town", phone: "SimPhone") -> None:
    """A phone reads its person's projects, all of them and no others."""
    read = {name for (name,) in phone.brittle.real.execute("SELECT project FROM cursor")}
    assert read == set(town.scopes[phone.staff]), phone.name


def law_10_dated_within_its_error(town: "Town") -> None:
    """Where the centre tells when an action was recorded, and how wrong that may be, it is so."""
    for line, device, at_ms, error_ms in town.rows(
        "SELECT line, device, at_ms, error_ms FROM action JOIN stream USING (epoch)"
        " WHERE error_ms >= 0"
    ):
        # A request that was held up for hours is all that the centre knows of some boots' time.
        if (device, json.loads(line)["boot"]) in town.network.held_up:
            continue
        off_ms = abs(int(at_ms) - town.ledger.true_ms[essence(line)])
        assert off_ms <= int(error_ms), f"{off_ms} ms off, told ± {error_ms}: {line}"


def law_11_revoked_not_robbed(phone: "SimPhone") -> None:
    """A revoked phone has handed over all that it held, and forgotten its projects."""
    assert not phone.unsent(), f"{phone.name} still holds what it could not hand over"
    (left,) = phone.brittle.real.execute("SELECT count(*) FROM cursor").fetchone()
    assert not left, f"{phone.name} is revoked and still reads {left} projects"


def law_12_missed_only_when_all_have_synced(town: "Town") -> None:
    """What the board calls missed nobody can still bring: each phone was heard of since."""
    now_s = town.clock() // 1000
    with reading(town.centre.engine) as connection:
        people = read_records(connection, PROJECTS, "staff")
        hands = hands_of(connection, PROJECTS, people)
        days = day_of(connection, hands, now_s)
    copies = {phone.device for phone in town.phones if phone.is_copy}
    for project, items in days.items():
        for item in items:
            if item.state != "missed":
                continue
            for hand in hands[project]:
                device = hand.device.id
                if device in copies or not hand.person.may_do(item.task):
                    continue
                heard_s = town.heard_ms.get(device, 0) // 1000
                assert heard_s >= item.task.due_to, f"{item.task.id} is called missed too early"
