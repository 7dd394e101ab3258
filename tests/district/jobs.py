"""How a job goes through hands: given, taken, begun, held, finished, looked at, given back."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.district.deeds import DAY_S
from tests.district.site import NEVER, Site

WAITS = ("waits for a part", "tenant absent", "needs a second person", "lift must be stopped")
FAULTS = ("not clean", "still leaks", "no photo", "wrong part")
PARTS = (("bearing", 1, ""), ("seal", 2, ""), ("cable", 3.5, "m"), ("lamp", 4, ""), ("oil", 1, "l"))


@dataclass(frozen=True)
class Job:
    """A work order or a scheduled piece of maintenance, and what its actions say it is about."""

    id: str
    role: str
    spot: Mapping[str, object]
    supervised: bool = False


class Hands:
    """Who has a job in hand, and what time it is."""

    def __init__(self, site: Site, job: Job, at_s: float) -> None:
        self.site = site
        self.job = job
        self.at_s = at_s
        self.who = site.chance.choice(site.on_duty(job.role, at_s))

    def act(self, kind: str, who: str = "", /, **body: object) -> None:
        """Let the one who has it, or somebody else, do something about it, a while later."""
        self.at_s += self.site.chance.uniform(20, 1200)
        who = who or self.who
        self.site.do(self.at_s, who, kind, self.job.id, task=self.job.id, **self.job.spot, **body)

    def wait(self, most_s: float) -> None:
        """Let time pass."""
        self.at_s += self.site.chance.uniform(600, most_s)


def work(site: Site, job: Job, at_s: float) -> float:
    """Let a job be done, or not; return when it was finished, `NEVER` if it was not."""
    hands = Hands(site, job, at_s)
    likely = site.likely
    if likely(0.04):
        return NEVER
    if likely(0.03):
        hands.act("cancel", site.supervisor(), reason="was done already")
        return hands.at_s
    _give(hands)
    if likely(0.9):
        hands.act("start")
    _hold(hands)
    _use(hands)
    if likely(0.03):
        return NEVER
    if likely(0.02):
        hands.act("complete", site.other(job.role, hands.who, hands.at_s), minutes=30)
    hands.act("complete", minutes=site.chance.randrange(5, 240))
    ends_s = hands.at_s
    if job.supervised or likely(0.2):
        ends_s = max(ends_s, _look(hands))
    return ends_s


def _give(hands: Hands) -> None:
    """A supervisor assigns it, somebody grabs it, or nobody says a word."""
    site, chance = hands.site, hands.site.chance.random()
    if chance < 0.5:
        hands.act("assign", site.supervisor(), to=hands.who)
        if site.likely(0.1):
            hands.act("decline", reason="not my trade")
            hands.who = site.other(hands.job.role, hands.who, hands.at_s)
            hands.act("assign", site.supervisor(), to=hands.who)
        elif site.likely(0.1):
            hands.who = site.other(hands.job.role, hands.who, hands.at_s)
            hands.act("assign", site.supervisor(), to=hands.who)
        if site.likely(0.3):
            hands.act("accept")
    elif chance < 0.75:
        hands.act("accept")
        if site.likely(0.1):
            hands.act("accept", site.other(hands.job.role, hands.who, hands.at_s))


def _hold(hands: Hands) -> None:
    """It is held for a while, sometimes forgotten, sometimes given to somebody else meanwhile."""
    site = hands.site
    while site.likely(0.15):
        hands.act("hold", reason=site.words(WAITS))
        hands.wait(2 * DAY_S)
        if site.likely(0.1):
            hands.who = site.other(hands.job.role, hands.who, hands.at_s)
            hands.act("assign", site.supervisor(), to=hands.who)
        if site.likely(0.9):
            hands.act(site.words(("resume", "resume", "resume", "start")))


def _use(hands: Hands) -> None:
    """Notes, parts, a photograph, a signature."""
    site = hands.site
    while site.likely(0.3):
        part, quantity, unit = site.chance.choice(PARTS)
        hands.act("part", part=part, quantity=quantity, **({"unit": unit} if unit else {}))
    if site.likely(0.3):
        hands.act("note", text="see the photograph")
        hands.act("photo", sha256=f"{site.chance.getrandbits(256):064x}", when="after")
    if site.likely(0.1):
        hands.act("sign", name="tenant")


def _look(hands: Hands) -> float:
    """A supervisor verifies or rejects it, some time; return when it was finished for good."""
    site, ends_s = hands.site, hands.at_s
    for _ in range(3):
        if site.likely(0.15):
            return ends_s
        hands.wait(DAY_S)
        judge = site.supervisor()
        score = {"score": site.chance.randrange(40, 101)} if site.likely(0.5) else {}
        if not site.likely(0.12):
            hands.act("verify", judge, **score)
            break
        hands.act("reject", judge, reason=site.words(FAULTS), **score)
        hands.act(site.words(("resume", "start", "start")))
        hands.act("complete", minutes=20)
        ends_s = hands.at_s
    if site.likely(0.04):
        hands.wait(3 * DAY_S)
        hands.act("reopen", site.supervisor(), reason="it came back")
        if site.likely(0.7):
            hands.act("start")
            hands.act("complete", minutes=15)
            ends_s = hands.at_s
    return ends_s
