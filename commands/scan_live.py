"""`radar scan --camera` and `--clipboard`: what is seen now, and what was copied."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import inf
from tempfile import TemporaryDirectory
from typing import NamedTuple

from PIL import Image

from commands.phone import Phone
from commands.scan import known_code, record, scan, symbologies
from radar_core.answers import Answer
from radar_core.failures import UNREADABLE, Failure, N_
from scanners.agreement import FRAMES_MAX, agreed
from scanners.apart import FRAME_MS, Reader, Seen
from scanners.cameras import Shots
from scanners.readings import Reading
from scanners.sources import clean_code

LOOK_S_MAX = 20.0
"""How long a camera looks for a code."""
CAMERA, CLIPBOARD = "camera", "clipboard"
PASSING = frozenset({"no_code", "picture_cut_off", "picture_breaks_reader"})
"""What one picture of a camera may be like, and the next one not."""

Tell = Callable[[int, int], None]
Known = Callable[[list[str]], str | None]
Show = Callable[[Image.Image, tuple[int, int]], object]


def scan_camera(
    phone: Phone,
    shots: Shots,
    wanted: str,
    reader: Reader,
    *,
    clock_s: Callable[[], float],
    budget_ms: int = 0,
    look_s: float = LOOK_S_MAX,
    tell: Tell,
) -> Answer:
    """Look through a camera until its frames agree on a code, and record it.

    Of several codes, the first that the site book knows counts. All else is as with `look`.
    """
    code, seen = look(
        shots,
        reader,
        lambda texts: known_code(phone, texts),
        only=symbologies(phone),
        clock_s=clock_s,
        budget_ms=budget_ms,
        look_s=look_s,
        tell=tell,
    )
    return record(phone, code, wanted, CAMERA, CAMERA, frame=seen)


class Look(NamedTuple):
    """One picture of a camera, looked at.

    `codes` are those that it shows and the last frames agree on, the one that is known first;
    `seen` is all that was read, None where nothing was, and then `advice` says what to do.
    """

    codes: list[str]
    seen: Seen | None
    advice: str = ""


def looking(
    shots: Shots,
    reader: Reader,
    known: Known,
    *,
    only: Sequence[str] = (),
    budget_ms: int = 0,
    until_s: float = inf,
    show: Show | None = None,
) -> Iterator[Look]:
    """Yield what each picture of a camera shows, until `until_s` or until the camera is stopped.

    `known` picks of several texts the one that is looked for, `only` are the only symbologies. A
    frame is looked at for `FRAME_MS`, or for `budget_ms` where that is less. `show` is given each
    picture before that, and its full size. Raises `Failure` with exit code 3 where it fails.
    """

    def enough(readings: list[Reading]) -> bool:
        return known([reading.text for reading in readings]) is not None

    frames: list[list[str]] = []
    while (shot := shots(until_s)) is not None:
        look_ms = budget_ms if isinstance(shot, str) else min(budget_ms or FRAME_MS, FRAME_MS)
        if show is not None and not isinstance(shot, str):
            show(shot, shot.size)
        try:
            seen = reader.read(shot, budget_ms=look_ms, enough=enough, only=only, show=show)
        except Failure as failure:
            if failure.code not in PASSING:
                raise _no_picture(failure) from failure
            frames = [*frames, []][-FRAMES_MAX:]
            yield Look([], None, failure.hint)
            continue
        texts = [reading.text for reading in seen.readings]
        frames = [*frames, texts][-FRAMES_MAX:]
        codes = [text for text in agreed(frames) if text in texts]
        first = known(codes)
        cleaned = [clean_code(text) for text in codes]
        yield Look(cleaned if first is None else [first, *cleaned], seen)


def look(
    shots: Shots,
    reader: Reader,
    known: Known,
    *,
    only: Sequence[str] = (),
    clock_s: Callable[[], float],
    budget_ms: int = 0,
    look_s: float = LOOK_S_MAX,
    tell: Tell,
) -> tuple[str, Mapping[str, object] | None]:
    """Look through a camera until its frames agree on a code; return it, and the frame.

    All is as with `looking`. `tell` hears how many pictures were looked at and how many seconds are
    left. Raises `Failure` with exit code 3 where no code was agreed on for `look_s` seconds, with
    the advice that fits what was seen last, or the camera fails.
    """
    advice = N_("Hold still. Or type the code below it: radar scan CODE")
    until_s = clock_s() + look_s
    tell(0, round(look_s))
    looks = looking(shots, reader, known, only=only, budget_ms=budget_ms, until_s=until_s)
    for looked_at, one in enumerate(looks, 1):
        if one.codes and one.seen is not None:
            return one.codes[0], one.seen.frame
        advice = one.advice or advice
        left_s = until_s - clock_s()
        if left_s <= 0:
            break
        tell(looked_at, round(left_s))
    raise Failure(
        "no_code_in_time",
        N_("The camera showed no code for {seconds} s."),
        advice,
        exit_code=UNREADABLE,
        seconds=round(look_s),
    )


def scan_copied(
    phone: Phone, copied: bytes | str, wanted: str, reader: Callable[[], Reader]
) -> Answer:
    """Scan what was read from the clipboard: a picture's file, its path, or a code."""
    if isinstance(copied, str):
        return scan(phone, copied, wanted, CLIPBOARD, reader=reader)
    with TemporaryDirectory(prefix="radar-") as folder:
        path = os.path.join(folder, CLIPBOARD)
        with open(path, "wb") as file:
            file.write(copied)
        answer = scan(phone, path, wanted, reader=reader)
    return Answer(answer.view, answer.data | {"source": CLIPBOARD}, answer.exit_code)


def _no_picture(failure: Failure) -> Failure:
    """Say of a camera what was found wrong with its picture's file, which is gone by then."""
    return Failure(
        "camera_fails",
        N_("What the camera gave is no picture ({reason})."),
        N_("Another one: radar scan --camera --device NAME. Or type the code: radar scan CODE"),
        exit_code=UNREADABLE,
        reason=failure,
    )
