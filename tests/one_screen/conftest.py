"""A centre of paper whose site has a little of everything that a shift may ask."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.conversing import let_go
from tests.paper_centre import PaperCentre
from tests.paper_site import PaperSite, serving
from tests.phones import site_centre

DOOR = [
    {"id": "lamp", "type": "check", "title": "Lamp lit?", "title_zh": "灯亮吗", "required": True},
    {"id": "lock", "type": "choice", "title": "Lock", "choices": ["shut", "open"]},
    {"id": "view", "type": "photo", "title": "View"},
]
FLOOR = [
    {"id": "floor", "type": "check", "title": "Floor mopped", "required": True},
    {"id": "bins", "type": "check", "title": "Bins emptied", "required": True},
    {"id": "remark", "type": "text", "title": "Remark"},
]
GAUGE = [{"id": "bar", "type": "reading", "title": "Pressure", "unit": "bar", "min": 2, "max": 6,
          "required": True}]  # fmt: skip
ALL_TYPES = [
    {"id": "leak", "type": "check", "title": "Leak", "required": True},
    {"id": "noise", "type": "choice", "title": "Noise", "choices": ["low", "high"],
     "required": True},
    {"id": "volt", "type": "number", "title": "Volts", "unit": "V", "required": True},
    {"id": "hours", "type": "reading", "title": "Hours", "unit": "h", "required": True},
    {"id": "words", "type": "text", "title": "Words", "required": True},
    {"id": "photo", "type": "photo", "title": "Photo of it"},
    {"id": "name", "type": "signature", "title": "Caretaker"},
]  # fmt: skip


@pytest.fixture(autouse=True)
def _read() -> Iterator[None]:
    """Leave no process behind that read pictures."""
    yield
    let_go()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """Give a picture that somebody took."""
    path = tmp_path / "taken.png"
    Image.new("RGB", (64, 48), "green").save(path)
    return path


@pytest.fixture
def centre() -> PaperCentre:
    """Give a centre of paper with the small site book."""
    return site_centre()


@pytest.fixture
def site() -> Iterator[PaperSite]:
    """Give a centre of paper behind real HTTP."""
    with serving(PaperSite(site_centre())) as site:
        yield site


@pytest.fixture
def busy(centre: PaperCentre) -> PaperCentre:
    """Give one with a little of everything."""
    return with_a_little_of_everything(centre)


def with_a_little_of_everything(centre: PaperCentre) -> PaperCentre:
    """Add post orders, questions at checkpoints, checklists, a reading, several tasks."""

    def put(kind: str, id_: str, **body: object) -> None:
        centre.put("HV", kind, id_, body)

    def daily(id_: str, kind: str, role: str, **more: object) -> None:
        body: dict[str, object] = {"kind": kind, "title": id_.title(), "role": role}
        body |= {"rrule": "FREQ=DAILY", "start": "2026-01-01T09:00", "duration_min": 240}
        centre.put("HV", "schedule", id_, body | more)

    put("order", "O1", role="guard", title="At the gate", title_zh="门岗",
        text="Greet everybody.\nNo lorries.", text_zh="问好")  # fmt: skip
    for id_, steps in (("DOOR", DOOR), ("FLOOR", FLOOR), ("GAUGE", GAUGE), ("ALL", ALL_TYPES)):
        put("checklist", id_, name=id_.title(), steps=steps)
    rules = [{"checklist": "DOOR"}, {}, {"checklist": "DOOR"}]
    put("route", "ASKED", name="Asked", rules=rules,
        checkpoints=["place:ATTIC", "place:PUMPS", "place:ROOF"])  # fmt: skip
    daily("asked", "patrol", "guard", route="ASKED")
    daily("floors", "cleaning", "cleaner", place="ATTIC", checklist="FLOOR")
    daily("gauge", "maintenance", "engineer", asset="LI1", checklist="GAUGE")
    daily("whole", "maintenance", "engineer", place="ROOF", checklist="ALL")
    daily("panes", "cleaning", "cleaner", place="GATE")
    daily("steps", "cleaning", "cleaner", place="GATE")
    centre.put("HV", "schedule", "lift", None)
    return centre
