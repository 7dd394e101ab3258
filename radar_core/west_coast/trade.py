"""What the office of a project lays down: meters, post orders, deadlines."""

from collections.abc import Iterator

from radar_core.west_coast.parameters import Cells, Project

WORKING_HOURS = "MO-FR 08:00-18:00;SA 08:00-12:00"
PUMPS = ("PUMP1", "PUMP2", "PUMP3")
DEADLINES = (("urgent", 15, 240), ("high", 60, 480), ("normal", 240, 1440), ("low", 600, 4320))
"""Priority, minutes to respond, minutes to resolve."""
_GATE = """Greet everybody. Ask visitors for the home they go to, and call there. Let no lorry in \
between 12:00 and 14:00. The fire lane stays clear at all times."""
_NIGHT = """Walk the rounds, do not drive them. Two people open a plant room after 22:00. Report \
each lamp that is out."""
_WET = """Put the yellow sign up before the first drop, and take it away when the floor is dry."""
_ORDERS = (
    (
        "G-GATE", "guard", "At the gate", "门岗", _GATE,
        "问候每一位来人。访客问明去向并与住户核实。12:00至14:00货车不得入内。消防通道时刻保持畅通。",
    ),
    (
        "G-NIGHT", "guard", "At night", "夜班", _NIGHT,
        "步行巡更，不得乘车。22:00后进入设备房须两人同行。发现灯具不亮即上报。",
    ),
    ("C-WET", "cleaner", "Wet floors", "湿滑地面", _WET, "拖地前先立黄色警示牌，地面干后收起。"),
)  # fmt: skip


def meters(project: Project) -> Iterator[Cells]:
    """Yield the meters: running hours of the booster pumps."""
    for number, pump in enumerate(PUMPS, 1):
        yield {
            "id": f"{project.id}-{pump}-H", "project": project.id, "asset": f"{project.id}-{pump}",
            "step": "hours", "name": f"Running hours of pump {number}",
            "name_zh": f"{number}号泵运行小时", "unit": "h", "rollover": "100000", "jump": "800",
        }  # fmt: skip


def orders(project: Project) -> Iterator[Cells]:
    """Yield the post orders."""
    for name, role, title, title_zh, text, text_zh in _ORDERS:
        yield {
            "id": f"{project.id}-{name}", "project": project.id, "role": role,
            "title": title, "title_zh": title_zh, "text": text, "text_zh": text_zh,
        }  # fmt: skip


def deadlines(project: Project) -> Iterator[Cells]:
    """Yield how soon work that was reported is begun and done."""
    for priority, response_min, resolution_min in DEADLINES:
        yield {
            "project": project.id, "priority": priority,
            "response_min": str(response_min), "resolution_min": str(resolution_min),
        }  # fmt: skip
