"""What docs/protocol.md says is what the code does: its example to the byte, its lists in full."""

import re
from pathlib import Path

import pytest

from radar_core.actions import KINDS, LINE_BYTES_MAX
from radar_server.attention import EXCEPTIONS_MAX
from radar_server.envelope import REASONS
from radar_server.problems import PROBLEMS
from sync.chain import genesis, link, short_digest
from sync.keys import KeyPair, name_of
from sync.lines import DEPTH_MAX
from sync.protocol import (
    Answer,
    Clock,
    News,
    Push,
    Receipt,
    Shown,
    read_answer,
    read_push,
    write_answer,
    write_push,
)
from sync.signing import answer_message, head_message, receipt_message, request_message

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text()
PHONE, CENTRE = KeyPair(bytes(range(32))), KeyPair(bytes(range(32, 64)))
TIME = "1772409605000.0123456789abcdef"
DEVICE, EPOCH, AT = name_of(PHONE.public, "D"), "EEXAMPLE00001", "2026-03-02T00:00:05Z"
UP, DOWN = (
    "\n".join(line[4:] for line in block.splitlines()).encode()
    for block in re.findall(
        r'(?:^    [{\["].*\n)+', PAGE.partition("## An example")[2], re.MULTILINE
    )
)


def test_the_chain_of_the_example_is_ours() -> None:
    push = read_push(UP)
    start = genesis(EPOCH, PHONE.public)
    end = link(start, push.lines[0])
    for value in (PHONE.public.hex(), DEVICE, start.hex(), end.hex()):
        assert f"`{value}`" in PAGE
    assert push.previous == start
    assert push.head_signature == PHONE.sign(head_message(EPOCH, 1, end))
    assert f"| {short_digest('action', EPOCH, push.lines[0])} |" in PAGE


def test_the_request_of_the_example_is_ours() -> None:
    push = read_push(UP)
    again = Push(
        DEVICE,
        EPOCH,
        1,
        push.previous,
        push.lines,
        push.head_signature,
        "CEXAMPLE00001",
        {"HV": 41},
        clock=Clock("5e7c9a1b", 61_000),
    )
    assert write_push(again) == UP
    assert f"Up, {len(UP)} bytes" in PAGE
    signature = PHONE.sign(request_message("POST", "/v1/sync", TIME, UP))
    assert f"`Radar-Time: {TIME}`" in PAGE
    assert f"`Radar-Signature: {signature.hex()}`" in PAGE


def test_the_answer_of_the_example_is_ours() -> None:
    end = link(genesis(EPOCH, PHONE.public), read_push(UP).lines[0])
    signature = CENTRE.sign(receipt_message(DEVICE, EPOCH, 1, end, AT))
    body = '{"kind":"room","name":"Pump room"}'
    total = short_digest("action", EPOCH, read_push(UP).lines[0])
    records = [("place", "HV-P1", body), ("place", "HV-P9", None)]
    news = News("HV", 43, more=False, count=7, total=total, records=records, actions=[])
    receipt = Receipt(DEVICE, EPOCH, 1, end, AT, signature)
    answer = Answer("CEXAMPLE00001", receipt, [], [news], ["PK"], now_ms=1_772_409_605_250)
    shown = Shown(DEVICE, EPOCH, 1, end)
    assert write_answer(answer, shown) == DOWN
    assert read_answer(DOWN, shown) == answer
    assert f"| {short_digest('place', 'HV-P1', body)} |" in PAGE
    asked = PHONE.sign(request_message("POST", "/v1/sync", TIME, UP))
    assert f"`Radar-Signature: {CENTRE.sign(answer_message(asked, 200, DOWN)).hex()}`" in PAGE


@pytest.mark.parametrize("word", sorted({*PROBLEMS, *REASONS, *KINDS}))
def test_every_word_of_the_protocol_stands_on_the_page(word: str) -> None:
    assert re.search(rf"(?<![a-z_]){word}(?![a-z_])", PAGE)


def test_the_limits_on_the_page_are_ours() -> None:
    for text in (f"{LINE_BYTES_MAX:,} bytes", f"at most {DEPTH_MAX} deep", f"{EXCEPTIONS_MAX} for"):
        assert text in PAGE
