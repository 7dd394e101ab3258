"""The board that is asked of the centre beside the screen: no key ever waits for it."""

from collections.abc import Callable
from threading import Event, Thread

from commands.phone import Phone, Workplace
from radar_core.answers import Answer
from radar_core.failures import Failure
from sync.journal import storage_failure
from sync.sqlite import errors

Tell = Callable[[Answer | Failure], object]


class Boards:
    """Asks for the board in a thread of its own, with a phone of its own.

    `tell` is called in that thread, first with the board that came last, if one did, marked as
    `asking`. What comes while one is asked for is asked once more after it.
    """

    def __init__(self, workplace: Workplace, tell: Tell) -> None:
        self._workplace = workplace
        self._tell = tell
        self._wanted = Event()
        self._ended = False
        self._thread = Thread(target=self._run, name="boards", daemon=True)

    def ask(self) -> None:
        """Have the centre asked, and return at once."""
        if not self._thread.is_alive() and not self._ended:
            self._thread.start()
        self._wanted.set()

    def end(self) -> None:
        """Ask no more; a question that is under way is left to itself."""
        self._ended = True
        self._wanted.set()

    def _run(self) -> None:
        try:
            phone = Phone(self._workplace)
        except Failure as failure:
            self._tell(failure)
            return
        from commands.board import kept_board  # the HTTP client comes with it, so only here

        kept = kept_board(phone)
        if kept is not None:
            self._tell(Answer("board", {**kept.data, "offline": False, "asking": True}))
        while True:
            self._wanted.wait()
            self._wanted.clear()
            if self._ended:
                phone.journal.connection.close()
                return
            told = _asked(phone)
            if not self._ended:
                self._tell(told)


def _asked(phone: Phone) -> Answer | Failure:
    """Return the board, or what kept it from coming."""
    from commands.board import board

    try:
        return board(phone)
    except Failure as failure:
        return failure
    except errors() as error:
        return storage_failure(error)
