"""From how far a tag is read: by its size, by what it holds, by its error level, by the camera.

A pinhole camera sees the tag askew, each pixel gathers its light, then come blur, noise and JPEG;
`scanners.decode.read_codes` reads. What a picture shows depends on how many pixels a module covers
and on nothing else, so that is what is tried; a distance follows from the tag's size and the
camera: distance = focal length in pixels * module / pixels of a module.
Run: .venv/bin/python bench/tags.py [--seeds N] [--json]
"""

import argparse
import io
import json
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

import segno
from PIL import Image, ImageChops, ImageFilter

from scanners.decode import read_codes
from scanners.label_formats import CAMERA_DEGREES, QUIET_MODULES

SIZES_MM = (30, 50, 80)
LEVELS = ("M", "Q", "H")
CODE = "2Z95QKPNPVG"
PAYLOADS = {
    "the code alone": CODE,
    "HTTPS://R.EXAMPLE/CODE": f"HTTPS://R.EXAMPLE/{CODE}",
    "a domain of 31": f"HTTPS://LABELS.WEST-COAST-HOMES.EXAMPLE/{CODE}",
    "a foreign URL of 61": "https://service.pump-maker.example/p/0004711?sn=ab12-34567890",
}
CAMERAS_PX = (1280, 4000)
"""1280 px: a moving picture, 4000 px: a photograph; across what a phone's main camera sees,
`CAMERA_DEGREES` wide."""
TRIED_PX = [round(1 + 0.1 * step, 1) for step in range(41)]
READ_SHARE = 0.95
FINER = 4
"""How many rays a pixel gathers, in each direction."""
PAPER_PX = 12
AWAY = 10.0


@dataclass(frozen=True, slots=True)
class Hand:
    """How a picture is taken: up to how far askew, how blurred and noisy, how much contrast."""

    askew_degrees: float
    blur_px: float
    noise: float
    contrast: int
    jpeg: int


HANDS = {
    "still": Hand(25, 0.7, 6, 150, 88),
    "hurried": Hand(35, 1.2, 10, 90, 75),
}


