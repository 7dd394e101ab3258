"""Whether a workbook would fill the memory: its tags are counted while nothing is built of them."""

import re
import zipfile

TAGS_MAX = 250_000
"""The most tags from one row, or shared text, to the next: a row of a book has some hundred."""
STARTS_MAX = 3_000_000
"""The most rows and shared texts of a workbook."""
CHUNK_BYTES = 2**20
SILENT_CHUNKS_MAX = 4
"""A part that holds no tag for so long is one whose names or attributes are the bomb."""
_START = re.compile(rb"<(?:[\w.-]{1,99}:)?(?:row|si)\b")


def is_bomb(book: zipfile.ZipFile) -> bool:
    """Tell whether any part would become far more in memory than it is bytes.

    Every part is counted, whatever its name: the workbook says itself which of them are sheets.
    Raise what zipfile raises where a part is damaged.
    """
    starts = 0
    for member in book.infolist():
        tags = silent = 0
        with book.open(member) as part:
            while chunk := part.read(CHUNK_BYTES):
                first, *others = (piece.count(b"<") for piece in _START.split(chunk))
                silent = 0 if first or others else silent + 1
                starts += len(others)
                most = max([tags + first, *others])
                tags = others[-1] if others else tags + first
                if most > TAGS_MAX or starts > STARTS_MAX or silent > SILENT_CHUNKS_MAX:
                    return True
    return False
