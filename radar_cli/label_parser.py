"""The grammar of `radar label`, for Typer."""

import os
from typing import TYPE_CHECKING, Annotated

import typer

from radar_cli.parsing import session_of
from radar_cli.session import Session
from radar_core.answers import Answer
from radar_core.failures import N_

if TYPE_CHECKING:
    from radar_cli.progress import Tell
    from radar_core.book_records import Record

COUNT_MAX = 1_000

label = typer.Typer(rich_markup_mode=None)

Out = Annotated[str, typer.Option("--out", metavar="FILE", help=N_("The PDF to write."))]
FormatName = Annotated[
    str,
    typer.Option("--format", metavar="F", help=N_("Sheet or roll: L7163, 5160, a4-2x3, roll-58 …")),
]
Distance = Annotated[
    str,
    typer.Option("--distance", metavar="M", help=N_("Metres to read from; else as large as fits.")),
]
Level = Annotated[str, typer.Option("--level", metavar="Q|H", help=N_("How much may be damaged."))]
Skip = Annotated[
    int,
    typer.Option("--skip", metavar="N", min=0, help=N_("Labels used up on the first sheet.")),
]
Fonts = Annotated[
    list[str] | None,
    typer.Option("--font", metavar="FILE", help=N_("A font to try first; several are allowed.")),
]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help=N_("Write over a file that is there."))
]


@label.command("new", help=N_("Make new codes and print them, blank: bind them where they hang."))
def label_new(
    context: typer.Context,
    domain: Annotated[
        str, typer.Option("--domain", metavar="D", help=N_("Your domain, as in r.example."))
    ],
    count: Annotated[
        int, typer.Option("--count", metavar="N", min=1, max=COUNT_MAX, help=N_("How many."))
    ] = 1,
    form: FormatName = "L7163",
    out: Out = "labels.pdf",
    *,
    distance: Distance = "",
    level: Level = "Q",
    skip: Skip = 0,
    font: Fonts = None,
    overwrite: Overwrite = False,
) -> Answer:
    from commands.label import Wish, new

    session = session_of(context)
    fonts = _fonts(session, font)
    wish = Wish(form, out, level, distance, skip, fonts=fonts, overwrite=overwrite)
    return new(session.workplace(), count, domain, wish, _tell(session))


@label.command("sheet", help=N_("Print the tags that the site book has."))
def label_sheet(
    context: typer.Context,
    things: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="THING...", help=N_("Codes, places with all in them, assets; else all.")
        ),
    ] = None,
    project: Annotated[
        str, typer.Option("--project", metavar="P", help=N_("Of this project alone."))
    ] = "",
    book: Annotated[
        str,
        typer.Option("--book", metavar="BOOK", help=N_("A site book; else this phone's own.")),
    ] = "",
    *,
    form: FormatName = "L7163",
    out: Out = "labels.pdf",
    distance: Distance = "",
    level: Level = "Q",
    skip: Skip = 0,
    font: Fonts = None,
    overwrite: Overwrite = False,
) -> Answer:
    from commands.label import Wish, sheet

    session = session_of(context)
    fonts = _fonts(session, font)
    wish = Wish(form, out, level, distance, skip, fonts=fonts, overwrite=overwrite)
    records, tell = _records(session, book), _tell(session)
    return sheet(session.workplace(), records, things or [], wish, tell, project=project)


def _records(session: Session, book: str) -> "list[Record]":
    """Return the records of a book's file, or of the phone's site book."""
    if book:
        found = session.call_centre("label --book", path=book)["records"]
        assert isinstance(found, list), "the centre's reader gives a list"
        return found
    from commands.label import records_of

    return records_of(session.phone())


def _fonts(session: Session, named: list[str] | None) -> list[str]:
    """Return the fonts that were named: by flag, else by the setting, a list as in PATH."""
    listed = session.settings["label_font"].value
    return named or [path for path in listed.split(os.pathsep) if path]


def _tell(session: Session) -> "Tell":
    """Return what tells how far the drawing is, to who sits at a terminal."""
    from radar_cli.progress import progress

    return progress(session, N_("{drawn} of {all} labels drawn ..."), "drawn", "all")
