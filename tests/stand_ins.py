"""Programs that stand in for those of the system: real processes that give what a test wants."""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageOps

from radar_core.tags import label_text
from scanners.cameras import FRAME_PX
from scanners.darkroom import photograph
from scanners.labels import label_picture

GOES_IN_S = 10.0
FOREVER = "import time; time.sleep(600)"
RECORDS_ITSELF = """
import os, pathlib, sys
pathlib.Path(__file__ + ".pid").write_text(str(os.getpid()))
pathlib.Path(__file__ + ".words").write_text("\\n".join(sys.argv[1:]))
"""
FILMS = """
import pathlib, time
frames = [pathlib.Path(path).read_bytes() for path in {frames!r}]
at = 0
while True:
    sys.stdout.buffer.write(frames[min(at, len(frames) - 1)])
    sys.stdout.buffer.flush()
    at += 1
    time.sleep(0.03)
"""
"""Gives frame after frame, the last of them again and again."""


def program(folder: Path, name: str, body: str) -> Path:
    """Write a program that notes its process and words beside itself, then does as told."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!{sys.executable}\n{RECORDS_ITSELF}{body}\n")
    path.chmod(0o755)
    return path


def words_of(path: Path) -> list[str]:
    """Return what a program was called with last."""
    return Path(f"{path}.words").read_text().split("\n")


def process_of(path: Path) -> int:
    """Return the process of a program, once it runs."""
    note = Path(f"{path}.pid")
    until_s = time.monotonic() + GOES_IN_S
    while not (note.exists() and note.read_text()):
        assert time.monotonic() < until_s, f"{path.name} never ran"
        time.sleep(0.01)
    return int(note.read_text())


def is_gone(process: int) -> bool:
    """Say whether a process ends, in the time that it may take."""
    until_s = time.monotonic() + GOES_IN_S
    while time.monotonic() < until_s:
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def only(folder: Path) -> dict[str, str]:
    """Return an environment in which there are no programs but those of a folder."""
    kept = {name: text for name, text in os.environ.items() if "DISPLAY" not in name}
    return {**kept, "PATH": str(folder)}


def frame(code: str, seed: int = 1) -> Image.Image:
    """Return a camera's frame, as grey, of the label of a code."""
    label = label_picture(label_text("R.EXAMPLE", code), code, "Desk")
    photo = photograph(label, seed, badness=0.1).convert("L")
    return ImageOps.pad(photo, FRAME_PX, color=90)


def wall() -> Image.Image:
    """Return a frame that shows nothing, and that in the dark."""
    return Image.new("L", FRAME_PX, 8)


def filming(folder: Path, frames: Sequence[Image.Image]) -> Path:
    """Write an `ffmpeg` that films these frames."""
    folder.mkdir(exist_ok=True)
    paths: list[str] = []
    for number, one in enumerate(frames):
        paths.append(str(folder / f"frame-{number}"))
        Path(paths[-1]).write_bytes(one.tobytes())
    return program(folder, "ffmpeg", FILMS.format(frames=paths))
