"""Each part of the evidence: what makes its grade, and what must not."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from radar_core.actions import Action
from radar_core.evidence import Part, grade_of, grade_scans
from radar_core.scans import Dated, Position, Scan, read_scans
from radar_core.walks import Site, Walks, floor_of, learn, metres, site_of

GATE = Site(36.0, 120.0, 1)
SITES = {"GATE": GATE, "LOBBY": Site(36.0009, 120.0, 1), "ROOF": Site(36.0009, 120.0, 29)}
"""The lobby is 100 m from the gate."""
KNOWN = Walks(SITES, {("GATE", "LOBBY"): tuple((90.0, f"K{n % 4}") for n in range(12))})
HOUR_MS = 3_600_000
FACE = 0x0F0F_0F0F_3C3C_A5A5


def scan(
    seq: int,
    place: str,
    at_s: float,
    staff: str = "G1",
    *,
    epoch: str = "",
    **more: Any,  # noqa: ANN401 - each test names fields of a scan
) -> Scan:
    """Return a scan whose clock is right and anchored to a tenth of a second."""
    epoch, at_ms = epoch or f"E-{staff}", round(at_s * 1000)
    plain = Scan(
        id=f"{epoch}.{seq}", epoch=epoch, seq=seq, staff=staff, tag=f"TAG-{place}", place=place,
        via="wedge", boot="b", mono_ms=at_ms, wall_ms=at_ms, dated=Dated(at_ms, "anchored", 100),
    )  # fmt: skip
    return replace(plain, **more)


def parts(scans: Sequence[Scan], id_: str, walks: Walks = KNOWN) -> dict[str, Part]:
    evidence = grade_scans(scans, walks, [id_])[id_]
    return {part.name: part for part in evidence.parts}


def told(scans: Sequence[Scan], name: str, walks: Walks = KNOWN) -> tuple[str, str]:
    """Return grade and reason of a part of the last scan."""
    part = parts(scans, scans[-1].id, walks)[name]
    return part.grade, part.reason


def test_only_the_wanted_scans_are_graded_by_all() -> None:
    both = [scan(1, "GATE", 0), scan(2, "LOBBY", 10)]
    assert grade_scans(both, KNOWN, [both[1].id]).keys() == {both[1].id}
    assert grade_scans(both, KNOWN)[both[1].id].grade == "D"


@pytest.mark.parametrize(
    ("via", "grade"),
    [("picture", "B"), ("camera", "B"), ("wedge", "B"), ("typed", "C"), ("clipboard", "C"),
     ("picked", "C"), ("", ""), ("thought", "")],
)  # fmt: skip
def test_how_the_code_came_in(via: str, grade: str) -> None:
    assert told([scan(1, "GATE", 0, via=via)], "tag")[0] == grade


def test_a_fix_or_a_photograph_makes_up_for_a_typed_code() -> None:
    typed = scan(1, "GATE", 0, via="typed")
    assert grade_scans([typed], KNOWN)[typed.id].grade == "C"
    for more in ({"position": Position(36.0, 120.0, 9)}, {"photo": "arrived"}):
        assert grade_scans([replace(typed, **more)], KNOWN)[typed.id].grade == "A"


@pytest.mark.parametrize(
    ("bits", "said"),
    [(0, ("D", "same_picture")), (5, ("D", "same_picture")), (6, ("C", "like_picture")),
     (9, ("C", "like_picture")), (10, ("A", "new_picture"))],
)  # fmt: skip
def test_a_picture_that_resembles_an_earlier_one(bits: int, said: tuple[str, str]) -> None:
    pictures = [
        scan(1, "GATE", 0, "G2", hash=FACE),
        scan(1, "GATE", 86_400, hash=FACE ^ ((1 << bits) - 1)),
    ]
    assert told(pictures, "frame") == said
    assert told(pictures[::-1], "frame") == ("", "first_picture")


def test_pictures_that_say_nothing() -> None:
    again = [scan(1, "GATE", 0, hash=FACE), scan(2, "GATE", 300, hash=FACE)]
    assert told(again, "frame") == ("", "first_picture")
    other_tag = [scan(1, "GATE", 0, hash=FACE), scan(2, "LOBBY", 86_400, hash=FACE)]
    assert told(other_tag, "frame") == ("", "first_picture")
    dark = [scan(1, "GATE", 0, hash=1), scan(2, "GATE", 86_400, hash=1)]
    assert told(dark, "frame") == ("", "blank_picture")
    assert told([scan(1, "GATE", 0)], "frame") == ("", "no_picture")


def north(
    place: str, away_m: float, accuracy_m: float = 10, *, mock: bool = False, age_s: int = 0
) -> Position:
    lat = (SITES[place].lat or 0) + away_m / 111_320
    return Position(lat, 120.0, accuracy_m, mock, age_s)


@pytest.mark.parametrize(
    ("fix", "said"),
    [
        (north("GATE", 0), ("A", "near")),
        (north("GATE", 65), ("A", "near")),
        (north("GATE", 120, 40), ("A", "near")),
        (north("GATE", 120), ("C", "far")),
        (north("GATE", 400), ("D", "far")),
        (north("GATE", 400, 160), ("", "rough")),
        (north("GATE", 0, age_s=121), ("", "rough")),
        (north("GATE", 0, mock=True), ("D", "mock")),
        (None, ("", "no_position")),
    ],
)
def test_a_position_speaks_for_or_against(fix: Position | None, said: tuple[str, str]) -> None:
    assert told([scan(1, "GATE", 0, position=fix)], "position") == said


def test_where_everybody_is_at_the_same_wrong_spot_the_tag_was_moved() -> None:
    desk = [scan(1, "GATE", n, f"G{n}", position=north("GATE", 400 + n)) for n in range(3)]
    assert told(desk[1:], "position") == ("D", "far")
    assert told(desk, "position") == ("C", "moved_tag")
    away = [scan(1, "GATE", 9 + n, f"H{n}", position=north("GATE", n)) for n in range(3)]
    assert told([*away, *desk], "position") == ("D", "far")


def test_without_a_map_a_fix_is_compared_with_those_of_three_others() -> None:
    others = [scan(1, "GATE", n, f"G{n}", position=north("GATE", n)) for n in range(2, 5)]
    far, near = (scan(1, "GATE", 9, position=north("GATE", away)) for away in (400, 10))
    assert told([*others, far], "position", Walks({}, {})) == ("D", "far")
    assert told([*others, near], "position", Walks({}, {})) == ("A", "near")
    assert told([*others[:2], far], "position", Walks({}, {})) == ("", "no_site")


def wrong(seq: int, at_s: float, off_s: float, boot: str = "b") -> Scan:
    return replace(scan(seq, "GATE", at_s, boot=boot), wall_ms=round((at_s + off_s) * 1000))


@pytest.mark.parametrize(
    ("offs", "said"),
    [
        ([0, 0, 0], ("A", "right")),
        ([0, 100, 0], ("A", "right")),
        ([-7200, -7200, -7200], ("C", "wrong")),
        ([-7200, 0, 0], ("A", "right")),
        ([0, -7200, -7200], ("D", "set")),
        ([-7200, 7200, 0], ("D", "set")),
    ],
)
def test_an_anchored_clock(offs: list[float], said: tuple[str, str]) -> None:
    """The second scan's: set away while the phone ran, wrong all along, or right."""
    scans = [wrong(n, 100_000 + 600 * n, off) for n, off in enumerate(offs, 1)]
    assert told([scans[0], scans[2], scans[1]], "clock") == said


