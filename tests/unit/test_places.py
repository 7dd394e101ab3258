"""Locate: a tag on a place is there; one on an asset is where the asset stands."""

from radar_core.places import locate

PUMP_ROOM = {
    "name": "Pump room",
    "name_zh": "水泵房",
    "path": "HV / Pump room",
    "path_zh": "海景 / 水泵房",
}
PUMP = {"place": "PUMPS", "name": "Pump 1"}


def test_a_tag_on_a_place_is_located_there() -> None:
    spot = locate(("CODE", "HV", {"place": "PUMPS", "state": "bound"}), None, PUMP_ROOM)
    assert (spot.tag, spot.project, spot.place, spot.asset, spot.state) == (
        "CODE",
        "HV",
        "PUMPS",
        "",
        "bound",
    )
    assert (spot.name, spot.name_zh) == ("Pump room", "水泵房")
    assert (spot.path, spot.path_zh) == ("HV / Pump room", "海景 / 水泵房")
    assert spot.refs == ("place:PUMPS",)


def test_a_tag_on_an_asset_is_located_at_the_asset_and_then_at_its_place() -> None:
    spot = locate(("CODE", "HV", {"asset": "PU1", "state": "bound"}), PUMP, PUMP_ROOM)
    assert spot.refs == ("asset:PU1", "place:PUMPS")
    assert (spot.name, spot.name_zh, spot.path) == ("Pump 1", "Pump 1", "HV / Pump room")


def test_an_asset_s_own_place_counts_before_what_the_tag_says() -> None:
    spot = locate(("CODE", "HV", {"asset": "PU1", "place": "OLD"}), PUMP, PUMP_ROOM)
    assert spot.place == "PUMPS"


def test_a_tag_whose_records_are_missing_or_odd_is_located_as_far_as_they_go() -> None:
    spot = locate(("CODE", "HV", {"asset": "GONE", "place": 7}), None, None)
    assert (spot.refs, spot.path, spot.name) == (("asset:GONE",), "", "")
    assert locate(("CODE", "HV", {}), None, None).refs == ()


def test_a_tag_without_a_state_is_bound_and_one_with_another_keeps_it() -> None:
    assert locate(("CODE", "HV", {"place": "P"}), None, None).state == "bound"
    assert locate(("CODE", "HV", {"state": "retired"}), None, None).state == "retired"


def test_chinese_falls_back_to_the_only_name_there_is() -> None:
    spot = locate(("CODE", "HV", {"place": "P"}), None, {"name": "Gate", "path": "HV / Gate"})
    assert (spot.name_zh, spot.path_zh) == ("Gate", "HV / Gate")
