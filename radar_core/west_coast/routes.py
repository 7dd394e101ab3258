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
    yield from _route(project, "NIGHT", ("Night round", "夜间巡更"), outside, ordered="yes")
    yield from _route(project, "DAY", ("Day round", "日间巡更"), lobbies)
    yield from _route(project, "GARAGE", ("Garage round", "车库巡更"), rows, ordered="yes")
    yield from _route(project, "ROOF", ("Roof round", "屋面巡更"), roofs)
    yield from _route(project, "PLANT", ("Plant round", "设备房巡检"), rooms)


def _open_round(project: Project) -> Iterator[Cells]:
    """Yield the round that fits any hour: no other round of the guards stops where it does."""
    here, tower = project.id, towers(project)[0]
    rooms = [f"{tower}-REFUSE", f"{tower}-LMR", garages(project)[0]]
    spots = [f"{here}-{name}" for name in ("DESK", "GARDEN", "PLAY", "DROP")]
    yield from _route(project, "OPEN", ("Open round", "开放巡更"), (*rooms, *spots))
    # The last checkpoint is an asset: its maker's bar code is as good as our tag.
    yield {"route": f"{here}-OPEN", "asset": f"{here}-GEN1"}


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
