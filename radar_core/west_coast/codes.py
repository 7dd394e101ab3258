"""The tags of a project: a code of ours on places and assets, some spares, a few foreign codes."""

from collections.abc import Iterable, Iterator

from radar_core.tags import make_code
from radar_core.west_coast.chance import chance
from radar_core.west_coast.parameters import Cells, District, Project

EAN_PREFIX = "20"
"""GS1 keeps the numbers 20 to 29 for use within a company: nobody's product has this code."""
_EAN_DIGITS = 12
_EAN_ON = "GEN1"
_SERIAL_ON = "PUMP2"


def tags(
    district: District, project: Project, places: Iterable[Cells], assets: Iterable[Cells]
) -> Iterator[Cells]:
    """Yield the tags of a project: homes have none."""
    for place in places:
        if place["kind"] != "home":
            yield _tag(district, project, "place", place["id"])
    for asset in assets:
        yield _tag(district, project, "asset", asset["id"])
    for number in range(1, district.spare_tags_per_project + 1):
        code = make_code(chance(district.seed, f"spare:{project.id}:{number}"))
        yield {"code": code, "project": project.id, "state": "blank"}
    yield from _foreign(district, project)


def _tag(district: District, project: Project, kind: str, target: str) -> Cells:
    """The code hangs on what it stands for, so that it stays when other things come and go."""
    code = make_code(chance(district.seed, f"{kind}:{target}"))
    return {"code": code, "project": project.id, kind: target, "state": "bound"}


def _foreign(district: District, project: Project) -> Iterator[Cells]:
    """What the makers have stuck on: a bar code on a generator, a serial number on a pump."""
    number = int.from_bytes(chance(district.seed, f"ean:{project.id}"), "big")
    digits = (EAN_PREFIX + str(number))[:_EAN_DIGITS]
    serial = f"SN:{project.id}-{number % 1_000_000:06}"
    common = {"project": project.id, "state": "bound", "foreign": "yes"}
    yield common | {"code": digits + _ean_check(digits), "asset": f"{project.id}-{_EAN_ON}"}
    yield common | {"code": serial, "asset": f"{project.id}-{_SERIAL_ON}"}


def _ean_check(digits: str) -> str:
    """Return the check digit of an EAN-13: weights 1 and 3 in turn (GS1 General Specifications)."""
    total = sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(digits))
    return str(-total % 10)
