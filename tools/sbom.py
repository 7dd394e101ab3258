"""Write the bill of materials: everything that an installation of RADAR brings along.

Run: make sbom   (python -m tools.sbom FILE)

CycloneDX 1.6 as JSON, from requirements.lock and what the installed packages say of themselves.
The same lock makes the same file, byte for byte.
"""

import sys
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import Distribution, distribution
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.locks import RUN, Locked, read_lock

OURS = "radar-field"
MADE = datetime(1980, 1, 1, tzinfo=UTC)
"""Stands for no time at all: the format wants one, and the file is to be the same every time."""
ELSEWHERE = {"colorama": "BSD-3-Clause"}
"""The licences of what is installed on other systems alone."""
_CLASSIFIER = "License :: OSI Approved :: "
LICENCE_CHARS_MAX = 60


def make_bom(locked: Iterable[Locked]) -> Bom:
    """Return the bill of materials; raise PackageNotFoundError for what is not installed."""
    packages = {one.name: one for one in locked}
    installed = {name: distribution(name) for name in packages if name not in ELSEWHERE}
    ours = distribution(OURS)
    run = _needed(installed, ours)
    components = {
        name: _component(one, installed.get(name), name in run) for name, one in packages.items()
    }
    bom = Bom(components=components.values())
    bom.metadata.timestamp = MADE
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(map(repr, packages.values())))
    root = Component(
        name=OURS,
        version=ours.version,
        type=ComponentType.APPLICATION,
        bom_ref=OURS,
        licenses=[LicenseFactory().make_from_string(_licence(ours))],
    )
    bom.metadata.component = root
    bom.register_dependency(
        root, [components[name] for name in _requires(ours) if name in components]
    )
    for name, package in installed.items():
        needs = _requires(package, run.get(name, ())).keys() & components.keys()
        bom.register_dependency(components[name], [components[need] for need in needs])
    return bom


def _component(locked: Locked, installed: Distribution | None, runs: bool) -> Component:  # noqa: FBT001 - ours
    licence = _licence(installed) if installed else ELSEWHERE[locked.name]
    made = LicenseFactory().make_from_string(licence)
    return Component(
        name=locked.name,
        version=locked.version,
        type=ComponentType.LIBRARY,
        # What only builds the wheel is no part of what runs.
        scope=ComponentScope.REQUIRED if runs else ComponentScope.EXCLUDED,
        purl=PackageURL("pypi", name=locked.name, version=locked.version),
        bom_ref=f"{locked.name}=={locked.version}",
        licenses=[made],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=some) for some in locked.hashes],
    )


def _licence(package: Distribution) -> str:
    """Return the licence that a package says it has: as SPDX, in a few words, or by classifier."""
    told = package.metadata
    written = told["License-Expression"] or told["License"] or ""
    if written and len(written) < LICENCE_CHARS_MAX:
        return written
    classified = [text for text in told.get_all("Classifier") or () if text.startswith(_CLASSIFIER)]
    return " AND ".join(text.removeprefix(_CLASSIFIER) for text in classified)


def _requires(package: Distribution, extras: Iterable[str] = ()) -> dict[str, set[str]]:
    """Return the names that a package requires on any system, each with the extras it is to have.

    `extras` are those of the package itself that are wanted.
    """
    found: dict[str, set[str]] = {}
    for needed in map(Requirement, package.requires or ()):
        marker = needed.marker
        if (
            marker is None
            or "extra" not in str(marker)
            or any(marker.evaluate({"extra": extra}) for extra in extras)
        ):
            found.setdefault(canonicalize_name(needed.name), set()).update(needed.extras)
    return found


def _needed(installed: Mapping[str, Distribution], ours: Distribution) -> dict[str, set[str]]:
    """Return what runs, with its extras: all that is required of ours, and of theirs, and so on."""
    found: dict[str, set[str]] = {}
    left = list(_requires(ours).items())
    while left:
        name, extras = left.pop()
        if name not in found or extras - found[name]:
            found.setdefault(name, set()).update(extras)
            if name in installed:
                left += _requires(installed[name], found[name]).items()
    return found


def main() -> int:
    """Write the file that is named."""
    path = Path(sys.argv[1])
    path.parent.mkdir(parents=True, exist_ok=True)
    text = JsonV1Dot6(make_bom(read_lock(RUN))).output_as_string(indent=1)
    path.write_text(f"{text}\n", encoding="utf-8")
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
