"""The way to the centre's own verbs: by name only, so that no phone ever loads a server."""

from importlib import import_module

from radar_cli.progress import progress
from radar_cli.session import Session
from radar_core.answers import Answer
from radar_core.failures import USAGE, Failure, N_

VERBS = {
    "init": "radar_server.admin:init",
    "key": "radar_server.admin:public_key",
    "import": "radar_server.admin:import_book",
    "export": "radar_server.admin:export_book",
    "label --book": "radar_server.admin:book_records",
    "enrol-code": "radar_server.admin:enrol_code",
    "badge": "radar_server.badges:make_badge",
    "enrol-code --shared": "radar_server.admin:shared_code",
    "revoke": "radar_server.admin:revoke",
    "quarantine list": "radar_server.quarantine:list_kept",
    "quarantine release": "radar_server.quarantine:release",
    "quarantine reject": "radar_server.quarantine:reject",
    "person": "radar_server.person:export_person",
    "retain": "radar_server.retention:retain",
    "backup": "radar_server.backup:backup",
    "restore": "radar_server.restore:restore",
    "receipts": "radar_server.restored:show_receipts",
    "photos": "radar_server.restored:ask_for_photos",
    "audit": "radar_server.verifying:show_audit",
    "log --verify": "radar_server.verifying:verify_centre",
    "serve": "radar_server.serve:serve",
    "serve cert": "radar_server.transport:certify",
}


def call(verb: str, **arguments: object) -> dict[str, object]:
    """Run one of the centre's verbs and return its data."""
    module, _, name = VERBS[verb].partition(":")
    try:
        function = getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        raise Failure(
            "no_centre_here",
            N_("This installation has no centre ({module} is missing)."),
            N_("Install all of RADAR, as the README says."),
            module=error.name,
        ) from error
    told = function(**arguments)
    return dict(told) if isinstance(told, dict) else {}


def verify_centre(session: Session, db: str, *, asked: bool) -> Answer:
    """Verify the centre's log, if all of `radar log --verify --centre` was typed."""
    if not asked:
        raise Failure(
            "usage",
            N_("The centre's log is only verified here."),
            N_("Try: radar log --verify --centre"),
            exit_code=USAGE,
        )
    home = session.centre_home(session.flags.get("home", ""))
    tell = progress(session, N_("{seen} of {all} actions seen ..."), "seen", "all")
    return Answer("centre_verified", call("log --verify", home=home, db=db, tell=tell))
