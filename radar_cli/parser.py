"""The grammar of the command line, for Typer: every verb, its words and its help."""

from typing import Annotated

import typer

from radar_cli.admin_parser import Database, admin
from radar_cli.backup_parser import add_backup_to
from radar_cli.badge_parser import badge, lock
from radar_cli.board_parser import Bom, Csv, board, handed_on, query
from radar_cli.label_parser import label
from radar_cli.parsing import session_of
from radar_cli.patrol_parser import add_patrol_to
from radar_cli.photo_parser import photo, sign
from radar_cli.scan_parser import scan
from radar_cli.serve_parser import serve
from radar_cli.verbs import ABOUT
from radar_cli.work_parser import MINUS, TaskId, Text, add_to
from radar_core.answers import Answer
from radar_core.failures import N_

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": []},
)
app.add_typer(label, name="label")
app.add_typer(admin, name="admin")
app.add_typer(serve, name="serve")
add_backup_to(admin)


@app.callback()
def _root() -> None:
    """Every run has exactly one verb."""


app.command()(scan)


@app.command()
def tasks(
    context: typer.Context,
    ical: Annotated[
        str, typer.Option(metavar="FILE", help=N_("Write 30 days ahead for a calendar."))
    ] = "",
    project: Annotated[
        str, typer.Option(metavar="P", help=N_("With --ical: all work of this project."))
    ] = "",
    csv: Csv = "",
    bom: Bom = False,
) -> Answer | int:
    from commands.tasks import tasks as run
    from radar_cli.parsing import wrong_words

    session = session_of(context)
    if ical:
        if csv or bom:
            raise wrong_words("tasks", ["--ical", "--csv" if csv else "--bom"])
        from commands.ical import ical as write

        return write(session.phone(), ical, session.output.texts.pick, project)
    if project:
        raise wrong_words("tasks", ["--project"])
    return handed_on(session, "tasks", run(session.phone()), csv, bom=bom)


@app.command()
def start(context: typer.Context, task: TaskId) -> Answer:
    from commands.start import start as run

    return run(session_of(context).phone(), task)


@app.command(context_settings=MINUS)
def answer(
    context: typer.Context,
    task: TaskId,
    step: Annotated[str, typer.Argument(help=N_("The step's id or its number."))],
    value: Annotated[list[str], typer.Argument(help=N_("yes or no, a number, a choice, a text."))],
) -> Answer:
    from commands.answer import answer as run

    return run(session_of(context).phone(), task, step, " ".join(value))


@app.command()
def note(
    context: typer.Context,
    about: Annotated[str, typer.Argument(help=N_("A task, code, place or asset."))],
    text: Text,
) -> Answer:
    from commands.note import note as run

    return run(session_of(context).phone(), about, " ".join(text))


add_to(app)
add_patrol_to(app)

app.command()(badge)
app.command()(lock)
app.command()(photo)
app.command()(sign)


@app.command()
def bind(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help=N_("The code, or a picture of it."))],
    thing: Annotated[str, typer.Argument(help=N_("The id of a place or an asset."))],
) -> Answer:
    from commands.bind import bind as run

    return run(session_of(context).phone(), code, thing)


@app.command()
def sync(
    context: typer.Context,
    watch: Annotated[
        bool, typer.Option("--watch", help=N_("Stay, and sync whenever there is something new."))
    ] = False,
) -> int:
    from commands.watch import watch as stay
    from radar_cli.fast import run_sync

    session = session_of(context)
    return stay(session.phone(anybody=True), session.hear) if watch else run_sync(session)


@app.command()
def status(context: typer.Context) -> Answer:
    from commands.status import status as run

    return run(session_of(context).phone(anybody=True))


@app.command()
def troubles(
    context: typer.Context,
    seen: Annotated[
        str, typer.Option("--seen", metavar="N", help=N_("The number of what you have seen."))
    ] = "",
) -> Answer:
    from commands.troubles import see
    from commands.troubles import troubles as run

    phone = session_of(context).phone()
    return see(phone, seen) if seen else run(phone)


