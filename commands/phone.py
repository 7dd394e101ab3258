"""The phone in hand: who carries it, what it knows of tags and tasks, and how it records.

On the scan path: what is imported here is paid at every scan.
"""

from radar_core.actions import Draft, read_line, touches
from radar_core.failures import Failure, N_
from radar_core.jsontext import decode_object, encode
from radar_core.matching import EARLY_S, Person
from radar_core.places import Spot, locate
from radar_core.tags import code_of_label
from radar_core.tasks import FINISHED, Progress, Task, read_progress
from radar_core.tracking import WHOLE, step
from sync.journal import Journal, Recorded, Transaction, open_journal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from radar_core.actions import Moment
    from sync.keys import KeyPair

DATABASE = "phone.db"
KEY = "phone.key"
LOCK_MIN = 15
"""After so many idle minutes a shared phone locks itself."""
BACK_S = 9 * 86400
"""How long after its window a task is still looked at when its place is scanned, in seconds."""
AHEAD_S = 10 * 86400
"""How far the phone unrolls the schedules at once, in seconds; a sync, or a scan without any for so
long, unrolls them further, so that it can go on without the centre."""
KEPT_MOST = 5_000
"""So many tasks are kept decoded."""
_TASK = "SELECT body, progress FROM task WHERE "


class Workplace:
    """The world as a verb sees it: the phone's folder, its clocks, its randomness, its settings."""

    __slots__ = ("clock", "home", "local", "lock_min", "position", "randomness", "timeout_s")

    def __init__(
        self,
        home: str,
        *,
        clock: "Callable[[], Moment]",
        local: "Callable[[int], str]",
        randomness: "Callable[[int], bytes]",
        timeout_s: float,
        position: "Callable[[], Mapping[str, object] | None] | None" = None,
        lock_min: int = LOCK_MIN,
    ) -> None:
        """`clock` tells the moment, `local` writes seconds since 1970 as local RFC 3339.

        Who is signed in on a shared phone and does nothing for `lock_min` minutes is signed out; 0
        is never. `position` gives the position of a scan, None where there is none; without it none
        is asked.
        """
        self.home = home
        self.clock = clock
        self.local = local
        self.randomness = randomness
        self.timeout_s = timeout_s
        self.position = position
        self.lock_min = lock_min

    def path(self, name: str) -> str:
        """Return the path of a file in the phone's folder."""
        return f"{self.home}/{name}"


SCHEMA = "4"
"""`sync.schema.SCHEMA_VERSION`, which no scan needs to load."""


