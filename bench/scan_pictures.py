"""The pictures that bench/scan.py reads: a folder with a manifest, or photographs made here."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageEnhance, ImageFilter

from radar_core.tags import label_text, make_code
from scanners.darkroom import photograph
from scanners.labels import label_picture

DOMAINS = ("r.example", "tags.west-coast-estates.example")
SEEDS = 12


@dataclass(frozen=True)
class Picture:
    """One picture: a file or, where it was made here, the 8-bit grey image itself."""

    category: str
    kind: str
    texts: tuple[str, ...]
    path: Path | None = None
    image: Image.Image | None = None


def manifest_pictures(folder: Path) -> Iterator[Picture]:
    """Yield the pictures that count: those with a score, and those without any code."""
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as manifest:
        for row in csv.DictReader(manifest):
            if row["score"] == "0":
                continue
            negative = row["kind"] == "negative"
            category = f"negative/{row['category']}" if negative else row["category"]
            texts = tuple(json.loads(row["expected_texts"] or "[]"))
            yield Picture(category, row["kind"], texts, folder / row["path"])


def made_pictures() -> Iterator[Picture]:
    """Yield photographs of labels, damaged in one way each, and walls without a code."""
    for damage, spoil in DAMAGES.items():
        for seed in range(SEEDS):
            code = make_code(bytes([seed + 1, len(damage), 7, 7, 7, 7, 7]))
            text = label_text(DOMAINS[seed % len(DOMAINS)], code)
            photo = spoil(label_picture(text, code, f"Room {seed}"), seed)
            yield Picture(damage, "photo", (text,), image=photo.convert("L"))
    for seed in range(SEEDS):
        blank = Image.new("L", (590, 708), 255)
        photo = photograph(blank, seed, badness=0.5).convert("L")
        yield Picture("negative/wall", "negative", (), image=photo)


def _photo(badness: float) -> Callable[[Image.Image, int], Image.Image]:
    return lambda label, seed: photograph(label, seed, badness=badness)


def _blurred(label: Image.Image, seed: int) -> Image.Image:
    photo = photograph(label, seed, badness=0.3)
    return photo.filter(ImageFilter.GaussianBlur(2 + seed / 4))


def _small(label: Image.Image, seed: int) -> Image.Image:
    photo = photograph(label, seed, badness=0.3)
    return photo.resize((1280 // (2 + seed // 3), 960 // (2 + seed // 3)))


def _pale(label: Image.Image, seed: int) -> Image.Image:
    return ImageEnhance.Contrast(photograph(label, seed, badness=0.4)).enhance(0.25 - seed / 60)


def _glaring(label: Image.Image, seed: int) -> Image.Image:
    photo = photograph(label, seed, badness=0.3).convert("L")
    spot = Image.radial_gradient("L").point([max(0, 255 - 2 * grey) for grey in range(256)])
    size = 200 + 20 * seed
    white = Image.new("L", (size, size), 255)
    photo.paste(white, (500 + 10 * seed, 330), spot.resize((size, size)))
    return photo


def _creased(label: Image.Image, seed: int) -> Image.Image:
    photo = photograph(label, seed, badness=0.1).convert("L")
    width, height = photo.size
    push = 10 + 3 * seed
    mesh = []
    for number in range(8):
        left, right = number * width // 8, (number + 1) * width // 8
        one, other = (push if edge % 2 else 0 for edge in (number, number + 1))
        quad = (left, one, left, height + one, right, height + other, right, other)
        mesh.append(((left, 0, right, height), quad))
    return photo.transform(photo.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)


DAMAGES: dict[str, Callable[[Image.Image, int], Image.Image]] = {
    "easy": _photo(0.2),
    "askew and dim": _photo(0.7),
    "dark and noisy": _photo(0.85),
    "blurred": _blurred,
    "small": _small,
    "pale": _pale,
    "glaring": _glaring,
    "creased": _creased,
}
