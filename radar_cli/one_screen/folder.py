"""Where there is no camera for us: a folder that another app's photographs come into."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image

from commands.scan_live import Known
from radar_cli.one_screen.camera import Knows
from radar_cli.one_screen.eye import Ear, Eye, Glimpse
from radar_core.failures import Failure
from scanners.apart import Reader, Seen
from scanners.folder import new_pictures
from scanners.programs import there_is
from scanners.readings import Reading
from scanners.sources import clean_code

TERMUX_PHOTOS = "storage/dcim/Camera"
"""Where Android's camera puts its photographs, once `termux-setup-storage` was run."""


def has_camera(environ: Mapping[str, str]) -> bool:
    """Say whether there is a program that gives a camera's pictures."""
    return there_is("termux-camera-photo", environ) or there_is("ffmpeg", environ)


def photos_of(setting: str, environ: Mapping[str, str]) -> str:
    """Return the folder to watch: as it is set, else that of the phone's camera; "" for none."""
    home = Path(environ.get("HOME") or "/")
    if setting:
        wished = home / setting[2:] if setting.startswith("~/") else Path(setting)
        return str(wished)
    photos = home / TERMUX_PHOTOS
    return str(photos) if "TERMUX_VERSION" in environ and photos.is_dir() else ""


class Folder(Eye):
    """A folder that is watched: each new picture in it is read, and told of.

    A picture without a code is told as a `Failure`, and the next one is waited for.
    """

    via = "picture"

    def __init__(
        self, ear: Ear, folder: str, knows: Knows, *, only: Sequence[str] = (), budget_ms: int = 0
    ) -> None:
        super().__init__(ear)
        self._folder = folder
        self._knows = knows
        self._only = only
        self._budget_ms = budget_ms

    def look(self) -> None:
        """Read what comes into the folder until it is closed."""
        pictures = new_pictures(self._folder, time.monotonic, self._wait)
        with self._knows() as known, Reader(self._budget_ms) as reader:
            try:
                for path in pictures:
                    self._read(path, reader, known)
            except _Closed:
                return

    def _wait(self, seconds: float) -> None:
        if self.rest(seconds):
            raise _Closed

    def _read(self, path: str, reader: Reader, known: Known) -> None:
        def enough(readings: list[Reading]) -> bool:
            return self.is_closed() or known([reading.text for reading in readings]) is not None

        shown: list[tuple[Image.Image, tuple[int, int]]] = []
        found: Seen | None = None
        failed: Failure | None = None
        try:
            found = reader.read(
                path,
                enough=enough,
                only=self._only,
                show=lambda picture, full: shown.append((picture, full)),
            )
        except Failure as failure:
            failed = failure
        if self.is_closed():
            raise _Closed
        readings = tuple(found.readings) if found is not None else ()
        if shown:
            advice = failed.hint if failed is not None else ""
            self.ear.told(Glimpse(*shown[-1], readings, advice))
        if failed is not None:
            self.ear.failed(failed)
        elif found is not None:
            texts = [reading.text for reading in readings]
            self.ear.seen(known(texts) or clean_code(texts[0]), found.frame)


class _Closed(Exception):
    """It was told to stop."""
