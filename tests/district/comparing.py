"""Task by task: what RADAR keeps beside what the reference says."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from radar_core.actions import Action, read_line
from radar_core.book import Record
from radar_core.tasks import Task, read_progress
from tests.district.centre import Key
from tests.district.days import START_S, Page
from tests.district.reference import Standing, stand, untouched
from tests.district.site import Site

COMPARED = tuple(Standing.__dataclass_fields__)
WORK_ORDERS = ("repair:", "cleaning:", "incident:", "supplies:")


@dataclass(frozen=True)
class Difference:
    """A member of a task's progress that differs, with the actions from which it follows."""

    task: str
    member: str
    kept: object
    reference: object


class Expected:
    """What the reference says of all tasks, from the book and the pages that came so far."""

    def __init__(self, book: Sequence[Record], days: int) -> None:
        sites = [Site(name, book, Random(0)) for name in sorted({r.project for r in book})]
        tasks = [task for site in sites for task in site.tasks(START_S, days)]
        self.tasks: dict[Key, Task] = {(task.project, task.id): task for task in tasks}
        self.staff = [
            (record.project, record.id, record.body["roles"])
            for record in book
            if record.kind == "staff"
        ]
        self.touching: dict[Key, list[Action]] = {}
        self.heard_s: dict[str, int] = {staff: START_S for _, staff, _ in self.staff}

    def take(self, page: Page) -> None:
        """Take note of what a phone sends."""
        self.heard_s[page.staff] = max(self.heard_s[page.staff], page.at_s)
        for line in page.lines:
            self.note(read_line(page.epoch, line))

    def note(self, action: Action) -> None:
        """Take note of an action."""
        task = action.body.get("task")
        if isinstance(task, str) and task:
            self.touching.setdefault((action.project, task), []).append(action)

    def touched(self) -> Iterator[tuple[Key, Task, Standing]]:
        """Yield each task that anybody touched, with where it stands."""
        for key, actions in self.touching.items():
            task = self.tasks.get(key) or self._work_order(key, actions)
            if task is not None:
                yield key, task, stand(task, actions)

    def _work_order(self, key: Key, actions: Iterable[Action]) -> Task | None:
        is_one = key[1].startswith(WORK_ORDERS) and any(a.kind == "report" for a in actions)
        body = {"id": key[1], "project": key[0], "kind": "maintenance"}
        return Task(body) if is_one else None

    def state(self, task: Task, now_s: int) -> str:
        """Return the state of a task of the book as a board must show it."""
        actions = self.touching.get((task.project, task.id), [])
        state = stand(task, actions).state
        able = (
            self.heard_s[staff]
            for project, staff, roles in self.staff
            if project == task.project and task.role in list_of(roles) and task.staff in ("", staff)
        )
        return state or untouched(task, now_s, able)


def list_of(value: object) -> list[object]:
    """Return a list, empty if it is none."""
    return value if isinstance(value, list) else []


def differences(
    kept: Mapping[Key, Mapping[str, object]], expected: Expected
) -> Iterator[Difference]:
    """Yield whatever differs between the progress that is kept and the reference."""
    left = dict(kept)
    for key, _, standing in expected.touched():
        body = left.pop(key, None)
        if body is None:
            yield Difference(key[1], "", None, standing)
            continue
        progress = read_progress(body)
        for member in COMPARED:
            ours, theirs = getattr(progress, member), getattr(standing, member)
            if ours != theirs:
                yield Difference(key[1], member, ours, theirs)
    for key, body in left.items():
        if body:  # a numbered occurrence is kept before anybody touches it
            yield Difference(key[1], "", body, None)