def picture(code: segno.QRCode, module_px: float, hand: Hand, seed: int) -> Image.Image:
    """Return what a camera sees of a code on a wall, its modules `module_px` wide in the middle."""
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose, nothing secret
    across = int(code.symbol_size(border=QUIET_MODULES)[0])
    paper = _paper(code)
    middle = math.ceil(across * module_px * 0.8) * FINER
    rays = _rays(rng, hand, across, module_px * FINER, middle)
    how = Image.Transform.PERSPECTIVE, rays, Image.Resampling.BILINEAR
    size = 2 * middle, 2 * middle
    mask = Image.new("L", paper.size, 255).transform(size, *how)
    seen = Image.composite(paper.transform(size, *how), Image.new("L", size, 170), mask)
    dark = 128 - hand.contrast // 2
    lit = seen.reduce(FINER).point([dark + value * hand.contrast // 255 for value in range(256)])
    soft = lit.filter(ImageFilter.GaussianBlur(hand.blur_px * rng.uniform(0.8, 1.1)))
    return _encoded(_noisy(soft, rng, hand.noise), hand.jpeg)


def _paper(code: segno.QRCode) -> Image.Image:
    rows = [bytes(0 if dark else 255 for dark in row) for row in code.matrix_iter(1, QUIET_MODULES)]
    side = len(rows) * PAPER_PX
    small = Image.frombytes("L", (len(rows), len(rows)), b"".join(rows))
    return small.resize((side, side), Image.Resampling.NEAREST)


def _rays(
    rng: random.Random, hand: Hand, across: int, module_px: float, middle: float
) -> list[float]:
    """Return Pillow's eight coefficients, from a point of the picture to a point of the paper.

    The paper, in modules from its middle, is turned and leans, `AWAY` times its width away.
    """
    turn = rng.uniform(-math.pi, math.pi)
    tip, tilt = (math.radians(rng.uniform(-1, 1) * hand.askew_degrees) for _ in range(2))
    x, y = (middle + rng.uniform(-0.5, 0.5) * FINER for _ in range(2))
    away = AWAY * across
    focal = module_px * away
    right = (
        math.cos(tilt) * math.cos(turn),
        math.sin(tip) * math.sin(tilt) * math.cos(turn) + math.cos(tip) * math.sin(turn),
        -math.cos(tip) * math.sin(tilt) * math.cos(turn) + math.sin(tip) * math.sin(turn),
    )
    down = (
        -math.cos(tilt) * math.sin(turn),
        -math.sin(tip) * math.sin(tilt) * math.sin(turn) + math.cos(tip) * math.cos(turn),
        math.cos(tip) * math.sin(tilt) * math.sin(turn) + math.sin(tip) * math.cos(turn),
    )
    columns = [
        (focal * one[0] + x * one[2], focal * one[1] + y * one[2], one[2]) for one in (right, down)
    ]
    columns.append((x * away, y * away, away))
    rows = _inverse(*columns)
    half = across / 2
    to_paper = [
        [PAPER_PX * (rows[n][k] + half * rows[2][k]) for k in range(3)] for n in range(2)
    ] + [list(rows[2])]
    last = to_paper[2][2]
    return [value / last for row in to_paper for value in row][:8]


_Vector = tuple[float, float, float]


def _inverse(a: _Vector, b: _Vector, c: _Vector) -> list[_Vector]:
    """Return the rows of the inverse of the matrix with these columns, but for a common factor."""
    return [_cross(b, c), _cross(c, a), _cross(a, b)]


def _cross(a: _Vector, b: _Vector) -> _Vector:
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def _noisy(picture: Image.Image, rng: random.Random, sigma: float) -> Image.Image:
    """Return the picture with noise about it: two bell curves' worth from as many random bytes."""
    count = picture.width * picture.height
    layers = [
        Image.frombytes("L", picture.size, rng.randbytes(count)).point(_bell(sigma * 0.7071))
        for _ in range(2)
    ]
    for layer in layers:
        picture = ImageChops.add(picture, layer, 1.0, -128)
    return picture


def _bell(sigma: float) -> list[int]:
    """Return for each byte a value about 128 so that random bytes become a bell curve."""
    bell = NormalDist(128, sigma)
    return [max(0, min(255, round(bell.inv_cdf((byte + 0.5) / 256)))) for byte in range(256)]


def _encoded(picture: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("L")


def least_px(text: str, level: str, hand: Hand, seeds: int) -> tuple[int, float]:
    """Return a code's modules and the least pixels a module from which on it is read.

    From the finest step down: the last at which `READ_SHARE` of the pictures gave the exact text.
    """
    code = segno.make_qr(text, error=level, boost_error=False)
    modules = int(code.symbol_size(border=0)[0])
    least = math.inf
    for tried in sorted(TRIED_PX, reverse=True):
        read = sum(
            [one.text for one in read_codes(picture(code, tried, hand, seed))] == [text]
            for seed in range(seeds)
        )
        if read < READ_SHARE * seeds:
            break
        least = tried
    return modules, least


def focal_px(camera_px: int) -> float:
    """Return a camera's focal length in pixels."""
    return camera_px / 2 / math.tan(math.radians(CAMERA_DEGREES / 2))


def rows(seeds: int) -> Iterator[dict[str, object]]:
    """Yield what was found, a payload and a level at a time."""
    for name, text in PAYLOADS.items():
        for level in LEVELS:
            for hand_name, hand in HANDS.items():
                modules, least = least_px(text, level, hand, seeds)
                distances = {
                    f"{size} mm, {camera} px": round(
                        focal_px(camera) * size / 1000 / modules / least, 2
                    )
                    for camera in CAMERAS_PX
                    for size in SIZES_MM
                }
                yield {
                    "payload": name,
                    "level": level,
                    "hand": hand_name,
                    "modules": modules,
                    "module_px": least,
                    **distances,
                }


def main() -> None:
    """Print the table: for each payload and level the metres for each size and camera."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="pictures for each step")
    parser.add_argument("--json", action="store_true", help="a line for each row, for scripts")
    options = parser.parse_args()
    if not options.json:
        sizes = [f"{size} mm" for size in SIZES_MM]
        cameras = "".join(
            f"{f'{camera} px: {sizes[0]}':>18}" + "".join(f"{size:>7}" for size in sizes[1:])
            for camera in CAMERAS_PX
        )
        print(f"{'payload':<24}{'level':<6}{'hand':<9}{'modules':>7}{'px':>5}{cameras}")
    for row in rows(options.seeds):
        if options.json:
            print(json.dumps(row), flush=True)
            continue
        values = list(row.values())
        metres = "".join(
            f"{value:>{18 if n % len(SIZES_MM) == 0 else 7}.2f}"
            for n, value in enumerate(float(str(one)) for one in values[5:])
        )
        print(
            f"{values[0]:<24}{values[1]:<6}{values[2]:<9}{values[3]:>7}{values[4]:>5}{metres}",
            flush=True,
        )


if __name__ == "__main__":
    main()
