"""The places of a project: towers with floors and homes, garages, plant rooms, the grounds."""

from collections.abc import Iterator
from string import ascii_uppercase

from radar_core.west_coast.parameters import Cells, Project

GATES = {
    "E": ("East gate", "东门"),
    "W": ("West gate", "西门"),
    "N": ("North gate", "北门"),
    "S": ("South gate", "南门"),
}
_GROUNDS = (
    ("GARDEN", "Central garden", "中心花园"),
    ("PLAY", "Playground", "儿童乐园"),
    ("YARD", "Recycling yard", "垃圾分类点"),
    ("DROP", "Drop-off loop", "落客区"),
)
_PLANT_ROOMS = (
    ("PUMP", "Pump room", "生活水泵房"),
    ("FPUMP", "Fire pump room", "消防水泵房"),
    ("GEN", "Generator room", "发电机房"),
    ("SUB", "Substation", "变配电室"),
    ("VENT", "Ventilation room", "风机房"),
)
_TOWER_ROOMS = (
    ("LOBBY", "Lobby", "大堂"),
    ("ELEC", "Electrical room", "配电间"),
    ("REFUSE", "Refuse room", "垃圾间"),
)
_OFFICE_ROOMS = (("CTRL", "Control room", "消防监控室"), ("DESK", "Service desk", "服务前台"))


def towers(project: Project) -> list[str]:
    """Return the ids of the towers."""
    return [f"{project.id}-T{number}" for number in range(1, project.towers + 1)]


def garages(project: Project) -> list[str]:
    """Return the ids of the garage's levels, the uppermost first."""
    return [f"{project.id}-B{level}" for level in range(1, project.garage_levels + 1)]


def garage_rows(project: Project, garage: str) -> list[str]:
    """Return the ids of the rows of parking places of one level."""
    return [f"{garage}-{letter}" for letter in ascii_uppercase[: project.garage_rows]]


def perimeter(project: Project) -> list[str]:
    """Return the ids of the posts along the wall."""
    return [f"{project.id}-WALL{post}" for post in range(1, project.perimeter_posts + 1)]


def places(project: Project) -> Iterator[Cells]:
    """Yield the places of a project, parents before children."""
    for row in _all(project):
        yield row | {"project": project.id}


def _all(project: Project) -> Iterator[Cells]:
    for number, tower in enumerate(towers(project), 1):
        yield from _tower(project, tower, number)
    for level, garage in enumerate(garages(project), 1):
        named = _place(garage, "garage", f"Garage B{level}", f"地下车库B{level}层")
        yield named | {"level": str(-level)}
        for letter, row in zip(ascii_uppercase, garage_rows(project, garage), strict=False):
            yield _place(row, "garage", f"Row {letter}", f"{letter}排车位", garage)
    for name, english, chinese in _PLANT_ROOMS:
        yield _place(f"{project.id}-{name}", "room", english, chinese, garages(project)[-1])
    office = f"{project.id}-OFFICE"
    yield _place(office, "building", "Management office", "物业服务中心")
    for name, english, chinese in _OFFICE_ROOMS:
        yield _place(f"{project.id}-{name}", "room", english, chinese, office)
    for gate in project.gates:
        yield _place(f"{project.id}-GATE-{gate}", "outdoor", *GATES[gate])
    for name, english, chinese in _GROUNDS:
        yield _place(f"{project.id}-{name}", "outdoor", english, chinese)
    for number, post in enumerate(perimeter(project), 1):
        yield _place(post, "outdoor", f"Perimeter post {number}", f"围墙巡检点{number}")


def _tower(project: Project, tower: str, number: int) -> Iterator[Cells]:
    yield _place(tower, "building", f"Tower {number}", f"{number}号楼")
    for floor in range(1, project.floors + 1):
        level = f"{tower}-F{floor:02}"
        named = _place(level, "floor", f"Floor {floor}", f"{floor}层", tower)
        yield named | {"level": str(floor - 1)}
        for home in range(1, project.homes_per_floor + 1):
            door = f"{floor}{home:02}"
            yield _place(f"{tower}-{floor:02}{home:02}", "home", f"Home {door}", f"{door}室", level)
    for name, english, chinese in _TOWER_ROOMS:
        yield _place(f"{tower}-{name}", "room", english, chinese, f"{tower}-F01")
    roof = _place(f"{tower}-ROOF", "outdoor", "Roof", "屋面", tower)
    yield roof | {"level": str(project.floors)}
    yield _place(f"{tower}-LMR", "room", "Lift machine room", "电梯机房", f"{tower}-ROOF")


def _place(name: str, kind: str, english: str, chinese: str, parent: str = "") -> Cells:
    return {"id": name, "kind": kind, "name": english, "name_zh": chinese, "parent": parent}
