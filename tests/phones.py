"""Phones for tests: real replicas of a small site book, with clocks and chance told by the test.

    centre = site_centre()                  the book, on a centre of paper
    guard = new_phone(folder, centre, "G1") enrolled and in step
    guard.world.step(60)                    a minute later
    guard.sync(centre.post)

It is Monday, 10:00 in Shanghai, when a world begins.
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory

from commands.phone import DATABASE, KEY, Phone, Workplace
from commands.projection import SCHEMA, projection
from radar_core.actions import Moment, read_line
from radar_core.answers import Answer
from radar_core.failures import Failure
from radar_core.tags import make_code
from sync.exchange import Post, Report, exchange
from sync.keys import KeyPair
from sync.replica import Identity, create_replica
from tests.paper_centre import PaperCentre

SHANGHAI = timezone(timedelta(hours=8))
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
NOW_S = int(NOW.timestamp())
DAY_S = 86400

FOREIGN = "6901234567892"
"""The maker's bar code on the lift."""
STRANGE = "http://example.org/some/other/sticker?id=77"
"""A code that nobody bound to anything yet."""


def code(name: str) -> str:
    """Return the code of the tag that is called `name` in this book."""
    return make_code(blake2b(name.encode(), digest_size=7).digest())


def _place(id_: str, name: str, zh: str, path: str) -> tuple[str, str, dict[str, object]]:
    body: dict[str, object] = {"kind": "room", "name": name, "name_zh": zh}
    return ("place", id_, {**body, "path": f"{path} / {name}", "path_zh": f"海景 / {zh}"})


def _tag(name: str, **stands_for: str) -> tuple[str, str, dict[str, object]]:
    return ("tag", code(name), {"state": "bound", **stands_for})


def _person(id_: str, name: str, role: str, *projects: str) -> tuple[str, str, dict[str, object]]:
    return ("staff", id_, {"name": name, "roles": [role], "projects": list(projects)})


def _step(id_: str, kind: str, **more: object) -> dict[str, object]:
    return {"id": id_, "type": kind, "title": id_.title(), **more}


def _schedule(id_: str, kind: str, role: str, **more: object) -> tuple[str, str, dict[str, object]]:
    body: dict[str, object] = {"kind": kind, "title": id_.title(), "role": role}
    return ("schedule", id_, {**body, "rrule": "FREQ=DAILY", "duration_min": 60, **more})