@app.command()
def log(
    context: typer.Context,
    verify: Annotated[
        bool, typer.Option("--verify", help=N_("Check that nothing was changed."))
    ] = False,
    centre: Annotated[
        bool, typer.Option("--centre", help=N_("With --verify: all that the centre holds."))
    ] = False,
    most: Annotated[
        int, typer.Option("--most", metavar="N", min=1, help=N_("How many to show."))
    ] = 50,
    *,
    db: Database = "",
) -> Answer:
    from commands.log import log as run
    from commands.log import verify_log

    session = session_of(context)
    if centre or db:
        from radar_cli.centre import verify_centre

        return verify_centre(session, db, asked=centre and verify)
    return verify_log(session.phone(anybody=True)) if verify else run(session.phone(), most)


@app.command()
def receipt(
    context: typer.Context,
    action: Annotated[
        str, typer.Argument(metavar="EPOCH.SEQ", help=N_("The action to prove."))
    ] = "",
    every: Annotated[
        bool, typer.Option("--all", help=N_("One for each epoch of this phone."))
    ] = False,
    *,
    out: Annotated[
        str, typer.Option("--out", metavar="FILE", help=N_("Write it to a file to hand on."))
    ] = "",
    verify: Annotated[
        str, typer.Option("--verify", metavar="FILE", help=N_("Check a receipt file of anybody's."))
    ] = "",
    key: Annotated[
        str, typer.Option("--key", metavar="HEX", help=N_("With --verify: the centre's key."))
    ] = "",
) -> Answer:
    from commands.receipt import prove, receipts, verify_receipt
    from radar_cli.parsing import wrong_words

    session = session_of(context)
    if verify:
        asked = {"EPOCH.SEQ": action, "--all": every, "--out": out}
        if any(asked.values()):
            raise wrong_words(
                "receipt", ["--verify", *(word for word, given in asked.items() if given)]
            )
        return verify_receipt(verify, key)
    if key or (action and every):
        raise wrong_words("receipt", ["--key"] if key else ["EPOCH.SEQ", "--all"])
    phone = session.phone()
    return prove(phone, action, out) if action else receipts(phone, every=every, out=out)


app.command()(query)
app.command()(board)


@app.command()
def enrol(
    context: typer.Context,
    url: Annotated[
        str, typer.Argument(help=N_("The centre's address, or a picture of the QR code of both."))
    ],
    code: Annotated[
        str | None, typer.Argument(help=N_("The code that your supervisor gave you."))
    ] = None,
    *,
    plain_http: Annotated[
        bool, typer.Option("--plain-http", help=N_("Even where others can listen: without TLS."))
    ] = False,
) -> Answer:
    from commands.enrol import enrol as run

    return run(session_of(context).workplace(), url, code, plain_http=plain_http)


@app.command()
def pin(context: typer.Context) -> Answer:
    from commands.pin import set_pin
    from radar_cli.hidden import asking

    session = session_of(context)
    return set_pin(session.workplace(), asking(session.output.say), session.idle_s())


@app.command()
def unlock(context: typer.Context) -> Answer:
    from commands.pin import unlock_phone
    from radar_cli.hidden import asking

    session = session_of(context)
    return unlock_phone(session.workplace(), asking(session.output.say), session.idle_s())


@app.command()
def doctor(context: typer.Context) -> Answer:
    from commands.doctor import doctor as run

    session = session_of(context)
    settings = {name: (s.value, s.source) for name, s in session.settings.items()}
    return run(session.workplace(), settings, session.output.say)


@app.command()
def demo(
    context: typer.Context,
    folder: Annotated[
        str, typer.Option("--folder", metavar="DIR", help=N_("Where to leave it all."))
    ] = "",
) -> Answer:
    from commands.demo import demo as run

    session = session_of(context)
    environ = {**session.environ, "RADAR_LANG": session.output.texts.language}
    return run(folder, environ, session.tell)


for added in app.registered_commands:
    added.help = ABOUT[str(added.name or getattr(added.callback, "__name__", ""))]
for group in app.registered_groups:
    group.help = ABOUT[str(group.name)]
