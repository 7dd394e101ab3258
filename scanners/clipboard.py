"""What lies in the clipboard, by the program that a system has for it: a picture or a text."""

import io
import time
from collections.abc import Mapping

from PIL import ImageGrab

from radar_core.failures import UNREADABLE, Failure, N_
from radar_core.tags import LABEL_CHARS_MAX
from scanners.pictures import FILE_BYTES_MAX
from scanners.programs import Program, Silent, there_is

CLIPBOARD_S_MAX = 5.0
"""How long a program may take; the one of Termux waits for ever where its app is not installed."""
TEXT_BYTES_MAX = 4 * LABEL_CHARS_MAX + 64
KINDS_BYTES_MAX = 2**16
"""How long the list of the kinds may be in which a picture or text is offered."""


def read_clipboard(environ: Mapping[str, str]) -> bytes | str:
    """Return the file of the picture that was copied, or the text, blanks around it taken off.

    At most `FILE_BYTES_MAX` and one line. Raises `Failure` with exit code 3 where there is none of
    both, or no program that could say.
    """
    found = _found(environ)
    if isinstance(found, bytes):
        if len(found) > FILE_BYTES_MAX:
            raise _too_large()
        return found
    text = found.strip()
    if not text:
        raise Failure(
            "clipboard_empty",
            N_("There is neither a picture nor a text in the clipboard."),
            N_("Copy a picture of the tag, or its code, and try again: radar scan --clipboard"),
            exit_code=UNREADABLE,
        )
    if "\n" in text or len(text.encode()) > TEXT_BYTES_MAX:
        raise Failure(
            "clipboard_no_code",
            N_("The text in the clipboard is longer than a code."),
            N_("Copy the code alone and try again: radar scan --clipboard"),
            exit_code=UNREADABLE,
        )
    return text


def _found(environ: Mapping[str, str]) -> bytes | str:
    wayland, x11 = environ.get("WAYLAND_DISPLAY"), environ.get("DISPLAY")
    if there_is("termux-clipboard-get", environ):
        return _text(["termux-clipboard-get"], environ)
    if there_is("wl-paste", environ) and (wayland or not x11):
        return _offered(["wl-paste", "--list-types"], ["wl-paste", "--type"], environ)
    if there_is("xclip", environ) and (x11 or not wayland):
        xclip = ["xclip", "-selection", "clipboard", "-o", "-t"]
        return _offered([*xclip, "TARGETS"], xclip, environ)
    picture = _by_pillow()
    if picture:
        return picture
    if there_is("pbpaste", environ):
        return _text(["pbpaste"], environ)
    raise Failure(
        "no_clipboard_program",
        N_("There is no program here that reads the clipboard."),
        N_(
            "Install one: apt install wl-clipboard (Wayland) or xclip (X11);"
            " in Termux: pkg install termux-api"
        ),
        exit_code=UNREADABLE,
    )


def _offered(asked: list[str], pasted: list[str], environ: Mapping[str, str]) -> bytes | str:
    """Return what is offered: rather a picture than a text, rather PNG than another picture."""
    kinds = _output(asked, KINDS_BYTES_MAX, environ).decode("utf-8", "replace").split()
    pictures = sorted(
        (kind for kind in kinds if kind.startswith("image/")),
        key=lambda kind: (kind != "image/png", kind != "image/jpeg"),
    )
    if pictures:
        return _output([*pasted, pictures[0]], FILE_BYTES_MAX, environ)
    texts = [kind for kind in kinds if kind.startswith("text/plain") or kind == "UTF8_STRING"]
    return _text([*pasted, texts[0]], environ) if texts else ""


def _text(command: list[str], environ: Mapping[str, str]) -> str:
    return _output(command, TEXT_BYTES_MAX, environ).decode("utf-8", "backslashreplace")


def _output(command: list[str], most: int, environ: Mapping[str, str]) -> bytes:
    """Return what a program gives, and one byte of what is too much."""
    with Program(command, environ) as program:
        try:
            return program.read(most + 1, time.monotonic() + CLIPBOARD_S_MAX)
        except Silent:
            raise Failure(
                "clipboard_hangs",
                N_("{program} did not answer within {seconds} s."),
                N_("Is its app installed? Or type the code: radar scan CODE"),
                exit_code=UNREADABLE,
                program=command[0],
                seconds=round(CLIPBOARD_S_MAX),
            ) from None


def _by_pillow() -> bytes:
    """Return the clipboard's picture as Pillow finds it: on macOS; elsewhere there is none."""
    try:
        found = ImageGrab.grabclipboard()
    except NotImplementedError:
        return b""
    if found is None or isinstance(found, list):
        return b""
    file = io.BytesIO()
    found.save(file, "PNG")
    return file.getvalue()


def _too_large() -> Failure:
    return Failure(
        "clipboard_too_large",
        N_("The picture in the clipboard has more than {most_mb} MB."),
        N_("Make the picture smaller, or photograph the tag again."),
        exit_code=UNREADABLE,
        most_mb=FILE_BYTES_MAX // 2**20,
    )
