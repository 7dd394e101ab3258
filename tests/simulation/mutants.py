"""Bugs put into the production code on purpose: each must be caught by the law that it breaks."""

# pyright: reportPrivateUsage=false, reportPrivateImportUsage=false
# ruff: noqa: ANN401 - a bug takes whatever the function takes that it stands in for

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import text

from commands import phone, projection
from commands.phone import Phone
from radar_server import answering, day, folding, handling, ingest, prepared
from radar_server import feed as server_feed
from radar_server.database import writing
from radar_server.envelope import Refusal
from radar_server.streams import Fork, place
from sync import exchange, feed, forking, grading, incoming
from sync.protocol import write_answer
from tests.simulation import network


@dataclass(frozen=True)
class Mutant:
    """`patches` are (where, name, replacement); any of `laws` may catch it, by its beginning.

    The hunt begins at `seed`, which caught it once: what the program does draws other histories.
    """

    name: str
    laws: tuple[str, ...]
    patches: tuple[tuple[Any, str, Any], ...]
    seed: int = 0

    @contextmanager
    def alive(self) -> Generator[None]:
        """Put the bug in; take it out again."""
        with ExitStack() as stack:
            for where, name, replacement in self.patches:
                stack.callback(setattr, where, name, getattr(where, name))
                setattr(where, name, replacement)
            yield


def _lost_commit(centre: Any, page: Any, device: Any, news: Any) -> Any:
    """Answer, and lose some of what the answer vouches for: as answering before the commit does."""
    told = _real["answer_push"](centre, page, device, news)
    if page.push.lines and page.last % 5 == 0:
        with writing(centre.engine) as connection:
            lost = {"epoch": page.push.epoch, "seq": page.last}
            connection.execute(text("DELETE FROM action WHERE epoch = :epoch AND seq = :seq"), lost)
    return told


def _no_prefix_skip(connection: Any, page: Any, stream: Any) -> Any:
    """Take what is sent for new, whatever is held."""
    placed = place(connection, page, stream)
    return 0 if isinstance(placed, int) else placed


def _fork_passed_over(connection: Any, page: Any, stream: Any) -> Any:
    """Take other actions under known numbers for the known ones."""
    placed = place(connection, page, stream)
    return len(page.push.lines) if isinstance(placed, Fork) else placed


def _short_news(*told: Any) -> Any:
    """Lose the last action of each page of news."""
    news = _real["read_news"](*told)
    for one in news:
        if one.actions:
            object.__setattr__(one, "actions", one.actions[:-1])
    return news


def _fits_always(_news: Any, _holding: Any) -> bool:
    return True


def _no_twins(_connection: Any, _pushes: Any) -> set[tuple[str, int]]:
    return set()


def _cursor_alone(news: Any, own: Any, wall_ms: int) -> Any:
    """Move the cursor on without the rows."""
    if len(news.actions) > 1:
        object.__setattr__(news, "actions", news.actions[1:])
    return _real["read_page"](news, own, wall_ms)


def _own_echoed(connection: Any, reader: Any, page: Any) -> Any:
    object.__setattr__(reader, "own", {})
    return _real["read_news"](connection, reader, page)


def _any_cursor(push: Any, scope: Any, _epoch: str) -> Any:
    """Trust the cursors of a centre that was restored since."""
    dropped = sorted(name for name in push.cursors if name not in scope)
    return dropped, {name: pos for name, pos in push.cursors.items() if name in scope}


def _no_scope(push: Any, _scope: Any, epoch: str) -> Any:
    """Never tell a phone to drop a project."""
    return [], push.cursors if push.centre_epoch == epoch else {}


def _news_for_revoked(centre: Any, page: Any, device: Any, news: Any) -> Any:
    return _real["write_answer"](answering.answer_to(centre, page.push, device, news), page.shown)


def _nothing_is_late(connection: Any, project: str, names: Any) -> Any:
    """Let each new action come after all that is folded, whatever its place in the order."""
    found = _real["_folded"](connection, project, names)
    return {name: stands._replace(last="") for name, stands in found.items()}


