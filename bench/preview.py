"""What a camera's picture costs on the one screen: drawing a frame of 1280 x 720 in characters.

python -m bench.preview [--times N]      prints a table; the goal is five frames a second on an old
phone, whose processor may be ten times slower than the one at hand.
"""

import argparse
import time
from collections.abc import Callable
from functools import partial

from PIL import Image

from scanners.cameras import FRAME_PX
from scanners.preview import cells, dots

SIZES = ((32, 4), (45, 20), (120, 30))
CODE = ((467.0, 250.0), (755.0, 240.0), (762.0, 526.0), (481.0, 531.0))


def median_ms(draw: Callable[[], object], times: int) -> float:
    taken: list[float] = []
    for _ in range(times):
        since_s = time.perf_counter()
        draw()
        taken.append(time.perf_counter() - since_s)
    return 1000 * sorted(taken)[times // 2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    times = parser.parse_args().times
    frame = Image.effect_noise(FRAME_PX, 90)
    print("| columns x rows | in greys, ms | in dots, ms |\n|---|---|---|")
    for columns, rows in SIZES:
        found = [
            median_ms(partial(draw, frame, [CODE], FRAME_PX, columns, rows), times)
            for draw in (cells, dots)
        ]
        print(f"| {columns} x {rows} | {found[0]:.2f} | {found[1]:.2f} |")


if __name__ == "__main__":
    main()
