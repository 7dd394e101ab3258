"""Files that a verb leaves for a person to hand on."""

import os
from pathlib import Path

from radar_core.failures import Failure, N_

_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


def write_file(out: str, content: bytes, *, mode: int = 0o666) -> None:
    """Write a file whole or not at all; raise Failure `out_not_writable`.

    `mode` is who may read it, as far as the process's umask lets.

    What is no plain file, such as a pipe, is written to as it is.
    """
    path = Path(out)
    try:
        if path.is_dir():
            raise IsADirectoryError(21, os.strerror(21))
        if path.exists() and not path.is_file():
            path.write_bytes(content)
            return
        part = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with os.fdopen(os.open(part, _NEW, mode), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        raise Failure(
            "out_not_writable",
            N_("{path} cannot be written ({reason})."),
            path=out,
            reason=getattr(error, "strerror", None) or error,
        ) from error


def check_free(out: str, hint: str) -> None:
    """Raise Failure `out_exists` where something is already."""
    if os.path.lexists(out):
        raise Failure("out_exists", N_("{path} is there already."), hint, path=out)