class _Same(dict[str, int]):
    """Positions that stand wherever one asks for them to stand."""

    def get(self, _project: str, _default: Any = None) -> Any:
        return _AnyNumber()


class _AnyNumber:
    def __eq__(self, _other: object) -> bool:
        return True

    __hash__ = object.__hash__


def _taken_twice(journal: Any) -> dict[str, int]:
    """Take every page for the one that was asked for, wherever the cursor stands by now."""
    return _Same(_real["cursors"](journal))


def _no_follow(last: str, _heard: str, _wall_ms: int) -> str:
    return last


def _follow_all(last: str, heard: str, _wall_ms: int) -> str:
    return max(last, heard)


def _gap_passed_over(_journal: Any, _epoch: str, _expected: int) -> None:
    """Forget what the centre asks for again."""


def _missed_at_once(_task: Any, _synced_s: Any) -> str:
    return "missed"


def _line_changed(line: str, seq: int, was: str) -> str:
    """Change more of a moved line than its number."""
    moved: str = _real["_line_anew"](line, seq, was)
    return moved.replace('"HV"', '"PK"')


def _receipts_of_anybody(_exchange: Any, _answer: Any, _page: Any) -> bool:
    return True


def _off_by_one(connection: Any, reader: Any, page: Any) -> Any:
    """Read from the cursor's own position on: `>=` for `>`."""
    cursors = {name: max(0, pos - 1) for name, pos in reader.cursors.items()}
    object.__setattr__(reader, "cursors", cursors)
    return _real["read_news"](connection, reader, page)


def _refused_behind(device: Any, page: Any) -> Any:
    """Refuse whatever comes after an action that is refused."""
    pushed = _real["prepare"](device, page)
    judged = list(pushed.judged)
    bad = next((at for at, one in enumerate(judged) if isinstance(one, Refusal)), len(judged))
    judged[bad:] = judged[bad : bad + 1] * (len(judged) - bad)
    return replace(pushed, judged=judged)


def _next_not_made(_connection: Any, _project: str, _actions: Any) -> None:
    """Finish an occurrence at the centre without making the one that follows."""


def _latest_always(_phone: Any, _ref: str, _recorded: Any) -> bool:
    return True


def _decided_uncounted(journal: Any, decided: Any) -> None:
    """Note decisions, and do not count as held what was released."""
    for one in decided:
        journal.connection.execute(
            "UPDATE quarantine SET state = ? WHERE epoch = ? AND seq = ?",
            (one.verdict, one.epoch, one.seq),
        )


def _decisions_kept_back(_connection: Any, _device: str, _pending: Any) -> list[Any]:
    return []


def _dated_to_the_millisecond(sight: Any, mono_ms: int) -> Any:
    """Claim to know exactly when an action was recorded."""
    found = _real["best"](sight, mono_ms)
    return found and (found[0], 0)


_real: dict[str, Callable[..., Any]] = {
    "cursors": feed.cursors,
    "_folded": folding._folded,
    "answer_push": handling.answer_push,
    "read_news": server_feed.read_news,
    "read_page": incoming.read_page,
    "write_answer": write_answer,
    "_line_anew": forking._line_anew,
    "prepare": prepared.prepare,
    "best": grading.Sight.best,
}

