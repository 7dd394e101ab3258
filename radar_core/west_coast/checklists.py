"""The district's checklists: what to look at, and between which limits a reading is well."""

from radar_core.west_coast.parameters import Cells


def _checklist(name: str, english: str, chinese: str, *steps: Cells) -> tuple[Cells, ...]:
    named = {"checklist": name, "name": english, "name_zh": chinese}
    return tuple((named if step is steps[0] else {"checklist": name}) | step for step in steps)


def _step(step: str, kind: str, english: str, chinese: str, required: str = "yes") -> Cells:
    return {
        "step": step, "type": kind, "title": english, "title_zh": chinese, "required": required
    }  # fmt: skip


def _check(step: str, english: str, chinese: str) -> Cells:
    return _step(step, "check", english, chinese)


def _reading(step: str, english: str, chinese: str, limits: tuple[str, str, str]) -> Cells:
    """Return a reading with (unit, min, max)."""
    unit, least, most = limits
    more = {"unit": unit, "min": least, "max": most}
    return _step(step, "reading", english, chinese) | more


def _choice(step: str, english: str, chinese: str, choices: str) -> Cells:
    return _step(step, "choice", english, chinese) | {"choices": choices}


_REMARK = _step("remark", "text", "Anything else", "其他情况", required="no")
_PHOTO = _step("photo", "photo", "Photo", "照片", required="no")

CHECKLISTS = (
    *_checklist(
        "PUMP-DAILY", "Daily pump inspection", "水泵日检",
        _check("leak", "No leak, no unusual noise", "无渗漏、无异响"),
        _reading("pressure", "Outlet pressure", "出口压力", ("bar", "3.5", "6")),
        _REMARK,
    ),
    *_checklist(
        "PUMP-SERVICE", "Pump service", "水泵保养",
        _reading("hours", "Running hours", "运行小时", ("h", "0", "99999")),
        _check("greased", "Bearings greased", "轴承已加油"),
        _REMARK,
    ),
    *_checklist(
        "ROOM-LOOK", "A look into a plant room", "设备房巡视",
        _check("dry", "Dry, no smell, no noise", "无渗漏、无异味、无异响"),
        _check("locked", "Locked when left", "离开时已上锁"),
    ),
    *_checklist(
        "LIFT-MONTHLY", "Monthly lift service", "电梯月度维保",
        _check("doors", "Doors open and close smoothly", "层门开关顺畅"),
        _check("alarm", "Alarm bell and intercom answer", "警铃与对讲有效"),
        _reading("levelling", "Levelling error", "平层误差", ("mm", "-10", "10")),
        _choice("ride", "Ride", "运行状况", "smooth;slight jerk;unsafe"),
        _step("signed", "signature", "Signature of the engineer", "维保人员签字"),
        _REMARK,
    ),
    *_checklist(
        "GEN-WEEKLY", "Weekly generator run", "发电机周试机",
        _check("start", "Starts within 15 seconds", "15秒内启动"),
        _reading("voltage", "Voltage", "输出电压", ("V", "380", "415")),
        _reading("coolant", "Coolant after ten minutes", "十分钟后水温", ("°C", "60", "95")),
        _reading("fuel", "Fuel level", "油位", ("%", "50", "100")),
        _REMARK,
    ),
    *_checklist(
        "FIRE-MONTHLY", "Monthly fire panel test", "火灾报警盘月检",
        _check("lamps", "Lamp test passed", "自检指示灯正常"),
        _step("faults", "number", "Faults on the display", "故障显示数量"),
        _choice("mode", "Mode found", "运行方式", "automatic;manual"),
        _PHOTO,
    ),
    *_checklist(
        "PANEL-QUARTERLY", "Quarterly panel inspection", "配电箱季检",
        _check("clean", "Clean, dry, closed", "清洁、干燥、箱门关闭"),
        _reading("hottest", "Hottest terminal", "接线端最高温度", ("°C", "0", "70")),
        _PHOTO,
    ),
    *_checklist(
        "FAN-QUARTERLY", "Quarterly fan service", "风机季度保养",
        _check("belt", "Belt and bearings in order", "皮带与轴承正常"),
        _reading("current", "Running current", "运行电流", ("A", "2", "30")),
        _REMARK,
    ),
    *_checklist(
        "TANK-HALFYEARLY", "Half-yearly tank cleaning", "水箱半年清洗",
        _check("cleaned", "Emptied, cleaned, disinfected", "已排空、清洗、消毒"),
        _reading("chlorine", "Residual chlorine", "余氯", ("mg/L", "0.05", "0.8")),
        _PHOTO,
    ),
    *_checklist(
        "LOBBY-CLEANING", "Lobby cleaning", "大堂保洁",
        _check("floor", "Floor mopped", "地面已拖"),
        _check("glass", "Doors and glass wiped", "门与玻璃已擦"),
        _check("bins", "Bins emptied", "垃圾桶已清"),
        _PHOTO,
    ),
    *_checklist(
        "YARD-CLEANING", "Recycling yard cleaning", "垃圾分类点保洁",
        _check("swept", "Swept and hosed down", "已清扫冲洗"),
        _choice("fill", "Containers are", "垃圾桶状态", "empty;half full;full"),
        _PHOTO,
    ),
    *_checklist(
        "STAIR-CLEANING", "Stair cleaning", "楼梯间保洁",
        _check("steps", "Steps and handrails wiped", "台阶与扶手已擦"),
        _check("clear", "Nothing stands in the way out", "疏散通道无堆放"),
    ),
    *_checklist(
        "GARAGE-CLEANING", "Garage cleaning", "车库保洁",
        _check("swept", "Lanes swept", "车道已清扫"),
        _check("drains", "Drains free", "排水沟畅通"),
    ),
)  # fmt: skip