STEPS = [
    _step("leak", "check", required=True),
    _step("noise", "choice", choices=["normal", "loud"], required=True),
    _step("pressure", "number", unit="bar", min=2, max=6),
    _step("hours", "reading", unit="h", min=0, required=True),
    _step("remark", "text"),
    _step("picture", "photo"),
]
HARBOUR: list[tuple[str, str, dict[str, object]]] = [
    ("project", "HV", {"district": "WC", "name": "Harbour View", "timezone": "Asia/Shanghai"}),
    _place("GATE", "Gate", "大门", "Harbour View"),
    _place("LOBBY", "Lobby", "大堂", "Harbour View"),
    _place("PUMPS", "Pump room", "水泵房", "Harbour View"),
    _place("ROOF", "Roof", "屋顶", "Harbour View"),
    _place("ATTIC", "Attic", "阁楼", "Harbour View"),
    ("asset", "PU1", {"place": "PUMPS", "class": "pump", "name": "Pump 1", "name_zh": "一号泵"}),
    ("asset", "LI1", {"place": "LOBBY", "class": "lift", "name": "Lift 1"}),
    _tag("GATE", place="GATE"),
    _tag("LOBBY", place="LOBBY"),
    _tag("PUMPS", place="PUMPS"),
    _tag("ROOF", place="ROOF"),
    _tag("ATTIC", place="ATTIC"),
    _tag("PU1", asset="PU1"),
    ("tag", FOREIGN, {"state": "bound", "asset": "LI1"}),
    ("tag", code("OLD"), {"state": "retired", "place": "GATE"}),
    ("tag", code("SWAPPED"), {"state": "replaced", "place": "GATE"}),
    ("tag", code("BLANK"), {"state": "blank"}),
    _person("G1", "Li Wei", "guard", "HV"),
    _person("G2", "Wang Fang", "guard", "HV"),
    _person("C1", "Zhang Min", "cleaner", "HV"),
    _person("C2", "Liu Yang", "cleaner", "HV"),
    _person("E1", "Zhao Lei", "engineer", "HV"),
    _person("S1", "Chen Jing", "guard", "HV", "PG"),
    ("checklist", "PUMP", {"name": "Pump", "steps": STEPS}),
    ("route", "FREE", {"name": "Day", "checkpoints": ["place:GATE", "place:LOBBY", "asset:PU1"]}),
    (
        "route",
        "LINE",
        {
            "name": "Night",
            "ordered": True,
            "checkpoints": ["place:GATE", "place:LOBBY", "place:ROOF"],
        },
    ),
    _schedule("day", "patrol", "guard", route="FREE", start="2026-01-01T09:00", duration_min=180,
              grace_min=10),
    _schedule("night", "patrol", "guard", route="LINE", start="2026-01-01T22:00",
              duration_min=480),
    _schedule("sweep", "cleaning", "cleaner", place="LOBBY", start="2026-01-01T09:30"),
    _schedule("liu", "cleaning", "cleaner", place="ROOF", start="2026-01-01T09:30", staff="C2"),
    _schedule("pump", "maintenance", "engineer", asset="PU1", checklist="PUMP",
              start="2026-01-05T08:00", rrule="FREQ=WEEKLY", duration_min=480),
    _schedule("lift", "maintenance", "engineer", asset="LI1", start="2026-01-01T08:00",
              rrule="FREQ=WEEKLY", duration_min=480),
]  # fmt: skip
PALMS: list[tuple[str, str, dict[str, object]]] = [
    ("project", "PG", {"district": "WC", "name": "Palm Gardens", "timezone": "Asia/Shanghai"}),
    _place("YARD", "Yard", "院子", "Palm Gardens"),
    _tag("YARD", place="YARD"),
    _person("S1", "Chen Jing", "guard", "HV", "PG"),
    ("route", "YARDS", {"name": "Yard", "checkpoints": ["place:YARD"]}),
    _schedule("yard", "patrol", "guard", route="YARDS", start="2026-01-01T09:00", duration_min=180),
]

DAY, NIGHT = "day@20261123-0900", "night@20261123-2200"
SWEEP, LIU = "sweep@20261123-0930", "liu@20261123-0930"
PUMP, LIFT = "pump@20261123-0800", "lift@20261119-0800"
"""What is on at the beginning: LIFT was due last Thursday, NIGHT is due at ten in the evening."""


def site_centre(page: int = 10_000) -> PaperCentre:
    """Return a centre that holds the book, and sends at most `page` things at a time."""
    centre = PaperCentre(page)
    for project, records in (("HV", HARBOUR), ("PG", PALMS)):
        for kind, id_, body in records:
            centre.put(project, kind, id_, body)
    return centre


