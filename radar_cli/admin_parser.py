"""The grammar of `radar admin`: the verbs of whoever runs the centre."""

from collections.abc import Callable
from typing import Annotated

import typer

from radar_cli.board_parser import Bom, Csv, handed_on
from radar_cli.parsing import session_of, wrong_words
from radar_core.answers import Answer
from radar_core.failures import DONE, N_

admin = typer.Typer(rich_markup_mode=None)
quarantine = typer.Typer(
    rich_markup_mode=None, help=N_("What the centre could not accept, and your word on it.")
)
admin.add_typer(quarantine, name="quarantine")

Home = Annotated[str, typer.Option("--home", metavar="DIR", help=N_("The centre's folder."))]
Database = Annotated[
    str,
    typer.Option(
        "--db", metavar="URL", help=N_("postgresql://…; without it, SQLite in the folder.")
    ),
]

Picture = Annotated[
    str, typer.Option("--png", metavar="FILE", help=N_("The QR code, as a picture too."))
]

Actions = Annotated[
    list[str], typer.Argument(metavar="EPOCH.SEQ...", help=N_("The ids of actions."))
]
By = Annotated[str, typer.Option("--by", metavar="STAFF", help=N_("Who decides."))]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help=N_("Why, for the worker."))]


@admin.command("init", help=N_("Make a new centre."))
def admin_init(
    context: typer.Context,
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help=N_("What it is called."))
    ] = "RADAR",
    db: Database = "",
    home: Home = "",
) -> Answer:
    return administer(context, "init", home, db, name=name)


@admin.command("key", help=N_("The centre's public key, to check receipts with."))
def admin_key(context: typer.Context, db: Database = "", home: Home = "") -> Answer:
    return administer(context, "key", home, db)


@admin.command("import", help=N_("Take in a site book: a workbook or a folder of CSV."))
def admin_import(
    context: typer.Context,
    book: Annotated[str, typer.Argument(help=N_("A .xlsx file or a folder of .csv files."))],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=N_("Only say what would change."))
    ] = False,
    db: Database = "",
    home: Home = "",
) -> Answer:
    return administer(context, "import", home, db, path=book, dry_run=dry_run)


@admin.command("export", help=N_("Write the site book to a workbook or a folder of CSV."))
def admin_export(
    context: typer.Context,
    book: Annotated[str, typer.Argument(help=N_("A .xlsx file or a folder."))],
    db: Database = "",
    home: Home = "",
) -> Answer:
    return administer(context, "export", home, db, path=book)


@admin.command("enrol-code", help=N_("Hand out a one-time code to enrol a phone."))
def admin_enrol_code(
    context: typer.Context,
    whose: Annotated[
        list[str],
        typer.Argument(metavar="STAFF", help=N_("Whose phone it will be; with --shared, PROJECT.")),
    ],
    hours: Annotated[
        int,
        typer.Option("--hours", metavar="N", min=1, max=720, help=N_("How many hours it is good.")),
    ] = 24,
    *,
    shared: Annotated[
        bool, typer.Option("--shared", help=N_("For a shared phone of these projects."))
    ] = False,
    url: Annotated[
        str, typer.Option("--url", metavar="URL", help=N_("How phones reach the centre."))
    ] = "",
    png: Picture = "",
    db: Database = "",
    home: Home = "",
) -> Answer:
    if len(whose) > 1 and not shared:
        raise wrong_words("admin enrol-code", whose)
    session = session_of(context)
    verb = "enrol-code --shared" if shared else "enrol-code"
    wanted = {"projects": whose} if shared else {"staff": whose[0]}
    more = {"valid_hours": hours, "url": url, "shown": bool(png)}

    def make() -> Answer:
        where = {"home": session.centre_home(home), "db": db}
        return Answer("admin_enrol-code", session.call_centre(verb, **where, **wanted, **more))

    return with_picture(png, make, "invitation")


