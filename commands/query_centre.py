"""`radar query THING --centre`: what the centre knows of a thing, for who leads its project."""

import json
from datetime import datetime
from urllib.parse import urlencode

from commands.phone import Phone
from commands.sync import connection
from radar_core.answers import Answer
from radar_core.failures import NOT_PERMITTED, Failure, N_
from sync.protocol import QUERY_PATH


def query_centre(phone: Phone, word: str, most: int) -> Answer:
    """Ask the centre what `query` tells from this phone alone; raise Failure if it will not say."""
    with connection(phone) as way:
        reply = way.get(f"{QUERY_PATH}?{urlencode({'thing': word, 'most': most})}")
    here = N_("What this phone knows of it: radar query {thing}")
    if reply.problem in ("not_permitted", "revoked"):
        message = N_(
            "What the centre knows is for supervisors and managers, of their own projects."
        )
        raise Failure("not_permitted", message, here, exit_code=NOT_PERMITTED, thing=word[:80])
    if reply.problem == "not_found":
        message = N_("None of the projects that you lead has anything called {thing}.")
        raise Failure("unknown_thing", message, here, thing=word[:80])
    if reply.problem:
        message = N_("The centre does not tell ({problem}).")
        raise Failure("query_refused", message, here, problem=reply.problem, thing=word[:80])
    data: dict[str, object] = json.loads(reply.body)
    due = data["due"]
    for row in [data["what"], *(due if isinstance(due, list) else [])]:
        if isinstance(row, dict):
            row |= {
                name: _local(phone, row[name]) for name in ("due_from", "due_to") if name in row
            }
    return Answer("query", data)


def _local(phone: Phone, moment: object) -> str:
    return phone.workplace.local(int(datetime.fromisoformat(str(moment)).timestamp()))
