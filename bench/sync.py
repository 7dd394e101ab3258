"""Sync, measured: RADAR beside a bare rig of its own design and, with --peers, beside others.

Run: .venv/bin/python bench/sync.py [--only PART ...] [--peers] [--rounds N] ...
Without arguments it takes some minutes and no network. Tables are printed as they are done.

parts:
  sides    10,000 actions up, down to a fresh phone, one more, nothing new
  far      the same with a long way between phone and centre
  process  what the program `radar sync` costs, its start included
  growth   one action, and nothing new, with 0, 10,000, 100,000 in the log
  ingest   pages of 5,000 over HTTP, all checks on, against bare inserts of the same rows
  flat     the same into an empty and into a filled centre (only when asked for; see --rows)
  crowd    64 phones, one action a post, durable before the answer
"""

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("sides", "far", "process", "growth", "ingest", "flat", "crowd")
QUICK = ("sides", "process", "growth", "ingest", "crowd")


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--only", action="append", choices=PARTS, metavar="PART", help="this part (again: more)")
    add("--peers", action="store_true", help="others too, installed into build/peers (network)")
    add("--rounds", type=int, default=1, help="rounds, of which the medians count (1)")
    add("--rtt", type=float, default=150.0, help="the long way's round trip in ms (150)")
    add("--logs", default="0,10000,100000", help="lengths of the log for `growth`")
    add("--rows", type=int, default=200_000, help="actions in the filled centre of `flat`")
    add("--pages", type=int, default=2, help="pages of each of 8 devices for `ingest`, `flat` (2)")
    add("--posts", type=int, default=40, help="posts of each of 64 phones for `crowd` (40)")
    add("--sqlite", action="store_true", help="leave PostgreSQL out")
    return parser.parse_args()


def main() -> int:
    """Measure what was asked for, and print the tables."""
    if Path(sys.path[0]).resolve() == ROOT / "bench":
        # This folder comes first for a script, and this file would hide the package `sync`.
        sys.path[0] = str(ROOT)
    from bench.rig.centre import FSYNC
    from bench.rig.report import Report
    from tests.contract.centre_postgres import postgres

    asked = options()
    parts = asked.only or [*QUICK, *(["far"] if asked.peers else [])]
    with tempfile.TemporaryDirectory() as folder, postgres(FSYNC) as url:
        report = Report(asked, Path(folder), None if asked.sqlite else url)
        for part in parts:
            getattr(report, part)()
    return 0


if __name__ == "__main__":
    sys.exit(main())