class Phone:
    """An enrolled phone, opened."""

    __slots__ = ("journal", "kept", "meta", "workplace")

    def __init__(self, workplace: Workplace) -> None:
        """Open the phone's database; raise Failure `not_enrolled` if there is none.

        A process that stays gives `kept` a dictionary: tasks by their texts, so that each is
        decoded once.
        """
        self.workplace = workplace
        self.kept: dict[str, Task] | None = None
        self.journal: Journal = open_journal(workplace.path(DATABASE))
        self.meta = self.journal.meta()
        if self.meta.get("schema") != SCHEMA:
            from sync.replica import bring_up_to_date

            self.meta = bring_up_to_date(self.journal)

    @property
    def staff(self) -> str:
        """The id of the person who carries the phone; on a shared one, of who is signed in.

        Raise Failure `nobody_signed_in` there.
        """
        return self.meta["staff"] or self._signed_in(busy=True)

    def check_signed_in(self) -> None:
        """Raise Failure `nobody_signed_in` on a shared phone that nobody has in hand."""
        if not self.meta["staff"]:
            self._signed_in(busy=False)

    def _signed_in(self, *, busy: bool) -> str:
        from commands.presence import signed_in

        return signed_in(self, busy=busy)

    def keys(self) -> "KeyPair":
        """Return the key pair that this phone signs with; raise Failure where there is none."""
        from pathlib import Path

        from sync.keys import KeyPair, load_key

        secret = self.journal.secret
        path = Path(self.workplace.path(KEY))
        return load_key(path) if secret is None else KeyPair(secret.signing)

    def transaction(self) -> Transaction:
        """Begin to write; what happens inside is durable, or did not happen."""
        return self.journal.transaction()

    def record(self, kind: str, id_: str) -> "tuple[str, dict[str, object]] | None":
        """Return the project and body of a record of the site book, or None."""
        row = self.journal.connection.execute(
            "SELECT project, body FROM record WHERE kind = ? AND id = ? LIMIT 1", (kind, id_)
        ).fetchone()
        return (row[0], decode_object(row[1])) if row is not None else None

    def body(self, kind: str, id_: object) -> "dict[str, object] | None":
        """Return the body of a record, or None."""
        found = self.record(kind, str(id_)) if id_ else None
        return found[1] if found is not None else None

    def person(self) -> Person:
        """Return who carries the phone, with their roles in the projects in scope, home first.

        On a shared phone only its own projects are.
        """
        staff = self.staff
        rows = self.journal.connection.execute(
            "SELECT project, body FROM record WHERE kind = 'staff' AND id = ?", (staff,)
        )
        bodies = {project: decode_object(text) for project, text in rows.fetchall()}
        projects = next((body.get("projects") for body in bodies.values()), ())
        roles: dict[str, Sequence[str]] = {}
        for project in projects if isinstance(projects, list) else bodies:
            held = bodies.get(project, {}).get("roles")
            if project in bodies or self.meta["staff"]:
                roles[project] = held if isinstance(held, list) else ()
        return Person(staff, roles)

    def spot(self, text: str) -> Spot | None:
        """Return where a tag is: by its exact text, else by the code on a label of ours."""
        found, name = self._tag(text), text
        if found is None:
            name = code_of_label(text) or ""
            found = self._tag(name) if name else None
        if found is None:
            return None
        project, body = found
        asset = self.body("asset", body.get("asset"))
        place = self.body("place", (body if asset is None else asset).get("place"))
        return locate((name, project, body), asset, place)

    def named(self, id_: str) -> Spot | None:
        """Return the spot of a place or an asset by its own id, for who cannot read its tag."""
        for kind in ("place", "asset"):
            found = self.record(kind, id_)
            if found is not None:
                project, body = found
                asset = body if kind == "asset" else None
                place = self.body("place", body.get("place")) if asset is not None else body
                about: dict[str, object] = {kind: id_, "state": "bound"}
                return locate(("", project, about), asset, place)
        return None

    def _tag(self, name: str) -> "tuple[str, dict[str, object]] | None":
        """Return project and body of a tag; one bound here counts before the centre knows it."""
        row = self.journal.connection.execute(
            "SELECT project, body FROM bound WHERE tag = ?", (name,)
        ).fetchone()
        return (row[0], decode_object(row[1])) if row is not None else self.record("tag", name)

    def candidates(
        self, refs: "Iterable[str]", now_s: int, wanted: str = ""
    ) -> list[tuple[Task, Progress]]:
        """Return the tasks on `refs` around `now_s`, those under way, and the wanted one."""
        self.extend(now_s)
        found: dict[str, tuple[Task, Progress]] = {}
        for ref in refs:
            found |= self._tasks(
                "id IN (SELECT task FROM target WHERE ref = ? AND due_to >= ?) AND due_from <= ?",
                (ref, now_s - BACK_S, now_s + EARLY_S),
            )
        found |= self._tasks("state IN ('in_progress', 'on_hold')", ())
        if wanted:
            found |= self._tasks("id = ?", (wanted,))
        return list(found.values())

    def _tasks(self, where: str, values: tuple[object, ...]) -> dict[str, tuple[Task, Progress]]:
        rows = self.journal.connection.execute(_TASK + where, values)
        pairs = [(self._task(b), read_progress(decode_object(p))) for b, p in rows]
        return {task.id: (task, progress) for task, progress in pairs}

    def _task(self, text: str) -> Task:
        kept = self.kept
        if kept is None:
            return Task(decode_object(text))
        if text not in kept:
            if len(kept) >= KEPT_MOST:
                kept.clear()
            kept[text] = Task(decode_object(text))
        return kept[text]

    def tasks_between(self, since_s: int, until_s: int) -> list[tuple[Task, Progress]]:
        """Return the tasks whose windows overlap the given seconds, soonest first."""
        found = self._tasks("due_from <= ? AND due_to >= ? ORDER BY due_from", (until_s, since_s))
        return list(found.values())

    def work_orders(
        self, project: str, *, naming: str = "", ended: bool = True
    ) -> list[tuple[Task, Progress]]:
        """Return the work orders of a project that somebody reported; their ids have a colon.

        Those alone whose progress names a task, or without those that nobody has to look at again.
        """
        found = self._tasks(
            "instr(id, ':') > 0 AND project = ? AND instr(progress, ?) > 0"
            " AND (? OR state NOT IN ('verified', 'cancelled'))",
            (project, encode(naming) if naming else "", ended),
        )
        return list(found.values())

    def extend(self, now_s: int) -> None:
        """Unroll the schedules further when the tasks on this phone run out.

        And anew when the clock was wrong before: they would lie years ahead.
        """
        left_s = int(self.meta.get("tasks_until", "0")) - now_s
        if not EARLY_S <= left_s <= AHEAD_S + EARLY_S:
            from commands.projection import unroll

            unroll(self.journal, now_s)
            self.meta = self.journal.meta()

    def task(self, word: str) -> tuple[Task, Progress]:
        """Return a task by its id, its schedule's id, or a beginning that only one has; or raise.

        Without the date, the task of that schedule around now is meant.
        """
        found = self._tasks("id = ?", (word,)) or self._tasks_now(word)
        if not found:
            found = self._tasks("id >= ? AND id < ? LIMIT 9", (word, f"{word}\U0010ffff"))
        if word and len(found) == 1:
            return next(iter(found.values()))
        raise _no_task(word, list(found))

    def _tasks_now(self, word: str) -> dict[str, tuple[Task, Progress]]:
        """Return the tasks around now that a word names, those in their window before others."""
        now_s = self.workplace.clock().wall_ms // 1000
        near = self.tasks_between(now_s - EARLY_S, now_s + EARLY_S)
        begun = [pair for pair in near if word and pair[0].id.startswith(word)]
        named = [pair for pair in begun if pair[0].schedule == word] or begun
        open_now = [pair for pair in named if pair[0].first_s() <= now_s <= pair[0].ends_s()]
        return {pair[0].id: pair for pair in open_now or named}

    def write(
        self, kind: str, subject: str, project: str, body: "Mapping[str, object]", moment: "Moment"
    ) -> Recorded:
        """Append an action and step its task's progress, in the transaction under way."""
        draft = Draft(staff=self.staff, project=project, kind=kind, subject=subject, body=body)
        recorded = self.journal.append(draft, moment, touches(draft))
        task_id = body.get("task")
        if kind == "report" or kind in WHOLE or "#" in str(task_id):
            self._refold(touches(draft))
            return recorded
        for task, progress in self._tasks("id = ?", (task_id,)).values():
            keep_progress(self.journal, task, self._stepped(task, progress, recorded))
        if kind in ("reading", "answer") and self.meters(body):
            self._refold([f"asset:{body['asset']}"])
        return recorded

    def meters(self, body: "Mapping[str, object]") -> "list[tuple[str, dict[str, object]]]":
        """Return id and body of the meters of the asset that an action is about."""
        asset = body.get("asset")
        rows = self.journal.connection.execute("SELECT id, body FROM record WHERE kind = 'meter'")
        found = [(row[0], decode_object(row[1])) for row in (rows.fetchall() if asset else ())]
        return [one for one in found if one[1].get("asset") == asset]

    def _refold(self, refs: "Sequence[str]") -> None:
        from commands.projection import refold

        refold(self.journal, refs)

    def _stepped(self, task: Task, progress: Progress, recorded: Recorded) -> Progress:
        """Return the progress with one more action, wherever it comes in the order (law 5)."""
        ref = f"task:{task.id}"
        if self._is_latest(ref, recorded):
            step(task, progress, read_line(recorded.epoch, recorded.line))
            return progress
        from radar_core.tracking import fold
        from sync.touching import actions_on

        return fold(task, actions_on(self.journal, [ref])[ref])

    def _is_latest(self, ref: str, recorded: Recorded) -> bool:
        """Tell whether no action on `ref` comes later, as one by a clock days ahead does."""
        later = self.journal.connection.execute(
            "SELECT 1 FROM touch WHERE ref = ?1 AND (hlc, epoch, seq) > (?2, ?3, ?4)"
            " UNION ALL SELECT 1 FROM mention WHERE ref = ?1 AND latest >= ?2 LIMIT 1",
            (ref, recorded.hlc, recorded.epoch, recorded.seq),
        )
        return later.fetchone() is None

    def where(self, ref: str) -> dict[str, object]:
        """Return what a reference names and where that is.

        The keys are `ref name name_zh path path_zh place`, the last being the place's id.
        """
        kind, _, id_ = ref.partition(":")
        body = self.body(kind, id_) or {}
        place_id = str(body.get("place", "")) if kind == "asset" else id_
        place = self.body("place", place_id) if kind == "asset" else body
        found: dict[str, object] = {"ref": ref, "place": place_id}
        for name, source in (("name", body), ("path", place or {})):
            text = source.get(name) or (id_ if name == "name" else "")
            found |= {name: text, f"{name}_zh": source.get(f"{name}_zh") or text}
        return found

    def home_project(self) -> str:
        """Return the project of what belongs to none: the person's first."""
        person = self.person()
        return person.projects[0] if person.projects else ""


