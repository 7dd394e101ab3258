"""What the process of `scanners.apart` does for each picture that it is handed."""

import os
import time

from PIL import Image

from radar_core.failures import UNREADABLE, Failure, N_
from radar_core.jsontext import encode
from scanners.cascade import Look
from scanners.frames import advice, frame_of
from scanners.pictures import open_picture
from scanners.readings import Reading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, BinaryIO


def answer(asked: "Mapping[str, Any]", asks: "BinaryIO", tells: "BinaryIO") -> None:
    """Look at one picture; tell each step, what is read, and the end: a frame or a failure.

    Of a file with pages, each is looked at until one shows a code, after it was told `small`, where
    that is asked for. Where a photo is asked for, the end is its bytes.
    """

    def tell(**words: object) -> None:
        tells.write(encode(words).encode() + b"\n")
        tells.flush()

    def enough(readings: list[Reading]) -> bool:
        tell(read=[_told(one) for one in readings])
        return asks.readline() == b"enough\n"

    try:
        pages = _Pages(asked, asks)
        if "photo" in asked:
            tell(photo=pages.photo())
            return
        page = 0
        while True:
            picture = pages.open(page)
            if asked["small"] and "path" in asked:
                tell(**_small(picture, asked["small"]))
            look = Look(
                picture,
                every=asked["every"],
                budget_ms=asked["budget_ms"],
                clock=time.monotonic,
                skip=frozenset(asked["skip"]),
                only=frozenset(asked["only"]),
            )
            readings = look.until(enough, lambda step: tell(step=step))
            frame = frame_of(picture, [seen.corners for seen in readings or look.unread])
            if readings:
                tell(frame=frame)
                return
            page += 1
            if page >= picture.info.get("pages", 1):
                raise _no_code(pages.shown, advice(frame), cut_off="cut_off" in picture.info)
            tell(page=page)
    except Failure as failure:
        told = (failure.code, failure.message, failure.hint, failure.exit_code, failure.values)
        tell(failed=list(told))


class _Pages:
    """The pages of a file, nearly always one, or the frame of a camera."""

    def __init__(self, asked: "Mapping[str, Any]", asks: "BinaryIO") -> None:
        self._frame: Image.Image | None = None
        self._path = os.fsdecode(asked.get("path", "-").encode("latin-1"))
        self.shown = self._path.encode("utf-8", "backslashreplace").decode()
        if "width" in asked:
            width, height = asked["width"], asked["height"]
            self._frame = Image.frombytes("L", (width, height), asks.read(width * height))

    def open(self, page: int) -> Image.Image:
        return self._frame or open_picture(self._path, page)

    def photo(self) -> str:
        """Return the file as a photo, in base 64."""
        from base64 import b64encode

        from scanners.photos import photo_of

        return b64encode(photo_of(self._path)).decode()


def _small(picture: Image.Image, side_px: int) -> dict[str, object]:
    """Return a page as it is shown while it is looked at, and how large it is."""
    from base64 import b64encode

    times = max(1, -(-max(picture.size) // side_px))
    small = picture.convert("L").reduce(times)
    told = {"width": small.width, "height": small.height}
    told |= {"across": picture.width, "down": picture.height}
    return {**told, "small": b64encode(small.tobytes()).decode()}


def _told(reading: Reading) -> list[object]:
    corners = [list(corner) for corner in reading.corners]
    return [reading.raw.decode("latin-1"), reading.symbology, reading.engine, corners]


def _no_code(shown: str, advised: str, *, cut_off: bool) -> Failure:
    if cut_off:
        return Failure(
            "picture_cut_off",
            N_("{file} is cut off or damaged, and no code is in what is left of it."),
            N_("Copy the picture again, or type the code printed below the tag: radar scan CODE"),
            exit_code=UNREADABLE,
            file=shown,
        )
    return Failure(
        "no_code",
        N_("No code was found in {file}."),
        advised,
        exit_code=UNREADABLE,
        file=shown,
    )
