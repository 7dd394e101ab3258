"""Evidence for any scans: their order counts for nothing, worse is never better, no guesses."""

from dataclasses import replace
from itertools import product
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from radar_core.actions import Action
from radar_core.evidence import (
    SPEAKS_AGAINST,
    SPEAKS_FOR,
    Part,
    grade_of,
    grade_scans,
)
from radar_core.reasons import PARTS, REASONS
from radar_core.scans import Dated, Position, Scan, read_scans, scan_of
from radar_core.walks import Site, Walks, learn

PLACES = ("", "GATE", "LOBBY", "ROOF")
SITES = {
    "GATE": Site(36.0, 120.0, 1),
    "LOBBY": Site(36.001, 120.0, 1),
    "ROOF": Site(36.001, 120.0, 30),
}
names = tuple(PARTS)
times = st.integers(0, 4 * 3_600_000)

positions = st.builds(
    Position,
    st.sampled_from([36.0, 36.0002, 36.01]),
    st.just(120.0),
    st.sampled_from([5.0, 40.0, 500.0]),
    st.booleans(),
    st.sampled_from([0, 999]),
)


@st.composite
def scans(draw: st.DrawFn) -> list[Scan]:
    """Return scans of up to three people on up to three phones, told of in numbers that fit."""
    made: list[Scan] = []
    for epoch in draw(st.lists(st.sampled_from(["E1", "E2", "E3"]), unique=True, min_size=1)):
        for seq, at_ms in enumerate(sorted(draw(st.lists(times, min_size=1, max_size=8))), 1):
            place = draw(st.sampled_from(PLACES))
            off_ms = draw(st.sampled_from([0, 0, 0, 3_600_000, -600_000]))
            grade, error_ms = draw(
                st.sampled_from([("", -1), ("unanchored", -1), ("anchored", 50)])
            )
            known = error_ms >= 0
            scan = Scan(
                id=f"{epoch}.{seq}",
                epoch=epoch,
                seq=seq,
                staff=draw(st.sampled_from(["G1", "G2", "G3"])),
                tag=f"TAG-{place}",
                place=place,
                via=draw(st.sampled_from(["picture", "wedge", "typed", "", "thought"])),
                boot=draw(st.sampled_from(["b1", "b1", "b2", ""])),
                mono_ms=at_ms,
                wall_ms=at_ms + off_ms,
                dated=Dated(at_ms if known else at_ms + off_ms, grade, error_ms),
                hash=draw(st.none() | st.sampled_from([0, 0xF0F0, 0xF0F1, 0xAAAA_AAAA_AAAA])),
                position=draw(st.none() | positions),
                photo=draw(st.sampled_from(["", "promised", "arrived"])),
            )
            made.append(scan)
    return made


