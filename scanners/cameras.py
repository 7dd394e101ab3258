"""A camera's pictures, from the programs that systems have for it: `ffmpeg` and Termux:API."""

import os
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from tempfile import TemporaryDirectory

from PIL import Image

from radar_core.failures import UNREADABLE, Failure, N_
from scanners.programs import Program, Silent, never, there_is

FRAME_PX = (1280, 720)
SILENT_S_MAX = 5.0
"""How long a film may give no frame; opening a camera takes a second or two."""
PHOTOGRAPH_S_MAX = 12.0
"""How long one photograph may take."""
FIRST_VIDEO = "/dev/video0"
FIRST_PHOTO = "0"
"""The back camera of an Android phone."""

Shots = Callable[[float], "Image.Image | str | None"]
"""Takes the next picture, an 8-bit grey frame or a file's path; None when it is later than the
time of `time.monotonic` that it is given, or somebody stops it. Raises `Failure`, exit code 3."""


def open_camera(
    device: str,
    environ: Mapping[str, str],
    stopped: Callable[[], bool] = never,
    *,
    rate: int = 0,
) -> AbstractContextManager[Shots]:
    """Return a camera by what programs there are: Termux's, or a V4L2 device through `ffmpeg`.

    `device` is a path or a number, "" the first one; a path is always V4L2's.
    `stopped` ends the wait for a picture with True; `rate` is how many frames a second a film gives
    at most, 0 for all that there are. Raises `Failure` with exit code 3 where there is no program.
    """
    is_path = "/" in device
    if not is_path and there_is("termux-camera-photo", environ):
        return _photographs(device or FIRST_PHOTO, environ, stopped)
    if there_is("ffmpeg", environ):
        named = f"/dev/video{device}" if device.isdigit() else device or FIRST_VIDEO
        return _film(named, environ, stopped, rate)
    raise Failure(
        "no_camera_program",
        N_("There is no program here that gives a camera's pictures."),
        N_("Install one: apt install ffmpeg; in Termux: pkg install termux-api"),
        exit_code=UNREADABLE,
    )


@contextmanager
def _film(
    device: str, environ: Mapping[str, str], stopped: Callable[[], bool], rate: int
) -> Generator[Shots]:
    width, height = FRAME_PX
    # A camera that lacks this size gives its nearest: the filter keeps to what we count on.
    fitted = (
        f"scale={width}:{height}:force_original_aspect_ratio=decrease,"
        f"pad={width}:{height}:(ow-iw)/2:(oh-ih)/2"
    )
    if rate:
        fitted = f"fps={rate},{fitted}"
    command = [
        *("ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error"),
        *("-f", "v4l2", "-video_size", f"{width}x{height}", "-i", device),
        *("-vf", fitted, "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"),
    ]
    with Program(command, environ, stopped) as program:
        yield partial(_frame, program, device)


def _frame(program: Program, device: str, until_s: float) -> Image.Image | None:
    width, height = FRAME_PX
    silent_s = time.monotonic() + SILENT_S_MAX
    try:
        pixels = program.read(width * height, min(until_s, silent_s))
    except Silent:
        if silent_s >= until_s or program.stopped():
            return None
        raise _hangs(device, SILENT_S_MAX) from None
    if len(pixels) < width * height:
        raise _fails(device, program.last_words())
    return Image.frombytes("L", FRAME_PX, pixels)


@contextmanager
def _photographs(
    device: str, environ: Mapping[str, str], stopped: Callable[[], bool]
) -> Generator[Shots]:
    with TemporaryDirectory(prefix="radar-") as folder:
        path = os.path.join(folder, "photo.jpg")
        command = ["termux-camera-photo", "-c", device, path]
        yield partial(_photograph, lambda: Program(command, environ, stopped), path, device)


def _photograph(
    taking: Callable[[], Program], path: str, device: str, until_s: float
) -> str | None:
    if os.path.exists(path):
        os.unlink(path)
    silent_s = time.monotonic() + PHOTOGRAPH_S_MAX
    with taking() as program:
        try:
            program.read(2**16, min(until_s, silent_s))
        except Silent:
            if silent_s >= until_s or program.stopped():
                return None
            raise _hangs(device, PHOTOGRAPH_S_MAX) from None
        if not os.path.exists(path) or not os.path.getsize(path):
            raise _fails(device, program.last_words())
    return path


def _hangs(device: str, seconds: float) -> Failure:
    return Failure(
        "camera_hangs",
        N_("The camera {device} gave no picture for {seconds} s."),
        N_("May this program use the camera, or does another? Or type the code: radar scan CODE"),
        exit_code=UNREADABLE,
        device=device,
        seconds=round(seconds),
    )


def _fails(device: str, words: str) -> Failure:
    return Failure(
        "camera_fails",
        N_("The camera {device} gives no pictures ({reason})."),
        N_("Another one: radar scan --camera --device NAME. Or type the code: radar scan CODE"),
        exit_code=UNREADABLE,
        device=device,
        reason=words or (N_("its program ended and said nothing"), {}),
    )
