"""`radar scan --camera` and `--clipboard`: what is seen now, and what was copied."""

import os
from collections.abc import Callable, Mapping, Sequence
from tempfile import TemporaryDirectory

from commands.phone import Phone
from commands.scan import known_code, record, scan, symbologies
from radar_core.answers import Answer
from radar_core.failures import UNREADABLE, Failure, N_
from scanners.agreement import FRAMES_MAX, agreed
from scanners.apart import FRAME_MS, Reader
from scanners.cameras import Shots
from scanners.readings import Reading
from scanners.sources import clean_code

LOOK_S_MAX = 20.0
"""How long a camera looks for a code."""
CAMERA, CLIPBOARD = "camera", "clipboard"
PASSING = frozenset({"no_code", "picture_cut_off", "picture_breaks_reader"})
"""What one picture of a camera may be like, and the next one not."""

Tell = Callable[[int, int], None]


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


def look(
    shots: Shots,
    reader: Reader,
    known: Callable[[list[str]], str | None],
    *,
    only: Sequence[str] = (),
    clock_s: Callable[[], float],
    budget_ms: int = 0,
    look_s: float = LOOK_S_MAX,
    tell: Tell,
) -> tuple[str, Mapping[str, object] | None]:
    """Look through a camera until its frames agree on a code; return it, and the frame.

    `known` picks of several texts the one that is looked for, `only` are the only symbologies.
    `tell` hears how many pictures were looked at and how many seconds are left. A frame is looked
    at for `FRAME_MS`, or for `budget_ms` where that is less. Raises `Failure` with exit code 3
    where no code was agreed on for `look_s` seconds, with the advice that fits what was seen last,
    or the camera fails.
    """

    def enough(readings: list[Reading]) -> bool:
        return known([reading.text for reading in readings]) is not None

    frames: list[list[str]] = []
    advice = N_("Hold still. Or type the code below it: radar scan CODE")
    looked_at = 0
    until_s = clock_s() + look_s
    while (left_s := until_s - clock_s()) > 0:
        tell(looked_at, round(left_s))
        shot = shots(until_s)
        if shot is None:
            break
        looked_at += 1
        look_ms = budget_ms if isinstance(shot, str) else min(budget_ms or FRAME_MS, FRAME_MS)
        try:
            seen = reader.read(shot, budget_ms=look_ms, enough=enough, only=only)
        except Failure as failure:
            if failure.code not in PASSING:
                raise _no_picture(failure) from failure
            frames = [*frames, []][-FRAMES_MAX:]
            advice = failure.hint
            continue
        frames = [*frames, [reading.text for reading in seen.readings]][-FRAMES_MAX:]
        codes = agreed(frames)
        if codes:
            return known(codes) or clean_code(codes[0]), seen.frame
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
