"""Files that are there after a crash: the old one or the new, whole.

Imports nothing but the system: a scan may load it.
"""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path


def write_durably(path: "str | Path", data: bytes, mode: int = 0o600) -> None:
    """Write a file in one step, by default its owner's alone; raise OSError where it cannot be."""
    fresh = f"{path}.new"
    with open(fresh, "wb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)  # noqa: PTH105 - start-up
    flush_folder(os.path.dirname(path) or ".")  # noqa: PTH120 - start-up


def flush_folder(folder: "str | Path") -> None:
    """Make durable which files a folder has."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
