"""`radar board`: a district and its projects on one screen, with how fresh each figure is."""

import json
from collections.abc import Callable
from threading import Event
from typing import NoReturn
from urllib.parse import urlencode

from commands.phone import Phone
from commands.sync import connection
from commands.watch import way_of
from radar_core.answers import Answer
from radar_core.failures import NOT_PERMITTED, OFFLINE, Failure, N_
from sync.listening import Listening
from sync.protocol import BOARD_PATH

EVERY_S, LEAST_S = 10.0, 1.0
"""So often the board is asked for where nothing is heard, and not more often where much is."""


def board(phone: Phone, scope: str = "") -> Answer:
    """Ask the centre for the board; without signal, show the last one, marked as such."""
    path = f"{BOARD_PATH}?{urlencode({'scope': scope})}" if scope else BOARD_PATH
    try:
        text = ask(phone, path)
    except Failure as failure:
        kept = kept_board(phone, scope)
        if failure.exit_code != OFFLINE or kept is None:
            raise
        return kept
    with phone.transaction():
        phone.journal.connection.execute(
            "INSERT OR REPLACE INTO board VALUES (?, ?)", (scope, text)
        )
    return Answer("board", json.loads(text) | {"offline": False})


def kept_board(phone: Phone, scope: str = "") -> Answer | None:
    """Return the board that came last, marked as such; None where none came yet."""
    kept = phone.journal.connection.execute(
        "SELECT text FROM board WHERE scope = ?", (scope,)
    ).fetchone()
    return Answer("board", json.loads(kept[0]) | {"offline": True}) if kept is not None else None


def follow(phone: Phone, scope: str, tell: Callable[[Answer | Failure], object]) -> NoReturn:
    """Tell the board, and again whenever the centre says that something moved, until interrupted.

    What the network does to one is told; raise Failure for who may not see it.
    """
    listening = Listening(way_of(phone), phone.workplace.randomness)
    listening.start()
    pause = Event()
    while True:
        listening.woken.clear()
        try:
            tell(board(phone, scope))
        except Failure as failure:
            if failure.exit_code != OFFLINE:
                raise
            tell(failure)
        pause.wait(LEAST_S)
        listening.woken.wait(EVERY_S - LEAST_S)


def ask(phone: Phone, path: str) -> str:
    """Return what the centre tells a leader; raise Failure for who is none, or what is none."""
    with connection(phone) as way:
        reply = way.get(path)
    if reply.problem in ("not_permitted", "revoked"):
        raise Failure(
            "not_permitted",
            N_("The board is for supervisors and managers, of their own projects."),
            N_("Your own work: radar tasks"),
            exit_code=NOT_PERMITTED,
        )
    if reply.problem:
        raise Failure(
            "board_refused",
            N_("The centre has no such board ({problem})."),
            N_("Name a district or a project of yours: radar board PROJECT"),
            problem=reply.problem,
        )
    return reply.body.decode()
