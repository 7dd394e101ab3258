"""The client's side of a sync: pages up and down until there is nothing left, any number of times.

The transport is handed in, so the loop runs over HTTP, over a simulated network, or in a test.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from radar_core.failures import DECIDE, NOT_ENROLLED, NOT_PERMITTED, OFFLINE, Failure, N_
from sync.feed import Projection, apply_answer, cursors
from sync.journal import Journal
from sync.keys import KeyPair, is_signed
from sync.outbox import count_unsent, hash_at, mark_sent, unsent
from sync.protocol import Answer, Push, Receipt, WireError, read_answer, write_push
from sync.signing import head_message, receipt_message

PAGES_MAX = 10_000
HEALS_MAX = 3
"""How often one sync may fetch one project anew because its digest did not fit."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the transport brought back: a decompressed body that the centre signed, or a problem.

    `bytes_up` and `bytes_down` count bodies as they were sent.
    """

    status: int
    body: bytes
    bytes_up: int
    bytes_down: int
    problem: str = ""


Post = Callable[[bytes], Reply]


@dataclass(slots=True)
class Report:
    """What a sync did."""

    sent: int = 0
    received: int = 0
    round_trips: int = 0
    bytes_up: int = 0
    bytes_down: int = 0
    healed: list[str] = field(default_factory=list)
    receipt: Receipt | None = None


def exchange(
    journal: Journal, keys: KeyPair, post: Post, wall_ms: Callable[[], int], projection: Projection
) -> Report:
    """Bring phone and centre in step; raise Failure when the centre cannot or will not.

    Progress is kept at each page. Nothing new costs one round trip.
    """
    report = Report()
    for _ in range(PAGES_MAX):
        before = count_unsent(journal)
        answer, asked = _one_page(journal, keys, post, report)
        try:
            torn = apply_answer(journal, answer, asked, wall_ms(), projection)
        except WireError as error:
            raise _nonsense(str(error)) from error
        left = count_unsent(journal)
        report.sent += max(0, before - left)
        report.received += sum(len(n.records) + len(n.actions) for n in answer.news)
        report.receipt = answer.receipt
        report.healed += torn
        if any(report.healed.count(project) > HEALS_MAX for project in torn):
            raise _nonsense("a project's digest does not fit, however often it is fetched")
        if not torn and not left and not any(news.more for news in answer.news):
            return report
    raise _nonsense("the pages do not end")


def _one_page(
    journal: Journal, keys: KeyPair, post: Post, report: Report
) -> tuple[Answer, dict[str, int]]:
    meta, page, asked = journal.meta(), unsent(journal), cursors(journal)
    last = page.first + len(page.lines) - 1
    push = Push(
        device=meta["device"],
        epoch=page.epoch,
        first=page.first,
        previous=page.previous,
        lines=page.lines,
        head_signature=keys.sign(head_message(page.epoch, last, page.head)),
        centre_epoch=meta["centre_epoch"],
        cursors=asked,
    )
    if page.lines:
        mark_sent(journal, page.epoch, last)
    reply = post(write_push(push))
    report.round_trips += 1
    report.bytes_up += reply.bytes_up
    report.bytes_down += reply.bytes_down
    if reply.problem:
        raise _refused(reply.problem)
    try:
        answer = read_answer(reply.body)
    except WireError as error:
        raise _nonsense(str(error)) from error
    _check_receipt(answer.receipt, push, bytes.fromhex(meta["centre_key"]))
    _check_progress(journal, answer, push)
    return answer, asked


def _check_receipt(receipt: Receipt, push: Push, centre_key: bytes) -> None:
    """A receipt counts only if it is for this device and epoch and the centre's own word."""
    message = receipt_message(receipt.device, receipt.epoch, receipt.seq, receipt.hash, receipt.at)
    if (receipt.device, receipt.epoch) != (push.device, push.epoch):
        raise _nonsense("the receipt is for another phone")
    if not is_signed(centre_key, receipt.signature, message):
        raise _nonsense("the receipt is not signed by our centre")


def _check_progress(journal: Journal, answer: Answer, push: Push) -> None:
    """The receipt speaks of this very chain, and no page leaves everything where it was."""
    receipt = answer.receipt
    if hash_at(journal, receipt.epoch, receipt.seq) != receipt.hash:
        raise _refused("fork")
    if push.lines and receipt.seq < push.first:
        raise _nonsense("the receipt does not cover what was sent")
    for news in answer.news:
        asked = 0 if news.project in answer.dropped else push.cursors.get(news.project, 0)
        if news.more and news.pos <= asked:
            raise _nonsense(f"the news of {news.project} do not go on")


def _refused(problem: str) -> Failure:
    """Turn a refusal that the protocol foresees into what the person can do about it."""
    if problem == "fork":
        return Failure(
            "fork",
            N_("The centre holds other actions under this phone's numbers: a restored copy?"),
            N_("Nothing is lost. Ask your supervisor to enrol this phone anew."),
            exit_code=DECIDE,
        )
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
