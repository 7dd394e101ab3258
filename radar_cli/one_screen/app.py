"""The one screen, drawn by Textual: everything that is to be seen comes from the conversation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from typing import ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.driver import Driver
from textual.widgets import Input

from radar_cli.one_screen.asks import Choice
from radar_cli.one_screen.boards import Boards, Tell
from radar_cli.one_screen.clock import Clock
from radar_cli.one_screen.conversation import Conversation
from radar_cli.one_screen.desk import SyncState, is_code
from radar_cli.one_screen.drawing import cut
from radar_cli.one_screen.keyboard import HOLD_S, Back, Digit, Heard, Keyboard, Scanned, Typed
from radar_cli.one_screen.leading import leads
from radar_cli.one_screen.liking import OTHER_LANGUAGE, Likings
from radar_cli.one_screen.looks import SCAN, look
from radar_cli.one_screen.panes import BACK, BoardCame, Box, Stage, Tapped
from radar_cli.one_screen.rooms import Rooms, work_off
from radar_cli.one_screen.senses import Blind, Glimpsed, Seen, Senses
from radar_cli.one_screen.stopping import heed, stop
from radar_cli.one_screen.strokes import CONTROLS, EDITS, Strokes, at_once
from radar_cli.one_screen.telling import refusal_of
from radar_cli.one_screen.themes import PLAIN, THEMES, following
from radar_cli.one_screen.viewfinder import Viewfinder
from radar_cli.texts import Texts
from radar_core.failures import Failure
from scanners.bursts import Bursts
from scanners.wedge import Wedge

SHORT_ROWS = 24
"""Below so many rows the line has no frame."""
CATCH_UP_S = 0.05
"""So long after a key all else is read anew: what became of the key is to be seen before that."""
QUICKLY_BYTES = 2 * 1024 * 1024
"""A longer log is one of a large sync, which folds it back itself: no key waits for that."""
REFRESH_S = 30.0
"""So often the screen is read anew by itself: work becomes due, and late."""
KEEP_S = 0.02
"""So soon a draft is written again that could not be."""
BOARD_S = 30.0
"""So often the board is asked for, besides whenever a sync tells something."""

Syncs = Callable[[], AsyncIterator[SyncState]]


class OneScreen(App[None], inherit_bindings=False):
    """A shift on one screen. The line has the focus, always; all keys come to `on_event` first."""

    CSS_PATH = "one_screen.tcss"
    ENABLE_COMMAND_PALETTE = False
    TITLE = "RADAR"
    KEYS: ClassVar[dict[str, str]] = {
        "escape": "back", "up": "up", "down": "down", "pageup": "leaf_up", "pagedown": "leaf_down",
        "f1": "help", "f5": "camera", "f8": "language", "f9": "theme",
        "ctrl+q": "leave", "ctrl+c": "leave", "ctrl+z": "stop",
    }  # fmt: skip

    def __init__(
        self,
        conversation: Conversation,
        wedge: Wedge,
        syncs: Syncs | None,
        rooms: Rooms | None = None,
        *,
        senses: Senses | None = None,
        boards: Callable[[Tell], Boards] | None = None,
        keeps_language: bool = True,
        clock: Clock | None = None,
    ) -> None:
        """Draw a conversation; `syncs` tells how the sync beside it goes, None for no sync.

        Where the run was not told its language it `keeps` the one that was chosen on the screen.
        `rooms` has the other conversations that this one may wish for. `boards` asks the centre
        for who leads, None for nobody. The `clock` may be one that does not go by itself.
        """
        super().__init__()
        self._rooms = rooms
        tell = lambda told: self.post_message(BoardCame(told))  # noqa: E731
        self._boards = boards(tell) if boards is not None else None
        self.conversation = conversation
        self._senses = senses or Senses({})
        self._syncs = syncs
        self._syncing: asyncio.Task[None] | None = None
        self._likings = Likings(keeps_language=keeps_language)
        self.clock = clock or Clock()
        bursts = Bursts(wedge, self._is_known)
        self._silence_s = max(HOLD_S, bursts.silence_s)
        self._keyboard = Keyboard(bursts, self._is_choice)
        self._last_key_s = 0.0
        self._waits = self._owes = False

    def compose(self) -> ComposeResult:
        """Lay the screen out, from above to below."""
        yield Stage(Viewfinder(id="view"))
        yield Box(id="box", select_on_focus=False)

    def on_mount(self) -> None:
        """Show the line; what there is to do is read once that is seen, for it takes longer."""
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = self._likings.take(self.conversation.desk, self._themes())
        self._box = self.query_one(Box)
        self._box.placeholder = self.conversation.desk.say((SCAN, {}))
        self._box.focus()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """Begin the conversation, and all that goes on beside it."""
        self.conversation.begin()
        self._senses.begin(self, self.conversation.desk, self.query_one(Viewfinder))
        self._acted()
        self.set_interval(REFRESH_S, self._catch_up)
        if self._syncs is not None:
            self._syncing = asyncio.create_task(self._sync(self._syncs()))
        self.set_interval(BOARD_S, self._ask_board)
        self._ask_board()
        heed(self)
        self.draw()

    async def on_unmount(self) -> None:
        """End what goes on beside."""
        self._senses.end()
        if self._boards is not None:
            self._boards.end()
        if self._syncing is not None:
            self._syncing.cancel()
            await asyncio.wait([self._syncing])
        self.conversation.end()

    async def on_event(self, event: events.Event) -> None:
        """Sort keys before anything else hears them."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            self._hear(event)
            return
        if isinstance(event, events.Paste) and not event.is_forwarded:
            self._paste(event.text)
            return
        await super().on_event(event)

    def on_resize(self) -> None:
        """Draw anew for another size; nothing that is typed changes."""
        self.call_after_refresh(self.draw)

    def on_board_came(self, message: BoardCame) -> None:
        """Show a board that came."""
        self.conversation.desk.hear_board(message.told)
        self.conversation.refresh()
        self.draw()

    def _ask_board(self) -> None:
        """Have the centre asked for the board of who leads; nothing waits for it."""
        if self._boards is not None and leads(self.conversation.desk):
            self._boards.ask()

    def on_tapped(self, message: Tapped) -> None:
        """Take what was tapped."""
        if message.number == BACK:
            self._press("back")
        else:
            self._act(Digit(message.number))

    def on_seen(self, message: Seen) -> None:
        """Scan what an eye has seen."""
        self.conversation.scan(message.text, message.via, message.frame)
        self._senses.saw()
        self._acted()

    def on_glimpsed(self, message: Glimpsed) -> None:
        """Show what an eye has before it."""
        self._senses.show(message)

    def on_blind(self, message: Blind) -> None:
        """Tell why nothing is seen."""
        if self._senses.gave_up(message):
            talk = self.conversation
            talk.verdict = refusal_of(talk.desk, message.failure)
            self._acted()

    def on_covered(self) -> None:
        """Close the camera."""
        self._senses.shut()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Keep what was typed at each key."""
        self.conversation.typing(event.value)

    def get_driver_class(self) -> type[Driver]:
        """Return the terminal's driver, which sends all keys of a burst at once."""
        return at_once(super().get_driver_class())

    def on_strokes(self, message: Strokes) -> None:
        """Take keys in the order in which they came."""
        for key, more in message.take():
            self._hear(key, more=more)

    def _hear(self, event: events.Key, *, more: bool = False) -> None:
        """Take a key, while `more` are there already: nobody else hears any."""
        if event.key in self.KEYS and not (event.key == "ctrl+c" and self._keyboard.is_waiting):
            self._do_all(self._keyboard.named())
            self._press(self.KEYS[event.key])
            return
        char = "\r" if event.key == "enter" else event.character or ""
        if not (event.is_printable or event.key in CONTROLS):
            self._do_all(self._keyboard.named())
            self._edit(event.key)
            return
        if event.key.startswith("alt+"):
            # Where Esc and another key came at once, a terminal says no more than that.
            self._press("back")
        self._do_all(self._keyboard.key(char, event.time, more=more))
        self._last_key_s = event.time
        self._await_silence()

    def _edit(self, key: str) -> None:
        """Edit the line, if the key does that."""
        if key in EDITS:
            getattr(self._box, f"action_{EDITS[key]}")()
            self.conversation.typing(self._box.value)

    def _await_silence(self) -> None:
        """Look again once no key came for long enough; one timer does for all keys of a burst."""
        since_s = self.clock.now() - self._last_key_s
        if self._waits or not self._keyboard.is_waiting or since_s >= self._silence_s:
            return
        self._waits = True
        due_s = HOLD_S if since_s < HOLD_S else self._silence_s
        self.clock.later(self, due_s - since_s, self._silence)

    def _silence(self) -> None:
        self._waits = False
        self._do_all(self._keyboard.silence(self.clock.now()))
        self._await_silence()

    def _paste(self, text: str) -> None:
        """Take what was pasted: a code of ours is a scan, all else is text."""
        text = " ".join(text.split())
        if self._is_known(text):
            self.conversation.scan(text, "clipboard")
            self._acted()
        else:
            self._act(Typed(text))

    def _is_known(self, text: str) -> bool:
        return is_code(self.conversation.desk, text)

    def _is_choice(self, char: str) -> bool:
        return not self._box.value and self.conversation.is_choice(char)

    def _do_all(self, heard: Iterable[Heard]) -> None:
        for one in heard:
            self._act(one)

    def _act(self, heard: Heard) -> None:
        """Do what a key, a burst or a tap means."""
        talk = self.conversation
        if isinstance(heard, Back):
            self._press("back")
            return
        if isinstance(heard, Typed):
            self._box.insert_text_at_cursor(heard.text)
            talk.typing(self._box.value)
            self._keep()
            return
        if isinstance(heard, Scanned):
            at = self._box.cursor_position
            if heard.take_back:
                self._box.delete(at - heard.take_back, at)
                talk.typing(self._box.value)
            talk.scan(heard.code)
        elif isinstance(heard, Digit):
            talk.choose(heard.number)
        else:
            talk.enter(self._box.value)
        self._acted()

    def _press(self, name: str) -> None:
        """Do what a key with a name does."""
        talk = self.conversation
        if name in ("leaf_up", "leaf_down"):
            self.query_one(Stage).leaf(-1 if name == "leaf_up" else 1)
            return
        if name == "back":
            if not self._senses.shut():
                talk.back()
        elif name in ("up", "down"):
            talk.move(-1 if name == "up" else 1)
        elif name == "stop":
            stop(self)
        elif name == "help":
            talk.open(Choice(("", {}), "help"))
        else:
            talk.wishes.append(name)
        self._acted()

    def _acted(self) -> None:
        """Draw what was done, and read anew behind that what else may have changed by it."""
        self._grant()
        self._box.password = self.conversation.on is not None and self.conversation.on.ask.secret
        self._box.put(self.conversation.draft)
        self.draw()
        self._senses.after(self.conversation.verdict)
        if not self._owes:
            self._owes = True
            self.clock.later(self, CATCH_UP_S, self._catch_up)

    def _grant(self) -> None:
        """Do what the conversation leaves to the screen."""
        talk = self.conversation
        while talk.wishes:
            wish = talk.wishes.pop(0)
            if wish == "language":
                texts = talk.desk.output.texts
                talk.desk.output.texts = Texts(OTHER_LANGUAGE[texts.language])
                talk.refresh()
                self._likings.chosen(talk.desk, self.theme)
            elif wish == "theme":
                self.theme = following(self.theme)
                self._likings.chosen(talk.desk, self.theme)
            elif wish == "camera":
                self._senses.look()
            elif wish == "leave":
                self.exit()
            elif wish == "job":
                self.run_worker(self._work_off(talk))
            elif self._rooms is not None:
                self._turn(self._rooms, wish)
                talk = self.conversation

    def _turn(self, rooms: Rooms, wish: str) -> None:
        """Go on with another conversation, if there is one for a wish."""
        try:
            found = rooms.turn(wish, self.conversation)
        except Failure as failure:
            self.conversation.verdict = refusal_of(self.conversation.desk, failure)
            return
        if found is not None:
            self.conversation = found
            self._senses.turn(found.desk)
            if found.is_work:
                self.theme = self._likings.turn(found.desk, self.theme, self._themes())
            self._box.put("")

    async def _work_off(self, talk: Conversation) -> None:
        """Do what takes a while in a thread, and show how far it is."""
        await work_off(talk, self.draw)
        self._acted()

    def _themes(self) -> list[str]:
        """Return the colours that may be taken up, the usual one first."""
        return [PLAIN.name] if self.no_color else [theme.name for theme in THEMES]

    def _catch_up(self) -> None:
        """Read anew what others may have changed, and what was not needed at once."""
        self._owes = False
        self.conversation.refresh()
        self._grant()
        self._keep()
        self.draw()
        self.conversation.desk.phone.journal.tidy(QUICKLY_BYTES)

    def _keep(self) -> None:
        """Write drafts again, soon, that could not be written because the sync just wrote."""
        drafts = self.conversation.drafts
        if not drafts.is_kept:
            drafts.write()
        if not drafts.is_kept:
            self.clock.later(self, KEEP_S, self._keep)

    async def _sync(self, syncs: AsyncIterator[SyncState]) -> None:
        async for state in syncs:
            self.conversation.heard(state)
            self._ask_board()
            self.draw()

    def draw(self) -> None:
        """Draw all that is to be seen; what is as it was stays."""
        if not self.is_running:
            return
        view = look(self.conversation)
        self.screen.set_class(self.size.height < SHORT_ROWS, "short")
        told = view.prompt.title if view.prompt.kind == "scan" else ""
        self._box.placeholder = cut(told, self.size.width - 6).plain
        self.query_one(Stage).show(view)
