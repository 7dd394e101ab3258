"""How large a district's backup is, and how long backup and restore take.

Run: .venv/bin/python -m bench.backup [--days N] [--postgres]
The days are those of `bench.query`; of photos there are none. On PostgreSQL one schema is backed up
and another restored into.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.rig.questions import simulate
from bench.rig.tables import machine, show
from radar_server.admin import DATABASE, KEY
from radar_server.backup import backup
from radar_server.database import open_engine, sqlite_url
from radar_server.restore import restore
from sync.chain import digest
from tests.contract.centre_postgres import postgres, schema_url


def main() -> None:
    """Make days, back them up plain and sealed, restore, and print what it took."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--days", type=int, default=18)
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL, not on SQLite")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, postgres() as url:
        assert url or not asked.postgres, "there is no PostgreSQL here"
        folder = Path(name)
        home, plain, sealed = folder / "centre", str(folder / "plain"), str(folder / "sealed")
        home.mkdir()
        db = schema_url(url, "backup") if url and asked.postgres else sqlite_url(home / DATABASE)
        to = schema_url(url, "restored") if url and asked.postgres else ""
        engine = open_engine(db)
        simulate(engine, asked.days)
        engine.dispose()
        (home / KEY).write_bytes(digest(b"the centre's key"))
        print(machine(), f"{asked.days} days", "PostgreSQL" if asked.postgres else "SQLite")
        before_mb = _peak_mb()
        rows = [
            _timed("backup", lambda: backup(str(home), db, plain, "")),
            _timed("sealed", lambda: backup(str(home), db, sealed, "correct horse")),
            _timed("restore", lambda: restore(str(folder / "there"), to, plain)),
        ]
        size_mb = [f"{Path(file).stat().st_size / 1e6:.1f}" for file in (plain, sealed, plain)]
        told = [(*row, size) for row, size in zip(rows, size_mb, strict=True)]
        show(
            "Backup and restore", ("what", "actions", "wall s", "CPU s", "file MB"), told,
            f"SQLite's file: {_size_mb(home / DATABASE):.1f} MB",
            f"memory at most: {before_mb} MB before, {_peak_mb()} MB after",
        )  # fmt: skip


def _timed(what: str, act: Callable[[], dict[str, object]]) -> tuple[str, str, str, str]:
    wall, cpu = time.perf_counter(), time.process_time()
    told = act()
    took_s, cpu_s = time.perf_counter() - wall, time.process_time() - cpu
    rows = told.get("rows")
    actions = rows["action"] if isinstance(rows, dict) else told["actions"]
    return what, f"{int(str(actions)):,}", f"{took_s:.1f}", f"{cpu_s:.1f}"


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _size_mb(file: Path) -> float:
    return file.stat().st_size / 1e6 if file.exists() else 0.0


if __name__ == "__main__":
    main()
