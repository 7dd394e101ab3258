"""The parts of `bench/sync.py`: each measures and prints its table and its goals."""

import os
import resource
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from bench.rig import crowd, ingest
from bench.rig.centre import make_site
from bench.rig.filler import fill
from bench.rig.growth import measure_growth
from bench.rig.phone import BenchPhone
from bench.rig.sides import ACTIONS, Side, Sum, far, our_sides, rounds
from bench.rig.tables import kilo, machine, ms, ratio, show, verdict
from sync.keys import KEY_BYTES, KeyPair

PROCESS_RUNS = 7


class Report:
    """What was asked for, a folder to work in, and a PostgreSQL server's URL where there is one."""

    def __init__(self, asked: Namespace, folder: Path, postgres: str | None) -> None:
        self._asked, self._folder, self._postgres = asked, folder, postgres
        self._kinds = ["sqlite", *(["postgresql"] if postgres else [])]
        print(machine(), flush=True)

    def _sides(self) -> list[Side]:
        sides = our_sides(self._postgres)
        if self._asked.peers:
            from bench.rig.peers import peer_sides

            sides += peer_sides()
        return sides

    def sides(self) -> None:
        """10,000 actions up and down, one more, nothing new."""
        sums = rounds(self._sides(), self._folder, self._asked.rounds)
        title = f"{ACTIONS:,} actions, medians of {self._asked.rounds} rounds (x = RADAR on SQLite)"
        _show_times(title, sums)
        _show_counts(sums)
        _show_goals(sums, {"up": 0.5, "down": 0.6})

    def far(self) -> None:
        """The same over a long way."""
        sums = far(self._sides(), self._folder, self._asked.rtt)
        _show_times(f"The same at a round trip of {self._asked.rtt:g} ms, one round", sums)
        _show_goals(sums, {"up": 0.1})

    def process(self) -> None:
        """The whole program."""
        made, secret = make_site(self._folder, "sqlite"), os.urandom(KEY_BYTES)
        known = (KeyPair(secret), made.enrol(0, KeyPair(secret)), made.key.public)
        phone = BenchPhone(made.home / "phone", 0, known, secret)
        with made.running() as centre:
            phone.connect(centre.url)
            phone.record_past(ACTIONS)
            phone.sync()
            rows = [
                ["python -c pass", *_process(phone, ["-c", "pass"], 0)],
                ["radar sync, nothing new", *_process(phone, ["-P", "-m", "radar_cli", "sync"], 0)],
                ["radar sync, one action", *_process(phone, ["-P", "-m", "radar_cli", "sync"], 1)],
            ]
        show("The program `radar sync`, medians", ["", "time", "CPU time"], rows)

    def growth(self) -> None:
        """One action and nothing new, whatever the history."""
        logs = [int(log) for log in self._asked.logs.split(",")]
        for kind in self._kinds:
            found = list(measure_growth(kind, self._folder, self._postgres, logs))
            first, rows = found[0][1], list[list[str]]()
            for log, one, nothing in found:
                for name, cost in (("one action", one), ("nothing new", nothing)):
                    against = cost.seconds / (first if cost is one else found[0][2]).seconds
                    bodies = f"{cost.body_up} / {cost.body_down} B"
                    wire = f"{cost.wire_up} / {cost.wire_down} B"
                    cells = [ms(cost.seconds), ratio(against), str(cost.requests), bodies, wire]
                    rows.append([f"{name}, {log:,} in the log", *cells])
            last_one, last_nothing = found[-1][1], found[-1][2]
            both = last_nothing.wire_up + last_nothing.wire_down
            show(
                f"Cost follows the change, {kind}",
                ["", "time", "x", "requests", "bodies up / down", "all bytes up / down"],
                rows,
                verdict(
                    "time of one action against an empty log",
                    last_one.seconds / first.seconds,
                    1.1,
                    at_most=True,
                ),
                verdict("one action, body up, B", last_one.body_up, 500, at_most=True),
                verdict("one action, body down, B", last_one.body_down, 250, at_most=True),
                verdict("nothing new, all bytes both ways", both, 1000, at_most=True),
            )

    def ingest(self) -> None:
        """Pages over HTTP against bare inserts."""
        for kind in self._kinds:
            runs = [
                ingest.compare(kind, self._folder, self._postgres, self._asked.pages)
                for _ in range(self._asked.rounds)
            ]
            best = ingest.BARE_COPY if kind == "postgresql" else ingest.BARE_INSERT
            against = {
                name: median(run[ingest.OVER_HTTP].actions_s / run[name].actions_s for run in runs)
                for name in runs[0]
            }
            ours = median(run[ingest.OVER_HTTP].actions_s for run in runs)
            rows = [
                [
                    name,
                    f"{median(run[name].actions_s for run in runs):,.0f} /s",
                    ratio(against[name]),
                    f"{median(run[name].each_us for run in runs):.1f} µs",
                ]
                for name in runs[0]
            ]
            show(
                f"Ingest, {kind}, pages of 5,000, medians of {self._asked.rounds} rounds",
                ["", "actions", "HTTP against it", "CPU an action"],
                rows,
                verdict(f"over HTTP against the {best}", against[best], 0.55, at_most=False),
                verdict("actions a second", ours, 20_000, at_most=False),
            )

    def flat(self) -> None:
        """An empty centre against a filled one."""
        for kind in self._kinds:
            full = make_site(self._folder, kind, self._postgres)
            began = time.perf_counter()
            fill(full, self._asked.rows)
            print(f"  filled in {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
            pairs = [
                ingest.flat(
                    (make_site(self._folder, kind, self._postgres), full),
                    self._folder,
                    self._asked.pages,
                )
                for _ in range(self._asked.rounds)
            ]
            empty, filled = (median(rates) for rates in zip(*pairs, strict=True))
            against = median(a / b for a, b in pairs)
            show(
                f"Ingest over HTTP, {kind}, whatever the centre holds",
                ["centre", "actions", "slower by"],
                [
                    ["empty", f"{empty:,.0f} /s", ""],
                    [f"{self._asked.rows:,} actions", f"{filled:,.0f} /s", ratio(against)],
                ],
                verdict("slower than an empty centre by", against, 1.2, at_most=True),
            )

    def crowd(self) -> None:
        """Many phones, one action a post."""
        for kind in self._kinds:
            where = (kind, self._folder, self._postgres)
            pairs = [
                (crowd.bare(*where, self._asked.posts * 2), crowd.ours(*where, self._asked.posts))
                for _ in range(self._asked.rounds)
            ]
            rows = [
                [
                    name,
                    f"{median(sent.rate for sent in found):,.0f} /s",
                    ms(median(sent.latency(0.5) for sent in found)),
                    ms(median(sent.latency(0.99) for sent in found)),
                    f"{median(sent.each_us for sent in found):,.0f} µs",
                ]
                for name, found in zip(
                    ("bare group commit", "RADAR, all checks"),
                    zip(*pairs, strict=True),
                    strict=True,
                )
            ]
            against = median(our.rate / bare.rate for bare, our in pairs)
            show(
                f"{crowd.PHONES} phones, one action a post, {kind}",
                ["", "posts", "p50", "p99", "server's CPU a post"],
                rows,
                verdict("against the rig", against, 0.8, at_most=False),
                verdict(
                    "posts a second", median(our.rate for _, our in pairs), 5000, at_most=False
                ),
            )


def _process(phone: BenchPhone, words: Sequence[str], actions: int) -> list[str]:
    """Return the time and the CPU time of a program, run several times by the phone's person."""
    environ = {**os.environ, "RADAR_HOME": str(phone.home)}
    taken: list[float] = []
    worked: list[float] = []
    for _ in range(PROCESS_RUNS):
        for _ in range(actions):
            phone.record_now()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.perf_counter()
        subprocess.run([sys.executable, *words], env=environ, check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - began)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        worked.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return [ms(median(taken)), ms(median(worked))]


def _show_times(title: str, sums: Sequence[Sum]) -> None:
    base = sums[0].seconds
    rows = [
        [one.side.name, *(_time(one, step, base) for step in ("up", "down", "one", "nothing")),
         ms(one.seconds["record"]) if one.seconds else "", one.side.durable]
        for one in sums
    ]  # fmt: skip
    head = ["", "up", "down", "one more", "nothing new", "record one", "durable when told"]
    show(title, head, rows, *(f"{s.side.name}: {s.failed}" for s in sums if s.failed))


def _time(one: Sum, step: str, base: Mapping[str, float]) -> str:
    if not one.seconds:
        return "not had"
    against = f" {one.seconds[step] / base[step]:.1f}x" if base and one.seconds is not base else ""
    return ms(one.seconds[step]) + against


def _show_counts(sums: Sequence[Sum]) -> None:
    rows = [
        [one.side.name, *(_counts(one.counts[step]) for step in ("up", "down", "one", "nothing"))]
        for one in sums
        if one.counts
    ]
    head = ["requests: bytes up + down", "up", "down", "one more", "nothing new"]
    show("What crosses the wire, HTTP's own part included", head, rows)


def _counts(counts: Mapping[str, int]) -> str:
    return f"{counts['turns']}: {kilo(counts['up'])} + {kilo(counts['down'])}"


def _show_goals(sums: Sequence[Sum], goals: Mapping[str, float]) -> None:
    """Say how RADAR on SQLite stands to Anki and to each other peer whose word is durable."""
    ours, *others = [one for one in sums if one.seconds]
    print()
    for one in others:
        if one.side.name.startswith(("RADAR", "bare")):
            continue
        for step, goal in goals.items():
            name = f"{step} against {one.side.name}"
            against = ours.seconds[step] / one.seconds[step]
            wanted = goal if one.side.name.startswith("Anki") else 1.0
            if one.side.durable == "yes":
                print("-", verdict(name, against, wanted, at_most=True))
            else:
                print(f"- no goal, for it promises less: {name} {against:.2f}")
    for step, way in (("up", "up"), ("down", "down")):
        told = ours.counts[step]
        if told:
            print("-", verdict(f"{step}: MB", told[way] / 1e6, 0.8, at_most=True))
            print("-", verdict(f"{step}: requests", told["turns"], 2, at_most=True), flush=True)
