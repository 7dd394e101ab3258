"""The scanner beside the engines that it is made of: recall, wrong texts, time.

Run: .venv/bin/python bench/scan.py [FOLDER] [--json]

FOLDER holds pictures and a `manifest.csv` (path, category, kind, score, expected_texts); without
it, and without the shared pictures beside the checkout, a set of photographs is made. Times are
CPU time from the opened picture on, every engine in turn on each picture; recall is of codes. What
a code says is known from the manifest; where it tells none, a text counts that two engines read in
a picture of the same series.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import zxingcpp
from PIL import Image

from bench.scan_pictures import Picture, made_pictures, manifest_pictures
from scanners import zbar
from scanners.decode import read_codes
from scanners.pictures import open_picture
from scanners.readings import Reading

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "qr"
BEST = "zxing-cpp"
FIRST = "RADAR, first code"
GAIN_POINTS = 8.0
EASY_RATIO = 1.15
CHARSETS = ("utf-8", "shift_jis", "cp932", "gb18030", "big5", "latin-1")

Engine = Callable[[Image.Image], Sequence[bytes]]


def _zxing(picture: Image.Image) -> list[bytes]:
    """Read with zxing-cpp's own defaults, QR codes alone, as most programs call it."""
    pixels = memoryview(picture.tobytes()).cast("B", (picture.height, picture.width))
    found = zxingcpp.read_barcodes(
        pixels, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
    )
    return [bytes(code.bytes) for code in found]


def _zbar(picture: Image.Image) -> list[bytes]:
    return [reading.raw for reading in zbar.read(picture)]


def _first(picture: Image.Image) -> list[bytes]:
    return [reading.raw for reading in read_codes(picture)]


def _all(budget_ms: int) -> Engine:
    def never(_: list[Reading]) -> bool:
        return False

    def read(picture: Image.Image) -> list[bytes]:
        readings = read_codes(picture, budget_ms=budget_ms, enough=never)
        return [reading.raw for reading in readings]

    return read


ENGINES: dict[str, Engine] = {
    BEST: _zxing,
    "ZBar": _zbar,
    FIRST: _first,
    "RADAR, 40 ms": _all(40),
    "RADAR, 150 ms": _all(150),
    "RADAR, 500 ms": _all(500),
}
SINGLE = (BEST, "ZBar")
UNION = "zxing-cpp or ZBar"


@dataclass
class Score:
    """What one engine did on one kind of picture; times in ms of CPU."""

    codes: int = 0
    right: int = 0
    wrong: int = 0
    times: list[float] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """The share of the codes that were read right, in percent."""
        return 100 * self.right / self.codes if self.codes else 0.0

    def time_at(self, share: float) -> float:
        """Return the time within which that share of the pictures was done."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


Table = dict[str, dict[str, Score]]


@dataclass
class Heard:
    """What every engine read in one picture, and its time in ms."""

    picture: Picture
    texts: dict[str, list[bytes]]
    times: dict[str, float]


def listen(pictures: Iterable[Picture]) -> Iterator[Heard]:
    """Hand each picture to every engine in turn."""
    for picture in pictures:
        image = picture.image or open_picture(str(picture.path))
        heard = Heard(picture, {}, {})
        for name, engine in ENGINES.items():
            begun = time.process_time()
            heard.texts[name] = list(dict.fromkeys(engine(image)))
            heard.times[name] = 1000 * (time.process_time() - begun)
        yield heard


def tabulate(everything: Sequence[Heard]) -> Table:
    """Return scores by category and engine."""
    table: Table = {}
    confirmed = _confirmed(everything)
    for heard in everything:
        picture = heard.picture
        truth = _truth(heard, confirmed[picture.category])
        for category in ("all", picture.category):
            scores = table.setdefault(category, {})
            for name in ENGINES:
                score = scores.setdefault(name, Score())
                _count(score, heard, truth, heard.texts[name])
                score.times.append(heard.times[name])
            both = [raw for name in SINGLE for raw in heard.texts[name]]
            _count(scores.setdefault(UNION, Score()), heard, truth, both)
    return table


def _count(score: Score, heard: Heard, truth: Sequence[str], told: Sequence[bytes]) -> None:
    negative = heard.picture.kind == "negative"
    score.codes += len(truth) if truth else not negative
    score.right += len({text for raw in told if (text := _match(raw, truth)) is not None})
    if heard.picture.texts or negative:
        score.wrong += sum(_match(raw, truth) is None for raw in told)


def _truth(heard: Heard, confirmed: set[bytes]) -> list[str]:
    """Return the texts of a picture's codes, one for each code."""
    picture = heard.picture
    told = dict.fromkeys(raw for texts in heard.texts.values() for raw in texts)
    if picture.kind == "negative":
        return []
    if not picture.texts:
        return [_spellings(raw)[0] for raw in told if raw in confirmed]
    # A manifest may spell one code in several character sets: what one reading meets is one.
    spelled = [_plain(text) for text in picture.texts]
    for raw in told:
        met = [text for text in spelled if text in _spellings(raw)]
        spelled = [text for text in spelled if text not in met[1:]]
    return spelled


