"""Questions, measured on West Coast district: the board, and what is known of its busiest asset.

Run: .venv/bin/python bench/query.py [--days 30,90] [--quarters 2,4] [--home DIR] [--postgres]
The phones of `tests/district` send so many days to a real centre's database, by the way of ingest;
that takes some minutes for 90 days, and is done once where --home names a folder. More quarters are
copies of the last one, each 90 days older, under other epochs: the history grows. What was open
then was settled since; with --unsettled it is open still, and every board counts it.

board   `GET /v1/board` of the district by its manager, signed, answered and signed, no network
query   `GET /v1/query` of the asset that most was done to, likewise
phone   `radar query` of it on a supervisor's phone that is in step, without the program's start
Times are the processor's, so that others on the machine do not count.

first   the first board after the centre's start, midnight or a new book: the day is unrolled
"""

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Measure what was asked for, and print the table."""
    if Path(sys.path[0]).resolve() == ROOT / "bench":
        # This folder comes first for a script, and this file would hide the package `sync`.
        sys.path[0] = str(ROOT)
    from bench.rig.questions import (
        AskedPhone,
        database,
        measure,
        measure_copies,
        show,
        simulate,
    )
    from radar_server.database import open_engine, sqlite_url

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--days", default="30,90", help="days to simulate (30,90)")
    parser.add_argument("--quarters", default="2,4", help="then copies, up to so many (2,4)")
    parser.add_argument(
        "--unsettled", action="store_true", help="nobody ever finishes what was left open"
    )
    parser.add_argument("--home", help="where the databases are kept, and taken from")
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL; nothing is kept")
    asked = parser.parse_args()
    days = [int(one) for one in asked.days.split(",")]
    quarters = [int(one) for one in asked.quarters.split(",") if one]
    print(f"{'':12}{'actions':>10}{'board':>8}{'first':>8}{'query':>8}{'phone':>8}  on it")
    with tempfile.TemporaryDirectory() as folder, database(wanted=asked.postgres) as url:
        home = Path(asked.home or folder)
        home.mkdir(exist_ok=True)
        for number in days:
            engine = open_engine(url or sqlite_url(home / f"days-{number}.db"))
            simulate(engine, number)
            phone = AskedPhone(Path(folder) / f"phone-{number}")
            show(measure(f"{number} days", engine, phone))
            if number == days[-1]:
                measure_copies(engine, phone, quarters, settled=not asked.unsettled)
            engine.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main())
