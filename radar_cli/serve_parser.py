"""The grammar of `radar serve`, for Typer: the centre as a process, and its certificate."""

from typing import Annotated

import typer

from radar_cli.admin_parser import Database, Home, Picture, with_picture
from radar_cli.parsing import session_of
from radar_core.answers import Answer
from radar_core.failures import DONE, N_

PORT = 8080
serve = typer.Typer(rich_markup_mode=None, invoke_without_command=True)


@serve.callback()
def run(
    context: typer.Context,
    host: Annotated[
        str, typer.Option("--host", metavar="H", help=N_("The address to listen on."))
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="P", help=N_("The port; 0 takes a free one."))
    ] = PORT,
    db: Database = "",
    home: Home = "",
    *,
    cert: Annotated[
        str, typer.Option("--cert", metavar="FILE", help=N_("A certificate of your own, as PEM."))
    ] = "",
    key: Annotated[str, typer.Option("--key", metavar="FILE", help=N_("Its private key."))] = "",
    authority: Annotated[
        str,
        typer.Option("--authority", metavar="FILE", help=N_("Who signed it, for phones to check.")),
    ] = "",
    plain_http: Annotated[
        bool, typer.Option("--plain-http", help=N_("Even where others can listen: without TLS."))
    ] = False,
) -> int:
    if context.invoked_subcommand is not None:
        return DONE
    session = session_of(context)
    door = {"host": host, "port": port, "cert": cert, "key": key, "authority": authority}
    where = {"home": session.centre_home(home), "db": db, **door, "plain_http": plain_http}
    session.call_centre("serve", **where, ready=session.serving, tell=session.tell)
    return DONE


@serve.command("cert", help=N_("Make the centre's certificate, or renew it; phones need nothing."))
def cert(
    context: typer.Context,
    host: Annotated[
        list[str] | None,
        typer.Option(
            "--host", metavar="NAME", help=N_("How phones reach it; several are allowed.")
        ),
    ] = None,
    port: Annotated[
        int, typer.Option("--port", metavar="P", help=N_("The port that phones are shown."))
    ] = PORT,
    png: Picture = "",
    *,
    db: Database = "",
    home: Home = "",
) -> Answer:
    session = session_of(context)
    above = context.parent.params if context.parent is not None else {}
    home, db = home or str(above.get("home", "")), db or str(above.get("db", ""))
    where = {"home": session.centre_home(home), "db": db, "hosts": host or [], "port": port}
    return with_picture(
        png,
        lambda: Answer("serve_cert", session.call_centre("serve cert", **where)),
        "authority_url",
    )
