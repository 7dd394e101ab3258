"""Hold the locks against known advisories: offline against our own list, online with pip-audit.

Run: make audit   (python -m tools.audit [--online])

tools/advisories.json is in OSV's form, gathered by hand; it says of itself as of when it is, and
that it is not complete. Exit 1 where a locked version is affected.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypedDict

from packaging.utils import canonicalize_name
from packaging.version import Version

from tools.locks import DEV, FUZZ, ROOT, RUN, Locked, read_lock

ADVISORIES = ROOT / "tools" / "advisories.json"
OLD_DAYS = 90
"""An older list is said to be old; it is not refused, since an old lock must still install."""
ONLINE_S_MAX = 300


class Event(TypedDict, total=False):
    """Where a range begins or ends."""

    introduced: str
    fixed: str
    last_affected: str


class Range(TypedDict):
    """Versions from one event to the next."""

    type: str
    events: list[Event]


class Package(TypedDict):
    """A package of an ecosystem."""

    ecosystem: str
    name: str


class Affected(TypedDict):
    """Which versions of a package an advisory is about."""

    package: Package
    ranges: list[Range]


class Advisory(TypedDict):
    """What of an OSV record is looked at."""

    id: str
    summary: str
    affected: list[Affected]


class Advisories(TypedDict):
    """Our list."""

    as_of: str
    note: str
    advisories: list[Advisory]


def read_advisories(path: Path = ADVISORIES) -> Advisories:
    """Return our list."""
    told: Advisories = json.loads(path.read_text(encoding="utf-8"))
    return told


def is_affected(locked: Locked, advisory: Advisory) -> bool:
    """Tell whether a locked version lies in one of an advisory's ranges."""
    return any(
        _in_range(Version(locked.version), some["events"])
        for affected in advisory["affected"]
        if canonicalize_name(affected["package"]["name"]) == locked.name
        for some in affected["ranges"]
        if some["type"] == "ECOSYSTEM"
    )


def _in_range(version: Version, events: Sequence[Event]) -> bool:
    """Go through the events of a range in their order, as OSV has it."""
    inside = False
    for event in events:
        if "introduced" in event:
            inside |= version >= Version(event["introduced"])
        elif "fixed" in event:
            inside &= version < Version(event["fixed"])
        elif "last_affected" in event:
            inside &= version <= Version(event["last_affected"])
    return inside


def findings(locked: Iterable[Locked], advisories: Sequence[Advisory]) -> Iterator[str]:
    """Yield a line for each locked version that is affected."""
    for one in locked:
        for advisory in advisories:
            if is_affected(one, advisory):
                yield f"{one.name} {one.version}: {advisory['id']}, {advisory['summary']}"


def ask_online(lock: Path) -> tuple[list[str], str]:
    """Ask pip-audit about a lock; return a line for each finding, and how far it was answered."""
    options = ["--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
    words = [sys.executable, "-m", "pip_audit", *options, "--requirement", str(lock)]
    try:
        asked = subprocess.run(
            words, capture_output=True, text=True, timeout=ONLINE_S_MAX, check=False
        )
    except subprocess.TimeoutExpired:
        return [], f"{lock.name}: not asked online: no answer within {ONLINE_S_MAX} s"
    try:
        return online_findings(lock.name, asked.stdout)
    except ValueError:
        last = asked.stderr.strip().splitlines()[-1:] or ["it gave no reason"]
        return [], f"{lock.name}: not asked online: {last[0][:200]}"


def online_findings(name: str, told: str) -> tuple[list[str], str]:
    """Read what pip-audit told of a lock; raise ValueError where it told nothing."""
    packages = json.loads(told)["dependencies"]
    asked = [one for one in packages if "skip_reason" not in one]
    found = [
        f"{one['name']} {one['version']}: {flaw['id']}, fixed in {', '.join(flaw['fix_versions'])}"
        for one in asked
        for flaw in one["vulns"]
    ]
    if not asked:
        return [], f"{name}: not asked online: none of its packages is known there"
    return found, f"{name}: {len(asked)} of {len(packages)} packages asked about online"


def main() -> int:
    """Print what is affected and how old the list is."""
    told = read_advisories()
    as_of, advisories = date.fromisoformat(told["as_of"]), told["advisories"]
    locks = {path: read_lock(path) for path in (RUN, DEV, FUZZ)}
    found = {line for locked in locks.values() for line in findings(locked, advisories)}
    packages = {one.name for locked in locks.values() for one in locked}
    age = (datetime.now(UTC).date() - as_of).days
    print(
        f"{len(packages)} locked packages against {len(advisories)} advisories as of {as_of},"
        f" {age} days ago{': OLD, renew it' if age > OLD_DAYS else ''}; the list is not complete."
    )
    if "--online" in sys.argv[1:]:
        for path in (RUN, DEV):
            more, said = ask_online(path)
            found |= set(more)
            print(said)
    for line in sorted(found):
        print(f"AFFECTED {line}")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
