"""What West Coast district is made from. Change a figure here and the whole book follows."""

from dataclasses import dataclass
from typing import TypeAlias

Cells: TypeAlias = dict[str, str]
"""One row of a sheet: text by column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One housing project: so many towers, each with as many floors, homes and lifts."""

    id: str
    name: str
    name_zh: str
    towers: int
    floors: int
    homes_per_floor: int
    lifts_per_tower: int
    garage_levels: int
    garage_rows: int
    gates: tuple[str, ...] = ("E", "W")
    perimeter_posts: int = 6
    guards: int = 14
    cleaners: int = 8
    engineers: int = 5
    supervisors: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """The district, what its labels print, and its projects; `start` is its schedules' first day.

    `seed` makes the tags' codes and the people's names: another seed, another district.
    """

    seed: str
    id: str
    name: str
    name_zh: str
    domain: str
    timezone: str
    start: str
    spare_tags_per_project: int
    projects: tuple[Project, ...]


WEST_COAST = District(
    seed="west coast",
    id="WC",
    name="West Coast",
    name_zh="西海岸片区",
    domain="R.EXAMPLE",
    timezone="Asia/Shanghai",
    start="2026-01-01",
    spare_tags_per_project=34,
    projects=(
        Project(
            id="HV",
            name="Harbour View",
            name_zh="望海湾",
            towers=8,
            floors=28,
            homes_per_floor=8,
            lifts_per_tower=3,
            garage_levels=2,
            garage_rows=6,
            gates=("E", "W", "N"),
            guards=15,
        ),
        Project(
            id="LG",
            name="Lotus Garden",
            name_zh="荷香园",
            towers=10,
            floors=18,
            homes_per_floor=8,
            lifts_per_tower=2,
            garage_levels=1,
            garage_rows=10,
        ),
        Project(
            id="CP",
            name="Camphor Park",
            name_zh="香樟里",
            towers=12,
            floors=18,
            homes_per_floor=8,
            lifts_per_tower=2,
            garage_levels=1,
            garage_rows=12,
            gates=("E", "W", "N", "S"),
        ),
        Project(
            id="SQ",
            name="Sunset Quay",
            name_zh="落霞湾",
            towers=6,
            floors=33,
            homes_per_floor=10,
            lifts_per_tower=4,
            garage_levels=2,
            garage_rows=6,
            gates=("E", "S", "N"),
            guards=15,
        ),
    ),
)
