"""A centre on each database that it runs on, fresh for each test."""

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, delete
from sqlmodel import SQLModel

from radar_server.centre import Centre
from radar_server.database import migrate, open_engine, sqlite_url, writing
from radar_server.feed import NewsPage
from radar_server.http import make_app
from tests.conftest import Need
from tests.contract.centre_asgi import asgi_client
from tests.contract.centre_parts import NOWHERE, Clock, new_centre
from tests.contract.centre_postgres import drop_schema, postgres, schema_url

DATABASES = ["sqlite", "postgresql"]
Schema = Callable[[], str]
"""Makes an empty place in PostgreSQL and returns its URL."""
PagedClient = Callable[[NewsPage], httpx.Client]

_schemas = count(1)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str | None]:
    """Give the URL of a PostgreSQL that runs as long as the tests do, None for none."""
    with postgres() as url:
        yield url


@pytest.fixture(params=DATABASES)
def db(
    request: pytest.FixtureRequest, tmp_path: Path, postgres_url: str | None, need: Need
) -> Iterator[str]:
    """Give the URL of an empty database of the test's own."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "centre.db")
        return
    need("PostgreSQL", postgres_url)
    assert postgres_url is not None
    with _schema(postgres_url) as url:
        yield url


@pytest.fixture
def schema(postgres_url: str | None, need: Need) -> Iterator[Schema]:
    """Give what makes empty databases of the test's own in PostgreSQL."""
    with ExitStack() as stack:

        def make() -> str:
            need("PostgreSQL", postgres_url)
            assert postgres_url is not None
            return stack.enter_context(_schema(postgres_url))

        yield make


@pytest.fixture(scope="session")
def engines(
    tmp_path_factory: pytest.TempPathFactory, postgres_url: str | None
) -> Iterator[dict[str, Engine]]:
    """Give databases with their tables, made once; the tests take turns with them."""
    with ExitStack() as stack:
        urls = {"sqlite": sqlite_url(tmp_path_factory.mktemp("centre") / "centre.db")}
        if postgres_url is not None:
            urls["postgresql"] = stack.enter_context(_schema(postgres_url))
        made = {name: open_engine(url) for name, url in urls.items()}
        for engine in made.values():
            stack.callback(engine.dispose)
            migrate(engine)
        yield made


@contextmanager
def _schema(url: str) -> Generator[str]:
    name = f"radar_{os.getpid()}_{next(_schemas)}"
    yield schema_url(url, name)
    drop_schema(url, name)


@pytest.fixture
def clock() -> Clock:
    """Give the centre's clock, which goes when it is told to."""
    return Clock()


@pytest.fixture(params=DATABASES)
def centre(
    request: pytest.FixtureRequest,
    engines: dict[str, Engine],
    clock: Clock,
    need: Need,
    tmp_path: Path,
) -> Centre:
    """Give a centre with the small site book of the tests, and nothing else."""
    need("PostgreSQL", request.param in engines)
    return emptied(engines[request.param], clock, tmp_path / "blobs")


def emptied(engine: Engine, clock: Clock, blobs: Path = NOWHERE) -> Centre:
    """Return a centre on a database out of which all was taken but its tables."""
    with writing(engine) as connection:
        for table in SQLModel.metadata.sorted_tables:
            connection.execute(delete(table))
    return new_centre(engine, clock, blobs=blobs)


@pytest.fixture
def client(centre: Centre) -> Iterator[httpx.Client]:
    """Give a client of the centre's own ASGI application, without a socket."""
    with asgi_client(make_app(centre)) as client:
        yield client


@pytest.fixture
def paged(centre: Centre) -> Iterator[PagedClient]:
    """Give what makes a client of a centre whose answers carry so much news at most."""
    with ExitStack() as stack:
        yield lambda page: stack.enter_context(asgi_client(make_app(centre, page)))