@given(scans(), st.randoms(use_true_random=False))
def test_evidence_is_the_same_in_whatever_order_and_however_often_the_scans_came(
    known: list[Scan], chance: Random
) -> None:
    mixed = [*known, *known[: len(known) // 2]]
    chance.shuffle(mixed)
    learnt = learn(known)
    assert learn(dict.fromkeys(mixed)) == learnt
    assert grade_scans(mixed, Walks(SITES, learnt)) == grade_scans(known, Walks(SITES, learnt))


@given(scans())
def test_every_scan_has_every_part_once_with_a_reason_that_can_be_said(known: list[Scan]) -> None:
    for evidence in grade_scans(known, Walks(SITES, learn(known))).values():
        assert [part.name for part in evidence.parts] == [
            "tag", "frame", "position", "clock", "walk", "burst", "photo", "person",
        ]  # fmt: skip
        assert evidence.grade == grade_of(evidence.parts)
        for part in evidence.parts:
            assert part.grade in ("", "A", "B", "C", "D")
            assert REASONS[part.reason].format(**part.values)


grades = st.sampled_from(["", "A", "B", "C", "D"])


@given(st.tuples(*[grades for _ in names]))
def test_a_worse_part_never_makes_a_better_grade(given_grades: tuple[str, ...]) -> None:
    parts = [Part(name, grade, "") for name, grade in zip(names, given_grades, strict=True)]
    before = grade_of(parts)
    for at, worse in product(range(len(parts)), "ABCD"):
        if parts[at].grade and worse > parts[at].grade:
            changed = [*parts[:at], replace(parts[at], grade=worse), *parts[at + 1 :]]
            assert grade_of(changed) >= before


def test_each_part_speaks_for_or_against() -> None:
    assert set(names) == SPEAKS_FOR | SPEAKS_AGAINST
    assert all(grade_of([Part(name, "D", "")]) == "D" for name in SPEAKS_AGAINST)
    assert grade_of([]) == "B"


@given(scans())
def test_nobody_is_flagged_for_what_nobody_knows(known: list[Scan]) -> None:
    """Scans of which only that they were is known: no boot, place, picture, position or grade."""
    bare = [
        replace(
            scan, via="", boot="", place="", tag="", hash=None, position=None, photo="",
            wall_ms=scan.mono_ms, dated=Dated(scan.mono_ms),
        )
        for scan in known
    ]  # fmt: skip
    assert {evidence.grade for evidence in grade_scans(bare, Walks({}, {})).values()} <= {"B"}


@given(st.lists(st.integers(60_000, 600_000), min_size=1, max_size=12), st.booleans())
def test_an_honest_night_without_signal_is_b(walked_ms: list[int], synced: bool) -> None:  # noqa: FBT001 - drawn
    at_ms, night = 0, list[Scan]()
    for seq, ms in enumerate(walked_ms, 1):
        at_ms += ms
        place = f"P{seq}"
        night.append(
            Scan(
                id=f"E.{seq}", epoch="E", seq=seq, staff="G1", tag=place, place=place, via="wedge",
                boot="b", mono_ms=at_ms, wall_ms=at_ms,
                dated=Dated(at_ms, "unanchored" if synced else ""),
            )
        )  # fmt: skip
    assert {e.grade for e in grade_scans(night, Walks({}, learn(night))).values()} == {"B"}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
KEYS = ("text", "via", "tag", "place", "asset", "task", "frame", "position", "sha256")
INNER = ("hash", "lat", "lon", "accuracy_m", "mock", "at")
bodies = st.dictionaries(
    st.sampled_from(KEYS), anything | st.dictionaries(st.sampled_from(INNER), anything)
)


@given(st.lists(st.tuples(st.sampled_from(["scan", "photo", "note"]), bodies), max_size=6))
def test_no_body_however_absurd_stops_the_grading(
    told: list[tuple[str, dict[str, object]]],
) -> None:
    actions = [
        Action(
            "E",
            {
                "seq": seq, "hlc": "0" * 16, "wall": "2026-03-02T08:00:00.000+08:00",
                "boot": "b", "mono_ms": seq * 1000, "staff": "G1", "project": "HV",
                "kind": kind, "subject": "", "body": body,
            },
        )
        for seq, (kind, body) in enumerate(told, 1)
    ]  # fmt: skip
    found = list(read_scans((action, None) for action in actions))
    assert [s.id for s in found] == [a.id for a in actions if a.kind == "scan"]
    graded = grade_scans(found, Walks({}, learn(found)))
    assert len(graded) == len(found)
    assert all(scan_of(a).id == a.id for a in actions if a.kind == "scan")


@given(st.lists(st.integers(40, 80), min_size=4, max_size=20), st.integers(0, 200))
def test_one_cheat_however_diligent_changes_little_of_what_a_way_takes(
    honest_s: list[int], cheats: int
) -> None:
    """Nine honest people and one who is at the next place at once, as often as he likes."""
    people = [(f"G{n}", honest_s) for n in range(9)] + [("CHEAT", [1] * cheats)]
    known: list[Scan] = []
    for staff, took in people:
        at_ms = 0
        for seq in range(1, 2 * len(took) + 1):
            at_ms += took[(seq - 1) // 2] * 1000 if seq % 2 == 0 else 3_600_000
            known.append(
                Scan(
                    id=f"{staff}.{seq}", epoch=staff, seq=seq, staff=staff, tag="", via="wedge",
                    place=("LOBBY", "GATE")[seq % 2], boot="b", mono_ms=at_ms, wall_ms=at_ms,
                    dated=Dated(at_ms),
                )
            )  # fmt: skip
    walks = Walks({}, learn(known))
    for staff in ("G1", "CHEAT", "NEW"):
        assert min(honest_s) <= walks.way("LOBBY", "GATE", staff).usual_s <= max(honest_s)