@pytest.mark.parametrize(
    ("offs", "grade", "said"),
    [
        ([0, 0, 0], "", ("", "not_yet")),
        ([0, 0, 0], "unanchored", ("B", "unanchored")),
        ([0, -7200, 0], "unanchored", ("D", "set")),
        ([0, -7200, 0], "", ("D", "set")),
        ([0, -7200, -7200], "moved", ("C", "leapt")),
        ([-7200, 0, 0], "", ("C", "leapt")),
        ([0, 0, -7200], "", ("", "not_yet")),
    ],
)
def test_a_clock_that_nobody_could_check(
    offs: list[float], grade: str, said: tuple[str, str]
) -> None:
    scans = [wrong(n, 100_000 + 600 * n, off) for n, off in enumerate(offs, 1)]
    scans = [replace(s, dated=Dated(s.wall_ms or 0, grade)) for s in scans]
    assert told([scans[0], scans[2], scans[1]], "clock") == said


def test_a_clock_that_tells_less_after_a_restart_went_back() -> None:
    before, after = wrong(1, 100_000, 0), wrong(2, 100_600, -7200, boot="b2")
    scans = [replace(s, dated=Dated(s.wall_ms or 0, "unanchored")) for s in (before, after)]
    assert told(scans, "clock") == ("C", "went_back")
    assert told([replace(after, wall_ms=None)], "clock") == ("C", "no_time")


