"""What the one screen sees beside its keys, and how it is heard: camera, folder, signals.

All of it goes on in threads of its own and comes in as messages, so that no key waits. What needs
Pillow is imported when the camera opens, so that the screen is there at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from textual.app import App
from textual.message import Message

from radar_cli.one_screen.desk import Desk
from radar_cli.one_screen.telling import Verdict
from radar_cli.one_screen.viewfinder import Viewfinder
from radar_core.failures import Failure, N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from radar_cli.one_screen.eye import Eye, Glimpse
    from radar_cli.one_screen.signals import Signals
    from scanners.agreement import Sightings

OPENING = N_("The camera opens. Esc closes.")
HOLD = N_("Hold the tag here. Esc closes.")
SAME_S = 60.0
"""A camera that is opened again so soon goes on; after that somebody may have come back."""
PHOTOGRAPH = N_("Photograph it in the camera app.")


class Seen(Message):
    """A code was seen: its text, how it came in, and its picture's fingerprint."""

    def __init__(self, text: str, via: str, frame: Mapping[str, object]) -> None:
        super().__init__()
        self.text = text
        self.via = via
        self.frame = frame


class Glimpsed(Message):
    """An eye has something before it."""

    def __init__(self, eye: Eye, glimpse: Glimpse) -> None:
        super().__init__()
        self.eye = eye
        self.glimpse = glimpse


class Blind(Message):
    """There was no code in a picture, or the eye gave up and `is_over`."""

    def __init__(
        self, eye: Eye, failure: Failure, *, is_over: bool = False, is_camera: bool = False
    ) -> None:
        super().__init__()
        self.eye = eye
        self.failure = failure
        self.is_over = is_over
        self.is_camera = is_camera


class Senses:
    """The senses of one screen; `begin` and `end` them with it.

    `sound` is `on`, `vibrate` alone or `off`; `pictures` is the folder that is set, "" for none.
    What they see comes to the app as `Seen`, `Glimpsed` and `Blind`.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        sound: str = "off",
        pictures: str = "",
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock_s = clock_s
        self._sightings: Sightings | None = None
        self._shut_s = 0.0
        self._recorded = 0
        """The number of the action that the last sight became."""
        self._environ = environ
        self._pictures = pictures
        self._folder = ""
        self._sound = sound
        self._signals: Signals | None = None
        self._eye: Eye | None = None
        self._verdict: Verdict | None = None

    def begin(self, app: App[None], desk: Desk, view: Viewfinder) -> None:
        """Begin to wait for what is to be heard and looked at."""
        self._app, self._desk, self._view = app, desk, view
        if self._sound != "off":
            from radar_cli.one_screen.signals import Signals

            self._signals = Signals(self._environ, self._ring if self._sound == "on" else None)
            self._signals.open()

    def turn(self, desk: Desk) -> None:
        """Look for another conversation from now on; what was open is closed."""
        self.shut()
        self._desk, self._sightings = desk, None

    def end(self) -> None:
        """End all of it; what cannot be ended at once ends by itself."""
        for one in (self._eye, self._signals):
            if one is not None:
                one.close()
        self._eye = None

    def after(self, verdict: Verdict | None) -> None:
        """Take note of what stands on the screen: a new verdict is heard."""
        is_new = verdict is not None and verdict is not self._verdict
        self._verdict = verdict
        if is_new and verdict is not None and self._signals is not None:
            self._signals.tell(verdict.tone)

    def look(self) -> None:
        """Open the camera in the place of the list, or close it where it is open.

        Without a camera the folder of photographs is watched.
        """
        from radar_cli.one_screen.folder import has_camera, photos_of

        if not self.shut():
            self._folder = photos_of(self._pictures, self._environ)
            self._open(is_camera=has_camera(self._environ) or not self._folder)

    def shut(self) -> bool:
        """Close what is open, and say whether anything was."""
        if self._eye is None:
            return False
        self._eye.stop()
        self._eye = None
        self._shut_s = self._clock_s()
        self._view.close()
        return True

    def saw(self) -> None:
        """Take note that what an eye has seen was scanned."""
        self._recorded = self._head()

    def show(self, message: Glimpsed) -> None:
        """Show what an eye has before it, unless it is closed by now."""
        if message.eye is self._eye:
            from radar_cli.one_screen.eye import ADVICE

            words = ADVICE.get(message.glimpse.advice, HOLD)
            self._view.show(message.glimpse, self._desk.say((words, {})))

    def gave_up(self, message: Blind) -> bool:
        """Take note that nothing was seen, and say whether that is to be told.

        Where there is a folder of photographs, it is watched in place of a camera that fails.
        """
        if message.eye is not self._eye:
            return False
        if message.is_over:
            self.shut()
            if message.is_camera and self._folder:
                self._open(is_camera=False)
        return True

    def _open(self, *, is_camera: bool) -> None:
        from commands.scan import symbologies
        from radar_cli.one_screen.camera import Camera, by_phone
        from radar_cli.one_screen.eye import Ear
        from radar_cli.one_screen.folder import Folder

        phone, post = self._desk.phone, self._app.post_message
        ear = Ear(
            told=lambda glimpse: post(Glimpsed(eye, glimpse)),
            seen=lambda text, frame: post(Seen(text, eye.via, frame)),
            failed=lambda failure: post(Blind(eye, failure)),
            ended=lambda failure: post(Blind(eye, failure, is_over=True, is_camera=is_camera)),
        )
        only: Sequence[str] = ()
        with suppress(Failure):  # nobody is signed in: the scan will say so
            only = symbologies(phone)
        knows = by_phone(phone.workplace)
        eye: Eye
        if is_camera:
            eye = Camera(ear, self._environ, knows, sightings=self._seen_before(), only=only)
        else:
            eye = Folder(ear, self._folder, knows, only=only)
        self._eye = eye
        self._view.open(self._desk.say((OPENING if is_camera else PHOTOGRAPH, {})))
        eye.open()

    def _seen_before(self) -> Sightings:
        """Return what the camera told of before, if this is the same look through it.

        It is another one once something else was recorded since: the tag may be meant anew.
        """
        from scanners.agreement import Sightings

        now_s = self._clock_s()
        is_same = self._recorded > 0 and self._recorded == self._head()
        if self._sightings is None or not is_same or now_s - self._shut_s > SAME_S:
            self._sightings = Sightings()
        self._sightings.resume(now_s)
        return self._sightings

    def _head(self) -> int:
        """Return the number of the last action on the phone."""
        phone = self._desk.phone
        return phone.journal.head(phone.meta["epoch"])[0]

    def _ring(self) -> None:
        self._app.call_later(self._app.bell)
