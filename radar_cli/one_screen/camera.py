"""The camera of the one screen: it goes on looking after a code, until it is closed."""

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial

from PIL import Image

from commands.phone import Phone, Workplace
from commands.scan import known_code
from commands.scan_live import CAMERA, Known, Look, looking
from radar_cli.one_screen.eye import Ear, Eye, Glimpse
from scanners.agreement import Sightings
from scanners.apart import Reader
from scanners.cameras import open_camera
from scanners.sources import clean_code

RATE = 10
"""So many frames a second are looked at: more find nothing sooner, and empty a battery."""
GLIMPSE_S = 0.2
"""So often at most the screen is told what the camera sees; a code is told of at once."""

Knows = Callable[[], AbstractContextManager[Known]]
"""Opens, in the thread that looks, what picks of several texts the one that is looked for."""


def by_phone(workplace: Workplace) -> Knows:
    """Return what knows the codes of the phone's site book, over a connection of its own."""

    @contextmanager
    def opened() -> Generator[Known]:
        phone = Phone(workplace)  # SQLite serves a connection's own thread alone
        try:
            yield partial(known_code, phone)
        finally:
            phone.journal.connection.close()

    return opened


class Camera(Eye):
    """A camera that looks; `device` as with `open_camera`, `only` the symbologies looked for.

    `sightings` are what one before this told of, where that goes on.

    Each code that its frames agree on is told once, and again when it was away for two seconds.
    """

    via = CAMERA

    def __init__(
        self,
        ear: Ear,
        environ: Mapping[str, str],
        knows: Knows,
        *,
        sightings: Sightings | None = None,
        device: str = "",
        only: Sequence[str] = (),
        budget_ms: int = 0,
    ) -> None:
        super().__init__(ear)
        self._environ = environ
        self._knows = knows
        self._sightings = sightings or Sightings()
        self._device = device
        self._only = only
        self._budget_ms = budget_ms
        self._shown: tuple[Image.Image, tuple[int, int]] | None = None
        self._glimpsed_s = 0.0

    def look(self) -> None:
        """Look through the camera until it is closed."""
        with (
            self._knows() as known,
            Reader() as reader,
            open_camera(self._device, self._environ, self.is_closed, rate=RATE) as shots,
        ):
            for one in looking(
                shots,
                reader,
                known,
                only=self._only,
                budget_ms=self._budget_ms,
                show=self._keep,
            ):
                if self.is_closed():
                    return
                self._tell(one)

    def _keep(self, picture: Image.Image, full: tuple[int, int]) -> None:
        self._shown = picture, full

    def _tell(self, one: Look) -> None:
        now_s = time.monotonic()
        readings = one.seen.readings if one.seen is not None else []
        shown = [clean_code(reading.text) for reading in readings]
        code = one.codes[0] if one.codes else ""
        is_new = self._sightings.is_new(code, shown, now_s)
        if self._shown is not None and (is_new or now_s - self._glimpsed_s >= GLIMPSE_S):
            self._glimpsed_s = now_s
            self.ear.told(Glimpse(*self._shown, tuple(readings), one.advice))
        if is_new and one.seen is not None:
            self.ear.seen(code, one.seen.frame)
