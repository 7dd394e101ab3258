"""Writes the conformance vectors anew: python -m tests.vectors.write

They are what a client in another language is tried against; docs/protocol.md says what each means.
All is drawn from fixed keys and texts, so that the files change only where the protocol does.
"""

import json
from pathlib import Path

from radar_core.tags import make_code
from sync.chain import genesis, link, links, sealed, short_digest, sum_up
from sync.enrolling import (
    application_message,
    enrolled_message,
    prove,
    stretch,
    write_invitation,
)
from sync.keys import KeyPair, name_of
from sync.protocol import (
    Answer,
    Clock,
    Decision,
    News,
    Push,
    Quarantined,
    Receipt,
    Shown,
    receipt_object,
    write_answer,
    write_push,
)
from sync.signing import answer_message, head_message, receipt_message, request_message

TIME = "1772409605000.0123456789abcdef"
FOLDER = Path(__file__).parent
DEVICE_SECRET, CENTRE_SECRET = bytes(range(32)), bytes(range(32, 64))
PHONE, CENTRE = KeyPair(DEVICE_SECRET), KeyPair(CENTRE_SECRET)
DEVICE = name_of(PHONE.public, "D")
EPOCH, OLD_EPOCH, CENTRE_EPOCH = "EVECTOR000002", "EVECTOR000001", "CVECTOR000001"
CODE = make_code(bytes(range(7)))
AT = "2026-03-02T00:00:05Z"
TEXTS = ["pump ok", "水泵正常", "line\u2028separator", 'quote " \\ slash', "🚰 émoji", "x" * 300]


def line(seq: int, text: str) -> str:
    """Return an action's line as some phone wrote it."""
    action = {
        "seq": seq,
        "hlc": f"{1_772_409_600_000 + seq * 1000:012x}0000",
        "wall": f"2026-03-02T08:00:{seq:02d}+08:00",
        "boot": "5e7c9a1b",
        "mono_ms": seq * 1000,
        "staff": "G1",
        "project": "HV",
        "kind": "note",
        "subject": "",
        "body": {"text": text},
    }
    return json.dumps(action, ensure_ascii=seq % 2 == 0, separators=(",", ":"))


LINES = [line(seq, text) for seq, text in enumerate(TEXTS, 1)]
START = genesis(EPOCH, PHONE.public)
HASHES = links(START, LINES)


def chain() -> dict[str, object]:
    """Return a chain of actions, the digest of each, and all that is signed about them."""
    head = head_message(EPOCH, len(LINES), HASHES[-1])
    return {
        "device_secret": DEVICE_SECRET.hex(),
        "device_public": PHONE.public.hex(),
        "device": DEVICE,
        "epoch": EPOCH,
        "genesis": START.hex(),
        "actions": [
            {"line": text, "hash": hash_.hex(), "item": str(short_digest("action", EPOCH, text))}
            for text, hash_ in zip(LINES, HASHES, strict=True)
        ],
        "head_message": head.decode(),
        "head_signature": PHONE.sign(head).hex(),
        "position": _position(),
        "record": {
            "kind": "place",
            "id": "HV-P1",
            "body": '{"kind":"room","name":"泵房"}',
            "item": str(short_digest("place", "HV-P1", '{"kind":"room","name":"泵房"}')),
        },
    }


def _position() -> dict[str, object]:
    """Return a line with its position, without it, and what both hash to as the next action."""
    fix = (
        '{"lat":36.0672,"lon":120.3826,"accuracy_m":12.5,"salt":"00112233445566778899aabbccddeeff"}'
    )
    said = f'{{"text":"泵","position":{fix},"via":"typed"}}'
    open_ = line(len(LINES) + 1, "").replace('{"text":""}', said)
    return {
        "open": open_,
        "sealed": sealed(open_),
        "hash": link(HASHES[-1], open_).hex(),
        "item": str(short_digest("action", EPOCH, sealed(open_))),
    }


def receipt(seq: int = len(LINES)) -> Receipt:
    """Return a receipt for the first actions."""
    hash_ = HASHES[seq - 1]
    word = CENTRE.sign(receipt_message(DEVICE, EPOCH, seq, hash_, AT))
    return Receipt(DEVICE, EPOCH, seq, hash_, AT, word)


def receipts() -> dict[str, object]:
    """Return receipts that a third party must accept, and some that it must not."""
    good = receipt_object(receipt())
    wrong = {
        "another number": good | {"seq": len(LINES) - 1},
        "another time": good | {"at": "2026-03-02T00:00:06Z"},
        "another device": good | {"device": "D000000000000"},
        "another hash": good | {"hash": START.hex()},
        "a signature of the phone's": good
        | {
            "signature": PHONE.sign(
                receipt_message(DEVICE, EPOCH, len(LINES), HASHES[-1], AT)
            ).hex()
        },
    }
    message = receipt_message(DEVICE, EPOCH, len(LINES), HASHES[-1], AT)
    return {
        "centre_secret": CENTRE_SECRET.hex(),
        "centre_public": CENTRE.public.hex(),
        "message": message.decode(),
        "good": good,
        "wrong": wrong,
    }


