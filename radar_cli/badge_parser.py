"""The grammar of shared phones: `radar badge`, `radar lock`, and what the administrator does."""

from typing import Annotated

import typer

from radar_cli.admin_parser import Database, Home, admin
from radar_cli.hidden import read_hidden
from radar_cli.parsing import lacking, session_of, wrong_words
from radar_core.answers import Answer
from radar_core.failures import N_

STDIN = "-"


def badge(
    context: typer.Context,
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help=N_("A picture of your badge, its text, or -."))
    ] = "",
    *,
    camera: Annotated[
        bool, typer.Option("--camera", help=N_("Look through the camera, for 20 s at most."))
    ] = False,
    device: Annotated[
        str, typer.Option("--device", metavar="NAME", help=N_("Which camera; else the first."))
    ] = "",
) -> Answer:
    """Sign in on a shared phone."""
    from commands.badge import badge as run
    from commands.badge import check_shared
    from radar_cli.live import look_for_badge

    session = session_of(context)
    say = session.output.say
    if camera == bool(source) or (device and not camera):
        asked = {"SOURCE": source, "--camera": camera, "--device": device}
        given = [word for word, there in asked.items() if there]
        raise wrong_words("badge", given) if given else lacking("badge", "SOURCE")
    phone = session.phone(anybody=True)
    if camera:
        check_shared(phone)
        source = look_for_badge(session, device)
    elif source == STDIN:
        source = read_hidden(say(N_("Badge: ")))
    return run(phone, source, lambda: read_hidden(say(N_("PIN: "))))


def lock(context: typer.Context) -> Answer:
    """Sign out on a shared phone, lock an encrypted one."""
    from commands.lock import lock as run
    from commands.pin import is_encrypted, lock_phone

    session = session_of(context)
    workplace = session.workplace()
    if is_encrypted(workplace):
        return lock_phone(workplace)
    return run(session.phone(anybody=True))


@admin.command("badge", help=N_("Make a person's badge and PIN for shared phones."))
def admin_badge(
    context: typer.Context,
    staff: Annotated[str, typer.Argument(help=N_("Whose badge it will be."))],
    png: Annotated[
        str, typer.Option("--png", metavar="FILE", help=N_("Write it as a picture to print."))
    ] = "",
    *,
    pin: Annotated[
        bool, typer.Option("--pin", help=N_("Choose the PIN: a line of standard input."))
    ] = False,
    db: Database = "",
    home: Home = "",
) -> Answer:
    """Make somebody's badge, and write it where it was asked for."""
    from commands.files import check_free
    from radar_cli.badge_views import write_card

    session = session_of(context)
    if png:
        check_free(png, N_("Name another file with --png."))
    chosen = read_hidden(session.output.say(N_("PIN: "))) if pin else ""
    data = session.call_centre(
        "badge", home=session.centre_home(home), db=db, staff=staff, pin=chosen
    )
    return Answer("admin_badge", data | {"png": write_card(data, png)})
