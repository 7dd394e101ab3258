"""What the ways and the pages work with: the phone, what was scanned last, what is in hand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from commands.in_use import check_in_use
from commands.phone import Phone
from commands.shift import is_on
from commands.tasks import my_tasks
from commands.thing import names_of
from commands.troubles import troubles
from radar_cli.one_screen.asks import Choice, Said
from radar_cli.one_screen.drafts import Draft
from radar_cli.output import Output
from radar_core.answers import Answer
from radar_core.failures import Failure
from radar_core.tags import code_of_label
from radar_core.tasks import UNDER_WAY, Progress, Task
from scanners.apart import Reader
from sync.journal import count_unsent

Pair = tuple[Task, Progress]
Names = dict[str, object]
"""What something is called, in both languages: a value of a template."""


@dataclass(frozen=True, slots=True)
class SyncState:
    """What is known of the centre: whether it was reached, None before that is known.

    `trouble` is what stands in the way, in the person's words.
    """

    online: bool | None = None
    trouble: str = ""


@dataclass(slots=True)
class Desk:
    """The person's desk. What is read of tasks is kept until `refresh`: no scan waits for it."""

    phone: Phone
    output: Output
    reader: Callable[[], Reader]
    sync: SyncState = SyncState()
    here: dict[str, object] | None = None
    """What the last scan was answered, if there was one."""
    pairs: list[Pair] = field(default_factory=list)
    unsent: int = 0
    troubles: int = 0
    """How much there is to settle."""
    board: Mapping[str, Any] | None = None
    """The board that came last to who leads, None before one did."""
    board_failure: str = ""
    """What kept the last one from coming, in the person's words."""
    wrong: Choice | None = None
    """Takes back the answer that the last work was done with, while nothing else was done."""
    halves: tuple[Draft, ...] = ()
    """What is half written, the latest last."""
    last_sync: str = ""
    roles: frozenset[str] = frozenset()
    on_shift: bool | None = None
    """Whether the person's shift is on; None before it was looked up."""
    staff: str = ""
    me: Names = field(default_factory=dict[str, object])
    """Who works here, with both names."""
    project: Names = field(default_factory=dict[str, object])
    """The project of what belongs to none, with both names."""
    projects: dict[str, Names] = field(default_factory=dict[str, Names])
    """The projects of who works in several, by id, with both names: there work says which."""
    apart: dict[str, list[tuple[Names, Names]]] = field(
        default_factory=dict[str, list[tuple[Names, Names]]]
    )
    """The checkpoints of rounds, told apart, until `refresh`."""

    def __post_init__(self) -> None:
        """Let the phone keep tasks decoded: a screen stays."""
        if self.phone.kept is None:
            self.phone.kept = {}

    def refresh(self) -> None:
        """Read anew what may have changed: tasks, what is unsent, when the last sync was.

        Raise Failure for a phone that is closed by now, as one that was revoked and wiped.
        """
        phone = self.phone
        phone.meta = phone.journal.meta()
        check_in_use(phone)
        self.apart.clear()
        self.staff = phone.staff
        self.me = names_of(phone, self.staff)
        person = phone.person()
        named = {id_: self._names_of_project(id_) for id_ in person.projects}
        self.project = next(iter(named.values()), {"name": ""})
        self.projects = named if len(named) > 1 else {}
        self.pairs = my_tasks(phone, self.now_s())
        self.unsent = count_unsent(phone.journal)
        wrong = troubles(phone).data["troubles"]
        self.troubles = len(wrong) if isinstance(wrong, list) else 0
        self.last_sync = str(phone.meta.get("last_sync") or "")
        self.roles = frozenset(role for held in person.roles.values() for role in held)

    def _names_of_project(self, id_: str) -> Names:
        return {"name": id_} | (self.phone.body("project", id_) or {})

    def hear_board(self, told: Answer | Failure) -> None:
        """Take a board, or what kept it from coming."""
        if isinstance(told, Failure):
            self.board_failure, _ = self.output.sentences(told)
        else:
            self.board, self.board_failure = told.data, ""

    def is_on_shift(self) -> bool:
        """Tell whether the person's shift is on, looked up once."""
        if self.on_shift is None:
            self.on_shift = is_on(self.phone)
        return self.on_shift

    def now_s(self) -> int:
        """Return the present, in seconds since 1970 UTC."""
        return self.phone.workplace.clock().wall_ms // 1000

    def time_of(self, at_s: int) -> str:
        """Return a local time of day, with the date where it is another day's."""
        local = self.phone.workplace.local
        at, today = local(at_s), local(self.now_s())
        return at[11:16] if at[:10] == today[:10] else f"{at[5:10]} {at[11:16]}"

    def say(self, said: Said) -> str:
        """Return a template in the person's language."""
        template, values = said
        return self.output.say(template, **values) if template else ""

    def in_hand(self) -> Pair | None:
        """Return what this person has under way: a round first, else what they took up last."""
        own = [
            pair
            for pair in self.pairs
            if pair[1].state in UNDER_WAY and pair[1].staff == self.staff
        ]
        own.sort(key=lambda pair: (pair[1].state == "in_progress", pair[1].at_s))
        return own[-1] if own else None


def title_of(task: Task) -> Names:
    """Return a task's title in both languages, as a value of a template."""
    return {"name": task.title, "name_zh": task.title_zh}


def about_task(desk: Desk, task_id: str) -> Said:
    """Return a task's title as what a question is about."""
    return "{task}", {"task": title_of(desk.phone.task(task_id)[0])}


def step_title(step: dict[str, object]) -> dict[str, object]:
    """Return a step's title in both languages, as a value of a template."""
    name = step.get("title") or step["id"]
    return {"name": name, "name_zh": step.get("title_zh") or name}


def is_code(desk: Desk, text: str) -> bool:
    """Tell whether a text is a code: one of ours, or of a tag that the site book knows."""
    return code_of_label(text) is not None or desk.phone.spot(text) is not None
