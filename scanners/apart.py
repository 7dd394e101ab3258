"""Read pictures in a process of its own, which a hostile picture may break and nothing else.

The process is forked when the first picture comes and serves all that follow. Where an engine
crashes, hangs or wants more memory than it may, the process is ended, another one takes its place,
and the picture is looked at again without that engine: the others go on. What was read before
counts. One JSON line is one message; the pixels of a camera's frame follow theirs as they are.
"""

import os
import time

from radar_core.failures import UNREADABLE, Failure, N_
from radar_core.jsontext import decode_object, encode
from scanners.readings import Reading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Self

    from PIL import Image

PICTURE_MS = 150
FRAME_MS = 40
"""How long a look may take: at a picture, and at one of a camera's frames."""
OPEN_S_MAX = 10.0
"""How long a file may take to become a picture: 64 megapixels take 2 s on a fast machine."""
FIRST_S_MAX = 2.0
"""How long the first step may take on a slow phone; all others end at twice the time given."""
SMALL_PX = 320
"""The longest side of the small picture that is shown of a file."""
MEMORY_BYTES_MAX = 2**30
"""How much memory reading may take beside what the process had when it was forked."""
FAULTS_MAX = 3
"""How often a picture may break the process before it is given up."""
OVERTIME = 2
"""How many times as long a look may take on a machine that is slower than planned for."""

_KILL = 9  # the module `signal` imports `enum`, which costs a third of an interpreter's start


class Seen:
    """What was seen in a picture: the codes, and what `scanners.frames` tells of it."""

    __slots__ = ("frame", "readings")

    def __init__(self, readings: list[Reading], frame: "Mapping[str, object]") -> None:
        self.readings = readings
        self.frame = frame


class Reader:
    """A process that reads pictures; make it before the first thread, and `close` it.

    `budget_ms` is how long it looks at a picture where `read` is not told; 0: `PICTURE_MS`.
    """

    def __init__(self, budget_ms: int = 0) -> None:
        self._budget_ms = budget_ms or PICTURE_MS
        self._child = 0
        self._asks = self._tells = -1
        self._heard = b""

    def __enter__(self) -> "Self":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(
        self,
        source: "str | Image.Image",
        *,
        every: bool = False,
        budget_ms: int = 0,
        enough: "Callable[[list[Reading]], bool] | None" = None,
        only: "Sequence[str]" = (),
        show: "Callable[[Image.Image, tuple[int, int]], object] | None" = None,
    ) -> Seen:
        """Return what is in a picture file or an 8-bit grey picture, at least one code.

        `enough` is asked whenever something new was read, and ends the look with True; without it
        the first code does. `every` looks for all codes. `only` names the symbologies that are
        looked for; without it all are. `show` is given each page of a file beforehand: a small
        grey picture, and the page's own size. Raises `Failure` with exit code 3 where the file
        cannot be read or shows no code.
        """
        wanted = {"every": every, "budget_ms": budget_ms or self._budget_ms, "only": list(only)}
        wanted["small"] = 0 if show is None else SMALL_PX
        enough = enough or (_never if every else bool)
        best: list[Reading] = []
        skip: list[str] = []
        for _ in range(FAULTS_MAX):
            look = _Watched(show)
            try:
                return look.watch(self, source, wanted | {"skip": skip}, enough)
            except _Broken:
                best = look.readings or best
                engine = look.step.partition(" ")[0]
                if look.enough or engine in skip:  # what cannot be opened twice never will be
                    break
                skip.append(engine)
            finally:
                if not look.over:  # its next words would be taken for those of the next picture
                    self._end()
        if best:
            return Seen(best, {})
        raise _breaks(source)

    def photo(self, path: str) -> bytes:
        """Return a picture file as `photo_of` makes a photo of it; raise `Failure` as it does."""
        from base64 import b64decode

        try:
            self.ask(path, {"photo": True})
            told = self.hear(time.monotonic() + OPEN_S_MAX)
        except _Broken as error:
            self._end()
            raise _breaks(path) from error
        if "failed" in told:
            raise _failure(told["failed"])
        return b64decode(str(told["photo"]))

    def close(self) -> None:
        """End the process, which goes by itself when nobody can ask it any more."""
        self._end(kill=False)

    def ask(self, source: "str | Image.Image", wanted: "Mapping[str, object]") -> None:
        """Hand a picture to the process, which is forked where there is none."""
        if not self._child:
            self._fork()
        if isinstance(source, str):
            named: dict[str, object] = {"path": os.fsencode(source).decode("latin-1")}
            pixels = b""
        else:
            named = {"width": source.width, "height": source.height}
            pixels = source.tobytes()
        self.say(encode({**wanted, **named}).encode() + b"\n" + pixels)

    def say(self, words: bytes) -> None:
        """Send words to the process; raise `_Broken` where it is gone."""
        left = memoryview(words)
        try:
            while left:
                left = left[os.write(self._asks, left) :]
        except OSError as error:
            raise _Broken from error

    def hear(self, until_s: float) -> "Mapping[str, object]":
        """Return the next message; raise `_Broken` where none has come until then."""
        import select

        ready = select.poll()
        ready.register(self._tells, select.POLLIN)
        while b"\n" not in self._heard:
            left_s = until_s - time.monotonic()
            if left_s <= 0 or not ready.poll(1000 * left_s):
                raise _Broken
            chunk = os.read(self._tells, 2**16)
            if not chunk:
                raise _Broken
            self._heard += chunk
        line, _, self._heard = self._heard.partition(b"\n")
        return decode_object(line.decode())

    def _fork(self) -> None:
        their_asks, our_asks = os.pipe()
        our_tells, their_tells = os.pipe()
        self._child = os.fork()
        if not self._child:
            os.close(our_asks)
            os.close(our_tells)
            _serve(their_asks, their_tells)
        os.close(their_asks)
        os.close(their_tells)
        self._asks, self._tells, self._heard = our_asks, our_tells, b""

    def _end(self, *, kill: bool = True) -> None:
        if not self._child:
            return
        if kill:
            os.kill(self._child, _KILL)
        os.close(self._asks)
        os.close(self._tells)
        os.waitpid(self._child, 0)
        self._child = 0


