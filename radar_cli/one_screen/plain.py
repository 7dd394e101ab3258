"""The one screen without a screen, `radar --plain`: the same conversation, line by line.

It is for screen readers, for terminals that cannot move, and for pipes. After each line it says
what is new, and nothing is ever drawn over what was said.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Protocol

from commands.scan import known_code
from radar_cli.one_screen.asks import Choice, Page, said
from radar_cli.one_screen.conversation import Conversation
from radar_cli.one_screen.desk import Desk
from radar_cli.one_screen.liking import OTHER_LANGUAGE
from radar_cli.one_screen.pages import PAGES
from radar_cli.one_screen.rooms import Rooms
from radar_cli.one_screen.speaking import Speaker
from radar_cli.one_screen.telling import refusal_of
from radar_cli.output import STDOUT
from radar_cli.texts import Texts
from radar_core.answers import Answer
from radar_core.failures import DONE, Failure, N_
from radar_core.tags import code_of_label, parse_code
from scanners.bursts import TAIL_S
from scanners.wedge import Wedge, wedge_lines

BACK = frozenset({"-", "back", "返回"})
LEAVE = frozenset({"q", "quit", "退出"})
HELP = frozenset({"?", "？"})
NUMBER_CHARS = 8
"""A shorter number is what was typed, and no maker's bar code: those have 8 digits or more."""
CUE = "> "
"""Shows at a terminal that it is one's turn."""
HELP_LINES = (
    N_("Scan a tag at any time, or type its code: it is saved at once."),
    N_("A number takes the choice with that number. Enter alone takes the usual one, or repeats."),
    N_("0 is everything there is. A minus sign goes back; nothing typed is lost."),
    N_("q ends it. What is half written is there again next time."),
    N_("SAVED means: safe on this phone. It goes to the centre by itself."),
)

Camera = Callable[[], tuple[str, Mapping[str, object] | None]]
"""Looks through the camera; returns a code and its frame, or raises Failure."""


def _without_colours(page: Page) -> Page:
    return replace(page, choices=tuple(one for one in page.choices if one.args != ("theme",)))


def _code(desk: Desk, text: str) -> Page:
    """Return a code as text: no reader reads a picture made of blocks."""
    del desk
    return Page(said(N_("The code, to send on as it is:")), lines=(text,))


def _without_picture(page: Page) -> Page:
    """Return a page without the code that it shows beside its rows: these have it as text."""
    is_picture = page.rows and set("".join(page.lines)) <= set("█▀▄ ")
    return replace(page, lines=()) if is_picture else page


def _help(desk: Desk) -> Page:
    """Return how the plain mode is used."""
    lines = tuple(desk.say(said(one)) for one in HELP_LINES)
    return _without_colours(replace(PAGES["help"](desk), lines=lines))


PLAIN_PAGES: Mapping[str, Callable[..., Page]] = {"code": _code, "help": _help}
"""The pages that are others here than on the screen."""


class _Show(Protocol):
    def __call__(self, *, wanted: bool) -> None: ...


