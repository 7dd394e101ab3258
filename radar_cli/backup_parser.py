"""The grammar of `radar admin backup` and `restore`, and of what follows from a loss."""

import sys
from typing import Annotated

import typer

from radar_cli.admin_parser import Database, Home, administer
from radar_cli.hidden import read_hidden
from radar_cli.parsing import session_of
from radar_cli.progress import Tell, progress
from radar_core.answers import Answer
from radar_core.failures import USAGE, Failure, N_

Sealed = Annotated[
    bool,
    typer.Option(
        "--passphrase", help=N_("It is sealed: asks for the passphrase, or reads it from stdin.")
    ),
]


def admin_backup(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help=N_("A file that is not there yet."))],
    *,
    passphrase: Sealed = False,
    db: Database = "",
    home: Home = "",
) -> Answer:
    """Write all that the centre holds into a file, while it runs."""
    secret = _asked(context, new=True) if passphrase else ""
    wanted = {"path": file, "passphrase": secret, "tell": _progress(context)}
    return administer(context, "backup", home, db, **wanted)


def admin_restore(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help=N_("A backup's file."))],
    *,
    passphrase: Sealed = False,
    anyway: Annotated[
        bool,
        typer.Option("--anyway", help=N_("Even if its log was changed before it was backed up.")),
    ] = False,
    db: Database = "",
    home: Home = "",
) -> Answer:
    """Make the centre of a backup again, in an empty place."""
    secret = _asked(context, new=False) if passphrase else ""
    wanted = {"passphrase": secret, "anyway": anyway, "tell": _progress(context)}
    return administer(context, "restore", home, db, path=file, **wanted)


def admin_receipts(
    context: typer.Context,
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE...", help=N_("Receipts: does the centre hold what they say?")),
    ] = None,
    db: Database = "",
    home: Home = "",
) -> Answer:
    """After a restore: which phones are still to come."""
    return administer(context, "receipts", home, db, paths=files or [])


def admin_photos(
    context: typer.Context,
    *,
    again: Annotated[
        bool, typer.Option("--again", help=N_("Ask the phones again for those that are not."))
    ] = False,
    db: Database = "",
    home: Home = "",
) -> Answer:
    """Whether the files of all photos are there."""
    return administer(context, "photos", home, db, again=again)


def _asked(context: typer.Context, *, new: bool) -> str:
    """Return the passphrase; at a terminal a new one is asked for twice."""
    say = session_of(context).output.say
    secret = read_hidden(say(N_("Passphrase: ")))
    if new and sys.stdin.isatty() and read_hidden(say(N_("The same again: "))) != secret:
        raise Failure(
            "not_the_same", N_("The two were not the same; nothing was written."), exit_code=USAGE
        )
    return secret


def _progress(context: typer.Context) -> Tell:
    return progress(session_of(context), N_("{rows} rows, {photos} photos ..."), "rows", "photos")


def add_backup_to(admin: typer.Typer) -> None:
    """Add these verbs to `radar admin`."""
    admin.command("backup", help=N_("Write all that the centre holds into a file, while it runs."))(
        admin_backup
    )
    admin.command("restore", help=N_("Make the centre of a backup again, in an empty place."))(
        admin_restore
    )
    admin.command("receipts", help=N_("After a restore: which phones are still to come."))(
        admin_receipts
    )
    admin.command("photos", help=N_("Whether the files of all photos are there."))(admin_photos)
