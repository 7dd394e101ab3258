"""The schedules of a project: rounds, cleaning, maintenance.

The first of each kind is open all day, every day, so that a demonstration fits any hour.
"""

from collections.abc import Iterator

from radar_core.west_coast.assets import lifts
from radar_core.west_coast.parameters import Cells, Project
from radar_core.west_coast.places import garages, towers

ALL_DAY_MIN = 24 * 60
CALENDAR = "CN"
HOLIDAYS = (
    "2026-01-01", "2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19", "2026-04-05",
    "2026-05-01", "2026-05-02", "2026-06-19", "2026-09-25",
    "2026-10-01", "2026-10-02", "2026-10-03",
    "2027-01-01", "2027-02-05", "2027-02-06", "2027-02-07", "2027-02-08",
)  # fmt: skip
"""The statutory holidays: stairs and garages are not cleaned, and deadlines stand still."""
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR")
_MONTH_DAYS = 28
"""Days that every month has."""


def holidays() -> Iterator[Cells]:
    """Yield the days of the calendar of holidays."""
    for date in HOLIDAYS:
        named = {"name": "Public holidays", "name_zh": "法定节假日"} if date == HOLIDAYS[0] else {}
        yield {"calendar": CALENDAR, "date": date} | named


def schedules(project: Project, first_day: str) -> Iterator[Cells]:
    """Yield the schedules of a project; all begin on `first_day` (a date)."""
    for row in (*_patrols(project), *_cleaning(project), *_maintenance(project)):
        start = f"{first_day}T{row.pop('at')}"
        yield row | {"id": f"{project.id}-{row['id']}", "project": project.id, "start": start}


def _work(
    name: str, rrule: str, at: str, duration_min: int, names: tuple[str, str], **more: str
) -> Cells:
    """Return a schedule from `at` (local time) for so many minutes."""
    window = {"rrule": rrule, "at": at, "duration_min": str(duration_min)}
    return {"id": name, "title": names[0], "title_zh": names[1]} | window | more


def _patrols(project: Project) -> Iterator[Cells]:
    open_all_day = _work("R-OPEN", "FREQ=DAILY", "00:00", ALL_DAY_MIN, ("Open round", "开放巡更"))
    yield open_all_day | _round(project, "OPEN") | {"grace_min": "0"}
    for number, at in enumerate(("22:00", "02:00"), 1):
        names = (f"Night round {number}", f"夜间巡更{number}")
        yield _work(f"R-NIGHT{number}", "FREQ=DAILY", at, 120, names) | _round(project, "NIGHT")
    for number, at in enumerate(("09:00", "15:00"), 1):
        names = (f"Day round {number}", f"日间巡更{number}")
        yield _work(f"R-DAY{number}", "FREQ=DAILY", at, 90, names) | _round(project, "DAY")
    for number, at in enumerate(("20:00", "04:00"), 1):
        names = (f"Garage round {number}", f"车库巡更{number}")
        yield _work(f"R-GARAGE{number}", "FREQ=DAILY", at, 60, names) | _round(project, "GARAGE")
    weekly = _work("R-ROOF", "FREQ=WEEKLY;BYDAY=SA", "10:00", 240, ("Roof round", "屋面巡更"))
    yield weekly | _round(project, "ROOF")
    plant = _work("R-PLANT", "FREQ=DAILY", "08:00", 180, ("Plant round", "设备房巡检"))
    yield plant | _round(project, "PLANT") | {"role": "engineer"}


def _round(project: Project, route: str) -> Cells:
    return {
        "kind": "patrol", "role": "guard", "route": f"{project.id}-{route}", "grace_min": "30"
    }  # fmt: skip


def _cleaning(project: Project) -> Iterator[Cells]:
    for row in _cleaning_rows(project):
        yield {"kind": "cleaning", "role": "cleaner", "grace_min": "60"} | row


def _cleaning_rows(project: Project) -> Iterator[Cells]:
    yield _work(
        "C-OPEN", "FREQ=DAILY", "00:00", ALL_DAY_MIN, ("Recycling yard cleaning", "垃圾分类点保洁"),
        place=f"{project.id}-YARD", checklist="YARD-CLEANING", grace_min="0",
    )  # fmt: skip
    for number, tower in enumerate(towers(project), 1):
        names = (f"Lobby of tower {number}", f"{number}号楼大堂保洁")
        yield _work(
            f"C-T{number}-LOBBY", "FREQ=DAILY", "07:00", 180, names,
            place=f"{tower}-LOBBY", checklist="LOBBY-CLEANING",
        )  # fmt: skip
        names = (f"Stairs of tower {number}", f"{number}号楼楼梯间保洁")
        days = f"{_WEEKDAYS[number % 5]},{_WEEKDAYS[(number + 2) % 5]}"
        yield _work(
            f"C-T{number}-STAIRS", f"FREQ=WEEKLY;BYDAY={days}", "13:00", 240, names,
            place=tower, checklist="STAIR-CLEANING", calendar=CALENDAR,
        )  # fmt: skip
    for level, garage in enumerate(garages(project), 1):
        yield _work(
            f"C-B{level}", "FREQ=WEEKLY;BYDAY=SU", "06:00", 300,
            (f"Garage B{level}", f"地下车库B{level}层保洁"),
            place=garage, checklist="GARAGE-CLEANING", calendar=CALENDAR,
        )  # fmt: skip


