"""The routes of a project: 6 to 14 checkpoints each."""

from collections.abc import Iterable, Iterator

from radar_core.west_coast.parameters import Cells, Project
from radar_core.west_coast.places import garage_rows, garages, perimeter, towers

CHECKPOINTS_MAX = 14


def routes(project: Project) -> Iterator[Cells]:
    """Yield the routes: the open round, then night, day, garage, roof and plant rounds."""
    here = project.id
    lobbies = [f"{tower}-LOBBY" for tower in towers(project)]
    roofs = [f"{tower}-ROOF" for tower in towers(project)]
    gates = [f"{here}-GATE-{gate}" for gate in project.gates]
    rows = [row for garage in garages(project) for row in garage_rows(project, garage)]
    rooms = [f"{here}-{name}" for name in ("FPUMP", "GEN", "SUB", "VENT", "CTRL", "OFFICE")]
    yield from _open_round(project)
    outside = (*gates, *perimeter(project), f"{here}-YARD")
    yield from _night_round(project, outside)
    yield from _route(project, "DAY", ("Day round", "日间巡更"), lobbies)
    yield from _route(project, "GARAGE", ("Garage round", "车库巡更"), rows, ordered="random")
    yield from _route(project, "ROOF", ("Roof round", "屋面巡更"), roofs)
    for row in _route(project, "PLANT", ("Plant round", "设备房巡检"), rooms):
        asked = row["place"] not in (f"{here}-CTRL", f"{here}-OFFICE")
        yield row | ({"checklist": "ROOM-LOOK"} if asked else {})


def _open_round(project: Project) -> Iterator[Cells]:
    """Yield the round that fits any hour: no other round of the guards stops where it does."""
    here, tower = project.id, towers(project)[0]
    rooms = [f"{tower}-REFUSE", f"{tower}-LMR", garages(project)[0]]
    spots = [f"{here}-{name}" for name in ("DESK", "GARDEN", "PLAY", "DROP")]
    yield from _route(project, "OPEN", ("Open round", "开放巡更"), (*rooms, *spots))
    # The last checkpoint is an asset: its maker's bar code is as good as our tag.
    yield {"route": f"{here}-OPEN", "asset": f"{here}-GEN1"}


def _night_round(project: Project, places: Iterable[str]) -> Iterator[Cells]:
    """Yield the round along the wall: no faster than one walks; the yard not before half past."""
    names = ("Night round", "夜间巡更")
    for count, row in enumerate(_route(project, "NIGHT", names, places, ordered="yes")):
        gaps = {"gap_min": "20", "gap_max": "1800"} if count else {}
        late = {"open_min": "30", "close_min": "120"} if row["place"].endswith("-YARD") else {}
        yield row | gaps | late


def _route(
    project: Project,
    name: str,
    names: tuple[str, str],
    places: Iterable[str],
    *,
    ordered: str = "no",
) -> Iterator[Cells]:
    """Yield the rows of one route; what it is called stands in the first."""
    route = f"{project.id}-{name}"
    said = {"project": project.id, "name": names[0], "name_zh": names[1], "ordered": ordered}
    for count, place in enumerate(places):
        if count < CHECKPOINTS_MAX:
            yield {"route": route, "place": place} | (said if count == 0 else {})
