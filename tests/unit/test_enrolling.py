"""Enrolment codes: what is made of one, and the text that takes a phone to its centre."""

import pytest

from radar_core.tags import make_code
from sync.enrolling import read_invitation, stretch, write_invitation

CODE = make_code(b"some code")
ID = "9f0b60ffc3b6c0337eb84a43f2cef4c4f911d70c2fd87eac4a1537e1694c0e99"
SECRET = "c18a0d0a5be0ae047c90e79be352536758fedfc02e915d81752e6779e7a0cc2f"


def test_a_code_is_stretched_to_an_id_and_a_secret_that_say_nothing_of_each_other() -> None:
    """The figures are scrypt's as any other program makes them: clients in other languages fit."""
    key = stretch("0123456789D")
    assert key == stretch("0123456789D")
    assert key.id.hex() == ID
    assert key.secret.hex() == SECRET
    assert not {key.id, key.secret} & {stretch(CODE).id, stretch(CODE).secret}


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https://centre.example:8080", f"RADAR1:E:{CODE}:HTTPS://CENTRE.EXAMPLE:8080"),
        ("http://[::1]:8080", f"RADAR1:E:{CODE}:HTTP://[::1]:8080"),
        ("https://centre.example/Radar", f"RADAR1:E:{CODE}:https://centre.example/Radar"),
    ],
)
def test_an_invitation_says_where_and_with_which_code(url: str, text: str) -> None:
    assert write_invitation(url, CODE) == text
    told = read_invitation(f" {text}\r\n")
    assert told == (url if "Radar" in url else url.upper(), CODE)


def test_an_invitation_may_be_typed_as_people_type() -> None:
    typed = f"radar1:e:{CODE.lower()[:4]}-{CODE[4:]}:https://centre.example"
    assert read_invitation(typed) == ("https://centre.example", CODE)


@pytest.mark.parametrize(
    "text",
    ["", "RADAR1:E", "RADAR1:H:AAAA", f"RADAR1:E:{CODE}", f"RADAR1:E:{CODE}:", "RADAR1:E::x"],
)
def test_no_other_text_is_an_invitation(text: str) -> None:
    assert read_invitation(text) is None
