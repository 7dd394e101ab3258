"""The assets of a project: in each tower, on each garage level, in the plant rooms, outside."""

from collections.abc import Iterator

from radar_core.west_coast.parameters import Cells, Project
from radar_core.west_coast.places import GATES, garage_rows, garages, towers

FLOORS_PER_PANEL = 3
"""One distribution panel of a riser serves so many floors."""
FLOORS_PER_HYDRANT = 3
"""One hydrant cabinet is an asset of its own on each so many floors."""

_TOWER = (
    ("FIRE", "LOBBY", "fire_panel", "Fire alarm panel", "火灾报警控制盘"),
    ("DOOR", "LOBBY", "door", "Entrance door", "单元门禁"),
    ("PANEL", "ELEC", "panel", "Main electrical panel", "总配电箱"),
    ("EMLIGHT", "ELEC", "panel", "Emergency lighting panel", "应急照明配电箱"),
    ("FAN1", "ROOF", "fan", "Stair pressurisation fan", "楼梯间正压送风机"),
    ("FAN2", "ROOF", "fan", "Smoke exhaust fan", "排烟风机"),
    ("TANK", "ROOF", "tank", "Roof water tank", "屋顶水箱"),
    ("LIGHTNING", "ROOF", "lightning", "Lightning conductor", "防雷装置"),
)
_GARAGE = (
    ("FAN1", "fan", "Supply fan 1", "送风机1"),
    ("FAN2", "fan", "Exhaust fan 1", "排风机1"),
    ("FAN3", "fan", "Exhaust fan 2", "排风机2"),
    ("CO", "sensor", "Carbon monoxide monitor", "一氧化碳监测仪"),
    ("PANEL", "panel", "Lighting panel", "照明配电箱"),
    ("SHUTTER", "door", "Fire shutter", "防火卷帘"),
)
_PLANT = (
    ("PUMP1", "PUMP", "pump", "Booster pump 1", "生活加压泵1"),
    ("PUMP2", "PUMP", "pump", "Booster pump 2", "生活加压泵2"),
    ("PUMP3", "PUMP", "pump", "Booster pump 3", "生活加压泵3"),
    ("PCTRL", "PUMP", "panel", "Pump controller", "水泵控制柜"),
    ("TANK1", "PUMP", "tank", "Drinking water tank 1", "生活水箱1"),
    ("TANK2", "PUMP", "tank", "Drinking water tank 2", "生活水箱2"),
    ("METER", "PUMP", "meter", "Main water meter", "总水表"),
    ("FPUMP1", "FPUMP", "pump", "Hydrant pump 1", "消火栓泵1"),
    ("FPUMP2", "FPUMP", "pump", "Hydrant pump 2", "消火栓泵2"),
    ("SPUMP1", "FPUMP", "pump", "Sprinkler pump 1", "喷淋泵1"),
    ("SPUMP2", "FPUMP", "pump", "Sprinkler pump 2", "喷淋泵2"),
    ("JPUMP", "FPUMP", "pump", "Jockey pump", "稳压泵"),
    ("FCTRL", "FPUMP", "panel", "Fire pump controller", "消防泵控制柜"),
    ("FTANK", "FPUMP", "tank", "Fire water tank", "消防水池"),
    ("GEN1", "GEN", "generator", "Diesel generator 1", "柴油发电机1"),
    ("GEN2", "GEN", "generator", "Diesel generator 2", "柴油发电机2"),
    ("FUEL", "GEN", "tank", "Fuel tank", "储油箱"),
    ("TR1", "SUB", "transformer", "Transformer 1", "1号变压器"),
    ("TR2", "SUB", "transformer", "Transformer 2", "2号变压器"),
    ("HV1", "SUB", "panel", "High-voltage panel", "高压柜"),
    ("LV1", "SUB", "panel", "Low-voltage panel 1", "低压柜1"),
    ("LV2", "SUB", "panel", "Low-voltage panel 2", "低压柜2"),
    ("AHU1", "VENT", "fan", "Ventilation unit 1", "新风机组1"),
    ("AHU2", "VENT", "fan", "Ventilation unit 2", "新风机组2"),
    ("FIREMAIN", "CTRL", "fire_panel", "Main fire alarm panel", "消防主机"),
    ("CCTV", "CTRL", "camera", "Camera recorder", "监控录像主机"),
    ("UPS", "CTRL", "battery", "Standby battery", "不间断电源"),
    ("FOUNTAIN", "GARDEN", "pump", "Fountain pump", "喷泉水泵"),
    ("IRRIGATION", "GARDEN", "pump", "Irrigation pump", "灌溉水泵"),
    ("SWING", "PLAY", "play", "Swing set", "秋千"),
    ("SLIDE", "PLAY", "play", "Slide tower", "滑梯"),
    ("COMPACTOR", "YARD", "compactor", "Waste compactor", "垃圾压缩机"),
)


