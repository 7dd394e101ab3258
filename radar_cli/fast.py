"""The words that must answer at once: `scan`, `tasks`, `status` and `sync`, without Typer.

Only the plain forms are taken here; anything else, help and mistakes included, is the parser's.
"""

import gc
import os
import sys

from radar_core.answers import Answer
from radar_core.failures import DONE, USAGE, Failure, N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from radar_cli.session import Session

COLLECT_OBJECTS = 200_000
"""More new objects than a page makes."""


def run_fast(session: "Session", words: "Sequence[str]") -> int | None:
    """Run a plain command line and return its exit code; None if it is not plain."""
    if "plain" in session.flags:
        return _run_plain(session, words)
    if words[:1] == ["scan"]:
        plain = _scan_words(words[1:])
        return None if plain is None else run_scan(session, *plain)
    if not words and _is_screen(session):
        settle()  # what is loaded from here on stays, and is not gone through meanwhile
        from radar_cli.one_screen.opening import open_screen

        return open_screen(session)
    if not words or list(words) in (["--help"], ["-h"]):
        from radar_cli.helping import root_help

        session.output.help(root_help(session.output.texts))
        return DONE
    return _plain_verb(session, words[0]) if len(words) == 1 else None


def _run_plain(session: "Session", words: "Sequence[str]") -> int:
    if words or session.output.json:
        raise Failure(
            "usage",
            N_("--plain is the one screen line by line, for a person; it stands alone."),
            N_("Try: radar --plain"),
            exit_code=USAGE,
        )
    from radar_cli.one_screen.opening import open_plain

    return open_plain(session)


def _is_screen(session: "Session") -> bool:
    """Tell whether the one screen can be shown: a person sits at a terminal that can move."""
    dumb = session.environ.get("TERM", "dumb") == "dumb"
    return not (session.output.json or dumb) and os.isatty(0) and os.isatty(1)


def _plain_verb(session: "Session", verb: str) -> int | None:
    if verb == "tasks":
        from commands.tasks import tasks

        return session.show(tasks(session.phone()))
    if verb == "status":
        from commands.status import status

        return session.show(status(session.phone(anybody=True)))
    if verb == "sync":
        return run_sync(session)
    return None


def run_sync(session: "Session") -> int:
    """Sync once; what takes long says how far it is."""
    from commands.sync import sync
    from radar_cli.progress import progress

    settle()
    told = N_("{sent} sent, {received} received so far ...")
    photos = N_("{sent} photos sent, {waiting} waiting ...")
    answer = sync(
        session.phone(anybody=True),
        progress(session, told, "sent", "received"),
        progress(session, photos, "sent", "waiting"),
    )
    return session.show(answer)


def settle() -> None:
    """Keep the collector from looking at what stays, and at each page that a sync brings.

    A page makes tens of thousands of objects, which go by themselves when it is stored: a third of
    a sync's time went by looking for those that hold each other.
    """
    gc.freeze()
    gc.set_threshold(COLLECT_OBJECTS)


def _scan_words(words: "Sequence[str]") -> tuple[list[str], str] | None:
    """Return sources and wanted task of a plain `scan`, or None."""
    sources, wanted, rest = [], "", list(words)
    while rest:
        word = rest.pop(0)
        if word == "--task" and rest:
            wanted = rest.pop(0)
        elif word.startswith("--task=") and word != "--task=":
            wanted = word[7:]
        elif word == "--":
            sources += rest
            rest = []
        elif word.startswith("-") and word != "-":
            return None
        else:
            sources.append(word)
    return (sources, wanted) if sources else None


def run_scan(session: "Session", sources: "Sequence[str]", wanted: str) -> int:
    """Scan every source; with several, one that fails does not stop the others."""
    if list(sources) == ["-"]:
        return _scan_stream(session, wanted)
    if "-" in sources:
        raise Failure(
            "usage",
            N_("- is standard input and stands alone; nothing was scanned."),
            N_("Try: radar scan -"),
            exit_code=USAGE,
        )
    if len(sources) == 1 and os.path.isdir(sources[0]):
        from radar_cli.watched import watch_folder

        return watch_folder(session, sources[0], wanted)
    from commands.scan import scan

    phone = session.phone()
    if len(sources) == 1:
        gc.disable()  # a process this short is over before a collection would pay
        return session.show(scan(phone, sources[0], wanted, reader=session.reader))
    return _scan_many(session, sources, wanted)


def _scan_many(session: "Session", sources: "Sequence[str]", wanted: str) -> int:
    """Scan source by source; only what `--json` will print is kept."""
    from commands.scan import scan
    from radar_cli.progress import progress

    tell = progress(session, N_("{done} of {total} looked at ..."), "done", "total")
    phone = session.phone()
    results: list[dict[str, object]] = []
    worst = DONE
    for done, source in enumerate(sources, 1):
        try:
            answer = scan(phone, source, wanted, reader=session.reader)
            if session.output.json:
                results.append(answer.data)
            else:
                session.show(answer)
        except Failure as failure:
            worst = max(worst, failure.exit_code)
            if session.output.json:
                results.append(_failed(session, source, failure))
            else:
                session.output.failure(failure)
        phone.journal.tidy()
        tell(done, len(sources))
    if session.output.json:
        session.show(Answer("scans", {"scans": results}))
    return worst


def _failed(session: "Session", source: str, failure: Failure) -> dict[str, object]:
    message, hint = session.output.sentences(failure)
    error: dict[str, object] = {"code": failure.code, "message": message, "hint": hint}
    return {"source": source, "error": error | failure.details}


def _scan_stream(session: "Session", wanted: str) -> int:
    """Read codes or file names from standard input, one a line, one verdict a line."""
    from scanners.wedge import wedge_lines

    phone = session.phone()
    worst = DONE
    if sys.stdin is None:
        return worst
    lines = wedge_lines(sys.stdin, session.wedge())
    try:
        for line in lines:
            worst = max(worst, scan_line(session, line, wanted))
            phone.journal.tidy()
    finally:
        lines.close()
    return worst


def scan_line(session: "Session", line: str | Failure, wanted: str, via: str = "wedge") -> int:
    """Scan one of many that come by themselves: one verdict in one line, whatever it is."""
    from commands.scan import scan

    try:
        if isinstance(line, Failure):
            raise line
        answer = scan(session.phone(), line, wanted, via, reader=session.reader)
        if answer.view == "scan":
            answer.view = "scan_line"
        return session.show(answer)
    except Failure as failure:
        session.output.failure(failure)
        return failure.exit_code
