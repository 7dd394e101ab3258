"""Tag codes: what the check character catches, what typing is forgiven, what a label says."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radar_core.tags import (
    ALPHABET,
    CODE_CHARS,
    CODE_RANDOM_BYTES,
    check_char,
    code_of_label,
    label_text,
    make_code,
    parse_code,
    typable,
)

QR_ALPHANUMERIC = set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
CODES = [make_code(bytes([seed] * 7)) for seed in (0, 1, 85, 170, 255)] + [
    make_code(b"a shift"),
    make_code(b"west co"),
]
codes = st.binary(min_size=CODE_RANDOM_BYTES, max_size=CODE_RANDOM_BYTES).map(make_code)


@pytest.mark.parametrize("code", CODES)
def test_every_single_wrong_character_is_caught(code: str) -> None:
    for place, wrong in product(range(CODE_CHARS), ALPHABET):
        if wrong != code[place]:
            assert parse_code(code[:place] + wrong + code[place + 1 :]) is None


@pytest.mark.parametrize("code", CODES)
def test_every_swap_of_two_neighbours_is_caught(code: str) -> None:
    for place in range(CODE_CHARS - 1):
        one, two = code[place], code[place + 1]
        swapped = code[:place] + two + one + code[place + 2 :]
        assert one == two or parse_code(swapped) is None


def test_the_check_character_depends_on_each_neighbouring_pair_in_its_order() -> None:
    for one, two in product(ALPHABET, repeat=2):
        assert one == two or check_char(f"0{one}{two}0") != check_char(f"0{two}{one}0")


@given(codes)
def test_a_code_comes_back_from_its_label_and_from_what_is_printed_below_it(code: str) -> None:
    assert parse_code(code) == code
    assert parse_code(typable(code)) == code
    assert code_of_label(label_text("r.example", code)) == code
    assert code_of_label(code) == code


@given(codes)
def test_a_label_needs_only_the_alphanumeric_mode_of_qr(code: str) -> None:
    assert set(label_text("r.example", code)) <= QR_ALPHANUMERIC


@given(codes, st.data())
def test_typing_is_forgiven_case_hyphens_blanks_and_lookalikes(
    code: str, data: st.DataObject
) -> None:
    lookalikes = {"0": "0Oo", "1": "1IiLl"}
    typed = "".join(
        data.draw(st.sampled_from(lookalikes.get(char, char + char.lower())))
        + data.draw(st.sampled_from(["", "-", " "]))
        for char in code
    )
    assert parse_code(f" {typed}\n") == code


def test_a_code_is_as_random_as_the_bytes_that_it_is_made_of() -> None:
    made = {make_code(number.to_bytes(7, "big")) for number in range(5_000)}
    assert len(made) == 5_000
    assert len(make_code(b"\xff" * 32)) == CODE_CHARS
    with pytest.raises(AssertionError):
        make_code(b"\xff" * 6)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "O" * 10,
        "U" * 11,
        "0" * 12,
        "0" * 5_000_000,
        "0000-0000-00\u0661",
        "HTTPS://R.EXAMPLE/",
        "HTTPS:/00000000000",
        "FTP://R.EXAMPLE/00000000000",
        "A/B/00000000000",
        "/00000000000",
        "HTTPS://R.EXAMPLE/00000000000?X=1",
        "\ud800" * 11,
    ],
)
def test_what_is_no_label_of_ours_is_none(text: str) -> None:
    assert code_of_label(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "https://r.example/00000000000",
        "http://R.example/0000-0000-000",
        "HTTPS://R.EXAMPLE/DEEPER/oooo-oooo-ooo",
        "  00000000000 ",
    ],
)
def test_a_label_counts_whatever_its_case_domain_and_depth(text: str) -> None:
    assert code_of_label(text) == "00000000000"


@given(st.text(max_size=60))
def test_any_text_is_a_code_or_none_and_nothing_else_happens(text: str) -> None:
    code = code_of_label(text)
    assert code is None or (parse_code(code) == code and len(code) == CODE_CHARS)
