"""What a person hands to `radar scan`: standard input, a picture file, or a code.

On the path of `radar scan CODE`, so it imports next to nothing.
"""

import os

from radar_core.failures import FAILED, UNREADABLE, Failure, N_
from radar_core.tags import LABEL_CHARS_MAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    class _HasFileno(Protocol):
        def fileno(self) -> int: ...


LINE_BYTES_MAX = 4 * LABEL_CHARS_MAX
"""The longest line of a keyboard wedge: no character needs more than four bytes of UTF-8."""

_READ_BYTES = 2**16
_PICTURE_SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"),
    *(".heic", ".heif", ".avif", ".ppm", ".pgm", ".pbm", ".pdf"),
)
_PATH_BEGINNINGS = ("/", "./", "../", "~/")
# What wedges send around a code (STX, ETX, GS, CR, LF, TAB ...), and marks nobody sees.
_AROUND = "".join(map(chr, range(33))) + "\x7f\x85\xa0\ufeff\u200b"


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
    if _exists(text) or text.lower().endswith(_PICTURE_SUFFIXES):
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
    code = text.replace("\0", "").strip(_AROUND)
    if not code:
        raise Failure(
            "code_empty",
            N_("The code is empty."),
            N_("Type the code printed below the tag: radar scan XXXX-XXXX-XXX"),
            exit_code=UNREADABLE,
        )
    if len(code) > LABEL_CHARS_MAX:
        raise _too_long(len(code))
    return code


def wedge_lines(stream: "_HasFileno") -> "Iterator[str | Failure]":
    """Yield each line that a keyboard wedge (or a person, or a pipe) sends, as soon as it ends.

    CR, LF and CR LF end a line, and so does the end of input; blank lines are passed over. What
    is not valid UTF-8 becomes backslash escapes, as in `Reading`. A line of more than
    `LINE_BYTES_MAX` bytes is read to its end in constant memory and comes as a `Failure`.
    Reads the file descriptor itself, past any buffer of `stream`.
    """
    line = bytearray()
    length = 0
    for chunk in _chunks(stream.fileno()):
        *ended, rest = chunk.replace(b"\r", b"\n").split(b"\n")
        for piece in ended:
            length += len(piece)
            line += piece[: max(0, LINE_BYTES_MAX + 1 - len(line))]
            yield from _line(line, length)
            line.clear()
            length = 0
        length += len(rest)
        line += rest[: max(0, LINE_BYTES_MAX + 1 - len(line))]
    yield from _line(line, length)


def _line(line: bytearray, length: int) -> "Iterator[str | Failure]":
    if length > LINE_BYTES_MAX:
        yield _too_long(length)
        return
    text = line.decode("utf-8", "backslashreplace").replace("\0", "").strip(_AROUND)
    if text:
        yield text


def _chunks(descriptor: int) -> "Iterator[bytes]":
    while True:
        try:
            chunk = os.read(descriptor, _READ_BYTES)
        except BlockingIOError:
            _wait(descriptor)
            continue
        except OSError as error:
            raise Failure(
                "input_unreadable",
                N_("Standard input cannot be read: {reason}."),
                N_("Name pictures or codes instead: radar scan SOURCE"),
                exit_code=FAILED,
                reason=error.strerror,
            ) from error
        if not chunk:
            return
        yield chunk


def _wait(descriptor: int) -> None:
    """Wait until there is something to read where another program made the pipe non-blocking."""
    import select

    select.select([descriptor], [], [])


def _too_long(length: int) -> Failure:
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
