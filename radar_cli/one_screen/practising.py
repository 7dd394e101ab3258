"""Practice on the one screen: the same conversation on a practice phone, led step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from commands.phone import Phone
from commands.practice import Practice
from commands.practice_book import ORDER
from commands.practice_tags import practice_code
from commands.scan import HANDOVER
from radar_cli.one_screen.asks import Choice, Head, Page, Row, Way, said
from radar_cli.one_screen.conversation import APP, HOME, Conversation
from radar_cli.one_screen.deciding import LABELS
from radar_cli.one_screen.desk import Desk, SyncState
from radar_cli.one_screen.drafts import Drafts
from radar_cli.one_screen.lessons import LESSONS, Lesson, learned, step_now
from radar_cli.one_screen.pages import PAGES, due, help_page, of_task
from radar_cli.one_screen.ways import WAYS
from radar_core.failures import N_
from radar_core.tags import typable
from scanners.screen_code import terminal_lines
from scanners.sources import clean_code

ON = "on"
"""The choice to go on without a step, which is no way."""
SHEET = "practice-tags"
"""How the sheet of practice tags is called, in the folder where the screen was opened."""
Scan = tuple[str, str, Mapping[str, object] | None]


class Practising(Conversation):
    """A practice round. A real tag that is scanned meanwhile is work: it ends the practice.

    `work` is the conversation that rests meanwhile, if this phone has work; `left_by` is the scan
    that is to be recorded there.
    """

    def __init__(
        self, desk: Desk, practice: Practice, trade: str, work: Conversation | None
    ) -> None:
        pages: dict[str, Callable[..., Page]] = {
            **PAGES,
            "home": self._home_page,
            "menu": self._menu_page,
            "help": lambda desk: replace(help_page(desk), choices=()),
        }
        super().__init__(desk, Drafts(desk.phone), {**WAYS, "print": self._print}, pages)
        self.is_work = False
        self.practice = practice
        self.trade = trade
        self.work = work
        self.left_by: Scan | None = None
        self._passed = 0

    def head(self) -> Head:
        """Return what to do now, to be drawn large."""
        steps, number = LESSONS[self.trade], self._number()
        who = said(N_("{name} · practice"), name=self.desk.me)
        status = said(N_("Practice: nothing of it is sent"))
        short = said(N_("nothing is sent"))
        if number == len(steps):
            return Head(who, status, said(N_("Well done! That is all.")), short=short)
        told = said(N_("step {number} of {count}"), number=number + 1, count=len(steps))
        return Head(who, status, said(steps[number].say), told, short)

    def scan(
        self, text: str, via: str = "wedge", frame: Mapping[str, object] | None = None
    ) -> None:
        """Record a practice scan; a real tag ends the practice and is recorded as work."""
        if self.work is not None and _is_real(self.work.desk.phone, text):
            self.left_by = (text, via, frame)
            self.wishes.append("work")
            return
        super().scan(text, via, frame)

    def heard(self, state: SyncState) -> None:
        """Leave what the sync tells to the work that rests."""
        if self.work is not None:
            self.work.heard(state)

    def close(self) -> None:
        """Remove the practice phone, with all that was done on it."""
        super().close()
        self.practice.close()

    def end(self) -> None:
        """Remove the practice phone, and close the work that rests too."""
        self.close()
        if self.work is not None:
            self.work.close()

    def _number(self) -> int:
        return step_now(self.trade, self.practice.actions(), self._passed)

    def _take(self, choice: Choice) -> None:
        if choice.name == ON:
            self._passed = self._number() + 1
            self.open(HOME)
        else:
            super()._take(choice)

    def _home_page(self, desk: Desk) -> Page:
        """Return what helps with the step: the tag to scan, or the work that it is about."""
        steps, number = LESSONS[self.trade], self._number()
        if number == len(steps):
            return self._end_page()
        lesson = steps[number]
        more = (Choice(said(N_("Go on without this step")), ON), self._leave_choice())
        if lesson.tag:
            return _tag_page(desk, lesson.tag, more)
        if lesson.kind == "report":
            report = Choice(said(N_("Report something")), "report", default=True)
            return Page(said(N_("What is broken?")), (), (report, *more))
        task = _task_of(desk, lesson)
        page = of_task(desk, task) if task else due(desk)
        verify = Choice(said(LABELS["verify"]), "verify", (ORDER,), default=True)
        choices = (verify,) if lesson.kind == "verify" else page.choices
        return Page(page.heading, page.rows, (*choices, *more), page.lines)

    def _end_page(self) -> Page:
        """Return what was learned."""
        rows = tuple(Row("✓", said(line), tone="good") for line in learned(self.trade))
        again = Choice(said(N_("Once more")), APP, (f"practise:{self.trade}",))
        return Page(said(N_("What you have learned")), rows, (self._leave_choice(), again))

    def _leave_choice(self) -> Choice:
        """Return the way out; after the last step Enter goes it."""
        is_over = self._number() == len(LESSONS[self.trade])
        return Choice(said(N_("End the practice")), APP, ("work",), default=is_over)

    def _menu_page(self, desk: Desk) -> Page:
        del desk
        rows = (
            self._leave_choice(),
            Choice(said(N_("What is due")), "due"),
            Choice(said(N_("Report something")), "report"),
            Choice(said(N_("Print the practice tags")), "print"),
            Choice(said(N_("中文 / English")), APP, ("language",)),
            Choice(said(N_("Colours")), APP, ("theme",)),
            Choice(said(N_("How it works")), "help"),
            Choice(said(N_("Leave")), APP, ("leave",)),
        )
        return Page(said(N_("Everything")), (), rows)

    def _print(self, _desk: Desk) -> Way:
        """Print the practice tags into a file that is not there yet."""
        names = (f"{SHEET}-{number}.pdf" if number else f"{SHEET}.pdf" for number in range(10_000))
        out = next(name for name in names if not Path(name).exists())
        yield from ()  # which makes it a generator
        return self.practice.print_tags(out, lambda _done, _all: None)


def _is_real(phone: Phone, text: str) -> bool:
    """Tell whether a text is work on a phone: a tag that its site book knows, or a handover."""
    return text.startswith(HANDOVER) or phone.spot(clean_code(text)) is not None


def _tag_page(desk: Desk, thing: str, more: tuple[Choice, ...]) -> Page:
    """Return a practice tag: to be scanned from this screen, or its code to be typed."""
    code = practice_code(thing)
    spot = desk.phone.spot(code)
    assert spot is not None, "the practice book has it"
    name = {"name": spot.name, "name_zh": spot.name_zh}
    told = said(N_("{place}: scan this"), place=name)
    row = Row("▸", said(N_("or type {code}"), code=typable(code)))
    return Page(told, (row,), more, tuple(terminal_lines(code)))


def _task_of(desk: Desk, lesson: Lesson) -> str:
    """Return the work that a step is about: what is due where it is, else what is in hand."""
    if lesson.kind == "verify":
        return ORDER
    about = {f"{kind}:{id_}" for kind, id_ in lesson.about.items()}
    here = [task.id for task, _ in desk.pairs if about.intersection(task.targets)]
    pair = desk.in_hand()
    hand = [pair[0].id] if pair is not None else []
    return next(iter(here + hand), "")