class Plain:
    """Takes lines, and says what is new after each."""

    def __init__(
        self,
        talk: Conversation,
        camera: Camera,
        beside: Callable[[Desk], object],
        rooms: Rooms | None = None,
    ) -> None:
        """Talk by lines; `beside` tells the desk what came beside since it told before.

        `rooms` has the other conversations that this one may wish for.
        """
        self.talk = talk
        self._rooms = rooms
        self.exit_code = DONE
        """The highest of all that was refused, as with `radar scan -`."""
        self.was_scan = False
        """Whether the last line was a scan: its scanner may send an Enter more."""
        self._camera = camera
        self._beside = beside
        self._speaker = Speaker(talk)
        self._half = ""
        """What was typed before a scanner broke in: the next line goes on with it."""

    def begin(self) -> list[str]:
        """Begin; return what there is to say."""
        self._fit(self.talk)
        self.talk.begin()
        self._beside(self.talk.desk)
        return self._speaker.news()

    def hear(self, line: str | Failure) -> list[str] | None:
        """Take a line, without its end; return what is new, None once the person leaves."""
        talk, before = self.talk, self.talk.verdict
        told: list[str] = []
        self.was_scan = False
        if isinstance(line, Failure):
            talk.verdict = refusal_of(talk.desk, line)
        elif line.casefold() in LEAVE:
            return None
        elif line in HELP and talk.on is not None:
            told = list(_help(talk.desk).lines)
        else:
            self._take(line)
        if not self._grant():
            return None
        talk = self.talk
        if talk.verdict is not None and talk.verdict is not before:
            self.exit_code = max(self.exit_code, talk.verdict.exit_code)
        self._beside(talk.desk)
        talk.refresh()
        if not self._grant():
            return None
        talk = self.talk
        if not talk.drafts.is_kept:
            talk.drafts.write()
        talk.desk.phone.journal.tidy()
        if talk.on is None:
            self._half = ""
        return told + self._speaker.news(goes_on=bool(self._half))

    def _take(self, line: str) -> None:
        """Do what a line means."""
        talk = self.talk
        if talk.on is None:
            talk.typing("")  # what was said before is no half of this line
        if line in HELP:
            talk.open(Choice(("", {}), "help"))
        elif line.casefold() in BACK:
            self._half = ""
            talk.back()
        elif not line:
            self._take_nothing()
        elif self._is_scan(line):
            self.was_scan = True
        else:
            whole, self._half = f"{self._half} {line}".strip(), ""
            talk.enter(whole)

    def _take_nothing(self) -> None:
        """Take what is half written, or the usual choice; else say all of it again."""
        talk = self.talk
        choices = talk.selectable
        self._half = ""
        if talk.on is not None and talk.draft.strip():
            talk.enter(talk.draft)
        elif choices and choices[0].default:
            talk.enter("")
        else:
            self._speaker.again()

    def _is_scan(self, line: str) -> bool:
        """Record a line that is a scan, whatever is asked; tell whether it was one."""
        talk, head, label = self.talk, *_parted(line)
        ask = talk.on.ask if talk.on is not None else None
        if ask is not None and ask.kind == "text" and head and not ask.secret:
            self._half = f"{self._half} {head}".strip()
            talk.typing(self._half)
        if not label:
            is_number = line.isdigit() and len(line) < NUMBER_CHARS
            if is_number or known_code(talk.desk.phone, [line]) is None:
                return False
            label = line
        talk.scan(label, "typed" if parse_code(label) else "wedge")
        return True

    def _grant(self) -> bool:
        """Do what the conversation leaves to whoever draws; tell whether it goes on."""
        if self._rooms is not None and self.talk.wishes:
            self._turn(self._rooms)
        talk = self.talk
        while talk.wishes:
            wish = talk.wishes.pop(0)
            if wish == "leave":
                return False
            if wish == "language":
                texts = talk.desk.output.texts
                talk.desk.output.texts = Texts(OTHER_LANGUAGE[texts.language])
                self._speaker.again()
            elif wish == "camera":
                self._look()
        return True

    def _turn(self, rooms: Rooms) -> None:
        """Go where the conversation wishes, and do what takes a while."""
        try:
            found = rooms.follow(self.talk)
        except Failure as failure:
            self.talk.verdict = refusal_of(self.talk.desk, failure)
            return
        if found is not self.talk:
            self.talk, self._speaker, self._half = found, Speaker(found), ""
            self._fit(found)
            found.refresh()

    @staticmethod
    def _fit(talk: Conversation) -> None:
        """Give a conversation the pages of the plain mode."""
        if talk.is_work:
            talk.pages = {**talk.pages, **PLAIN_PAGES}
        else:
            home = talk.pages["home"]
            fit = lambda desk: _without_colours(_without_picture(home(desk)))  # noqa: E731
            talk.pages = {**talk.pages, "home": fit, "help": _help}

    def close(self) -> None:
        """Let go of the phone."""
        self.talk.end()

    def _look(self) -> None:
        try:
            code, frame = self._camera()
        except Failure as failure:
            self.talk.verdict = refusal_of(self.talk.desk, failure)
            return
        self.talk.scan(code, "camera", frame)


def _parted(line: str) -> tuple[str, str]:
    """Return what was typed before a label that a scanner broke in with, and that label."""
    at = max(line.upper().rfind(scheme) for scheme in ("HTTP://", "HTTPS://"))
    if at < 0 or code_of_label(line[at:]) is None:
        return "", ""
    return line[:at].strip(), line[at:]


def run_plain(plain: Plain, wedge: Wedge) -> int:
    """Talk until the person leaves or the input ends; return the exit code."""
    output, stdin = plain.talk.desk.output, sys.stdin
    if stdin is None:
        return DONE
    typed = stdin.isatty()
    cue = CUE if typed and os.isatty(STDOUT) else ""
    with closing(wedge_lines(stdin, wedge, blanks=True)) as lines, _shown(typed=typed) as show:
        told: list[str] | None = plain.begin()
        while told is not None:
            output.answer(Answer("plain", {}), told)
            if cue:
                output.table(cue)
            on = plain.talk.on
            show(wanted=on is None or not on.ask.secret)
            told = _next(plain, lines, typed=typed)
    return plain.exit_code


def _next(plain: Plain, lines: Generator[str | Failure], *, typed: bool) -> list[str] | None:
    """Wait for a line, and return what it brings; None at the end."""
    since_s = time.monotonic()
    for line in lines:
        astray = typed and plain.was_scan and time.monotonic() - since_s < TAIL_S
        if line or not astray:  # the second end of a scanner's line is nobody's Enter
            return plain.hear(line)
    return None


@contextmanager
def _shown(*, typed: bool) -> Generator[_Show]:
    """Give what lets a terminal show what is typed, or not; it shows it again at the end."""
    is_shown = True

    def show(*, wanted: bool) -> None:
        nonlocal is_shown
        if typed and wanted is not is_shown:
            import termios

            is_shown = wanted
            modes = termios.tcgetattr(sys.stdin.fileno())
            modes[3] ^= termios.ECHO
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, modes)

    try:
        yield show
    finally:
        show(wanted=True)
