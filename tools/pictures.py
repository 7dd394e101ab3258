"""Draws the one screen as it is into docs/pictures/, one file for each scene and language.

    python -m tools.pictures            or: make pictures

The screens are real ones: phones of a small site book, scanned and typed on, with a clock that
stands still, so that the same program draws the same bytes.
"""

import asyncio
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape, unescape
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.cells import cell_len

from radar_cli.one_screen.app import OneScreen
from radar_cli.one_screen.conversation import Conversation
from radar_cli.one_screen.desk import SyncState
from radar_cli.one_screen.panes import Box
from radar_core.answers import Answer
from tests.boards_told import BOARD, led_centre
from tests.conversing import LABEL, LANGUAGES, converse, screen_of, settled
from tests.paper_centre import PaperCentre
from tests.phones import code, new_phone

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
SIZE = (45, 34)
"""A phone held upright, without what its keyboard covers."""
LATER_S = 12 * 60
"""So long after the first sync a scene begins."""
FONTS = "ui-monospace, 'DejaVu Sans Mono', 'Noto Sans Mono CJK SC', monospace"
CELL = 12.2
"""How wide a cell is in Rich's pictures."""


def _both(name: str, zh: str) -> dict[str, object]:
    return {"name": name, "name_zh": zh}


def _place(id_: str, name: str, zh: str) -> tuple[str, str, dict[str, object]]:
    path = {"path": f"Harbour View / {name}", "path_zh": f"海景苑 / {zh}"}
    return ("place", id_, {"kind": "room", **_both(name, zh), **path})


def _tag(id_: str, kind: str) -> tuple[str, str, dict[str, object]]:
    return ("tag", code(id_), {"state": "bound", kind: id_})


def _person(id_: str, name: str, zh: str, role: str) -> tuple[str, str, dict[str, object]]:
    return ("staff", id_, {**_both(name, zh), "roles": [role], "projects": ["HV"]})


def _schedule(
    id_: str, name: str, zh: str, kind: str, role: str, **more: object
) -> tuple[str, str, dict[str, object]]:
    when = {"rrule": "FREQ=DAILY", "start": "2026-01-01T09:30", "duration_min": 150}
    body = {"kind": kind, "title": name, "title_zh": zh, "role": role, **when, **more}
    return ("schedule", id_, body)


def _step(id_: str, kind: str, name: str, zh: str, **more: object) -> dict[str, object]:
    titles = {"title": name, "title_zh": zh}
    return {"id": id_, "type": kind, **titles, "required": True, **more}