@pytest.mark.parametrize(
    ("took_s", "said"),
    [(5, ("D", "too_quick")), (29, ("D", "too_quick")), (31, ("C", "quick")),
     (44, ("C", "quick")), (46, ("A", "in_time")), (9000, ("A", "in_time"))],
)  # fmt: skip
def test_the_way_takes_its_time(took_s: int, said: tuple[str, str]) -> None:
    assert told([scan(1, "GATE", 0), scan(2, "LOBBY", took_s)], "walk") == said


def test_the_way_is_the_phone_s_whoever_carries_it_and_only_within_a_boot() -> None:
    gate, unplaced = scan(1, "GATE", 0, "G2", epoch="E"), scan(2, "", 3, epoch="E")
    lobby = scan(3, "LOBBY", 5, epoch="E")
    assert told([gate, unplaced, lobby], "walk") == ("D", "too_quick")
    for other in (replace(lobby, boot="b2"), replace(lobby, boot=""), replace(lobby, place="GATE")):
        assert told([gate, unplaced, other], "walk")[0] == ""
    assert told([scan(1, "GATE", 9), scan(2, "LOBBY", 5)], "walk") == ("", "first_scan")
    assert told([gate, lobby], "walk", Walks({}, {})) == ("", "unknown_way_there")


def test_a_floor_by_distance_and_level_holds_without_history() -> None:
    bare = Walks(SITES, {})
    assert told([scan(1, "GATE", 0), scan(2, "LOBBY", 15)], "walk", bare)[0] == "A"
    assert told([scan(1, "GATE", 0), scan(2, "ROOF", 6)], "walk", bare)[0] == "D"
    assert floor_of(SITES["LOBBY"], SITES["ROOF"]) == 27
    assert floor_of(Site(), SITES["ROOF"]) == 0
    assert round(metres(GATE, SITES["LOBBY"]) or 0) == 100
    assert site_of({"lat": 36.0, "lon": 120, "level": -1}) == Site(36.0, 120.0, -1.0)
    assert site_of({"lat": "x", "lon": True, "level": None}) == Site()


def test_many_places_in_little_time() -> None:
    quick = [scan(n, f"P{n}", 10 * n) for n in range(1, 7)]
    assert told(quick, "burst") == ("D", "burst")
    assert {parts(quick, s.id)["burst"].grade for s in quick} == {"D"}
    assert told(quick[:5], "burst") == ("C", "burst")
    assert told(quick[:4], "burst") == ("A", "no_burst")
    assert told([scan(n, "GATE", n) for n in range(1, 20)], "burst") == ("A", "no_burst")
    assert told([replace(s, boot="") for s in quick], "burst") == ("", "no_burst")


def test_one_person_on_two_phones_too_far_apart() -> None:
    here, there = scan(1, "GATE", 0), scan(1, "LOBBY", 10, epoch="E-OTHER")
    assert told([here, there], "person") == ("D", "two_places")
    assert told([there, here], "person") == ("D", "two_places")
    assert told([here, replace(there, place="GATE")], "person")[0] == ""
    unknown = replace(there, dated=Dated(10_000, "unanchored"))
    assert told([here, unknown], "person")[0] == ""
    rough = replace(there, dated=Dated(10_000, "anchored", 60_000))
    assert told([here, rough], "person")[0] == ""
    assert told([here, scan(1, "LOBBY", 60, epoch="E-OTHER")], "person")[0] == ""


