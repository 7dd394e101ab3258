"""From a picture to the codes in it, in this very process; `scanners.apart` does it in its own."""

import time

from scanners.apart import PICTURE_MS, Reader
from scanners.cascade import Look
from scanners.readings import Reading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image


def read_picture(path: str, *, every: bool = False, budget_ms: int = PICTURE_MS) -> list[Reading]:
    """Return the codes in a picture file, at least one; `every` as for `read_codes`.

    The picture is opened and read in a process of its own. Raises `Failure` with exit code 3
    where the file cannot be read or shows no code.
    """
    with Reader() as reader:
        return reader.read(path, every=every, budget_ms=budget_ms).readings


def read_codes(
    picture: "Image.Image",
    *,
    every: bool = False,
    budget_ms: int = PICTURE_MS,
    enough: "Callable[[list[Reading]], bool] | None" = None,
) -> list[Reading]:
    """Return the codes in a picture, from top to bottom, each once; none is an answer.

    The picture's sides are at most `SIDE_PX_MAX`, as those of `open_picture` are. `enough` is
    asked whenever something new was read and ends the look with True; without it the first code
    does. With `every` all symbologies are looked for first, so that a bar code beside a QR code
    is found too, and the look goes on until there is nothing more to find, or no time: the
    processor's, so that a busy machine has the same answer.
    """
    grey = picture if picture.mode == "L" else picture.convert("L")
    look = Look(grey, every=every, budget_ms=budget_ms, clock=time.thread_time)
    return look.until(enough)


def zbar_missing() -> bool:
    """Say whether ZBar is not installed: `apt install libzbar0` makes more pictures readable."""
    from scanners import zbar

    return zbar.is_missing()
