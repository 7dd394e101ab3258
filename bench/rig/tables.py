"""Tables as Markdown that a terminal can read too, and the state of the machine beside them."""

import os
import platform
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from statistics import median

FLUSHES = 40


def show(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], *notes: str) -> None:
    """Print a table with its columns in line, and what there is to say below it."""
    cells = [list(head), *(list(row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = [
        "| " + " | ".join(_fit(cell, widths[at], at) for at, cell in enumerate(row)) + " |"
        for row in cells
    ]
    rule = "|" + "|".join(
        "-" * (width + 2) if at == 0 else "-" * (width + 1) + ":" for at, width in enumerate(widths)
    )
    print(f"\n### {title}\n")
    print("\n".join([lines[0], rule + "|", *lines[1:]]))
    if notes:
        print()
    for note in notes:
        print(f"- {note}")
    print(end="", flush=True)


def _fit(cell: str, width: int, column: int) -> str:
    return cell.ljust(width) if column == 0 else cell.rjust(width)


def machine() -> str:
    """Say when and where this is measured, and what a flush costs just now."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123 - not a file of ours
        names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    name = names[0] if names else platform.machine()
    load = os.getloadavg()[0]
    quick = [part for part in ("uvloop", "httptools") if find_spec(part)]
    loop = " and ".join(quick) or "asyncio and h11"
    when, python = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", platform.python_version()
    return (
        f"{when}, {os.cpu_count()} cores of {name}, Python {python} with {loop}, load {load:.1f}, "
        f"a flush {flush_s() * 1e3:.2f} ms"
    )


def flush_s() -> float:
    """Return the median time of appending 4 KiB to a file and flushing it."""
    taken: list[float] = []
    with tempfile.TemporaryFile() as file:
        for _ in range(FLUSHES):
            began = time.perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - began)
    return median(taken)


def ms(seconds: float) -> str:
    """Return seconds as milliseconds with three figures that matter."""
    value = seconds * 1e3
    return f"{value:,.0f} ms" if value >= 100 else f"{value:.1f} ms"


def ratio(value: float) -> str:
    """Return a ratio."""
    return f"{value:.2f} x"


def kilo(count: float) -> str:
    """Return a count of bytes."""
    return f"{count / 1e6:.2f} MB" if count >= 1e5 else f"{count:,.0f} B"


def verdict(name: str, value: float, goal: float, *, at_most: bool) -> str:
    """Say whether a goal is held; the figures are said too."""
    held = value <= goal if at_most else value >= goal
    sign = "≤" if at_most else "≥"
    return f"{'held' if held else 'MISSED'}: {name} {value:,.2f} (goal {sign} {goal:,g})"
