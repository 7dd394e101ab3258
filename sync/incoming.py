"""A page of news as it is read and checked, before the phone's database is held for it.

Whoever records something waits for as long as a page is being stored: so all that can be is done
here, and what is left is to write rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from radar_core.actions import Action, touches
from radar_core.jsontext import encode
from sync.chain import action_digests
from sync.clock import ZERO, follow, is_stamp
from sync.framing import WireError
from sync.lines import Line, read_fields
from sync.protocol import News

Row = tuple[str, int, str, str, str]
"""An action that came down: epoch, number, stamp, project, line."""
Mention = tuple[str, str, str, int, str, str]
"""A row of `mention`: reference, project, epoch, first number, latest stamp, all numbers."""


@dataclass(frozen=True, slots=True)
class Page:
    """One project's news: its actions as rows, those that touch each reference, the latest stamp.

    The stamp is one that this phone's clock may follow.
    """

    news: News
    rows: Sequence[Row]
    named: Mapping[str, Sequence[Row]]
    heard: str

    @property
    def kinds(self) -> frozenset[tuple[str, str]]:
        """Of which kinds records came, each with the project."""
        return frozenset((self.news.project, kind) for kind, _, _ in self.news.records)

    def mentions(self) -> list[Mention]:
        """Return which actions touch each reference, a row for each epoch."""
        mentions: list[Mention] = []
        for ref, rows in self.named.items():
            by_epoch: dict[str, list[Row]] = {}
            for row in rows:
                by_epoch.setdefault(row[0], []).append(row)
            for epoch, some in by_epoch.items():
                seqs = [row[1] for row in some]
                latest = max(row[2] for row in some)
                mentions.append((ref, self.news.project, epoch, seqs[0], latest, encode(seqs)))
        # In the order of the key, so that the tree grows at few places.
        mentions.sort()
        return mentions

    def digests(self) -> list[int]:
        """Return what each of its actions adds to the digest of the project."""
        return action_digests(self.news.actions)


def read_page(news: News, own: Mapping[str, int], wall_ms: int) -> Page:
    """Read a page; raise WireError for actions that the phone could not fold later.

    `own` gives the last number that this phone itself wrote in each of its epochs.
    """
    rows: list[Row] = []
    named: dict[str, list[Row]] = {}
    heard = ZERO
    for epoch, line in news.actions:
        fields = _read_theirs(epoch, line, own)
        heard = follow(heard, fields.hlc, wall_ms)
        row = (epoch, fields.seq, fields.hlc, news.project, line)
        rows.append(row)
        for ref in touches(fields):
            if ref in named:
                named[ref].append(row)
            else:
                named[ref] = [row]
    if not all(map(_is_text, named)):
        raise WireError("an action came down whose references are no text")
    return Page(news, rows, named, heard)


def _read_theirs(epoch: str, line: str, own: Mapping[str, int]) -> Line | Action:
    try:
        fields = read_fields(line)
    except ValueError as error:
        raise WireError(f"an action that is none came down: {error}") from error
    if not is_stamp(fields.hlc) or fields.seq <= own.get(epoch, 0):
        told = f"{epoch}.{fields.seq}"
        raise WireError(f"{told} came down without a stamp, or is this phone's own")
    return fields


def _is_text(ref: str) -> bool:
    """Tell whether a reference can be stored: half of a surrogate pair cannot."""
    try:
        ref.encode()
    except UnicodeEncodeError:
        return False
    return True
