"""What a person hands to `radar scan`: standard input, a picture file, or a code.

On the path of `radar scan CODE`, so it imports next to nothing.
"""

import os

from radar_core.failures import UNREADABLE, Failure, N_
from radar_core.tags import LABEL_CHARS_MAX

PICTURE_SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"),
    *(".heic", ".heif", ".avif", ".ppm", ".pgm", ".pbm", ".pdf"),
)
_PATH_BEGINNINGS = ("/", "./", "../", "~/")
AROUND = "".join(map(chr, range(33))) + "\x7f\x85\xa0\ufeff\u200b"
"""What wedges send around a code (STX, ETX, GS, CR, LF, TAB ...), and marks nobody sees."""


def kind_of_source(text: str) -> str:
    """Say what `text` names: "stdin", "picture" or "code".

    Whatever exists as a file is a picture, and so is what looks like the path of one that does
    not: by its suffix, its beginning (/, ./, ../, ~/) or a folder that exists. A web address
    and any other text with slashes in it is a code: labels are full of them.
    """
    if text == "-":
        return "stdin"
    if "://" in text[:32] or len(text) > LABEL_CHARS_MAX:
        return "code"
    if _exists(text) or text.lower().endswith(PICTURE_SUFFIXES):
        return "picture"
    folder = text.rpartition("/")[0]
    if text.startswith(_PATH_BEGINNINGS) or (folder and _exists(folder)):
        return "picture"
    return "code"


def clean_code(text: str) -> str:
    """Return a code without what scanners and keyboards put around it.

    Control characters and blanks go from both ends, NUL from everywhere; inside a code, GS and
    its like are part of it. Give every code through here, typed or decoded, so that one sticker
    has one spelling. Raises `Failure` with exit code 3 where nothing is left, or more than
    `LABEL_CHARS_MAX` characters are.
    """
    code = text.replace("\0", "").strip(AROUND)
    if not code:
        raise Failure(
            "code_empty",
            N_("The code is empty."),
            N_("Type the code printed below the tag: radar scan XXXX-XXXX-XXX"),
            exit_code=UNREADABLE,
        )
    if len(code) > LABEL_CHARS_MAX:
        raise too_long(len(code))
    return code


def too_long(length: int) -> Failure:
    """Say that a code has more characters, or bytes, than any label holds."""
    return Failure(
        "code_too_long",
        N_("The code is {length} characters long; no code holds more than {most}."),
        N_("Scan the tag again, or type the code printed below it: radar scan CODE"),
        exit_code=UNREADABLE,
        length=length,
        most=LABEL_CHARS_MAX,
    )


def _exists(path: str) -> bool:
    try:
        os.lstat(path)
    except (OSError, ValueError):
        return False
    return True
