"""The checkpoints of a round, told apart: each tower has a lobby."""

from itertools import takewhile

from radar_cli.one_screen.desk import Desk, Names
from radar_core.tasks import Task

BETWEEN = " / "
"""What stands between the parts of a path."""


def checkpoints(desk: Desk, task: Task) -> list[tuple[Names, Names]]:
    """Return of each checkpoint of a round its name, and where it is, both in both languages.

    Where it is, is as little of its path as tells it from others that are called the same; empty
    where none is.
    """
    if task.id not in desk.apart:
        places = [desk.phone.where(target) for target in task.targets]
        told = [
            _apart([(str(place[f"name{tongue}"]), str(place[f"path{tongue}"])) for place in places])
            for tongue in ("", "_zh")
        ]
        desk.apart[task.id] = [
            (
                {"name": place["name"], "name_zh": place["name_zh"]},
                {"name": english, "name_zh": chinese},
            )
            for place, english, chinese in zip(places, *told, strict=True)
        ]
    return desk.apart[task.id]


def next_place(desk: Desk, task: Task, index: int) -> Names:
    """Return what a checkpoint is called, with where it is if others are called the same."""
    name, where = checkpoints(desk, task)[index]
    return {key: f"{name[key]} · {where[key]}" if where[key] else name[key] for key in name}


def _apart(places: list[tuple[str, str]]) -> list[str]:
    """Return where each of some places is, as name and path, in as few words as tell it apart."""
    names = [name for name, _ in places]
    above = [path.removesuffix(f"{BETWEEN}{name}").split(BETWEEN) for name, path in places]
    told: list[str] = []
    for name, parts in zip(names, above, strict=True):
        alike = [other for called, other in zip(names, above, strict=True) if called == name]
        levels = zip(*alike, strict=False)  # up to the shortest path
        shared = len([*takewhile(lambda level: len(set(level)) == 1, levels)])
        told.append(BETWEEN.join(parts[shared:]) if len(alike) > 1 else "")
    return told