def _never(_: list[Reading]) -> bool:
    return False


class _Broken(Exception):
    """The process is gone, or silent for too long."""


class _Watched:
    """One look, as it is seen from outside."""

    def __init__(self, show: "Callable[[Image.Image, tuple[int, int]], object] | None") -> None:
        self._show = show
        self.step = "open"
        self.readings: list[Reading] = []
        self.enough = False
        self.over = False

    def watch(
        self,
        reader: Reader,
        source: "str | Image.Image",
        wanted: "Mapping[str, object]",
        enough: "Callable[[list[Reading]], bool]",
    ) -> Seen:
        """Watch it to its end; raise `Failure` as the look does, `_Broken` where it died."""
        reader.ask(source, wanted)
        until_s = time.monotonic() + OPEN_S_MAX
        while True:
            told = reader.hear(until_s)
            if "step" in told:
                if self.step == "open":
                    allowed_s = int(str(wanted["budget_ms"])) * OVERTIME / 1000
                    until_s = time.monotonic() + max(allowed_s, FIRST_S_MAX)
                self.step = str(told["step"])
            elif "page" in told:
                self.step, until_s = "open", time.monotonic() + OPEN_S_MAX
            elif "small" in told and self._show is not None:
                self._show(*_small(told))
            elif "read" in told:
                self.readings = _readings(told["read"])
                self.enough = enough(self.readings)
                reader.say(b"enough\n" if self.enough else b"go on\n")
            elif "failed" in told:
                self.over = True
                raise _failure(told["failed"])
            else:
                self.over = True
                frame = told["frame"]
                assert isinstance(frame, dict), "the other side is this file's own"
                return Seen(self.readings, frame)


def _readings(told: object) -> list[Reading]:
    assert isinstance(told, list), "the other side is this file's own"
    return [
        Reading(raw.encode("latin-1"), symbology, engine, tuple((x, y) for x, y in corners))
        for raw, symbology, engine, corners in told
    ]


def _small(told: "Mapping[str, object]") -> "tuple[Image.Image, tuple[int, int]]":
    from base64 import b64decode

    from PIL import Image

    width, height, across, down = (
        int(str(told[name])) for name in ("width", "height", "across", "down")
    )
    pixels = b64decode(str(told["small"]))
    return Image.frombytes("L", (width, height), pixels), (across, down)


def _failure(told: object) -> Failure:
    assert isinstance(told, list), "the other side is this file's own"
    code, message, hint, exit_code, values = told
    return Failure(code, message, hint, exit_code=exit_code, **values)


def _breaks(source: "str | Image.Image") -> Failure:
    shown = source.encode("utf-8", "backslashreplace").decode() if isinstance(source, str) else ""
    return Failure(
        "picture_breaks_reader",
        N_("{file} takes too long or too much memory to read, or is made to do harm."),
        N_("Photograph the tag again, or type the code printed below it: radar scan CODE"),
        exit_code=UNREADABLE,
        file=shown or "-",
    )


def _serve(asks: int, tells: int) -> None:
    """Be the process: answer until nobody asks any more. Never returns."""
    status = 1
    try:
        _keep_to_ourselves()
        from scanners.looking import answer

        with os.fdopen(asks, "rb") as questions, os.fdopen(tells, "wb") as answers:
            while line := questions.readline():
                answer(decode_object(line.decode()), questions, answers)
        status = 0
    finally:
        os._exit(status)


def _keep_to_ourselves() -> None:
    """Stay off the person's screen, leave Ctrl-C to the parent, take only so much memory."""
    import resource
    import signal  # what PIL imports in this process sooner or later

    signal.set_wakeup_fd(-1)  # else what comes to us is told to whoever forked us
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):  # a screen's answer to a resize, and the like
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = MEMORY_BYTES_MAX + _inherited_bytes(resource.getpagesize())
    most = most if hard == resource.RLIM_INFINITY else min(hard, most)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def _inherited_bytes(page: int) -> int:
    """Return how much data came with the fork; 0 where the system does not say."""
    try:
        descriptor = os.open("/proc/self/statm", os.O_RDONLY)
    except OSError:
        return 0
    try:
        return int(os.read(descriptor, 256).split()[5]) * page
    finally:
        os.close(descriptor)
