"""Which tags of a site book are printed: what a word stands for, and what is left out and told."""

import pytest

from radar_core.book_records import Record
from radar_core.failures import Failure
from radar_core.tag_list import tags_to_print
from radar_core.tags import label_text, make_code, typable


def _code(number: int) -> str:
    return make_code(bytes([number] * 7))


GATE, PUMP, ROOM, BLANK, OLD, OTHER = map(_code, range(1, 7))
RECORDS = [
    Record("HV", "district", "WC", {"name": "West", "domain": "R.EXAMPLE"}),
    Record("PG", "district", "WC", {"name": "West", "domain": "R.EXAMPLE"}),
    Record("HV", "project", "HV", {"district": "WC"}),
    Record("PG", "project", "PG", {"district": "WC"}),
    Record("HV", "place", "T1", {"name": "Tower", "path": "HV / Tower"}),
    Record("HV", "place", "B2", {"name": "Floor", "parent": "T1", "path": "HV / Tower / B2"}),
    Record("HV", "place", "GATE", {"name": "Gate", "name_zh": "大门", "path": "HV / Gate"}),
    Record("PG", "place", "YARD", {"name": "Yard", "path": "PG / Yard"}),
    Record("HV", "asset", "PU1", {"name": "Pump 1", "name_zh": "一号泵", "place": "B2"}),
    Record("HV", "tag", GATE, {"state": "bound", "place": "GATE"}),
    Record("HV", "tag", PUMP, {"state": "bound", "asset": "PU1"}),
    Record("HV", "tag", ROOM, {"state": "bound", "place": "B2"}),
    Record("HV", "tag", BLANK, {"state": "blank"}),
    Record("HV", "tag", OLD, {"state": "retired", "place": "GATE"}),
    Record("HV", "tag", "SN-4711", {"state": "bound", "asset": "PU1"}),
    Record("PG", "tag", OTHER, {"state": "bound", "place": "YARD"}),
    Record("HV", "schedule", "S", {}),
]


def _codes(*things: str, project: str = "") -> list[str]:
    return [tag.code for tag in tags_to_print(RECORDS, things, project).tags]


def test_without_a_word_all_bound_tags_come_in_the_order_of_a_walk() -> None:
    found = tags_to_print(RECORDS)
    assert [tag.code for tag in found.tags] == [GATE, ROOM, PUMP, OTHER]
    assert (found.foreign, found.blank, found.ended) == (1, 1, 1)


def test_floors_come_in_the_order_of_their_numbers() -> None:
    floors = [10, 2, 1, 20]
    records = [*RECORDS[:4]]
    for number in floors:
        name = f"Floor {number}"
        records.append(Record("HV", "place", f"F{number}", {"name": name, "path": f"HV / {name}"}))
        records.append(Record("HV", "tag", _code(number), {"place": f"F{number}"}))
    assert [tag.name for tag in tags_to_print(records).tags] == [
        f"Floor {number}" for number in sorted(floors)
    ]


def test_a_tag_carries_the_name_of_its_asset_or_place_and_its_districts_domain() -> None:
    gate, _, pump, _ = tags_to_print(RECORDS).tags
    assert (gate.name, gate.name_zh, gate.place, gate.asset) == ("Gate", "大门", "GATE", "")
    assert (pump.name, pump.name_zh, pump.place, pump.asset) == ("Pump 1", "一号泵", "B2", "PU1")
    assert {tag.domain for tag in tags_to_print(RECORDS).tags} == {"R.EXAMPLE"}
    assert pump.path == "HV / Tower / B2"


def test_a_place_stands_for_all_that_is_in_it() -> None:
    assert _codes("T1") == _codes("place:B2") == [ROOM, PUMP]
    assert _codes("GATE") == [GATE]


def test_an_asset_and_a_code_in_any_spelling_stand_for_themselves() -> None:
    assert _codes("asset:PU1") == [PUMP]
    for word in (PUMP, typable(PUMP).lower(), label_text("r.example", PUMP), f"tag:{PUMP}"):
        assert _codes(word) == [PUMP]
    assert _codes("PU1", "T1", PUMP) == [ROOM, PUMP]


def test_a_project_narrows_the_list() -> None:
    assert _codes(project="PG") == [OTHER]
    assert _codes("GATE", "YARD", project="HV") == [GATE]


def test_a_blank_tag_is_printed_where_its_code_is_named() -> None:
    (tag,) = tags_to_print(RECORDS, [typable(BLANK)]).tags
    assert (tag.code, tag.name, tag.place) == (BLANK, "", "")


@pytest.mark.parametrize("words", [["NOPE"], ["GATE", "NOPE"], ["place:PU1"], [_code(99)], [""]])
def test_a_word_that_the_book_does_not_know_is_refused(words: list[str]) -> None:
    with pytest.raises(Failure) as caught:
        tags_to_print(RECORDS, words)
    assert caught.value.code == "unknown_thing"


def test_an_unknown_project_is_refused() -> None:
    with pytest.raises(Failure) as caught:
        tags_to_print(RECORDS, (), "XX")
    assert caught.value.values["thing"] == "XX"


@pytest.mark.parametrize("words", [[OLD], ["SN-4711"]])
def test_where_nothing_is_left_to_print_that_is_told(words: list[str]) -> None:
    with pytest.raises(Failure) as caught:
        tags_to_print(RECORDS, words)
    assert caught.value.code == "no_tags"
    assert ("makers" in caught.value.message) == (words == ["SN-4711"])


def test_an_empty_book_has_nothing_to_print() -> None:
    with pytest.raises(Failure) as caught:
        tags_to_print([])
    assert caught.value.code == "no_tags"


def test_a_tag_whose_domain_is_not_known_is_refused() -> None:
    with pytest.raises(Failure) as caught:
        tags_to_print([record for record in RECORDS if record.kind != "district"])
    assert caught.value.code == "no_domain"


def test_places_that_are_within_each_other_in_a_circle_end() -> None:
    circle = [
        Record("HV", "place", "A", {"parent": "B"}),
        Record("HV", "place", "B", {"parent": "A"}),
        Record("HV", "place", "C", {}),
        Record("HV", "tag", _code(8), {"state": "bound", "place": "A"}),
        *RECORDS[:4],
    ]
    assert [tag.code for tag in tags_to_print(circle, ["B"]).tags] == [_code(8)]
    with pytest.raises(Failure):
        tags_to_print(circle, ["C"])
