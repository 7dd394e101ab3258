"""Locate: which place or asset a tag stands for, in which project."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Spot:
    """Where a tag is: its place, the asset it is stuck on if any, and their names."""

    __slots__ = ("asset", "name", "name_zh", "path", "path_zh", "place", "project", "state", "tag")

    def __init__(self, tag: str, project: str, *, state: str, place: str, asset: str) -> None:
        self.tag = tag
        self.project = project
        self.state = state
        self.place = place
        self.asset = asset
        self.path = self.path_zh = ""
        self.name = self.name_zh = ""

    @property
    def refs(self) -> tuple[str, ...]:
        """What work here may be due on, the nearest first: the asset, then its place."""
        refs = [f"asset:{self.asset}"] if self.asset else []
        if self.place:
            refs.append(f"place:{self.place}")
        return tuple(refs)


def locate(
    tag: "tuple[str, str, Mapping[str, object]]",
    asset: "Mapping[str, object] | None",
    place: "Mapping[str, object] | None",
) -> Spot:
    """Return the spot of a tag record `(id, project, body)` with its asset's and place's bodies.

    An asset stands at a place; a tag on an asset is located at both.
    """
    tag_id, project, body = tag
    place_id = _text(asset, "place") if asset is not None else _text(body, "place")
    spot = Spot(
        tag_id,
        project,
        state=_text(body, "state") or "bound",
        place=place_id,
        asset=_text(body, "asset"),
    )
    spot.path, spot.path_zh = _text(place, "path"), _text(place, "path_zh")
    named = asset if asset is not None else place
    spot.name = _text(named, "name")
    spot.name_zh = _text(named, "name_zh") or spot.name
    spot.path_zh = spot.path_zh or spot.path
    return spot


def _text(body: "Mapping[str, object] | None", name: str) -> str:
    value = body.get(name) if body is not None else None
    return value if isinstance(value, str) else ""