def _confirmed(everything: Sequence[Heard]) -> dict[str, set[bytes]]:
    """Return the texts of each category that two engines read in one of its pictures."""
    found: dict[str, set[bytes]] = {}
    for heard in everything:
        texts = found.setdefault(heard.picture.category, set())
        told = [heard.texts[name] for name in (*SINGLE, "RADAR, 150 ms")]
        texts |= {raw for one in told for raw in one if sum(raw in other for other in told) > 1}
    return found


def _match(raw: bytes, truth: Sequence[str]) -> str | None:
    return next((text for text in truth if text in _spellings(raw)), None)


def _spellings(raw: bytes) -> list[str]:
    """Return what the bytes of a code say in every character set that they fit."""
    found = []
    for charset in CHARSETS:
        try:
            found.append(_plain(raw.decode(charset)))
        except UnicodeDecodeError:
            continue
    return found


def _plain(text: str) -> str:
    return " ".join(text.replace("\0", "").split())


def show(table: Table) -> None:
    """Print a line for each category and the whole."""
    names = [*ENGINES, UNION]
    print("| pictures | codes | " + " | ".join(names) + " |")
    print("|---|--:|" + "--:|" * len(names))
    for category, scores in sorted(table.items(), key=lambda item: (item[0] == "all", item[0])):
        cells = [f"{scores[name].recall:.1f}" for name in names]
        print(f"| {category} | {scores[BEST].codes} | " + " | ".join(cells) + " |")
    whole = table["all"]
    scored = [whole[name] for name in ENGINES]
    rows = {
        "wrong texts": [f"{score.wrong}" for score in scored],
        "median, ms": [f"{score.time_at(0.5):.1f}" for score in scored],
        "95th percentile, ms": [f"{score.time_at(0.95):.0f}" for score in scored],
    }
    for title, cells in rows.items():
        print(f"| {title} | | " + " | ".join(cells) + " | |")


def verdicts(table: Table, easy: list[tuple[float, float]]) -> list[tuple[bool, str]]:
    """Return each goal of the scanner: whether it is held, and in words by how much."""
    whole = table["all"]
    best = max(whole[name].recall for name in SINGLE)
    ours, quick = whole["RADAR, 150 ms"], whole["RADAR, 40 ms"]
    union = whole[UNION]
    hits = sum(
        score.wrong
        for category, scores in table.items()
        if category.startswith("negative")
        for name, score in scores.items()
        if name.startswith("RADAR")
    )
    ratios = sorted(ours / theirs for theirs, ours in easy)
    ratio = ratios[len(ratios) // 2] if ratios else 0.0
    missing = 100 - best
    gain = ours.recall - best
    return [
        (
            gain >= GAIN_POINTS,
            f"150 ms above the best: {gain:.1f} of {missing:.1f} points (goal {GAIN_POINTS:g})",
        ),
        (
            ours.recall >= union.recall,
            f"150 ms above zxing-cpp and ZBar together: {ours.recall - union.recall:.1f} points",
        ),
        (ours.wrong <= whole[BEST].wrong, f"wrong texts: {ours.wrong}, {BEST} {whole[BEST].wrong}"),
        (hits == 0, f"codes in pictures without any: {hits}"),
        (quick.recall >= best, f"40 ms above the best: {quick.recall - best:.1f} points"),
        (
            0 < ratio <= EASY_RATIO,
            f"an easy picture: {ratio:.2f} x zxing-cpp (goal {EASY_RATIO}), {len(easy)} pictures",
        ),
    ]


def main() -> int:
    """Print the table and the goals; exit 1 if one is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", help="pictures with a manifest.csv")
    parser.add_argument("--json", action="store_true", help="one line for scripts")
    options = parser.parse_args()
    folder = Path(options.folder) if options.folder else SHARED
    given = options.folder or folder.is_dir()
    pictures = manifest_pictures(folder) if given else made_pictures()
    everything = list(listen(pictures))
    table = tabulate(everything)
    easy = [
        (heard.times[BEST], heard.times[FIRST])
        for heard in everything
        if heard.texts[BEST] and heard.texts[FIRST]
    ]
    told = verdicts(table, easy)
    if options.json:
        recalls = {name: round(score.recall, 2) for name, score in table["all"].items()}
        print(
            json.dumps({"recall": recalls, "missed": [words for held, words in told if not held]})
        )
    else:
        show(table)
        for held, words in told:
            print(f"- {'held' if held else 'MISSED'}: {words}")
    return 0 if all(held for held, _ in told) else 1


if __name__ == "__main__":
    sys.exit(main())