def test_a_phone_that_is_beside_another_all_along() -> None:
    mine = [scan(n, f"P{n}", 100 * n) for n in range(1, 7)]
    theirs = [scan(n, f"P{n}", 100 * n + 9, "G2") for n in range(1, 7)]
    assert told([*theirs, *mine], "person") == ("C", "beside")
    assert told([*theirs[:4], *mine], "person")[0] == ""
    later = [scan(n, f"P{n}", 100 * n + 30, "G2") for n in range(1, 7)]
    assert told([*later, *mine], "person")[0] == ""


def action(seq: int, kind: str, mono_ms: int, **body: object) -> Action:
    return Action(
        "E",
        {
            "seq": seq, "hlc": "0" * 16, "wall": "2026-03-02T08:00:00.000+08:00", "boot": "b",
            "mono_ms": mono_ms, "staff": "G1", "project": "HV", "kind": kind, "subject": "T",
            "body": {"tag": "T", "place": "GATE", "via": "picture", **body},
        },
    )  # fmt: skip


def test_photographs_belong_to_the_scan_before_them() -> None:
    scans = list(
        read_scans(
            [
                (action(1, "scan", 0), None),
                (action(2, "photo", 1000, sha256="aa"), None),
                (action(3, "photo", 2000, sha256="bb"), None),
                (action(4, "scan", 3000), None),
                (action(5, "photo", 4000, sha256="aa"), None),
                (action(6, "scan", 5000), None),
                (action(7, "photo", 6000, place="ROOF"), None),
                (action(8, "photo", 5000 + HOUR_MS), None),
            ],
            arrived={"bb"},
        )
    )
    assert [s.photo for s in scans] == ["arrived", "promised", ""]
    assert [parts(scans, s.id)["photo"].grade for s in scans] == ["A", "B", ""]


def test_a_scan_is_read_with_its_frame_and_position() -> None:
    fix: dict[str, object] = {"lat": 36.0, "lon": 120.0, "accuracy_m": 8, "mock": False}
    fix |= {"at": "2026-03-02T07:59:00.000+08:00"}
    (found,) = read_scans([(action(1, "scan", 0, frame={"hash": "f" * 16}, position=fix), None)])
    assert found.hash == 2**64 - 1
    assert found.position == Position(36.0, 120.0, 8.0, mock=False, age_s=60)
    assert found.dated == Dated(1_772_409_600_000)
    (found,) = read_scans([(action(1, "scan", 0, position="0" * 64), None)])
    assert told([found], "position") == ("", "deleted")


def test_the_rule_is_the_lower_of_the_best_for_and_the_worst_against() -> None:
    for grades, whole in (("BA", "B"), ("AA", "A"), ("AD", "D"), ("CA", "C"), ("CC", "C")):
        assert grade_of([Part("tag", grades[0], ""), Part("walk", grades[1], "")]) == whole


def usual_s(scans: Sequence[Scan], staff: str) -> float:
    return Walks({}, learn(scans)).way("LOBBY", "GATE", staff).usual_s


def walks(people: int, each: int, took_s: float = 60) -> list[Scan]:
    return [
        scan(2 * n + m, ("GATE", "LOBBY")[m], 5000 * n + m * took_s, f"G{p}")
        for p in range(people)
        for n in range(each)
        for m in (0, 1)
    ]


def test_walks_are_learnt_from_three_other_people_and_eight_of_their_walks() -> None:
    assert usual_s(walks(3, 3), "G9") == 60
    assert usual_s(walks(2, 9), "G9") == usual_s(walks(3, 2), "G9") == 0
    assert usual_s(walks(3, 3), "G1") == 0
    assert usual_s(walks(3, 3, 4000), "G9") == 0


def test_nobody_is_measured_by_their_own_walks_and_each_person_weighs_the_same() -> None:
    cheat = [replace(s, staff="X", epoch="E-X", id=f"X{s.seq}") for s in walks(1, 99, 1)]
    assert usual_s([*walks(5, 3), *cheat], "G1") == 60
    assert usual_s([*walks(3, 3), *cheat], "X") == 60
    assert usual_s([*walks(3, 3), *cheat], "G1") == 1
