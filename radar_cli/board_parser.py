"""`radar board`, `radar query` and the tables that they, and `radar tasks`, are handed on as."""

from collections.abc import Iterable
from typing import Annotated

import typer

from radar_cli.parsing import session_of, wrong_words
from radar_cli.session import Session
from radar_core.answers import Answer
from radar_core.failures import Failure, N_

Csv = Annotated[
    str,
    typer.Option("--csv", metavar="FILE", help=N_("A table for a spreadsheet; - for stdout.")),
]
Bom = Annotated[bool, typer.Option("--bom", help=N_("With --csv: begin with a mark, for Excel."))]


def board(
    context: typer.Context,
    scope: Annotated[
        str, typer.Argument(metavar="DISTRICT|PROJECT", help=N_("A district or a project."))
    ] = "",
    *,
    watch: Annotated[
        bool, typer.Option("--watch", help=N_("Stay, and show it anew whenever something moves."))
    ] = False,
    month: Annotated[
        str, typer.Option("--month", metavar="M", help=N_("Not today, but a month: 2026-11."))
    ] = "",
    pdf: Annotated[
        str, typer.Option("--pdf", metavar="FILE", help=N_("With --month: a report to print."))
    ] = "",
    font: Annotated[
        list[str] | None,
        typer.Option("--font", metavar="FILE", help=N_("With --pdf: a font to take first.")),
    ] = None,
    csv: Csv = "",
    bom: Bom = False,
) -> Answer | int:
    """Show the board once, live, or as a table; or how a month was."""
    from commands.board import board as run
    from commands.board import follow

    session = session_of(context)
    words = {"--month": month, "--pdf": pdf, "--font": font, "--csv": csv, "--bom": bom}
    given = [word for word, value in words.items() if value]
    if (pdf and not month) or (pdf and (csv or bom)) or (font and not pdf):
        raise wrong_words("board", given)
    if watch:
        if given:
            raise wrong_words("board", ["--watch", *given])
        follow(session.phone(), scope, Live(session).show)
    if not month:
        return handed_on(session, "board", run(session.phone(), scope), csv, bom=bom)
    from commands.figures import figures

    told = figures(session.phone(), scope, month)
    if pdf:
        from radar_cli.report_pdf import printed

        return printed(told.data, session.output.texts, pdf, font or [])
    return handed_on(session, "board", told, csv, bom=bom)


def query(
    context: typer.Context,
    thing: Annotated[str, typer.Argument(help=N_("A code or an id."))],
    most: Annotated[
        int, typer.Option("--most", metavar="N", min=1, help=N_("How much history."))
    ] = 20,
    *,
    centre: Annotated[
        bool, typer.Option("--centre", help=N_("What the centre knows, for who leads the project."))
    ] = False,
    csv: Csv = "",
    bom: Bom = False,
) -> Answer | int:
    """Tell what is known of a thing."""
    from commands.query import query as of_phone
    from commands.query_centre import query_centre as of_centre

    session = session_of(context)
    run = of_centre if centre else of_phone
    return handed_on(session, "query", run(session.phone(), thing, most), csv, bom=bom)


def handed_on(session: Session, verb: str, answer: Answer, csv: str, *, bom: bool) -> Answer | int:
    """Return an answer as it is, or write it as a table and say so."""
    if not csv:
        if bom:
            raise wrong_words(verb, ["--bom"])
        return answer
    if csv == "-" and session.output.json:
        raise wrong_words(verb, ["--json", "--csv -"])
    from radar_cli.spreadsheets import BOM, csv_text, table_of

    columns, rows = table_of(answer.view, answer.data)
    text = (BOM if bom else "") + csv_text(columns, rows)
    if csv == "-":
        session.output.table(text)
        return answer.exit_code
    from commands.files import write_file

    write_file(csv, text.encode("utf-8", "replace"))
    return Answer("table", {"out": csv, "rows": len(rows), "columns": list(columns)})


class Live:
    """A board that is shown anew: over the last one on a terminal, else below it if it changed."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._shown: object = None

    def show(self, told: Answer | Failure) -> None:
        """Show a board, or what kept it from coming."""
        from radar_cli.output import STDOUT
        from radar_cli.screen import fit_to, size_of
        from radar_cli.views import view_lines

        session, texts = self._session, self._session.output.texts
        size = None if session.output.json else size_of(STDOUT, session.environ)
        if size is not None:
            lines: Iterable[str] = (
                session.output.sentences(told)
                if isinstance(told, Failure)
                else view_lines(told, texts)
            )
            end = texts.say(N_("Live; Ctrl-C ends it."))
            session.output.redraw(fit_to([*lines, end], *size))
            return
        if isinstance(told, Failure):
            self._shown = None
            session.output.failure(told)
            return
        shown = {name: value for name, value in told.data.items() if name != "as_of"}
        if shown != self._shown:
            self._shown = shown
            session.show(told)