def assets(project: Project) -> Iterator[Cells]:
    """Yield the assets of a project."""
    for row in _all(project):
        yield row | {"project": project.id}


def lifts(project: Project, tower: str) -> list[str]:
    """Return the ids of a tower's lifts."""
    return [f"{tower}-LIFT{number}" for number in range(1, project.lifts_per_tower + 1)]


def _all(project: Project) -> Iterator[Cells]:
    for tower in towers(project):
        yield from _tower(project, tower)
    for garage in garages(project):
        for name, kind, english, chinese in _GARAGE:
            yield _asset(f"{garage}-{name}", garage, kind, english, chinese)
        for number, row in enumerate(garage_rows(project, garage), 1):
            names = (f"Sump pump {number}", f"集水坑排污泵{number}")
            yield _asset(f"{row}-SUMP", row, "pump", *names)
    for name, room, kind, english, chinese in _PLANT:
        yield _asset(f"{project.id}-{name}", f"{project.id}-{room}", kind, english, chinese)
    for gate in project.gates:
        yield from _gate(f"{project.id}-GATE-{gate}", *GATES[gate])


def _tower(project: Project, tower: str) -> Iterator[Cells]:
    for number, lift in enumerate(lifts(project, tower), 1):
        yield _asset(lift, f"{tower}-LOBBY", "lift", f"Lift {number}", f"{number}号电梯")
    for name, room, kind, english, chinese in _TOWER:
        yield _asset(f"{tower}-{name}", f"{tower}-{room}", kind, english, chinese)
    for floor in range(1, project.floors + 1, FLOORS_PER_PANEL):
        place = f"{tower}-F{floor:02}"
        names = (f"Riser panel, floor {floor}", f"{floor}层竖井配电箱")
        yield _asset(f"{place}-PANEL", place, "panel", *names)
    for floor in range(2, project.floors + 1, FLOORS_PER_HYDRANT):
        place = f"{tower}-F{floor:02}"
        names = (f"Hydrant cabinet, floor {floor}", f"{floor}层消火栓箱")
        yield _asset(f"{place}-HYDRANT", place, "hydrant", *names)


def _gate(gate: str, english: str, chinese: str) -> Iterator[Cells]:
    yield _asset(f"{gate}-IN", gate, "gate", f"{english}: barrier in", f"{chinese}入口道闸")
    yield _asset(f"{gate}-OUT", gate, "gate", f"{english}: barrier out", f"{chinese}出口道闸")
    yield _asset(f"{gate}-FOOT", gate, "gate", f"{english}: turnstile", f"{chinese}人行闸机")
    yield _asset(f"{gate}-CAM", gate, "camera", f"{english}: camera", f"{chinese}摄像机")


def _asset(name: str, place: str, kind: str, english: str, chinese: str) -> Cells:
    return {"id": name, "place": place, "class": kind, "name": english, "name_zh": chinese}