MUTANTS = (
    Mutant(
        "answered before the commit",
        ("law_03", "law_04"),
        ((network, "answer_push", _lost_commit),),
        seed=5,
    ),
    Mutant("no prefix skip", ("law_03", "law_04"), ((ingest, "place", _no_prefix_skip),)),
    Mutant(
        "a fork is passed over",
        ("law_03", "law_08"),
        ((ingest, "place", _fork_passed_over),),
        seed=12,
    ),
    Mutant(
        "`>=` for `>` in the feed's cursor",
        ("law_06", "law_07"),
        ((answering, "read_news", _off_by_one),),
    ),
    Mutant(
        "a row of the feed is lost, and the digest is not checked",
        ("law_06",),
        (
            (answering, "read_news", _short_news),
            (feed, "_fits", _fits_always),
        ),
    ),
    Mutant(
        "the cursor is kept without the rows",
        ("law_06", "law_07"),
        ((feed, "read_page", _cursor_alone),),
        seed=3,
    ),
    Mutant(
        "own actions are echoed",
        ("law_06", "law_07", "law_03"),
        ((answering, "read_news", _own_echoed),),
    ),
    Mutant(
        "cursors of a restored centre are trusted",
        ("law_05", "law_06", "law_07"),
        ((answering, "_cursors", _any_cursor),),
        seed=613,
    ),
    Mutant(
        "a project that was left is not dropped",
        ("law_05", "law_07", "law_09"),
        ((answering, "_cursors", _no_scope),),
        seed=16,
    ),
    Mutant(
        "a revoked phone gets news",
        ("law_11",),
        ((network, "answer_push", _news_for_revoked),),
        seed=2,
    ),
    Mutant(
        "stepping for folding at the centre",
        ("law_05",),
        ((folding, "_folded", _nothing_is_late),),
        seed=108,
    ),
    Mutant(
        "a page is taken in twice by two syncs at once",
        ("law_06", "law_05"),
        ((feed, "cursors", _taken_twice),),
        seed=30,
    ),
    Mutant(
        "the clock does not follow what it hears", ("law_10",), ((incoming, "follow", _no_follow),)
    ),
    Mutant(
        "the clock follows without a bound",
        ("law_10",),
        ((incoming, "follow", _follow_all),),
        seed=51,
    ),
    Mutant(
        "a gap is passed over",
        ("law_03", "law_07"),
        ((exchange, "rewind", _gap_passed_over),),
        seed=196,
    ),
    Mutant(
        "missed is told before all have synced",
        ("law_12",),
        ((day, "missed_or_unknown", _missed_at_once),),
    ),
    Mutant(
        "a moved line is changed",
        ("law_01", "law_03"),
        ((forking, "_line_anew", _line_changed),),
        seed=12,
    ),
    Mutant(
        "quarantine blocks what is behind it",
        ("law_04",),
        ((handling, "prepare", _refused_behind),),
        seed=3,
    ),
    Mutant(
        "stepping for folding on the phone",
        ("law_05",),
        ((Phone, "_is_latest", _latest_always),),
        seed=162,
    ),
    Mutant(
        "what was released is not counted as held",
        ("law_06",),
        ((feed, "_take_decisions", _decided_uncounted),),
        seed=145,
    ),
    Mutant(
        "a phone is not told of decisions",
        ("law_04", "law_06"),
        ((answering, "decisions_on", _decisions_kept_back),),
    ),
    Mutant(
        "a date is told without its error",
        ("law_10",),
        ((grading.Sight, "best", _dated_to_the_millisecond),),
        seed=9,
    ),
    Mutant(
        "the occurrence that follows is not made",
        ("law_05",),
        ((ingest, "renew_touched", _next_not_made),),
        seed=8,
    ),
    Mutant("a twin counts too", ("law_03",), ((ingest, "twins_among", _no_twins),), seed=200),
    Mutant(
        "a correction is stepped at the centre",
        ("law_05",),
        ((folding, "WHOLE", frozenset()),),
        seed=10,
    ),
    Mutant(
        "a correction is stepped on the phone",
        ("law_05",),
        ((phone, "WHOLE", frozenset()),),
        seed=10,
    ),
    Mutant(
        "work orders do not come again with their project",
        ("law_05",),
        ((projection, "_new_work_orders", lambda _: []),),
        seed=71,
    ),
    Mutant(
        "a receipt is not compared with the chain",
        ("law_03", "law_08", "law_07"),
        ((exchange._Exchange, "_is_ours", _receipts_of_anybody),),
        seed=24,
    ),
)
"""Each bug with the laws of which one must catch it."""
