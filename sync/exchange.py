"""The client's side of a sync: pages up and down until there is nothing left, any number of times.

The transport is handed in, so the loop runs over HTTP, over a simulated network, or in a test.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from radar_core.actions import Moment
from radar_core.failures import NOT_ENROLLED, NOT_PERMITTED, OFFLINE, Failure, N_
from sync.anchoring import Trip, clock_of
from sync.feed import Projection, apply_answer, cursors, leave_all, summed_up
from sync.framing import WireError
from sync.healing import Parting, part, read_expected, read_parting, take_held
from sync.journal import Journal, count_unsent
from sync.keys import KEY_BYTES, KeyPair, is_signed, name_of
from sync.outbox import (
    Unsent,
    hash_at,
    mark_sent,
    note_refusal,
    other_epochs,
    pending,
    rewind,
    rewind_lost,
)
from sync.outbox import unsent as next_page
from sync.protocol import PAGE_ACTIONS_MAX, Answer, Push, Receipt, Shown, read_answer, write_push
from sync.signing import head_message, receipt_message

PAGES_MAX = 10_000
HEALS_MAX = 3
"""How often one sync may fetch one project anew as its digest did not fit, or begin an epoch."""
DOUBTS_AT = 2
"""When a project does not fit for this time in a sync, all is sent and fetched anew."""
REPAIRS_MAX = 1_000
"""How many refusals one sync may answer by sending again: an old copy finds its way in steps."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the transport brought back: a decompressed body that the centre signed, or a problem.

    `bytes_up` and `bytes_down` count bodies as they were sent; `members` are the problem's own.
    """

    status: int
    body: bytes
    bytes_up: int
    bytes_down: int
    problem: str = ""
    members: Mapping[str, object] = field(default_factory=dict[str, object])
    round_trips: int = 1


Post = Callable[[bytes], Reply]


@dataclass(slots=True)
class Report:
    """What a sync did; `forks` are the epochs that this phone left because its copy had parted."""

    sent: int = 0
    received: int = 0
    round_trips: int = 0
    bytes_up: int = 0
    bytes_down: int = 0
    repairs: int = 0
    healed: list[str] = field(default_factory=list)
    forks: list[str] = field(default_factory=list)
    receipt: Receipt | None = None


def exchange(
    journal: Journal,
    keys: KeyPair,
    post: Post,
    clock: Callable[[], Moment],
    projection: Projection,
    *,
    randomness: Callable[[int], bytes],
    tell: Callable[[Report], object] = lambda _report: None,
    report: Report | None = None,
) -> Report:
    """Bring phone and centre in step; raise Failure when the centre cannot or will not.

    Progress is kept at each page. Nothing new costs one round trip. A restored or cloned phone,
    and a centre that lost what it held, are healed on the way (`sync.healing`). After each round
    trip `tell` is called with what was done so far. A `report` given is gone on with.
    """
    report = report or Report()
    exchanging = _Exchange(journal, keys, post, clock, projection, randomness, tell, report)
    return exchanging.run()


@dataclass(slots=True)
class _Exchange:
    """One sync under way."""

    journal: Journal
    keys: KeyPair
    post: Post
    clock: Callable[[], Moment]
    projection: Projection
    randomness: Callable[[int], bytes]
    tell: Callable[[Report], object]
    report: Report

    def run(self) -> Report:
        for _ in range(PAGES_MAX):
            before = count_unsent(self.journal)
            more = self._round()
            left = count_unsent(self.journal)
            self.report.sent += max(0, before - left)
            self.tell(self.report)
            if not more and not left:
                return self.report
            self.journal.tidy()  # a long log would be folded back in one go, and keys wait for that
        raise _nonsense("the pages do not end")

    def _round(self) -> bool:
        """Send a page and take what comes back; tell whether there is more to come down."""
        page = next_page(self.journal)
        push = self._push(page)
        if push.lines:
            mark_sent(self.journal, push.epoch, push.last)
        sent = self.clock()
        reply = self.post(write_push(push))
        trip = Trip(sent, self.clock())
        self.report.round_trips += reply.round_trips
        self.report.bytes_up += reply.bytes_up
        self.report.bytes_down += reply.bytes_down
        if reply.problem:
            self._refused(page, reply)
            return True
        try:
            shown = Shown(push.device, push.epoch, push.last, page.head)
            answer = read_answer(reply.body, shown)
            self._check_receipt(answer.receipt, push.epoch)
            if not self._is_ours(answer, page):
                return True
            _check_progress(answer, push)
            return self._take(answer, push, trip)
        except WireError as error:
            raise _nonsense(str(error)) from error

    def _push(self, page: Unsent) -> Push:
        meta = self.journal.meta()
        return Push(
            device=meta["device"],
            epoch=page.epoch,
            first=page.first,
            previous=page.previous,
            lines=page.lines,
            head_signature=self.keys.sign(head_message(page.epoch, page.last, page.head)),
            centre_epoch=meta["centre_epoch"],
            cursors=cursors(self.journal),
            closed=other_epochs(self.journal, page.epoch),
            parent=page.parent,
            proof=page.proof,
            pending=pending(self.journal),
            clock=clock_of(self.journal, self.clock()),
            holds="" if page.lines else summed_up(self.journal),
        )

    def _take(self, answer: Answer, push: Push, trip: Trip) -> bool:
        """Take an answer in; tell whether there is more to come down."""
        report = self.report
        asked = dict(push.cursors)
        torn = apply_answer(self.journal, answer, asked, trip, self.projection)
        report.received += sum(len(n.records) + len(n.actions) for n in answer.news)
        report.receipt = answer.receipt
        report.healed += torn
        if any(report.healed.count(project) == DOUBTS_AT for project in torn):
            # What the centre made of this phone's own actions may be another thing by now.
            rewind(self.journal, push.epoch, 1)
            leave_all(self.journal, self.projection)
        if any(report.healed.count(project) > HEALS_MAX for project in torn):
            raise _nonsense("a project's digest does not fit, however often it is fetched")
        # Decisions that did not all fit into one answer hold the news back.
        told = bool(torn or answer.decided)
        # Of a project with several entries only the last one tells.
        return told or any({news.project: news.more for news in answer.news}.values())

    def _check_receipt(self, receipt: Receipt, epoch: str) -> None:
        """A receipt counts only if it is for this device and epoch and the centre's own word."""
        meta = self.journal.meta()
        message = receipt_message(
            receipt.device, receipt.epoch, receipt.seq, receipt.hash, receipt.at
        )
        if (receipt.device, receipt.epoch) != (meta["device"], epoch):
            raise _nonsense("the receipt is for another phone")
        if not is_signed(bytes.fromhex(meta["centre_key"]), receipt.signature, message):
            raise _nonsense("the receipt is not signed by our centre")

    def _is_ours(self, answer: Answer, page: Unsent) -> bool:
        """Tell whether a receipt speaks of this very chain; where not, get ready to ask again.

        One for more than this phone has recorded means that it is a copy from a backup.
        """
        receipt = answer.receipt
        known = hash_at(self.journal, receipt.epoch, receipt.seq)
        if page.lines and receipt.seq < page.first:
            raise WireError("the receipt does not cover what was sent")
        if known == receipt.hash:
            return True
        if receipt.seq <= page.last:
            raise WireError("the receipt is for another chain than it was shown")
        if page.lines and page.epoch != self.journal.meta()["epoch"]:
            # Of a closed epoch the centre may hold more, by another copy; what was shown is held.
            shown = [some for some in answer.quarantined if some.seq <= page.last]
            take_held(self.journal, page.epoch, Parting(page.last, None, shown))
            return False
        self._repair()
        if known is None:
            self._part(page, Parting(page.last, None, answer.quarantined))
        return False

    def _refused(self, page: Unsent, reply: Reply) -> None:
        """Do what a refusal asks for, or raise what the person can do about it."""
        self._repair()
        try:
            if reply.problem == "gap":
                expected = read_expected(reply.members, page)
                rewind_lost(self.journal, page.epoch, expected, page.first)
                return
            if reply.problem == "fork" or "receipt" in reply.members:
                parting = read_parting(reply.members, page)
                if parting.receipt is not None:
                    self._check_receipt(parting.receipt, page.epoch)
                if reply.problem == "fork":
                    self._part(page, parting)
                    return
                if parting.common is not None and parting.common >= page.first:
                    take_held(self.journal, page.epoch, parting)
                    return
        except WireError as error:
            raise _nonsense(str(error)) from error
        if reply.problem == "revoked":
            leave_all(self.journal, self.projection)
        if reply.problem in ("revoked", "unknown_device"):
            note_refusal(self.journal, reply.problem)
        raise _refused(reply.problem)

    def _part(self, page: Unsent, parting: Parting) -> None:
        """Go on in a new epoch, or look further back for where the copies parted."""
        if parting.common is None:
            rewind(self.journal, page.epoch, page.first - PAGE_ACTIONS_MAX)
            return
        new = name_of(self.randomness(KEY_BYTES), "E")
        if part(self.journal, self.projection, page.epoch, parting, (new, self.keys.public)):
            self.report.forks.append(page.epoch)
        if len(self.report.forks) > HEALS_MAX:
            raise _nonsense("this phone's history parts from it, however often it begins anew")

    def _repair(self) -> None:
        self.report.repairs += 1
        if self.report.repairs > REPAIRS_MAX:
            raise _nonsense("it refuses whatever is sent")


