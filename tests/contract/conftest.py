"""A centre on each database that it runs on, fresh for each test."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import httpx
import pytest

from radar_server.centre import Centre
from radar_server.database import migrate, open_engine, sqlite_url
from radar_server.http import make_app
from tests.conftest import Need
from tests.contract.centre_asgi import asgi_client
from tests.contract.centre_parts import Clock, new_centre
from tests.contract.centre_postgres import drop_schema, postgres, schema_url

_schemas = count(1)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str | None]:
    """Give the URL of a PostgreSQL that runs as long as the tests do, None for none."""
    with postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def db(
    request: pytest.FixtureRequest, tmp_path: Path, postgres_url: str | None, need: Need
) -> Iterator[str]:
    """Give the URL of an empty database."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "centre.db")
        return
    need("PostgreSQL", postgres_url)
    assert postgres_url is not None
    schema = f"radar_{os.getpid()}_{next(_schemas)}"
    yield schema_url(postgres_url, schema)
    drop_schema(postgres_url, schema)


@pytest.fixture
def clock() -> Clock:
    """Give the centre's clock, which goes when it is told to."""
    return Clock()


@pytest.fixture
def centre(db: str, clock: Clock) -> Iterator[Centre]:
    """Give a centre with the small site book of the tests."""
    with ExitStack() as stack:
        engine = open_engine(db)
        stack.callback(engine.dispose)
        migrate(engine)
        yield new_centre(engine, clock)


@pytest.fixture
def client(centre: Centre) -> Iterator[httpx.Client]:
    """Give a client of the centre's own ASGI application, without a socket."""
    with asgi_client(make_app(centre)) as client:
        yield client
