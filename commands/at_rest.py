"""Whether what this phone holds is encrypted where it lies, and by what."""

import os
from collections.abc import Iterator
from pathlib import Path

from commands.findings import NOTE, OK, Finding
from commands.phone import Workplace
from commands.pin import is_encrypted
from radar_core.failures import N_

DEVICES = Path("/sys/dev/block")
CRYPT = "CRYPT-"
"""How device-mapper names begin of what is encrypted: LUKS, plain dm-crypt, BitLocker."""
DEEP = 8


def at_rest(workplace: Workplace) -> Finding:
    """Tell whether a thief who reads the storage of this phone reads what RADAR keeps."""
    if is_encrypted(workplace):
        return Finding("at_rest", OK, N_("encrypted under the PIN, by SQLCipher"))
    status = Path(workplace.home).stat().st_dev
    device = DEVICES / f"{os.major(status)}:{os.minor(status)}"
    names = [name for name in _names(device, DEEP) if name.startswith(CRYPT)]
    if names:
        kind = names[0].split("-")[1]
        message = N_("the system encrypts this storage ({kind})")
        return Finding("at_rest", OK, message, values={"kind": kind})
    return Finding(
        "at_rest",
        NOTE,
        N_("not encrypted by RADAR; whether the system does it cannot be seen"),
        N_("Android does it if its screen has a lock. Else, on Linux: radar pin"),
    )


def _names(device: Path, deep: int) -> Iterator[str]:
    """Yield the names that device-mapper has for a device and for what it lies on."""
    name = device / "dm" / "uuid"
    if name.exists():
        yield name.read_text().strip()
    if deep and (device / "slaves").is_dir():
        for below in (device / "slaves").iterdir():
            yield from _names(below, deep - 1)
