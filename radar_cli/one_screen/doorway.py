"""The way in: where a phone is not enrolled, is locked, or has nobody signed in.

It is a conversation like that of work, over an empty practice phone: so nothing that is typed here
is kept on any other. What asks a network or is slow by intent is a `job`, done beside the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from commands.badge import badge
from commands.enrol import check_url, check_way, enrol
from commands.in_use import why_not_in_use
from commands.phone import Phone, Workplace
from commands.pin import unlock_phone
from commands.practice import Practice
from commands.thing import read_source
from radar_cli.one_screen.asks import Ask, Choice, Head, Option, Page, Said, Way, said
from radar_cli.one_screen.conversation import APP, HOME, Conversation
from radar_cli.one_screen.desk import Desk, SyncState
from radar_cli.one_screen.drafts import Draft, Drafts
from radar_cli.one_screen.lessons import TRADES, trades_of
from radar_cli.one_screen.pages import help_page, practice_page
from radar_cli.one_screen.room import DOOR
from radar_cli.one_screen.telling import Verdict, refusal_of, verdict_of
from radar_core.answers import Answer
from radar_core.failures import Failure, N_
from radar_core.tags import code_of_label
from scanners.sources import clean_code, kind_of_source
from sync.badges import read_badge
from sync.enrolling import read_invitation

ENROL, UNLOCK, BADGE = "enrol", "unlock", "badge"
DOORS = {"not_enrolled": ENROL, "wiped": ENROL, "locked": UNLOCK, "nobody_signed_in": BADGE}
"""What opens, by the failure that keeps a phone closed."""
GOALS: Mapping[str, Said] = {
    ENROL: said(N_("Scan the code that your supervisor shows.")),
    UNLOCK: said(N_("Type the PIN of this phone.")),
    BADGE: said(N_("Scan your badge.")),
}
WHY: Mapping[str, Said] = {
    "not_enrolled": said(N_("This phone is not enrolled yet.")),
    "wiped": said(N_("This phone was revoked; its work is handed over.")),
    "locked": said(N_("It is locked.")),
    "nobody_signed_in": said(N_("Nobody is signed in here.")),
}
"""What is told of a phone, by the failure that keeps it closed."""
KEYS: Mapping[str, Said] = {
    ENROL: said(N_("Type the address and the code")),
    UNLOCK: said(N_("Type the PIN")),
}
STRAY: Mapping[str, str] = {
    ENROL: N_("That enrols no phone; nothing was saved of it."),
    UNLOCK: N_("This phone is locked; nothing was saved."),
    BADGE: N_("That is no badge; nothing was saved of it."),
}
"""What is told of a scan that opens nothing."""


class Doorway(Conversation):
    """Leads in, by what keeps the phone closed. `enrolled` has what an enrolment answered."""

    def __init__(
        self, desk: Desk, practice: Practice, workplace: Workplace, closed: str, idle_s: int
    ) -> None:
        """`workplace` is that of the closed phone, `closed` the code of what keeps it so."""
        pages: dict[str, Callable[..., Page]] = {
            "home": self._home_page,
            "menu": self._menu_page,
            "help": lambda desk: replace(help_page(desk), choices=()),
            "practise": lambda desk: practice_page(desk, list(TRADES)),
        }
        ways: dict[str, Callable[..., Way]] = {
            ENROL: self._enrol,
            UNLOCK: self._unlock,
            BADGE: self._badge,
        }
        super().__init__(desk, Drafts(desk.phone), ways, pages)
        self.is_work = False
        self.door = DOORS[closed]
        self._why = WHY[closed]
        self.enrolled: Answer | None = None
        self._practice = practice
        self._workplace = workplace
        self._idle_s = idle_s
        self._shown = ""
        """The badge that was scanned."""
        self._asked = Draft(self.door, ())
        """What was said before the job began, but for what is secret."""
        self._trades: list[str] = []
        self._received = 0

    def begin(self) -> None:
        """Ask at once for what opens, where that can only be typed."""
        self.refresh()
        if self.door == UNLOCK:
            self._go(Draft(UNLOCK, ()))

    def head(self) -> Head:
        """Return what to do so that work can begin."""
        who, status = said("RADAR"), said(N_("no work yet"))
        goal, detail = GOALS[self.door], self._why
        if self.job is not None:
            goal = said(N_("One moment …"))
            detail = said(N_("{count} received so far"), count=self._received)
        elif self.enrolled is not None:
            goal = said(N_("This phone is enrolled."))
            detail = said(N_("Practise now? Five minutes."))
        return Head(who, status, goal, detail, status)

    def scan(
        self, text: str, via: str = "wedge", frame: Mapping[str, object] | None = None
    ) -> None:
        """Take an invitation or a badge; a tag is told that there is no work yet."""
        del frame
        if self.job is not None or self.enrolled is not None:
            return
        try:
            text = read_source(text) if kind_of_source(text) == "picture" else clean_code(text)
        except Failure as failure:
            self.verdict = refusal_of(self.desk, failure)
            return
        invitation = read_invitation(text)
        if self.door == ENROL and invitation is not None:
            self._go(Draft(ENROL, (), invitation))
        elif self.door == ENROL and via == "typed" and _is_address(text):
            self._go(Draft(ENROL, (), (), text))
        elif self.door == BADGE and read_badge(text) is not None:
            self._shown = text
            self._go(Draft(BADGE, ()))
        else:
            self.verdict = Verdict("bad", lambda: (self.desk.say(said(STRAY[self.door])),))

    def enter(self, text: str) -> None:
        """Take a line, but for while a job is being done."""
        if self.job is None:
            super().enter(text)

    def heard(self, state: SyncState) -> None:
        """Look again at a phone that waits for a badge: it may have been revoked and wiped."""
        del state
        is_waiting = self.door == BADGE and self.job is None
        if is_waiting and why_not_in_use(self._workplace) is not None:
            self.wishes.append(DOOR)

    def did(self, told: Answer | Failure) -> None:
        """Go in; or back to the question, with what was typed, where it failed."""
        self.job = None
        if isinstance(told, Failure):
            *before, last = self._asked.said or ("",)
            self._go(Draft(self._asked.name, (), tuple(before), last))
            self.verdict = refusal_of(self.desk, told)
        elif told.view == "enrolled":
            self.enrolled = told
            self._trades = trades_of(_roles(self._workplace))
            self.verdict = verdict_of(self.desk, told)
            self.open(HOME)
        else:
            self.wishes.append("work")

    def close(self) -> None:
        """Let go of the empty phone."""
        super().close()
        self._practice.close()

    def _ended(self, draft: Draft, answer: Answer) -> None:
        """Have the job done that a way ended with, if it did."""
        del answer
        self.drafts.drop(draft)
        self.on, self.verdict = None, None
        if self.job is not None:
            self._asked = Draft(draft.name, (), draft.said) if self.door == ENROL else self._asked
            self.wishes.append("job")
        self.open(HOME)

    def _enrol(self, _desk: Desk) -> Way:
        """Ask where the centre is and for the code; an invitation has both."""
        where = yield Ask(
            said(N_("The centre's address?")), said(N_("Such as https://centre.example:8080"))
        )
        invitation = read_invitation(where)
        where, code = invitation if invitation is not None else (where.strip(), "")
        plain = _is_plain(where)
        if not code:
            code = yield Ask(said(N_("The code?")), said(N_("Such as XXXX-XXXX-XXX")))
        way = check_way(where, code, plain_http=plain)
        if plain and (yield _ask_plain()) != "yes":
            return Answer("left", {})
        work = partial(enrol, self._workplace, way.url, way.code, plain_http=plain)
        self._received = 0
        self.job = partial(work, tell=self._hear)
        return Answer("job", {})

    def _hear(self, _sent: int, received: int) -> None:
        """Note how far the first sync is; it tells from its own thread."""
        self._received = received

    def _unlock(self, _desk: Desk) -> Way:
        pin = yield Ask(said(N_("PIN of this phone")), secret=True)
        self.job = partial(unlock_phone, self._workplace, _saying(pin), self._idle_s)
        return Answer("job", {})

    def _badge(self, _desk: Desk) -> Way:
        pin = yield Ask(said(N_("The PIN of your badge")), secret=True)
        self.job = partial(_sign_in, self._workplace, self._shown, pin)
        return Answer("job", {})

    def _home_page(self, desk: Desk) -> Page:
        if self.job is not None:
            return Page(said(N_("This may take a minute.")))
        if self.enrolled is not None:
            later = Choice(said(N_("Later: to work")), APP, ("work",))
            return Page(said(N_("Practise")), (), (*self._practice_choices(desk), later))
        keys = KEYS.get(self.door)
        typed = (Choice(keys, self.door, default=self.door == UNLOCK),) if keys else ()
        look = Choice(said(N_("Look through the camera")), APP, ("camera",))
        practise = Choice(said(N_("Practise")), "practise")
        camera = () if self.door == UNLOCK else (look,)
        return Page(said(""), (), (*typed, *camera, practise, *_always()))

    def _practice_choices(self, desk: Desk) -> tuple[Choice, ...]:
        return practice_page(desk, self._trades).choices

    def _menu_page(self, desk: Desk) -> Page:
        del desk
        return Page(
            said(N_("Everything")), (), (Choice(said(N_("How it works")), "help"), *_always())
        )


def _always() -> tuple[Choice, ...]:
    return (
        Choice(said(N_("中文 / English")), APP, ("language",)),
        Choice(said(N_("Colours")), APP, ("theme",)),
        Choice(said(N_("Leave")), APP, ("leave",)),
    )


def _is_address(text: str) -> bool:
    """Tell whether somebody types where the centre is; a tag's label looks alike."""
    is_web = text.casefold().startswith(("http://", "https://"))
    return is_web and code_of_label(text) is None


