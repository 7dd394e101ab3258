"""Which conversation the person is in: their work, practice, or at the door where there is no work.

Whoever draws has one conversation and asks for another one when it wishes for `work`, `door` or
`practise:TRADE`; at the wish `job` it does what the conversation has as its `job`, beside.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from commands.in_use import check_in_use, why_not_in_use
from commands.phone import Phone, Workplace
from radar_cli.one_screen.conversation import HOME, Conversation
from radar_cli.one_screen.desk import Desk
from radar_cli.one_screen.drafts import Drafts
from radar_cli.one_screen.room import CLOSED, DOOR
from radar_cli.output import Output
from radar_core.answers import Answer
from radar_core.failures import Failure, N_
from scanners.apart import Reader

PRACTISE = "practise:"
JOB = "job"
TELL_S = 0.3
"""So often it is shown how far something is that takes a while."""


def outcome(job: Callable[[], Answer]) -> Answer | Failure:
    """Do something that takes a while; return what a person can meet, raise all else."""
    try:
        return job()
    except Failure as failure:
        return failure


async def work_off(talk: Conversation, tell: Callable[[], object]) -> None:
    """Do the job of a conversation in a thread, and `tell` now and then while it lasts."""
    if talk.job is None:
        return
    doing = asyncio.ensure_future(asyncio.to_thread(outcome, talk.job))
    while not doing.done():
        await asyncio.wait([doing], timeout=TELL_S)
        tell()
    talk.did(doing.result())


class Rooms:
    """Opens the conversations of one run, and closes those that are over."""

    def __init__(
        self,
        workplace: Workplace,
        open_phone: Callable[[], Phone],
        output: Output,
        reader: Callable[[], Reader],
        idle_s: int,
    ) -> None:
        """`open_phone` gives the phone of this run, or raises the Failure that keeps it closed.

        An encrypted phone that is opened here locks itself after `idle_s` seconds without use.
        """
        self.workplace = workplace
        self.output = output
        self.reader = reader
        self.idle_s = idle_s
        self._open_phone = open_phone

    def first(self) -> Conversation:
        """Return the work, or the door where there is none; it is not begun yet."""
        found = self._opened()
        return self._door(found) if isinstance(found, Failure) else found

    def turn(self, wish: str, talk: Conversation) -> Conversation | None:
        """Leave a conversation for the one that is wished for, begun; None where that is no room.

        Raise Failure where there is no room to practise; nothing is left then.
        """
        if wish.startswith(PRACTISE):
            return self._practise(wish.removeprefix(PRACTISE), talk)
        return self._leave(talk) if wish in ("work", DOOR) else None

    def follow(self, talk: Conversation) -> Conversation:
        """Go where a conversation wishes, for who draws nothing meanwhile; return where that is.

        What takes a while is done at once. Other wishes stay.
        """
        left: list[str] = []
        while talk.wishes:
            wish = talk.wishes.pop(0)
            found = None if wish == JOB else self.turn(wish, talk)
            if wish == JOB and talk.job is not None:
                talk.did(outcome(talk.job))
            elif found is None:
                left.append(wish)
            else:
                talk = found
        talk.wishes += left
        return talk

    def _opened(self) -> Conversation | Failure:
        """Return the work on this phone, or what keeps it closed."""
        try:
            phone = self._open_phone()
            check_in_use(phone)
        except Failure as failure:
            if failure.code not in CLOSED:
                raise
            return self._why(failure)
        return Conversation(Desk(phone, self.output, self.reader), Drafts(phone))

    def _why(self, closed: Failure) -> Failure:
        """Return why a phone is closed: a shared one that was wiped waits for no badge."""
        is_shared = closed.code == "nobody_signed_in"
        return (why_not_in_use(self.workplace) if is_shared else None) or closed

    def _door(self, closed: Failure) -> Conversation:
        from commands.practice import begin_practice
        from radar_cli.one_screen.doorway import Doorway

        practice = begin_practice(self.workplace, ["guard"])
        desk = Desk(practice.phone, self.output, self.reader)
        return Doorway(desk, practice, self.workplace, closed.code, self.idle_s)

    def _practise(self, trade: str, talk: Conversation) -> Conversation:
        """Begin to practise; work rests meanwhile, and all else is closed."""
        from commands.practice import STRANGER, begin_practice
        from radar_cli.one_screen.practising import Practising

        work = talk.work if isinstance(talk, Practising) else talk
        if work is not None and not work.is_work:
            found = self._opened()
            work = None if isinstance(found, Failure) else found
            if work is not None:
                work.begin()
        name = STRANGER
        if work is not None:
            me = work.desk.me
            name = (str(me["name"]), str(me["name_zh"]))
        practice = begin_practice(self.workplace, [trade], name)
        desk = Desk(practice.phone, self.output, self.reader)
        made = Practising(desk, practice, trade, work)
        if talk is not work:
            talk.close()
        made.begin()
        return made

    def _leave(self, talk: Conversation) -> Conversation:
        """Go to work; to the door where there is none now."""
        from radar_cli.one_screen.practising import Practising

        talk.close()
        work = talk.work if isinstance(talk, Practising) else None
        if work is None:
            work = self.first()
            work.begin()
        else:
            work.refresh()
            work.open(HOME)
        if isinstance(talk, Practising) and talk.left_by is not None:
            work.scan(*talk.left_by)
            if work.verdict is not None:
                told = N_("The practice has ended: this tag is real.")
                work.verdict = work.verdict.also(work.desk, told)
        return work
