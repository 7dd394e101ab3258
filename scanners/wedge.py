"""The keyboard wedge: a hand scanner that types. From its bytes to one clean text for each scan.

`Wedge` says what the scanner puts around a code, `Lines` cuts its bytes, pure; `wedge_lines` reads.
"""

import os

from radar_core.failures import FAILED, USAGE, Failure, N_
from radar_core.tags import LABEL_CHARS_MAX
from scanners.sources import AROUND, too_long

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from typing import Protocol

    class _HasFileno(Protocol):
        def fileno(self) -> int: ...


LINE_BYTES_MAX = 4 * LABEL_CHARS_MAX
"""The longest line of a wedge: no character needs more than four bytes of UTF-8."""
AFFIX_BYTES_MAX = 32
"""The longest prefix or suffix; the scanners that we know of send up to ten characters."""
PAUSE_MS_MAX = 10_000

_READ_BYTES = 2**16
_ESCAPES = {"t": b"\t", "r": b"\r", "n": b"\n", "e": b"\x1b", "0": b"\0", "\\": b"\\"}
_HEX = frozenset("0123456789abcdefABCDEF")
# ISO/IEC 15424: a bracket, the letter of a symbology, a digit or letter for how it was used.
_AIM_LETTERS = frozenset("ABCDEFGHIKLMNOPQRSTUXZcdeopz")


class Wedge:
    """What a scanner puts around each code, and the silence after which a code is over.

    `prefix` and `suffix` are bytes, either may be empty; `pause_s` is in seconds, 0 for never.
    """

    __slots__ = ("pause_s", "prefix", "suffix")

    def __init__(self, prefix: bytes = b"", suffix: bytes = b"", pause_s: float = 0.0) -> None:
        self.prefix = prefix
        self.suffix = suffix
        self.pause_s = pause_s

    @property
    def is_plain(self) -> bool:
        """Whether every code ends with Enter, as on any terminal."""
        return not (self.pause_s or (self.suffix and not _ends_a_line(self.suffix)))


def read_wedge(prefix: str, suffix: str, pause_ms: str) -> Wedge:
    r"""Return the wedge that three settings describe; raise Failure `config_wedge`.

    Prefix and suffix may hold `\t \r \n \e \0 \\` and `\x02`. Enter (CR or LF) ends a line
    anyway, so it may stand at the end of the suffix and nowhere else.
    """
    before, behind = _affix("wedge_prefix", prefix), _affix("wedge_suffix", suffix)
    if _ends_a_line(before):
        raise _wrong("wedge_prefix", prefix)
    if _ends_a_line(behind.rstrip(b"\r\n")):
        raise _wrong("wedge_suffix", suffix)
    whole = pause_ms.isascii() and pause_ms.isdigit() and len(pause_ms) <= len(str(PAUSE_MS_MAX))
    if not whole or int(pause_ms) > PAUSE_MS_MAX:
        raise _wrong("wedge_pause_ms", pause_ms)
    return Wedge(before, behind, int(pause_ms) / 1000)


def unescaped(text: str) -> bytes:
    r"""Return a text as bytes, its escapes filled in; raise ValueError for one that is none."""
    told, rest = b"", text
    while rest:
        plain, slash, rest = rest.partition("\\")
        told += plain.encode()
        if not slash:
            break
        if rest[:1] == "x" and len(rest) > 2 and _HEX.issuperset(rest[1:3]):  # noqa: PLR2004
            told += bytes.fromhex(rest[1:3])
            rest = rest[3:]
        elif rest[:1] in _ESCAPES:
            told += _ESCAPES[rest[0]]
            rest = rest[1:]
        else:
            raise ValueError(text)
    return told


def _affix(name: str, text: str) -> bytes:
    try:
        affix = unescaped(text)
    except ValueError as error:
        raise _wrong(name, text) from error
    if len(affix) > AFFIX_BYTES_MAX:
        raise _wrong(name, text)
    return affix


def _wrong(name: str, value: str) -> Failure:
    return Failure(
        "config_wedge",
        N_("The setting {name} is {value}, which cannot be understood."),
        N_(
            "A text of up to 32 bytes with \\t, \\x02 or the like; Enter at the end of the suffix"
            " alone. The pause: milliseconds up to 10000."
        ),
        exit_code=USAGE,
        name=name,
        value=value[:80],
    )


def _ends_a_line(affix: bytes) -> bool:
    return b"\r" in affix or b"\n" in affix


