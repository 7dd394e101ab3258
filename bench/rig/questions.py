"""A district's centre and a supervisor's phone that are asked questions; see `bench/query.py`."""

import os
import statistics
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import Connection as Database
from sqlalchemy import Engine, text

from commands.phone import DATABASE, Phone, Workplace
from commands.projection import SCHEMA, projection
from commands.query import query
from radar_core.actions import Moment
from radar_server.centre import Centre
from radar_server.database import migrate, reading, writing
from radar_server.devices import devices_of
from radar_server.http import make_app
from radar_server.shelf import Shelf
from sync.chain import digest
from sync.exchange import exchange
from sync.keys import KeyPair
from sync.replica import Identity, create_replica
from sync.transport import Connection
from tests.contract.centre_asgi import asgi_client
from tests.contract.centre_parts import CENTRE_EPOCH, Device
from tests.contract.centre_postgres import postgres
from tests.district.book import district_book
from tests.district.centre import DistrictCentre
from tests.district.days import district_pages

MANAGER, SEED, QUARTER_DAYS = "WC-M01", 1, 90
ROUNDS = 30
EARLIER_POS, EARLIER_S = 10_000_000, QUARTER_DAYS * 86_400
COPIES = (
    """INSERT INTO action SELECT project, pos - :pos, epoch || :name, seq, {hlc}, staff, kind, hash,
    line, received_ms - :ms, grade, at_ms - :ms, error_ms FROM action WHERE epoch NOT LIKE '%~%'""",
    """INSERT INTO touch SELECT project, ref, {hlc}, epoch || :name, seq FROM touch
    WHERE epoch NOT LIKE '%~%'""",
    """INSERT INTO task SELECT project, id || :name, schedule, {state}, staff, at_s - :s,
    due_from - :s, progress, last, body FROM task WHERE id NOT LIKE '%~%'""",
)
SETTLED = """CASE WHEN schedule <> '' THEN 'done'
    WHEN state IN ('completed', 'verified', 'cancelled') THEN state ELSE 'verified' END"""
"""In what state older work is that somebody settled at last."""
PHONE_COPIES = (
    """INSERT INTO action SELECT epoch || :name, seq, {hlc}, project, hash, line FROM action
    WHERE epoch NOT LIKE '%~%'""",
    """INSERT INTO mention SELECT ref, project, epoch || :name, first, {latest}, seqs FROM mention
    WHERE epoch NOT LIKE '%~%'""",
)
CLEAN = (
    "DELETE FROM action WHERE epoch LIKE '%~%'",
    "DELETE FROM touch WHERE epoch LIKE '%~%'",
    "DELETE FROM task WHERE id LIKE '%~%'",
)
OLDER = "substr({0}, 1, 2) || :older || substr({0}, 4)"
"""A stamp of the same form that sorts before: its third digit is one of 795 days."""


@dataclass(frozen=True)
class Measured:
    """One line of the table: medians in milliseconds of the processor."""

    name: str
    actions: int
    board: float
    first: float
    query: float
    phone: float
    on_asset: int


def measure_copies(
    engine: Engine, phone: "AskedPhone", quarters: list[int], *, settled: bool
) -> None:
    """Measure again with older quarters besides, and take them away again."""
    done = 1
    try:
        for quarter in quarters:
            with writing(engine) as connection:
                for number in range(done, quarter):
                    _copy(connection, number, SETTLED if settled else "state")
                    phone.copy(number)
            done = quarter
            show(measure(f"{quarter} quarters", engine, phone))
    finally:
        with writing(engine) as connection:
            for statement in CLEAN:
                connection.execute(text(statement))


@contextmanager
def database(*, wanted: bool) -> Generator[str | None]:
    """Give a PostgreSQL of our own where one is wanted."""
    if not wanted:
        yield None
        return
    with postgres() as url:
        yield url


def simulate(engine: Engine, days: int) -> None:
    """Fill an empty database with so many days; one that is full stays."""
    migrate(engine)
    with reading(engine) as connection:
        full = connection.execute(text("SELECT count(*) FROM centre")).scalar()
    if not full:
        book = district_book()
        DistrictCentre(engine, book).take(district_pages(book, days, SEED))
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _copy(connection: Database, number: int, state: str) -> None:
    told = {
        "pos": EARLIER_POS * number, "name": f"~{number}", "older": str(9 - number),
        "s": EARLIER_S * number, "ms": EARLIER_S * 1000 * number,
    }  # fmt: skip
    for statement in COPIES:
        wanted = statement.format(hlc=OLDER.format("hlc"), state=state)
        names = [name for name in told if f":{name}" in wanted]
        connection.execute(text(wanted), {name: told[name] for name in names})


