"""A project of the book as its people know it: who is on duty, where the tags are, what is due."""

import heapq
import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from radar_core.book import Record
from radar_core.schedules import Parts, tasks_of
from radar_core.tasks import Task
from tests.district.deeds import DAY_S, Body, Deed

Bodies = dict[str, Body]
STALE = 0.05
"""So often a phone off line does not know the work order that others have reported."""
NEVER = 1e12


class Site:
    """One project, its chance, what is known of its work orders, and the deeds to come."""

    def __init__(self, project: str, records: Iterable[Record], chance: random.Random) -> None:
        self.project = project
        self.chance = chance
        self.bodies: dict[str, Bodies] = {}
        for record in records:
            if record.project == project:
                self.bodies.setdefault(record.kind, {})[record.id] = record.body
        self.staff: dict[str, list[str]] = {}
        for name, body in sorted(self.bodies["staff"].items()):
            projects, roles = body["projects"], body["roles"]
            if projects == [project] and isinstance(roles, list):
                self.staff.setdefault(str(roles[0]), []).append(name)
        self.tags = {
            f"{kind}:{body[kind]}": tag
            for tag, body in self.bodies["tag"].items()
            for kind in ("place", "asset")
            if kind in body
        }
        self.spots = sorted(self.tags)
        self.free_s: dict[str, float] = {}
        self.orders: dict[tuple[str, str], tuple[int, float]] = {}
        self._heap: list[tuple[float, int, Deed]] = []
        self._numbers = count()

    def tasks(self, since_s: int, days: int) -> list[Task]:
        """Return the tasks of the schedules that begin within so many days, soonest first."""
        since = datetime.fromtimestamp(since_s, UTC)
        window = (since, since + timedelta(days=days))
        here = (self.project, ZoneInfo("Asia/Shanghai"))
        parts = Parts(*(self.bodies.get(kind, {}) for kind in ("route", "checklist", "holidays")))
        made = [
            task
            for name, body in self.bodies["schedule"].items()
            for task in tasks_of(name, body, here, window, parts)
            if since_s <= task.due_from < since_s + days * DAY_S
        ]
        return sorted(made, key=lambda task: (task.due_from, task.id))

    def likely(self, share: float) -> bool:
        """Tell whether something happens that happens so often."""
        return self.chance.random() < share

    def on_duty(self, role: str, at_s: float) -> list[str]:
        """Return who of a role works then: guards in three shifts that turn by the week."""
        people = self.staff.get(role) or self.staff["supervisor"]
        if role != "guard" or len(people) < 3:
            return people
        local_h, week = int(at_s + 8 * 3600) // 3600, int(at_s) // (7 * DAY_S)
        return people[(local_h % 24 // 8 + week) % 3 :: 3]

    def worker(self, task: Task, at_s: float) -> tuple[str, float]:
        """Return who does a task and when they can begin: those who have least to do do it."""
        people = [task.staff] if task.staff else self.on_duty(task.role, at_s)
        few = self.chance.sample(people, min(3, len(people)))
        who = min(few, key=lambda name: self.free_s.get(name, 0))
        return who, max(at_s, self.free_s.get(who, 0))

    def other(self, role: str, than: str, at_s: float) -> str:
        """Return somebody else of that role."""
        people = [name for name in self.on_duty(role, at_s) if name != than]
        return self.chance.choice(people or self.staff["supervisor"])

    def supervisor(self) -> str:
        """Return a supervisor."""
        return self.chance.choice(self.staff["supervisor"])

    def do(self, at_s: float, staff: str, kind: str, subject: str, /, **body: object) -> Deed:
        """Let somebody do something at a time."""
        deed = Deed(at_s, (self.project, staff), kind, subject, body)
        heapq.heappush(self._heap, (at_s, next(self._numbers), deed))
        return deed

    def on_task(self, at_s: float, staff: str, kind: str, task: Task, /, **body: object) -> Deed:
        """Let somebody do something about a task."""
        return self.do(at_s, staff, kind, task.id, task=task.id, **about(task), **body)

    def until(self, end_s: float) -> Iterator[Deed]:
        """Yield the deeds before a time, in their order."""
        while self._heap and self._heap[0][0] < end_s:
            yield heapq.heappop(self._heap)[2]

    def scan(self, at_s: float, staff: str, ref: str, outcome: str, /, **more: object) -> Deed:
        """Let somebody scan the tag of a reference."""
        tag = self.tags.get(ref, "NOSUCHTAG00")
        kind, _, name = ref.partition(":")
        spot: Body = {kind: name}
        if kind == "asset":
            spot["place"] = self.bodies["asset"][name]["place"]
        via = self.chance.choices(("picture", "wedge", "typed"), (6, 3, 1))[0]
        if via == "picture":
            more["frame"] = {"hash": f"{self.chance.getrandbits(64):016x}"}
        if self.likely(0.3):
            fix: Body = {"lat": 36.06, "lon": 120.32, "accuracy_m": self.chance.randrange(5, 60)}
            fix |= {"mock": True} if self.likely(0.002) else {}
            more["position"] = fix | {"salt": f"{self.chance.getrandbits(128):032x}"}
        return self.do(
            at_s, staff, "scan", tag, text=tag, via=via, outcome=outcome, tag=tag, **spot, **more
        )

    def order(self, category: str, spot: str, at_s: float) -> tuple[str, bool]:
        """Return the work order that a report belongs to, and whether it is a new one."""
        number, closes_s = self.orders.get((category, spot), (0, 0.0))
        open_there = number > 0 and at_s < closes_s
        if number and open_there != self.likely(STALE):
            return f"{category}:{spot}:{number}", False
        self.orders[category, spot] = (number + 1, NEVER)
        return f"{category}:{spot}:{number + 1}", True

    def closes(self, order: str, at_s: float) -> None:
        """Remember when a work order will be finished."""
        category, spot, number = order.split(":")
        if self.orders[category, spot][0] == int(number):
            self.orders[category, spot] = (int(number), at_s)

    def words(self, some: Sequence[str]) -> str:
        """Return one of some texts."""
        return self.chance.choice(some)


def about(task: Task) -> Body:
    """Return the place or asset of a task that is no round."""
    if task.kind == "patrol" or not task.targets:
        return {}
    kind, _, name = task.targets[0].partition(":")
    return {kind: name}
