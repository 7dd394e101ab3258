"""Whatever a scanner puts around its codes, each comes once and whole: none is lost or joined."""

from hypothesis import given
from hypothesis import strategies as st

from radar_core.failures import Failure
from scanners.sources import AROUND
from scanners.wedge import Lines, Wedge, unescaped

CODES = st.lists(st.text("ABC0189-/:", min_size=1, max_size=12), max_size=8)
MARKS = st.sampled_from(["", "]Q1", "]C0", "]E0", "]d2"])
PREFIXES = st.sampled_from(["", "\x02", "SCN", "\x1b{", "扫"])
SUFFIXES = st.sampled_from(["\t", "\x03", "##", "#\t#", "\x00", "END", "END\r", "\r\n", "完"])
CUTS = st.lists(st.integers(1, 9), max_size=20)


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    pieces, rest = [], data
    for size in sizes:
        pieces.append(rest[:size])
        rest = rest[size:]
    return [*pieces, rest]


def told(wedge: Wedge, pieces: list[bytes]) -> list[str | Failure]:
    lines = Lines(wedge)
    return [line for piece in pieces for line in lines.feed(piece)] + list(lines.end())


@given(codes=CODES, mark=MARKS, prefix=PREFIXES, suffix=SUFFIXES, cuts=CUTS)
def test_every_code_comes_once_and_whole_in_whatever_pieces(
    codes: list[str], mark: str, prefix: str, suffix: str, cuts: list[int]
) -> None:
    data = "".join(f"{prefix}{mark}{code}{suffix}" for code in codes).encode()
    assert told(Wedge(prefix.encode(), suffix.encode()), cut(data, cuts)) == codes


@given(
    data=st.binary(max_size=200),
    prefix=st.binary(max_size=3),
    suffix=st.binary(max_size=3),
    cuts=CUTS,
)
def test_no_bytes_crash_it_and_the_pieces_do_not_matter(
    data: bytes, prefix: bytes, suffix: bytes, cuts: list[int]
) -> None:
    wedge = Wedge(prefix, suffix)
    lines = told(wedge, cut(data, cuts))
    assert lines == told(wedge, [data])
    assert all(isinstance(line, str) and line and line == line.strip(AROUND) for line in lines)


@given(codes=CODES, junk=st.sampled_from(["\n", "\r\n", "\r", "\n\n"]))
def test_enter_ends_a_line_whatever_the_suffix_is(codes: list[str], junk: str) -> None:
    data = "".join(f"{code}{junk}" for code in codes).encode()
    assert told(Wedge(suffix=b"\t"), [data]) == codes


@given(data=st.binary(max_size=40))
def test_any_bytes_can_be_written_as_a_setting(data: bytes) -> None:
    assert unescaped("".join(f"\\x{byte:02x}" for byte in data)) == data