class World:
    """A machine of its own: clocks that only a test moves, and chance that repeats itself."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.wall_ms = NOW_S * 1000
        self.mono_ms = 1_000_000
        self.boot = "b007"
        self._drawn = 0

    def step(self, seconds: float) -> None:
        """Let time pass; with less than none, somebody puts the wall clock back."""
        self.wall_ms += round(seconds * 1000)
        self.mono_ms += max(0, round(seconds * 1000))

    def moment(self) -> Moment:
        """Return the moment on the clocks; looking takes a millisecond."""
        self.step(0.001)
        return Moment(self.local(self.wall_ms // 1000), self.wall_ms, self.boot, self.mono_ms)

    @staticmethod
    def local(at_s: int) -> str:
        """Return seconds since 1970 UTC as RFC 3339 in Shanghai."""
        return datetime.fromtimestamp(at_s, UTC).astimezone(SHANGHAI).isoformat()

    def randomness(self, count: int) -> bytes:
        """Return bytes that no other draw of this world gives."""
        self._drawn += 1
        return blake2b(f"{self.home.name} {self._drawn}".encode(), digest_size=count).digest()

    def workplace(self) -> Workplace:
        """Return what the verbs are given."""
        return Workplace(
            str(self.home),
            clock=self.moment,
            local=self.local,
            randomness=self.randomness,
            timeout_s=5.0,
        )


@dataclass(slots=True)
class Handset:
    """A phone in somebody's hand, in its world."""

    world: World
    keys: KeyPair
    phone: Phone = field(init=False)

    def __post_init__(self) -> None:
        self.reopen()

    def reopen(self) -> Phone:
        """Open the phone anew, as the next command would."""
        self.phone = Phone(self.world.workplace())
        return self.phone

    def sync(self, post: Post, tell: Callable[[Report], object] = lambda _report: None) -> Report:
        """Exchange everything with a centre, as `radar sync` does behind its HTTP."""
        now_s = self.world.wall_ms // 1000
        journal = self.phone.journal
        told = exchange(
            journal,
            self.keys,
            post,
            self.world.moment,
            projection(journal, now_s),
            randomness=self.world.randomness,
            tell=tell,
        )
        self.phone.meta = journal.meta()
        return told

    def actions(self) -> list[tuple[str, Mapping[str, object]]]:
        """Return the kind and body of each action that was recorded here."""
        rows = self.phone.journal.connection.execute(
            "SELECT a.epoch, line FROM action a JOIN epoch e ON e.name = a.epoch ORDER BY seq"
        )
        read = [read_line(epoch, line) for epoch, line in rows]
        return [(action.kind, action.body) for action in read]

    def state(self, task: str) -> str:
        """Return the state of a task by its full id, as it is kept."""
        return self.phone.task(task)[1].state


_MADE = TemporaryDirectory(prefix="radar-phones-")
"""Phones as they were just after their first sync, to copy: making one takes a dozen flushes."""


def new_phone(folder: Path, centre: PaperCentre, staff: str, device: str = "") -> Handset:
    """Enrol a person's phone in a folder of its own, and fetch the site book."""
    device = device or f"D-{staff}"
    home = folder / device
    home.mkdir(parents=True)
    world = World(home)
    keys = _make_key(home / KEY, world.randomness(32))
    centre.enrol(device, staff, keys.public)
    kept = Path(_MADE.name) / blake2b(repr((device, staff, centre.state())).encode()).hexdigest()
    if kept.exists():
        shutil.copyfile(kept, home / DATABASE)
        return _unflushed(Handset(world, keys))
    handset = _enrolled(world, keys, centre, (device, staff))
    connection = handset.phone.journal.connection
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    shutil.copyfile(home / DATABASE, kept)
    return _unflushed(handset)


def _make_key(path: Path, secret: bytes) -> KeyPair:
    path.write_bytes(secret)
    path.chmod(0o600)
    return KeyPair(secret)


def _unflushed(handset: Handset) -> Handset:
    """Spare the disk until the phone is reopened or synced: few tests are about flushes."""
    handset.phone.journal.connection.execute("PRAGMA synchronous = OFF")
    return handset


def _enrolled(world: World, keys: KeyPair, centre: PaperCentre, who: tuple[str, str]) -> Handset:
    device, staff = who
    identity = Identity(device, staff, "http://127.0.0.1:9", centre.epoch, centre.keys.public.hex())
    path = world.home / DATABASE
    create_replica(path, identity, f"E{device}", keys.public, more_schema=SCHEMA)
    handset = Handset(world, keys)
    handset.sync(centre.post)
    return handset


def failure_of(answer: object) -> Failure:
    """Return what was raised where a test catches it as a value; fail if nothing was."""
    assert isinstance(answer, Failure), answer
    return answer


def data_of(answer: Answer) -> dict[str, object]:
    """Return an answer's data after checking that nothing in it is unfit for JSON."""
    from radar_core.jsontext import decode_object, encode

    assert decode_object(encode(answer.data)) == answer.data
    return answer.data
