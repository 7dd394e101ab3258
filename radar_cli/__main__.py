"""The entry point: decides on the words typed before anything heavy is imported."""

import os
import sys

from radar_core.failures import DONE, INTERRUPTED, Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from radar_cli.session import Session

VERSION = "0.1.0"


def main() -> None:
    """Run `radar` and leave at once: closing the database would cost three more flushes."""
    left: list[Session] = []
    os._exit(run(sys.argv[1:], os.environ, left))


def run(
    argv: "Sequence[str]", environ: "Mapping[str, str]", left: "list[Session] | None" = None
) -> int:
    """Run one command line and return its exit code; the only place where failures are caught.

    What is `left` is not closed: not every module of SQLite waits for the collector with that.
    """
    if list(argv) == ["--version"]:
        from radar_cli.output import STDOUT, write

        try:
            write(STDOUT, f"radar {VERSION}\n")
        except Failure as failure:
            return failure.exit_code
        return DONE
    from radar_cli.session import RECORDING, Session, split_flags

    flags, words = split_flags(argv)
    session = Session(flags, environ)
    if left is not None:
        left.append(session)
    try:
        session.begin(recording=not words or words[0] in RECORDING)
        return _dispatch(session, words)
    except Failure as failure:
        session.output.failure(failure)
        return failure.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        explained = session.explain(error)
        if explained is None:
            raise
        session.output.failure(explained)
        return explained.exit_code
    finally:
        session.tidy()


def _dispatch(session: "Session", words: "Sequence[str]") -> int:
    if list(words) == ["--version"]:
        from radar_core.answers import Answer

        session.output.answer(Answer("version", {"version": VERSION}), [f"radar {VERSION}"])
        return DONE
    from radar_cli.fast import run_fast

    code = run_fast(session, words)
    if code is not None:
        return code
    from radar_cli.parsing import run_parsed

    return run_parsed(session, words)


if __name__ == "__main__":
    main()
