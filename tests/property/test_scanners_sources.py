"""Whatever bytes a wedge sends, in whatever pieces, each line comes once, clean and bounded."""

import os
import threading

from hypothesis import given, settings
from hypothesis import strategies as st

from radar_core.failures import Failure
from radar_core.tags import LABEL_CHARS_MAX
from scanners.sources import clean_code, kind_of_source
from scanners.wedge import LINE_BYTES_MAX, wedge_lines

LINES = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.text(max_size=20).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.integers(LINE_BYTES_MAX - 2, LINE_BYTES_MAX + 70_000).map(lambda size: b"7" * size),
    ),
    max_size=8,
)
ENDS = st.sampled_from([b"\n", b"\r", b"\r\n", b"\n\n"])


def _sent_in_pieces(pieces: list[bytes]) -> list[str | Failure]:
    reader, writer = os.pipe()

    def feed() -> None:
        with os.fdopen(writer, "wb", buffering=0) as write_end:
            for piece in pieces:
                rest = memoryview(piece)
                while rest:
                    rest = rest[write_end.write(rest) or 0 :]

    feeder = threading.Thread(target=feed)
    feeder.start()
    with os.fdopen(reader, "rb") as read_end:
        lines = list(wedge_lines(read_end))
    feeder.join()
    return lines


def _plain(lines: list[str | Failure]) -> list[object]:
    return [line.values["length"] if isinstance(line, Failure) else line for line in lines]


@settings(max_examples=60)
@given(lines=LINES, end=ENDS, cuts=st.lists(st.integers(1, 5_000), max_size=6))
def test_the_pieces_in_which_bytes_arrive_do_not_matter(
    lines: list[bytes], end: bytes, cuts: list[int]
) -> None:
    data = end.join(lines)
    pieces = []
    rest = data
    for cut in cuts:
        pieces.append(rest[:cut])
        rest = rest[cut:]
    pieces.append(rest)
    assert _plain(_sent_in_pieces(pieces)) == _plain(_sent_in_pieces([data]))


@settings(max_examples=100)
@given(data=st.binary(max_size=400))
def test_no_bytes_crash_the_reader_and_each_line_is_a_clean_code(data: bytes) -> None:
    ended = [piece for piece in data.replace(b"\r", b"\n").split(b"\n") if piece]
    lines = _sent_in_pieces([data])
    assert len(lines) <= len(ended)
    for line in lines:
        assert isinstance(line, str)
        assert line == clean_code(line)
        line.encode()


@given(text=st.text())
def test_a_cleaned_code_is_clean(text: str) -> None:
    try:
        code = clean_code(text)
    except Failure as failure:
        assert failure.code == "code_empty"  # noqa: PT017 - both outcomes are right
        return
    assert clean_code(code) == code
    assert code in text.replace("\0", "")
    assert 0 < len(code) <= LABEL_CHARS_MAX


@given(text=st.text())
def test_every_text_is_some_kind_of_source(text: str) -> None:
    assert kind_of_source(text) in {"stdin", "picture", "code"}