def pushes() -> list[dict[str, object]]:
    """Return requests: what they say, their bodies, and the device's signature on each."""
    said = {
        "nothing new": Push(
            device=DEVICE,
            epoch=EPOCH,
            first=len(LINES) + 1,
            previous=HASHES[-1],
            lines=[],
            head_signature=PHONE.sign(head_message(EPOCH, len(LINES), HASHES[-1])),
            centre_epoch=CENTRE_EPOCH,
            cursors={"HV": 41},
            holds=sum_up([("HV", 41, 17, 12_345_678_901_234_567_890)]),
        ),
        "all of it": Push(
            device=DEVICE,
            epoch=EPOCH,
            first=1,
            previous=START,
            lines=LINES,
            head_signature=PHONE.sign(head_message(EPOCH, len(LINES), HASHES[-1])),
            centre_epoch=CENTRE_EPOCH,
            cursors={"HV": 41, "东区": 0},
            closed={OLD_EPOCH: 17},
            parent=(OLD_EPOCH, 17),
            pending=[(OLD_EPOCH, 3, 5)],
            clock=Clock("5e7c9a1b", 61_000, (50_000, 50_150, 1_772_409_650_080)),
        ),
        "with a proof": Push(
            device=DEVICE,
            epoch=EPOCH,
            first=3,
            previous=HASHES[1],
            lines=LINES[2:],
            head_signature=PHONE.sign(head_message(EPOCH, len(LINES), HASHES[-1])),
            centre_epoch=CENTRE_EPOCH,
            cursors={},
            proof=receipt(),
        ),
    }
    return [_request(name, write_push(push)) for name, push in said.items()]


def _request(name: str, body: bytes) -> dict[str, object]:
    signature = PHONE.sign(request_message("POST", "/v1/sync", TIME, body))
    return {"name": name, "time": TIME, "body": body.decode(), "signature": signature.hex()}


def answers() -> list[dict[str, object]]:
    """Return answers to the request `all of it`, and the centre's signature on each."""
    asked = bytes.fromhex(str(pushes()[1]["signature"]))
    shown = Shown(DEVICE, EPOCH, len(LINES), HASHES[-1])
    news = News(
        "HV",
        48,
        more=False,
        count=9,
        total=1234567890123456789,
        records=[("place", "HV-P1", '{"name":"泵房"}'), ("tag", 'odd "id"', None)],
        actions=[("EVECTOR000009", line(1, "a colleague's"))],
    )
    said = {
        "nothing new": Answer(CENTRE_EPOCH, receipt(), now_ms=1_772_409_605_250),
        "news": Answer(
            CENTRE_EPOCH,
            receipt(),
            [Quarantined(EPOCH, 2, "out_of_scope", "This person does not work in this project.")],
            [news],
            ["东区"],
            decided=[Decision(OLD_EPOCH, 3, "released", "Seen on site.")],
            now_ms=1_772_409_605_250,
        ),
        "a receipt for less": Answer(CENTRE_EPOCH, receipt(4), now_ms=1_772_409_605_250),
    }
    return [_answered(name, asked, write_answer(answer, shown)) for name, answer in said.items()]


def _answered(name: str, asked: bytes, body: bytes) -> dict[str, object]:
    signature = CENTRE.sign(answer_message(asked, 200, body))
    return {"name": name, "asked": asked.hex(), "body": body.decode(), "signature": signature.hex()}


def enrolment() -> dict[str, object]:
    """Return an application with a code, what answers it, and what each side shows of the code."""
    key = stretch(CODE)
    message = application_message(key.id, PHONE.public, "水泵房 phone")
    told = {
        "format": 1,
        "device": DEVICE,
        "staff": "G1",
        "name": "Li Wei",
        "projects": [],
        "centre": {"epoch": CENTRE_EPOCH, "key": CENTRE.public.hex(), "name": "RADAR"},
        "authority": "",
    }
    body = json.dumps(told, separators=(",", ":"))
    word = enrolled_message(key.id, PHONE.public, body.encode())
    return {
        "code": CODE,
        "code_id": key.id.hex(),
        "secret": key.secret.hex(),
        "invitation": write_invitation("https://centre.example:8080", CODE),
        "message": message.decode(),
        "proof": prove(key.secret, message).hex(),
        "signature": PHONE.sign(message).hex(),
        "answer": body,
        "answer_message": word.decode(),
        "answer_proof": prove(key.secret, word).hex(),
    }


def refused() -> list[dict[str, str]]:
    """Return bodies of requests that no centre may take, and why."""
    body = str(pushes()[1]["body"])
    head, _, rest = body.partition("\n")
    return [
        {"why": "nothing at all", "body": ""},
        {"why": "cut in the header", "body": head[: len(head) // 2]},
        {"why": "cut in the lines", "body": body[:-1]},
        {"why": "one line less", "body": body.rpartition("\n")[0]},
        {"why": "a line feed more", "body": body + "\n"},
        {"why": "one letter changed in a line", "body": f"{head}\n{rest.replace('pump', 'pumb')}"},
        {"why": "a header changed", "body": body.replace('"HV":41', '"HV":42')},
        {"why": "another format", "body": body.replace('"format":1', '"format":9')},
        {"why": "a checksum of nothing", "body": head.rpartition('"checksum"')[0] + "}\n" + rest},
    ]


FILES = {
    "chain.json": chain,
    "enrolment.json": enrolment,
    "receipts.json": receipts,
    "pushes.json": pushes,
    "answers.json": answers,
    "refused.json": refused,
}


def text_of(name: str) -> str:
    """Return what a file of vectors holds."""
    return json.dumps(FILES[name](), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    for file in FILES:
        (FOLDER / file).write_text(text_of(file), encoding="utf-8")