def _centre(engine: Engine) -> Centre:
    """Return the centre of a database, at the time of its last news."""
    with reading(engine) as connection:
        now_ms = connection.execute(text("SELECT max(last_sync_ms) FROM device")).scalar_one()
    keys = KeyPair(digest(b"the centre's key"))
    return Centre(engine, keys, lambda: now_ms, bytes, Shelf(Path(), 0))


def _device(centre: Centre, staff: str) -> Device:
    with reading(centre.engine) as connection:
        device = devices_of(connection, [staff])[0]
    return Device(device.id, staff, KeyPair(digest(staff.encode())), "", now_ms=centre.now_ms)


def measure(name: str, engine: Engine, phone: "AskedPhone") -> Measured:
    """Ask every question, and see that there is an answer."""
    centre = _centre(engine)
    device = _device(centre, MANAGER)
    with reading(engine) as connection:
        actions = connection.execute(text("SELECT count(*) FROM action")).scalar_one()
        busiest = "SELECT ref, count(*) FROM touch WHERE ref LIKE 'asset:%' GROUP BY ref"
        ref, count = connection.execute(text(f"{busiest} ORDER BY 2 DESC, 1 LIMIT 1")).one()
    with asgi_client(make_app(centre)) as client:

        def get(path: str) -> None:
            response = device.get(client, path)
            assert response.status_code == 200, response.text

        first = _median_ms(lambda: get("/v1/board?scope=WC"), 1)
        board = _median_ms(lambda: get("/v1/board?scope=WC"), ROUNDS)
        asked = _median_ms(lambda: get(f"/v1/query?thing={ref}"), ROUNDS)
        phone.sync(centre, client, _device(centre, f"{ref[6:8]}-S01"))
    own = _median_ms(lambda: query(phone.phone, ref), ROUNDS)
    return Measured(name, actions, board, first, asked, own, count)


def _median_ms(ask: Callable[[], object], rounds: int) -> float:
    """Return the median of some rounds, in milliseconds."""
    times: list[float] = []
    for _ in range(rounds):
        began = time.process_time()
        ask()
        times.append((time.process_time() - began) * 1000)
    return statistics.median(times)


def show(row: Measured) -> None:
    """Print a line of the table."""
    times = "".join(f"{one:8.1f}" for one in (row.board, row.first, row.query, row.phone))
    print(f"{row.name:12}{row.actions:>10,}{times}  {row.on_asset:,}", flush=True)


class AskedPhone:
    """A supervisor's phone that fetches all of its project once."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._phone: Phone | None = None

    @property
    def phone(self) -> Phone:
        """The phone, in step."""
        assert self._phone is not None
        return self._phone

    def sync(self, centre: Centre, client: httpx.Client, device: Device) -> None:
        """Fetch everything, where nothing is there yet."""
        if self._phone is not None:
            return
        self._home.mkdir()
        now_ms = centre.now_ms()
        key = centre.keys.public
        identity = Identity(device.id, device.staff, "http://centre", CENTRE_EPOCH, key.hex())
        path = self._home / DATABASE
        journal = create_replica(path, identity, "EPHONE", device.keys.public, more_schema=SCHEMA)
        exchange(
            journal,
            device.keys,
            Connection(client, device.asker(), key).post,
            lambda: Moment("", now_ms, "boot", 1),
            projection(journal, now_ms // 1000),
            randomness=bytes,
        )
        self._phone = Phone(
            Workplace(
                str(self._home),
                clock=lambda: Moment("", now_ms, "boot", 1),
                local=str,
                randomness=os.urandom,
                timeout_s=9.0,
            )
        )

    def copy(self, number: int) -> None:
        """Add an older quarter."""
        told = {"name": f"~{number}", "older": str(9 - number)}
        columns = {name: OLDER.format(name) for name in ("hlc", "latest")}
        with self.phone.transaction():
            for statement in PHONE_COPIES:
                self.phone.journal.connection.execute(statement.format(**columns), told)