def _maintenance(project: Project) -> Iterator[Cells]:
    for row in (*_plant(project), *_towers(project)):
        yield {"kind": "maintenance", "role": "engineer", "grace_min": "0"} | row


def _plant(project: Project) -> Iterator[Cells]:
    here = project.id
    yield _work(
        "M-PUMP", "FREQ=DAILY", "00:00", ALL_DAY_MIN, ("Daily pump inspection", "水泵日检"),
        asset=f"{here}-PUMP1", checklist="PUMP-DAILY",
    )  # fmt: skip
    yield _work(
        "M-GEN", "FREQ=WEEKLY;BYDAY=WE", "10:00", 240, ("Weekly generator run", "发电机周试机"),
        asset=f"{here}-GEN1", checklist="GEN-WEEKLY", staff=f"{here}-E01",
    )  # fmt: skip
    yield _work(
        "M-TANK", "FREQ=MONTHLY;INTERVAL=6;BYMONTHDAY=15", "08:00", 3 * ALL_DAY_MIN,
        ("Drinking water tank cleaning", "生活水箱清洗"),
        asset=f"{here}-TANK1", checklist="TANK-HALFYEARLY",
    )  # fmt: skip
    yield _work(
        "M-AHU", "FREQ=MONTHLY;INTERVAL=3;BYDAY=1TU", "09:00", ALL_DAY_MIN,
        ("Ventilation service", "新风机组季度保养"),
        asset=f"{here}-AHU1", checklist="FAN-QUARTERLY",
    )  # fmt: skip
    yield _work(
        "M-FOUNTAIN", "FREQ=WEEKLY;BYDAY=FR", "09:00", 240,
        ("Fountain pump in summer", "喷泉水泵夏季检查"),
        asset=f"{here}-FOUNTAIN", checklist="FAN-QUARTERLY", seasons="05-01..10-15",
    )  # fmt: skip
    yield _work(
        "M-PUMP2", "", "08:00", 3 * ALL_DAY_MIN,
        ("Pump 2: service by running hours", "2号泵：按运行小时保养"),
        asset=f"{here}-PUMP2", checklist="PUMP-SERVICE",
        repeat="meter", meter=f"{here}-PUMP2-H", every="500",
    )  # fmt: skip
    yield _work(
        "M-GEN2", "FREQ=DAILY;INTERVAL=30", "10:00", 2 * ALL_DAY_MIN,
        ("Generator 2: service a month after the last", "2号发电机：上次保养一个月后"),
        asset=f"{here}-GEN2", checklist="GEN-WEEKLY", repeat="floating",
    )  # fmt: skip


def _towers(project: Project) -> Iterator[Cells]:
    for number, tower in enumerate(towers(project), 1):
        monthly = f"FREQ=MONTHLY;BYMONTHDAY={number * 2 % _MONTH_DAYS + 1}"
        for count, lift in enumerate(lifts(project, tower), 1):
            names = (f"Lift {count} of tower {number}", f"{number}号楼{count}号电梯月度维保")
            yield _work(
                f"M-T{number}-LIFT{count}", monthly, "09:00", 2 * ALL_DAY_MIN, names,
                asset=lift, checklist="LIFT-MONTHLY",
            )  # fmt: skip
        names = (f"Fire panel of tower {number}", f"{number}号楼火灾报警盘月检")
        yield _work(
            f"M-T{number}-FIRE", monthly, "14:00", ALL_DAY_MIN, names,
            asset=f"{tower}-FIRE", checklist="FIRE-MONTHLY",
        )  # fmt: skip
        names = (f"Main panel of tower {number}", f"{number}号楼总配电箱季检")
        yield _work(
            f"M-T{number}-PANEL", f"{monthly};INTERVAL=3", "10:00", 7 * ALL_DAY_MIN, names,
            asset=f"{tower}-PANEL", checklist="PANEL-QUARTERLY",
        )  # fmt: skip
