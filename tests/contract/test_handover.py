"""A round handed over offline: both phones and the centre come to the same, each action once."""

import os
from pathlib import Path

import httpx
from sqlalchemy import select
from sqlmodel import col

from commands.handover import handover
from commands.phone import DATABASE
from commands.projection import SCHEMA
from commands.scan import scan
from radar_core.book import Record
from radar_core.jsontext import decode_object
from radar_server.centre import Centre
from radar_server.database import reading
from radar_server.tables import TaskRow
from sync.asking import Asker, centre_clock
from sync.exchange import Post
from sync.keys import KeyPair
from sync.replica import Identity, create_replica
from sync.transport import Connection
from tests.contract.centre_parts import CENTRE_EPOCH, Clock, enrol_device, held, import_records
from tests.phones import DAY, HARBOUR, NOW_S, Handset, World, code


def phone_of(
    centre: Centre, client: httpx.Client, folder: Path, staff: str
) -> tuple[Handset, Post]:
    """Enrol a person's phone at a centre and fetch the book; return it with its way there."""
    world = World(folder / staff)
    world.home.mkdir()
    keys = KeyPair(world.randomness(32))
    device = enrol_device(centre, staff, keys)
    identity = Identity(device, staff, "http://centre", CENTRE_EPOCH, centre.keys.public.hex())
    path = world.home / DATABASE
    create_replica(path, identity, f"E{staff}", keys.public, more_schema=SCHEMA)
    handset = Handset(world, keys)
    clock = centre_clock(handset.phone.journal, world.moment, os.urandom)
    post = Connection(client, Asker(device, keys, clock), centre.keys.public).post
    handset.sync(post)
    return handset, post


def test_two_phones_and_the_centre_agree_on_a_round_that_changed_hands(
    centre: Centre, client: httpx.Client, clock: Clock, tmp_path: Path
) -> None:
    clock.now_ms = NOW_S * 1000
    import_records(centre, [Record("HV", kind, id_, body) for kind, id_, body in HARBOUR])
    giver, giver_post = phone_of(centre, client, tmp_path, "G1")
    taker, taker_post = phone_of(centre, client, tmp_path, "G2")
    scan(giver.phone, code("GATE"))
    text = str(handover(giver.phone, DAY, "G2").data["code"])
    giver.world.step(60)
    taker.world.step(60)
    scan(taker.phone, text)
    for name in ("LOBBY", "PU1"):
        taker.world.step(60)
        scan(taker.phone, code(name))
    assert taker.state(DAY) == "done"
    clock.pass_ms(300_000)
    for handset, post in ((taker, taker_post), (giver, giver_post), (taker, taker_post)) * 2:
        handset.sync(post)
    ids = [(epoch, seq) for epoch, seq, _ in held(centre)]
    assert ids == [("EG1", 1), ("EG1", 2), ("EG2", 1), ("EG2", 2), ("EG2", 3)]
    with reading(centre.engine) as connection:
        row = connection.execute(
            select(col(TaskRow.state), col(TaskRow.progress)).where(col(TaskRow.id) == DAY)
        ).one()
    told = [handset.phone.task(DAY)[1].body() for handset in (giver, taker)]
    assert told == [decode_object(row.progress)] * 2
    assert row.state == "done"
    assert told[0]["visited"] == {"0": "EG1.1", "1": "EG2.2", "2": "EG2.3"}
    assert "marks" not in told[0]