@admin.command("revoke", help=N_("Lock a phone out; what it still sends is kept aside."))
def admin_revoke(
    context: typer.Context,
    device: Annotated[str, typer.Argument(help=N_("The phone's device id."))],
    db: Database = "",
    home: Home = "",
) -> Answer:
    return administer(context, "revoke", home, db, device=device)


@admin.command("person", help=N_("Write out all that is kept of a person, for them."))
def admin_person(
    context: typer.Context,
    staff: Annotated[str, typer.Argument(help=N_("The person's id in the site book."))],
    out: Annotated[
        str, typer.Option("--out", metavar="PATH", help=N_("A new folder, or a new .zip file."))
    ],
    *,
    by: By = "",
    db: Database = "",
    home: Home = "",
) -> Answer:
    return administer(context, "person", home, db, staff=staff, out=out, by=by)


@admin.command("retain", help=N_("Delete positions and photos that were kept long enough."))
def admin_retain(
    context: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=N_("Only say what would be deleted."))
    ] = False,
    by: By = "",
    db: Database = "",
    home: Home = "",
) -> Answer:
    return administer(context, "retain", home, db, dry_run=dry_run, by=by)


@admin.command("audit", help=N_("Who did what at the centre, and when."))
def admin_audit(
    context: typer.Context,
    verify: Annotated[
        bool, typer.Option("--verify", help=N_("Look whether anybody changed the log."))
    ] = False,
    head: Annotated[
        str,
        typer.Option(
            "--head", metavar="N:HASH", help=N_("Verify that the log still holds this older end.")
        ),
    ] = "",
    most: Annotated[
        int, typer.Option("--most", metavar="N", min=1, help=N_("How many entries to show."))
    ] = 20,
    *,
    csv: Csv = "",
    bom: Bom = False,
    db: Database = "",
    home: Home = "",
) -> Answer | int:
    wanted = {"verify": verify, "head": head, "most": most}
    told = administer(context, "audit", home, db, **wanted)
    return handed_on(session_of(context), "admin audit", told, csv, bom=bom)


@quarantine.command("list", help=N_("What awaits a decision, oldest first."))
def quarantine_list(
    context: typer.Context,
    project: Annotated[
        str, typer.Option("--project", metavar="P", help=N_("Of this project alone."))
    ] = "",
    whole: Annotated[bool, typer.Option("--all", help=N_("Decided ones too."))] = False,
    most: Annotated[
        int, typer.Option("--most", metavar="N", min=1, help=N_("How many to show."))
    ] = 200,
    *,
    db: Database = "",
    home: Home = "",
) -> Answer:
    wanted = {"project": project, "whole": whole, "most": most}
    return administer(context, "quarantine list", home, db, **wanted)


def _word(verb: str) -> Callable[..., Answer]:
    """Return the verb that says a supervisor's word; both say it of the same things."""

    def decide(
        context: typer.Context,
        actions: Actions,
        *,
        by: By = "",
        note: Note = "",
        db: Database = "",
        home: Home = "",
    ) -> Answer:
        word = {"ids": actions, "by": by, "note": note}
        return administer(context, f"quarantine {verb}", home, db, **word)

    return decide


quarantine.command("release", help=N_("Accept actions into their project after all."))(
    _word("release")
)
quarantine.command("reject", help=N_("Leave actions out for good; they stay kept, whole."))(
    _word("reject")
)


def with_picture(png: str, make: Callable[[], Answer], key: str) -> Answer:
    """Return the answer that `make` gives; a QR code of what it says under `key` goes to `png`."""
    from commands.files import check_free, write_file
    from scanners.screen_code import code_picture

    if png:
        check_free(png, N_("Name another file with --png."))
    answer = make()
    if png:
        write_file(png, code_picture(str(answer.data[key])))
    return answer


def administer(
    context: typer.Context, verb: str, home: str, db: str, **arguments: object
) -> Answer:
    """Run a verb of the centre's and return its answer."""
    session = session_of(context)
    data = session.call_centre(verb, home=session.centre_home(home), db=db, **arguments)
    return Answer(f"admin_{verb}", data, int(str(data.pop("exit_code", DONE))))