BOOK: list[tuple[str, str, dict[str, object]]] = [
    ("project", "HV", {"district": "WC", "timezone": "Asia/Shanghai",
                       **_both("Harbour View", "海景苑")}),
    _place("GATE", "Main gate", "大门"),
    _place("LOBBY", "Lobby", "大堂"),
    _place("PARK", "Car park B2", "地下二层车库"),
    _place("PUMPS", "Pump room", "水泵房"),
    _place("ROOF", "Roof", "屋顶"),
    ("asset", "PU1", {"place": "PUMPS", "class": "pump", **_both("Pump 1", "一号泵")}),
    *(_tag(id_, "place") for id_ in ("GATE", "LOBBY", "PARK", "PUMPS", "ROOF")),
    _tag("PU1", "asset"),
    _person("G1", "Li Wei", "李伟", "guard"),
    _person("C1", "Zhang Min", "张敏", "cleaner"),
    _person("E1", "Zhao Lei", "赵磊", "engineer"),
    ("route", "MORNING", {**_both("Morning", "上午"), "ordered": True, "checkpoints": [
        f"place:{id_}" for id_ in ("GATE", "LOBBY", "PARK", "PUMPS", "ROOF")]}),
    ("checklist", "PUMP", {**_both("Pump", "水泵"), "steps": [
        _step("leak", "check", "Is the pump dry, without a leak?", "水泵无漏水吗？"),
        _step("pressure", "reading", "Pressure", "压力", unit="bar", min=2, max=6),
        _step("noise", "check", "Does it run quietly?", "运转声音正常吗？")]}),
    _schedule("morning", "Morning round", "上午巡更", "patrol", "guard", route="MORNING"),
    _schedule("lobby", "Clean the lobby", "大堂保洁", "cleaning", "cleaner", place="LOBBY"),
    _schedule("pump", "Check pump 1", "检查一号泵", "maintenance", "engineer", asset="PU1",
              checklist="PUMP"),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scene:
    """Whose phone it is, and what they do before the picture is taken."""

    staff: str
    act: Callable[[Conversation], None]
    centre: Callable[[], PaperCentre]
    later_s: int = LATER_S


def _site() -> PaperCentre:
    centre = PaperCentre(10_000)
    for kind, id_, body in BOOK:
        centre.put("HV", kind, id_, body)
    return centre


def _round(talk: Conversation) -> None:
    talk.heard(SyncState(online=True))
    for place in ("GATE", "LOBBY"):
        talk.scan(LABEL + code(place))


def _no_signal(talk: Conversation) -> None:
    talk.heard(SyncState(online=False))
    talk.scan(LABEL + code("GATE"))
    talk.scan(LABEL + code("PARK"))


def _clean(talk: Conversation) -> None:
    talk.heard(SyncState(online=True))
    talk.scan(LABEL + code("LOBBY"))


def _reading(talk: Conversation) -> None:
    talk.heard(SyncState(online=True))
    talk.scan(LABEL + code("PU1"))
    talk.enter("")
    talk.choose(1)
    talk.typing("4.2")


def _lead(talk: Conversation) -> None:
    talk.heard(SyncState(online=True))
    talk.desk.hear_board(Answer("board", BOARD))
    talk.refresh()


SCENES = {
    "round": Scene("G1", _round, _site),
    "no-signal": Scene("G1", _no_signal, _site),
    "clean": Scene("C1", _clean, _site),
    "reading": Scene("E1", _reading, _site),
    "leader": Scene("B1", _lead, led_centre, 0),
}


def pictures(names: tuple[str, ...] = tuple(SCENES)) -> Iterator[tuple[str, str]]:
    """Yield the name of each picture's file, and what is to stand in it."""
    for name in names:
        for language in LANGUAGES:
            with TemporaryDirectory() as folder:
                yield (
                    f"{name}.{language}.svg",
                    asyncio.run(_draw(SCENES[name], Path(folder), language)),
                )


async def _draw(scene: Scene, folder: Path, language: str) -> str:
    centre = scene.centre()
    handset = new_phone(folder, centre, scene.staff)
    handset.world.step(scene.later_s)
    handset.sync(centre.post)
    talk = converse(handset, language)
    async with screen_of(talk, SIZE) as pilot:
        app = pilot.app
        assert isinstance(app, OneScreen)
        box = app.query_one(Box)
        box.cursor_blink = False
        scene.act(talk)
        talk.refresh()
        box.put(talk.draft)
        app.draw()
        await settled(pilot)
        return clean(app.export_screenshot())


def clean(svg: str) -> str:
    """Return a picture that asks nobody for fonts, its wide characters two cells wide each."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font-family: (Fira Code|arial)[^;]*;", f"font-family: {FONTS};", svg)
    svg = re.sub(r"<text ([^>]*)>([^<]*)</text>", _aligned, svg)
    return "\n".join(line.rstrip() for line in svg.strip().splitlines()) + "\n"


def _aligned(found: re.Match[str]) -> str:
    """Return a text in pieces as wide as their cells are; Rich reckons one for each letter."""
    attributes, text = found[1], unescape(found[2])
    if "textLength" not in attributes:
        return found[0]
    at = float(re.findall(r'\bx="([\d.]+)"', attributes)[0])
    pieces: list[str] = []
    for wide, letters in groupby(text, lambda letter: cell_len(letter) > 1):
        run = list(letters)
        for part in run if wide else ["".join(run)]:
            width = cell_len(part) * CELL
            if part.strip("\xa0 "):
                placed = re.sub(r'\bx="[\d.]+"', f'x="{at:g}"', attributes)
                placed = re.sub(r'textLength="[\d.]+"', f'textLength="{width:g}"', placed)
                pieces.append(f"<text {placed}>{escape(part, quote=False)}</text>")
            at += width
    return "".join(pieces)


def main() -> None:
    """Draw all of them."""
    os.environ.pop("NO_COLOR", None)
    FOLDER.mkdir(exist_ok=True)
    for name, svg in pictures():
        (FOLDER / name).write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
