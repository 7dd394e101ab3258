"""Files that a verb leaves for a person to hand on."""

from pathlib import Path

from radar_core.failures import Failure, N_


def write_file(out: str, content: bytes) -> None:
    """Write a file, or raise Failure `out_not_writable`."""
    try:
        Path(out).write_bytes(content)
    except (OSError, ValueError) as error:
        raise Failure(
            "out_not_writable",
            N_("{path} cannot be written ({reason})."),
            path=out,
            reason=getattr(error, "strerror", None) or error,
        ) from error