def _is_plain(where: str) -> bool:
    """Tell whether others can read what goes to an address; raise Failure for what is none."""
    try:
        check_url(where)
    except Failure as failure:
        if failure.code != "plain_http":
            raise
        return True
    return False


def _ask_plain() -> Ask:
    """Ask whether a centre is to be asked where others can listen."""
    title = said(N_("Others on the network can read what is sent there."))
    no = Option("no", said(N_("no: I ask for an address with https")))
    return Ask(title, kind="choice", options=(no, Option("yes", said(N_("yes, all the same")))))


def _saying(pin: str) -> Callable[..., str]:
    """Return what answers with a PIN whoever asks for one."""

    def ask(_template: str, *, new: bool = False) -> str:
        assert not new, "nobody sets a PIN here"
        return pin

    return ask


def _sign_in(workplace: Workplace, shown: str, pin: str) -> Answer:
    """Sign the owner of a badge in, on a database that this thread alone has open."""
    phone = Phone(workplace)
    try:
        return badge(phone, shown, lambda: pin)
    finally:
        phone.journal.connection.close()


def _roles(workplace: Workplace) -> list[str]:
    """Return the roles of whose phone this is; none where nobody is told yet."""
    try:
        held = Phone(workplace).person().roles.values()
    except Failure:
        return []
    return [role for roles in held for role in roles]