class Lines:
    """Cuts a wedge's bytes into lines, whatever the pieces in which they come.

    CR, LF and a suffix without them end a line; CR LF does once. Nothing of a line is lost and no
    two are joined, but blank lines are passed over, unless `blanks` are wanted. A line
    of more than `LINE_BYTES_MAX` bytes is counted to its end in constant memory and comes as a
    `Failure`.
    """

    def __init__(self, wedge: Wedge, *, blanks: bool = False) -> None:
        self._wedge = wedge
        self._blanks = blanks
        self._is_after_cr = False
        self._end = b"" if _ends_a_line(wedge.suffix) else wedge.suffix
        self._line = bytearray()
        self._length = 0
        self._held = b""

    @property
    def is_begun(self) -> bool:
        """Whether something of a line is there that has not ended yet."""
        return bool(self._length or self._held)

    def feed(self, chunk: bytes) -> "Iterator[str | Failure]":
        """Yield each line that ends within `chunk`."""
        if self._is_after_cr:
            chunk = chunk.removeprefix(b"\n")
        self._is_after_cr = chunk.endswith(b"\r")
        data = self._held + chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if self._end:
            data = data.replace(self._end, b"\n")
        data, self._held = self._split_at_beginning_of_end(data)
        *ended, rest = data.split(b"\n")
        for piece in ended:
            self._add(piece)
            yield from self._take(blanks=self._blanks)
        self._add(rest)

    def end(self) -> "Iterator[str | Failure]":
        """Yield what there is of a line when the input, or the scanner's patience, is over."""
        self._add(self._held)
        self._held = b""
        yield from self._take()

    def _split_at_beginning_of_end(self, data: bytes) -> tuple[bytes, bytes]:
        """Keep back what may be the first bytes of a suffix that goes on in the next piece."""
        for size in range(min(len(self._end) - 1, len(data)), 0, -1):
            if data.endswith(self._end[:size]):
                return data[:-size], data[-size:]
        return data, b""

    def _add(self, piece: bytes) -> None:
        self._length += len(piece)
        self._line += piece[: max(0, LINE_BYTES_MAX + 1 - len(self._line))]

    def _take(self, *, blanks: bool = False) -> "Iterator[str | Failure]":
        line, length = bytes(self._line), self._length
        self._line.clear()
        self._length = 0
        if length > LINE_BYTES_MAX:
            yield too_long(length)
            return
        text = bare_text(line.decode("utf-8", "backslashreplace"), self._wedge)
        if text or blanks:
            yield text


def bare_text(line: str, wedge: Wedge) -> str:
    """Return a line without what the scanner put around its code, the symbology's mark included.

    Each of the three goes once and only where it stands; a line without them stays as it is.
    """
    prefix = wedge.prefix.decode("utf-8", "backslashreplace").replace("\0", "").lstrip(AROUND)
    suffix = wedge.suffix.decode("utf-8", "backslashreplace").replace("\0", "").rstrip(AROUND)
    text = line.replace("\0", "").strip(AROUND)
    text = text.removeprefix(prefix).removesuffix(suffix).strip(AROUND)
    return without_aim(text).strip(AROUND)


def without_aim(text: str) -> str:
    """Return a text without the AIM identifier of its symbology (`]Q1`, `]C0`) in front of it."""
    marked = text[:1] == "]" and text[1:2] in _AIM_LETTERS and text[2:3].isalnum()
    return text[3:] if marked and text[2].isascii() and text[3:] else text


def wedge_lines(
    stream: "_HasFileno", wedge: Wedge | None = None, *, blanks: bool = False
) -> "Generator[str | Failure]":
    """Yield each line that a keyboard wedge (or a person, or a pipe) sends, as soon as it ends.

    The end of input ends a line too, and so does a pause, where `wedge` has one. What is not valid
    UTF-8 becomes backslash escapes, as in `Reading`. Blank lines are passed over unless `blanks`
    are wanted. Reads the file descriptor itself, past any buffer of `stream`.
    """
    wedge = wedge if wedge is not None else Wedge()
    lines = Lines(wedge, blanks=blanks)
    descriptor = stream.fileno()
    restore = None if wedge.is_plain else _without_waiting_for_enter(descriptor)
    try:
        for chunk in _chunks(descriptor, wedge, lines, typed=restore is not None):
            yield from lines.feed(chunk) if chunk else lines.end()
        yield from lines.end()
    finally:
        if restore is not None:
            restore()


def _without_waiting_for_enter(descriptor: int) -> "Callable[[], None] | None":
    """Let a terminal hand out each key at once; return what undoes that, None for no terminal."""
    if not os.isatty(descriptor):
        return None
    import termios

    kept = termios.tcgetattr(descriptor)
    changed = list(kept)
    changed[3] &= ~termios.ICANON
    termios.tcsetattr(descriptor, termios.TCSADRAIN, changed)
    return lambda: termios.tcsetattr(descriptor, termios.TCSADRAIN, kept)


_END_OF_INPUT = b"\x04"
"""Ctrl-D, which a terminal that hands out each key passes on like any other."""


def _chunks(descriptor: int, wedge: Wedge, lines: Lines, *, typed: bool) -> "Iterator[bytes]":
    """Yield what is read, and an empty piece for a pause within a line."""
    typed = typed and _END_OF_INPUT not in wedge.prefix + wedge.suffix
    while True:
        if wedge.pause_s and lines.is_begun and not _is_ready(descriptor, wedge.pause_s):
            yield b""
            continue
        try:
            chunk = os.read(descriptor, _READ_BYTES)
        except BlockingIOError:
            _is_ready(descriptor, None)
            continue
        except OSError as error:
            raise Failure(
                "input_unreadable",
                N_("Standard input cannot be read: {reason}."),
                N_("Name pictures or codes instead: radar scan SOURCE"),
                exit_code=FAILED,
                reason=error.strerror,
            ) from error
        if typed and _END_OF_INPUT in chunk:
            yield chunk[: chunk.index(_END_OF_INPUT)]
            return
        if not chunk:
            return
        yield chunk


def _is_ready(descriptor: int, within_s: float | None) -> bool:
    """Wait for something to read: also where another program made the pipe non-blocking."""
    import select

    return bool(select.select([descriptor], [], [], within_s)[0])
