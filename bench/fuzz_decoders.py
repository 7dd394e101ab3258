"""Feed every decoder of foreign bytes for a while: what breaks, what takes long, what memory.

Run: make fuzz   or   .venv/bin/python bench/fuzz_decoders.py [--minutes N] [KIND...]

Each kind runs in a process of its own with a limit on memory, led by the lines that an input
reaches (atheris) where that is installed, else blindly by numbered changes of the seeds. A value
or a documented refusal is as it should be; anything else is a finding: its input is kept in
build/fuzz/ and fed again with `--again FILE`.
"""

import argparse
import importlib
import json
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from importlib.util import find_spec
from pathlib import Path

from bench.foreign.decoder import Kind, blind, name_of_input

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "fuzz"
KINDS = {
    "wire": 16,
    "labels": 8,
    "pictures": 64,
    "books": 64,
    "settings": 16,
    "backups": 64,
    "certificates": 16,
}
"""What is fed, with the longest input in KiB."""
INPUT_S_MAX = 5
"""How much CPU time one input may take: what others do on this machine does not count."""
HANG_S_MAX = 120
"""After so long an input hangs, by the clock on the wall."""
MEMORY_BYTES_MAX = 2**30
OURS = ("radar_cli", "scanners", "sync", "radar_core", "radar_server", "bench")
LED_BY = (
    *OURS,
    "openpyxl",
    "PIL",
    "pypdfium2",
    "tomllib",
    "csv",
    "zipfile",
    "dateutil",
    "json",
    "tarfile",
)
"""The packages whose every edge is counted."""


def load(name: str) -> Kind:
    """Return a kind of decoders."""
    module = importlib.import_module(f"bench.foreign.{name}")
    return Kind(module.DECODERS, KINDS[name] * 1024)


class Watch:
    """Feeds inputs to a kind, and keeps what took longest and how many were taken."""

    def __init__(self, kind: Kind, file: Path) -> None:
        self.kind = kind
        self.fed = self.taken = 0
        self.longest_ms = 0.0
        self._file = file
        self._told_s = 0.0

    def feed(self, data: bytes) -> None:
        """Feed one input, within the time that it may take."""
        begun = time.process_time()
        self.taken += self.kind.read(data)
        took_ms = 1000 * (time.process_time() - begun)
        self.fed += 1
        if took_ms > self.longest_ms:
            self.longest_ms = took_ms
            self._file.with_suffix(".longest").write_bytes(data)
            assert took_ms < 1000 * INPUT_S_MAX, f"{took_ms:.0f} ms for one input"
        if time.monotonic() > self._told_s + 1:
            self._told_s = time.monotonic()
            self.tell()

    def tell(self) -> None:
        """Write down how it stands: the fuzzer ends without another word."""
        peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        told = {"fed": self.fed, "taken": self.taken, "longest_ms": self.longest_ms}
        self._file.write_text(json.dumps(told | {"peak_mb": peak_kb // 1024}), encoding="utf-8")


def limit_memory() -> None:
    """Let this process take so much memory and no more."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES_MAX, hard))


def work(name: str, seconds: float, number: int) -> None:
    """Feed one kind until the time is over, or something breaks; runs in a process of its own."""
    led = find_spec("atheris") is not None
    atheris = importlib.import_module("atheris") if led else None
    watched: AbstractContextManager[object] = (
        atheris.instrument_imports(include=list(LED_BY)) if atheris else nullcontext()
    )
    with watched:
        kind = load(name)
        for seed in kind.seeds():  # what is imported only now is watched too
            kind.read(seed)
    limit_memory()
    file = OUT / f"{name}.json"
    watch = Watch(kind, file)
    if atheris:
        _work_led(atheris.Setup, atheris.Fuzz, watch, name, seconds)
    else:
        _work_blindly(watch, file.with_suffix(".last"), seconds, number)


def _work_led(
    setup: Callable[..., object],
    fuzz: Callable[[], object],
    watch: Watch,
    name: str,
    seconds: float,
) -> None:
    corpus = OUT / name
    corpus.mkdir(exist_ok=True)
    for seed in watch.kind.seeds():
        (corpus / name_of_input(seed)).write_bytes(seed)
    options = [
        *(f"-max_total_time={seconds:.0f}", f"-max_len={watch.kind.bytes_max}"),
        *(f"-timeout={HANG_S_MAX}", "-rss_limit_mb=0", "-print_final_stats=1", "-verbosity=1"),
        f"-artifact_prefix={OUT}/{name}-",
    ]
    setup([sys.argv[0], *options, str(corpus)], watch.feed)
    fuzz()


def _work_blindly(watch: Watch, last: Path, seconds: float, number: int) -> None:
    end, seeds = time.monotonic() + seconds, watch.kind.seeds()
    while time.monotonic() < end:
        data = blind(seeds, number, watch.kind.bytes_max)
        last.write_bytes(data)
        watch.feed(data)
        number += 1
    watch.tell()


def run(name: str, minutes: float) -> bool:
    """Feed one kind and print a line about it; tell whether nothing was found."""
    OUT.mkdir(parents=True, exist_ok=True)
    words = [sys.executable, "-m", "bench.fuzz_decoders", name, "--work"]
    words += ["--minutes", str(minutes), "--from", str(int(time.time()))]
    with (OUT / f"{name}.log").open("w+", encoding="utf-8", errors="replace") as log:
        done = subprocess.run(words, stdout=log, stderr=log, check=False, cwd=ROOT)
        log.seek(0)
        said = log.read()
    told = json.loads((OUT / f"{name}.json").read_text(encoding="utf-8"))
    reached = re.findall(r"cov: (\d+)", said)
    lines = f"{int(reached[-1]):,} edges reached" if reached else "fed blindly"
    print(
        f"{name}: {told['fed']:,} fed, {told['taken']:,} taken, {lines}; the longest"
        f" {told['longest_ms']:,.0f} ms, memory {told['peak_mb']} MB:"
        f" {f'FOUND: {OUT / name}.log' if done.returncode else 'nothing found'}",
        flush=True,
    )
    return not done.returncode


def main() -> int:
    """Print a line for each kind; exit 1 if one broke, hung, or took too much memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--minutes", type=float, default=0.2)
    parser.add_argument("--again", type=Path, metavar="FILE", help="feed one input again")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--from", dest="number", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    kinds = options.kinds or list(KINDS)
    if options.again:
        print("taken" if load(kinds[0]).read(options.again.read_bytes()) else "refused")
        return 0
    if options.work:
        work(kinds[0], 60 * options.minutes, options.number)
        return 0
    found = [name for name in kinds if not run(name, options.minutes)]
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
