"""Whatever has become of the tasks: what the one screen offers, the verb behind it takes."""

import os
import random
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from commands.assign import assign
from commands.report import report
from radar_cli.one_screen.asks import Ask, Choice
from radar_cli.one_screen.conversation import APP, Conversation
from radar_cli.one_screen.finding import SCAN
from radar_core.failures import NOT_PERMITTED, Failure
from radar_core.tasks import Task
from tests.conversing import converse
from tests.one_screen.conftest import with_a_little_of_everything
from tests.phones import DAY, PUMP, SWEEP, Handset, code, new_phone, site_centre

MEMORY = Path("/dev/shm")
PEOPLE = {"G1": "guard", "G2": "guard", "C1": "cleaner", "E1": "engineer", "E2": "engineer",
          "B1": "supervisor"}  # fmt: skip
TAGS = ("GATE", "LOBBY", "PUMPS", "ROOF", "ATTIC", "PU1", "OLD", "BLANK")
GIVEN = ("floors@20261123-0900", "whole@20261123-0900", PUMP, SWEEP, DAY, "repair:LOBBY:1")
REFUSED = frozenset({
    "not_yours", "not_leading", "wrong_state", "wrong_kind", "not_due", "not_given", "under_way",
    "not_correctable", "unknown_action", "unknown_task", "unknown_step", "steps_open",
    "round_open", "no_shift", "report_target", "bind_target", "own_handover", "nobody_there",
    "nothing_due", "ambiguous_task", "unknown_thing", "not_of_a_person", "step_without_task",
})  # fmt: skip
"""Refusals that are never the person's slip: what ends so should not have been offered."""


def answer_to(ask: Ask, draw: random.Random, picture: str) -> str:
    """Return something that fits what is asked."""
    if ask.options and (ask.kind == "choice" or draw.random() < 0.5):
        return draw.choice(ask.options).value
    return {"number": "4", "file": picture, "place": "LOBBY"}.get(ask.kind, "4 words")


def take(talk: Conversation, choice: Choice, draw: random.Random, picture: str) -> Failure | None:
    """Take what was offered to its end; return how the verb refused that it is done at all."""
    way = talk.ways[choice.name](talk.desk, *choice.args)
    try:
        ask = next(way)
        while True:
            ask = way.send(answer_to(ask, draw, picture))
    except StopIteration:
        return None
    except Failure as failure:
        wrong = failure.code in REFUSED or failure.exit_code == NOT_PERMITTED
        return failure if wrong else None


def offered(talk: Conversation, draw: random.Random) -> list[Choice]:
    """Return the ways that some page offers now."""
    pages = [Choice(("", {}), "menu"), Choice(("", {}), "mine"), Choice(("", {}), "due")]
    tasks = [Choice(("", {}), "task", (task.id,)) for task, _ in talk.desk.pairs]
    found = list(talk.selectable) if talk.on is None else list(talk.doable)
    page = draw.choice([*pages, *tasks, *tasks])
    talk.open(page)
    found += talk.selectable
    return [one for one in found if one.name not in (*talk.pages, APP, SCAN)]


def live(people: list[Handset], plan: list[tuple[int, int]], picture: str) -> None:
    """Let people scan, walk through pages, and take what is offered."""
    for who, seed in plan:
        draw = random.Random(seed)
        handset = people[who]
        handset.world.step(draw.choice((1, 60, 3600)))
        talk = converse(handset)
        if draw.random() < 0.7:
            talk.scan(code(draw.choice(TAGS)))
        if ways := offered(talk, draw):
            choice = draw.choice(ways)
            refused = take(talk, choice, draw, picture)
            assert refused is None, (choice, refused.code, str(refused))
        talk.drafts.close()


@settings(max_examples=int(os.environ.get("RADAR_OFFERS", "12")), deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, len(PEOPLE) - 1), st.integers(0, 2**32)), min_size=8, max_size=40
    ),
    st.integers(0, 2**32),
)
def test_what_is_offered_is_taken(plan: list[tuple[int, int]], seed: int) -> None:
    draw = random.Random(seed)
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        centre = with_a_little_of_everything(site_centre())
        for staff in ("E2", "B1"):
            body = {"name": staff, "roles": [PEOPLE[staff]], "projects": ["HV"]}
            centre.put("HV", "staff", staff, body)
        picture = Path(folder) / "taken.png"
        Image.new("RGB", (16, 16), "green").save(picture)
        people = [new_phone(Path(folder), centre, staff) for staff in PEOPLE]
        boss = people[-1]
        report(boss.phone, code("LOBBY"), "Lamp is out", category="repair")
        for task in draw.sample(GIVEN, 3):
            assign(boss.phone, task, draw.choice(list(PEOPLE)))
        for handset in (boss, *people):
            handset.sync(centre.post)
        half = len(plan) // 2
        live(people, plan[:half], str(picture))
        for handset in (*people, *people):
            handset.sync(centre.post)
        live(people, plan[half:], str(picture))


def test_the_test_sees_what_should_not_have_been_offered(tmp_path: Path) -> None:
    handset = new_phone(tmp_path, site_centre(), "G1")
    talk = converse(handset)
    task: Task = handset.phone.task(PUMP)[0]
    refused = take(talk, Choice(("", {}), "start", (task.id,)), random.Random(1), "")
    assert refused is not None
    assert refused.code == "not_yours"
