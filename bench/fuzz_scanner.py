"""Hand damaged pictures and files to each decoder for a while: what breaks, how long, what memory.

Run: .venv/bin/python bench/fuzz_scanner.py [--minutes N] [DECODER...]

Each decoder runs in a process of its own, so that a crash is seen; what it was handed last is made
again from the number printed. Times are CPU times; a look has the budget of a picture.
"""

import argparse
import io
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageChops, ImageFilter

from radar_core.failures import Failure
from scanners import zbar, zxing
from scanners.apart import PICTURE_MS
from scanners.decode import read_codes
from scanners.labels import barcode_picture
from scanners.pictures import open_picture
from scanners.readings import Unread
from scanners.unbend import cost_ms, unbend

SYMBOLOGIES = (
    *("QRCode", "MicroQRCode", "RMQRCode", "DataMatrix", "Aztec", "PDF417"),
    *("Code128", "Code39", "Code93", "EAN13", "EAN8", "ITF"),
)
TEXTS = {"EAN13": "4006381333931", "EAN8": "96385074"}
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "AVIF", "PDF")
SIDE_MAX = 400


def damaged_picture(rng: random.Random) -> Image.Image:
    """Return a code of any symbology, cut, turned, blurred, in noise, or noise alone."""
    name = rng.choice(SYMBOLOGIES)
    code = barcode_picture(TEXTS.get(name, "12345678"), name, module_px=rng.randint(1, 8))
    size = (rng.randint(1, SIDE_MAX), rng.randint(1, SIDE_MAX))
    picture = Image.new("L", size, rng.randrange(256))
    if rng.random() < 0.9:
        turned = code.convert("L").rotate(rng.choice((0, 0, 90, rng.uniform(0, 360))), expand=True)
        picture.paste(turned, (rng.randint(-40, 200), rng.randint(-40, 200)))
    if rng.random() < 0.6:
        noise = Image.frombytes("L", size, rng.randbytes(size[0] * size[1]))
        picture = Image.blend(picture, noise, rng.random() ** 2)
    if rng.random() < 0.4:
        picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0, 4)))
    for _ in range(rng.randint(0, 4)):
        width, height = rng.randint(1, size[0]), rng.randint(1, size[1])
        patch = Image.new("L", (width, height), rng.randrange(256))
        picture.paste(patch, (rng.randint(0, size[0]), rng.randint(0, size[1])))
    return ImageChops.invert(picture) if rng.random() < 0.2 else picture


def damaged_file(rng: random.Random) -> bytes:
    """Return a picture file of any format with bytes changed, cut out, doubled or cut off."""
    file = io.BytesIO()
    picture = damaged_picture(rng)
    mode = rng.choice(("L", "RGB", "RGBA", "P", "CMYK", "1"))
    form = rng.choice(FORMATS)
    try:
        picture.convert(mode).save(file, form)
    except (OSError, ValueError):
        picture.convert("RGB").save(file, form)
    data = bytearray(file.getvalue())
    for _ in range(rng.choice((0, 1, 1, 3, 10, 100))):
        at = rng.randrange(len(data))
        data[at] = rng.randrange(256)
    if rng.random() < 0.4:
        at, length = rng.randrange(len(data)), rng.randint(1, 64)
        data[at : at + length] = b"" if rng.random() < 0.5 else data[at : at + length] * 2
    return bytes(data[: rng.randrange(len(data))] if rng.random() < 0.3 else data)


def _unbend(picture: Image.Image, rng: random.Random) -> None:
    xs, ys = picture.width, picture.height
    corners = tuple((rng.uniform(-9, xs + 9), rng.uniform(-9, ys + 9)) for _ in range(4))
    seen = Unread(corners, rng.randint(1, 14), rng.choice("LMQH"), rng.randrange(8))
    left_ms = float(PICTURE_MS)  # as a look goes about it
    for _ in unbend(picture, seen, coarse=rng.random() < 0.5):
        left_ms -= cost_ms(seen)
        if left_ms < cost_ms(seen):
            break


def _file(rng: random.Random, folder: Path) -> None:
    path = folder / "file"
    path.write_bytes(damaged_file(rng))
    try:
        open_picture(str(path))
    except Failure:
        return


def _feed(decoder: str, rng: random.Random, folder: Path) -> Callable[[], object]:
    """Return the call to be timed; what it is handed is made beforehand."""
    if decoder == "files":
        return lambda: _file(rng, folder)
    picture = damaged_picture(rng)
    calls: dict[str, Callable[[], object]] = {
        "zxing-cpp": lambda: zxing.read(picture, zxing.EVERYTHING),
        "zbar": lambda: zbar.read(picture),
        "unbend": lambda: _unbend(picture, rng),
        "cascade": lambda: read_codes(picture, every=True, enough=lambda _: False),
    }
    return calls[decoder]


DECODERS = ("zxing-cpp", "zbar", "unbend", "cascade", "files")


def work(decoder: str, minutes: float) -> None:
    """Feed one decoder until the time is over; tell it all in one line."""
    end = time.monotonic() + 60 * minutes
    number, longest, early = 0, 0.0, 0
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < end:
            number += 1
            print(number, end="\r", file=sys.stderr, flush=True)
            rng = random.Random(f"{decoder} {number}")  # noqa: S311 - repeatable on purpose
            call = _feed(decoder, rng, Path(folder))
            begun = time.process_time()
            call()
            longest = max(longest, 1000 * (time.process_time() - begun))
            if number == 200:
                early = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    late = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told = {"fed": number, "longest_ms": longest, "early_kb": early, "late_kb": late}
    print(json.dumps(told))


def main() -> int:
    """Print a line for each decoder; exit 1 if one broke, or took twice the time of a look."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("decoders", nargs="*", metavar="DECODER", help=", ".join(DECODERS))
    parser.add_argument("--minutes", type=float, default=0.2)
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options.decoders[0], options.minutes)
        return 0
    bad = False
    for decoder in options.decoders or DECODERS:
        command = [sys.executable, "-m", "bench.fuzz_scanner", decoder, "--work"]
        done = subprocess.run(
            [*command, "--minutes", str(options.minutes)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            print(f"{decoder}: BROKE ({done.returncode}) {done.stderr[-300:]}")
            bad = True
            continue
        told = json.loads(done.stdout)
        bad |= told["longest_ms"] > 2 * PICTURE_MS
        print(
            f"{decoder}: {told['fed']:,} fed, none broke it; the longest took"
            f" {told['longest_ms']:.0f} ms; memory {told['early_kb'] // 1024} MB after 200,"
            f" {told['late_kb'] // 1024} MB at the end",
            flush=True,
        )
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