def until_s(task: Task, progress: Progress) -> int:
    """Return until when a task is looked at; what does not lapse, until somebody finished it."""
    if not task.is_open_ended:
        return task.due_to
    return progress.at_s if progress.state in FINISHED else task.last_s()


def keep_progress(journal: Journal, task: Task, progress: Progress) -> None:
    """Store where a task stands, in the transaction under way."""
    execute = journal.connection.execute
    execute(
        "UPDATE task SET state = ?, progress = ? WHERE id = ?",
        (progress.state, encode(progress.body()), task.id),
    )
    if task.is_open_ended:
        due_to = until_s(task, progress)
        moved = execute(
            "UPDATE task SET due_to = ?1 WHERE id = ?2 AND due_to <> ?1", (due_to, task.id)
        )
        for ref in task.targets if moved.rowcount else ():
            execute(
                "UPDATE OR REPLACE target SET due_to = ? WHERE ref = ? AND task = ?",
                (due_to, ref, task.id),
            )


def _no_task(word: str, found: "list[str]") -> Failure:
    if word and found:
        return Failure(
            "ambiguous_task",
            N_("Several tasks begin with {task}: {tasks}."),
            N_("Type more of it; the list: radar tasks"),
            task=word[:80],
            tasks=", ".join(found),
        )
    return Failure(
        "unknown_task",
        N_("There is no task {task} on this phone."),
        N_("The list: radar tasks. If it is new: radar sync"),
        task=word[:80],
    )
