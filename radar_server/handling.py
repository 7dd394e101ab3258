"""What a request asks of the centre, each in one blocking step; `radar_server.http` runs them."""

import json
from collections.abc import Callable, Mapping

from sqlalchemy import Connection

from radar_server.answering import (
    answer_to,
    epoch_of,
    held_of_revoked,
    parting_of,
    stream_of,
)
from radar_server.audit import note
from radar_server.board import board_of
from radar_server.centre import Centre
from radar_server.database import noting, reading, writing
from radar_server.devices import SYNC_NOTED_MS, Device, note_sync
from radar_server.doors import enter
from radar_server.enrolment import Applicant, enrol
from radar_server.feed import NewsPage
from radar_server.figures import figures_of
from radar_server.forms import Centre as CentreForm
from radar_server.forms import EnrolAnswer, EnrolRequest
from radar_server.ingest import Outcome
from radar_server.led import Wanted
from radar_server.prepared import Pushed, prepare
from radar_server.problems import Problem
from radar_server.requests import Asked, read_page
from radar_server.storing import store_pushes
from radar_server.streams import Fork, Gap, Page, place
from radar_server.things import MOST, MOST_MAX, thing_of
from sync.enrolling import enrolled_message, prove
from sync.protocol import write_answer

MOST_DIGITS = 9


def read_push(centre: Centre, asked: Asked, body: bytes) -> tuple[Device, Page]:
    """Return who pushed what; raise Problem unless all of it holds together."""
    device = enter(centre, asked, body)
    return device, read_page(asked, device, body)


def store_push(centre: Centre, page: Page, device: Device) -> None:
    """Take a page in; it is durable when this returns. Raise Problem `gap` or `fork`."""
    pushed = prepare(device, page)
    check_stored(centre, pushed, store_pushes(centre, [pushed])[0])


def check_stored(centre: Centre, pushed: Pushed, outcome: Outcome | Exception) -> None:
    """Raise Problem `gap` or `fork`, or what went wrong, where a push was not taken in."""
    if isinstance(outcome, Exception):
        raise outcome
    _check(centre, pushed.page, pushed.device, outcome)


def check_push(centre: Centre, page: Page, device: Device) -> None:
    """Raise Problem `gap` or `fork` where the chain of a push does not fit what is held."""
    with reading(centre.engine) as connection:
        outcome = place(connection, page, stream_of(connection, page.push.epoch, device))
    _check(centre, page, device, outcome)


def answer_push(centre: Centre, page: Page, device: Device, news: NewsPage) -> bytes:
    """Return the answer to a push that fits; a revoked phone gets nothing but its receipt."""
    if device.revoked:
        told = held_of_revoked(centre, page.push, device)
        raise Problem("revoked", "What it sent is kept in quarantine.", told)
    return write_answer(answer_to(centre, page.push, device, news), page.shown)


def is_sync_due(centre: Centre, device: Device) -> bool:
    """Tell whether a phone's last sync was noted long enough ago to be noted again."""
    last = device.last_sync_ms
    return not device.revoked and (last is None or centre.now_ms() - last >= SYNC_NOTED_MS)


def note_last_sync(centre: Centre, device: Device) -> None:
    """Remember that a phone had nothing to send; it costs no flush, so it may be lost."""
    with noting(centre.engine) as connection:
        note_sync(connection, [device], centre.now_ms())


def enrol_phone(centre: Centre, form: EnrolRequest) -> tuple[bytes, bytes]:
    """Make a phone known; return the answer, and the proof that it is the centre's.

    Raise Problem where its code does not serve.
    """
    code_id, public = bytes.fromhex(form.code_id), bytes.fromhex(form.public_key)
    proof, signature = bytes.fromhex(form.proof), bytes.fromhex(form.signature)
    applicant = Applicant(code_id, public, form.name, proof, signature)
    with writing(centre.engine) as connection:
        made = enrol(connection, applicant, centre.now_ms())
        if not made.already:
            by = made.staff or made.device
            note(connection, centre, "enrol", by, device=made.device, phone=form.name)
    answer = EnrolAnswer(
        format=1,
        device=made.device,
        staff=made.staff,
        name=made.name,
        projects=list(made.projects),
        centre=CentreForm(
            epoch=made.centre_epoch, key=centre.keys.public.hex(), name=made.centre_name
        ),
        authority=centre.authority,
    )
    body = answer.model_dump_json().encode()
    return body, prove(made.secret, enrolled_message(code_id, public, body))


def show_board(centre: Centre, asked: Asked, wanted: Wanted) -> bytes:
    """Return the board as JSON; raise Problem for who may not see it."""
    return _shown(centre, asked, lambda reader, staff: board_of(reader, staff, wanted, centre))


def show_figures(centre: Centre, asked: Asked, wanted: Wanted, month: str) -> bytes:
    """Return the figures of a month as JSON; raise Problem for who may not see them."""

    def tell(reader: Connection, staff: str) -> Mapping[str, object]:
        return figures_of(reader, staff, wanted, month, centre)

    return _shown(centre, asked, tell)


def show_thing(centre: Centre, asked: Asked, word: str, most: str) -> bytes:
    """Return what is known of a thing as JSON; raise Problem for who may not see it."""
    plain = most.isascii() and most.isdecimal() and len(most) <= MOST_DIGITS
    count = min(int(most), MOST_MAX) if plain else MOST
    return _shown(centre, asked, lambda reader, staff: thing_of(reader, staff, word, count, centre))


def _shown(
    centre: Centre, asked: Asked, tell: Callable[[Connection, str], Mapping[str, object]]
) -> bytes:
    device = enter(centre, asked, b"")
    with reading(centre.engine) as connection:
        told = tell(connection, device.staff)
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def read_epoch(centre: Centre) -> str:
    """Return the centre's epoch, for which its database must answer."""
    with reading(centre.engine) as connection:
        return epoch_of(connection)


def _check(centre: Centre, page: Page, device: Device, outcome: Outcome | int) -> None:
    match outcome:
        case Gap(expected):
            detail = f"The centre holds nothing before these; it expects {expected}."
            raise Problem("gap", detail, {"expected": expected})
        case Fork():
            raise Problem("fork", members=parting_of(centre, page.push, device, outcome))
        case _:
            return