def _check_progress(answer: Answer, push: Push) -> None:
    """No page leaves everything where it was."""
    for news in answer.news:
        asked = 0 if news.project in answer.dropped else push.cursors.get(news.project, 0)
        if news.more and news.pos <= asked:
            raise WireError(f"the news of {news.project} do not go on")


def _refused(problem: str) -> Failure:
    """Turn a refusal that the protocol foresees into what the person can do about it."""
    if problem == "revoked":
        return Failure(
            "revoked",
            N_("This phone was revoked; what it holds was handed to a supervisor."),
            N_("Ask your supervisor for a new enrolment code."),
            exit_code=NOT_PERMITTED,
        )
    if problem == "unknown_device":
        return Failure(
            "unknown_device",
            N_("The centre does not know this phone."),
            N_("Your work is kept. Ask your supervisor for a new enrolment code."),
            exit_code=NOT_ENROLLED,
        )
    if problem == "bad_format":
        return Failure(
            "other_version",
            N_("This phone's RADAR and the centre's do not speak the same language."),
            N_("Your work is kept. Update RADAR on this phone, then: radar sync"),
        )
    return Failure(
        "centre_refused",
        N_("The centre refused ({problem}); your work is kept on this phone."),
        N_("Tell your supervisor, and try again later: radar sync"),
        exit_code=OFFLINE,
        problem=problem,
    )


def _nonsense(detail: str) -> Failure:
    return Failure(
        "centre_nonsense",
        N_("What answered is not our centre, or is broken ({detail}); your work is kept."),
        N_("Check the network (a hotel or station login page?), then: radar sync"),
        exit_code=OFFLINE,
        detail=detail,
    )
