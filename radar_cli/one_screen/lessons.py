"""The steps of a practice round: what to do now, at which tag, and what tells that it was done.

Pure: what was done is told by the phone's actions, in whatever order they came.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from radar_core.actions import Action
from radar_core.failures import N_
from radar_core.permissions import LEADERS


@dataclass(frozen=True, slots=True)
class Lesson:
    """One step: `say` is a template without values, `tag` the place or asset to scan, if any.

    It is fulfilled by an action of `kind` whose body says what `about` has.
    """

    say: str
    kind: str
    tag: str = ""
    about: Mapping[str, object] = field(default_factory=dict[str, object])

    def is_fulfilled(self, actions: Iterable[Action]) -> bool:
        """Tell whether something that was done is what this step asks for."""
        wanted = self.about.items()
        return any(action.kind == self.kind and wanted <= action.body.items() for action in actions)


def _scan(thing: str, say: str, *, asset: bool = False) -> Lesson:
    return Lesson(say, "scan", thing, {"asset" if asset else "place": thing})


TRADES: Mapping[str, str] = MappingProxyType({
    "guard": N_("a guard's round"),
    "cleaner": N_("a cleaner's work"),
    "engineer": N_("an engineer's job"),
    "supervisor": N_("a supervisor's word"),
})  # fmt: skip
"""What can be practised, by trade."""
LESSONS: Mapping[str, tuple[Lesson, ...]] = MappingProxyType({
    "guard": (
        _scan("GATE", N_("Your round begins at the gate. Scan its tag.")),
        _scan("LOBBY", N_("That was all. Now the lobby.")),
        _scan("GARAGE", N_("Now the garage. It asks you something.")),
        Lesson(N_("Answer: is the fire door shut?"), "answer", about={"step": "2.door"}),
        _scan("ROOF", N_("Last the roof. Then the round is done by itself.")),
        Lesson(N_("The lamp up here is broken. Report it."), "report", about={"place": "ROOF"}),
    ),
    "cleaner": (
        _scan("LOBBY", N_("The lobby is to be cleaned. Scan its tag.")),
        Lesson(N_("Clean it, then say that it is done."), "complete", about={"place": "LOBBY"}),
        _scan("BINS", N_("Now the bin room. It asks you something.")),
        Lesson(N_("Answer: are the bins empty?"), "answer", about={"step": "bins"}),
        Lesson(N_("Say that it is done."), "complete", about={"place": "BINS"}),
    ),
    "engineer": (
        _scan("PUMP1", N_("The pump is to be checked. Scan its tag."), asset=True),
        Lesson(N_("Answer: is it dry?"), "answer", about={"step": "leak"}),
        Lesson(N_("Its gauge shows 4.2 bar. Type that."), "reading", about={"step": "pressure"}),
        Lesson(N_("You put in a new seal. Record this part."), "part", about={"asset": "PUMP1"}),
        Lesson(N_("Say that the job is done."), "complete", about={"asset": "PUMP1"}),
    ),
    "supervisor": (
        _scan("PUMP1", N_("The pump was mended. Go there and scan its tag."), asset=True),
        Lesson(N_("It is dry. Say that the work is good."), "verify", about={"asset": "PUMP1"}),
    ),
})  # fmt: skip
"""The steps of a round, by trade."""
LEARNED: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "guard": (
        N_("A checkpoint is one scan."),
        N_("A question is one key."),
        N_("What is broken, you report at once."),
    ),
    "cleaner": (
        N_("A cleaning is one scan and one key."),
        N_("A question is one key."),
    ),
    "engineer": (
        N_("A scan opens the job."),
        N_("A reading is its number and Enter."),
        N_("Parts are recorded with the job."),
    ),
    "supervisor": (
        N_("Finished work waits for your word."),
        N_("What is good is one key."),
    ),
})  # fmt: skip
"""What somebody has learned after a round, by trade."""
ALWAYS = (
    N_("Saved at once, also without signal."),
    N_("Esc goes back. Nothing is lost."),
)
"""What everybody has learned."""


def trades_of(roles: Collection[str]) -> list[str]:
    """Return what somebody with these roles can practise; without any, everything.

    Who leads practises what a supervisor does.
    """
    held = {"supervisor" if role in LEADERS else role for role in roles}
    return [trade for trade in LESSONS if trade in held] or list(LESSONS)


def step_now(trade: str, actions: Iterable[Action], passed: int = 0) -> int:
    """Return the number of the step to do now, counted from 0; how many there are at the end.

    `passed` are so many steps that the person passed over, or was at already: it never goes back.
    """
    done = list(actions)
    steps = LESSONS[trade]
    return next(
        (n for n, lesson in enumerate(steps) if n >= passed and not lesson.is_fulfilled(done)),
        len(steps),
    )


def learned(trade: str) -> tuple[str, ...]:
    """Return what somebody has learned, as templates without values."""
    return LEARNED[trade] + ALWAYS
