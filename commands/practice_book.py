"""The small site that people practise on: its book, and what colleagues did there before.

Who practises is `LEARNER`. All of it is real records and real lines; only a centre is not there.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from commands.practice_tags import DOMAIN, practice_code
from radar_core.actions import Draft, Moment, write_line
from radar_core.jsontext import encode
from sync.clock import stamp
from sync.feed import Holding
from sync.protocol import News

Body = dict[str, object]
Record = tuple[str, str, Body]

PROJECT, LEARNER = "PRACTICE", "YOU"
ROUND, LOBBY, BINS, CHECK = "P-ROUND", "P-LOBBY", "P-BINS", "P-PUMP"
"""The schedules; each makes one task."""
ORDER = "repair:PUMP1:1"
"""The work order that a colleague has finished."""
EPOCH = "EPRACTICE"
SINCE = timedelta(minutes=30)
"""How long all work is open already when a round begins."""
OPEN_MIN = 12 * 60
PLACES = MappingProxyType({
    "GATE": ("Gate", "大门"),
    "LOBBY": ("Lobby", "大堂"),
    "GARAGE": ("Garage", "车库"),
    "ROOF": ("Roof", "屋顶"),
    "BINS": ("Bin room", "垃圾房"),
    "PUMPS": ("Pump room", "水泵房"),
})  # fmt: skip
ASSETS = MappingProxyType({"PUMP1": ("Pump 1", "一号泵", "PUMPS")})


def practice_news(roles: Sequence[str], name: tuple[str, str], moment: Moment) -> News:
    """Return the site for somebody with these roles, as a centre would send it at a moment.

    `name` is how they are called, in English and in Chinese.
    """
    texts = [(kind, id_, encode(body)) for kind, id_, body in _records(roles, name, moment)]
    lines = [(EPOCH, line) for line in _before(moment)]
    held = Holding()
    for text in texts:
        held.add(*text)
    held.add_actions(lines)
    return News(PROJECT, 1, more=False, count=held.count, total=held.total,
                records=texts, actions=lines)  # fmt: skip


def _records(roles: Sequence[str], name: tuple[str, str], moment: Moment) -> list[Record]:
    return [
        ("district", "PD", {"name": "Practice", "name_zh": "练习", "domain": DOMAIN}),
        ("project", PROJECT, {"district": "PD", "timezone": "UTC", **_both("Practice", "练习")}),
        *(("place", id_, _place(*both)) for id_, both in PLACES.items()),
        *(("asset", id_, {"class": "pump", "place": place, **_both(en, zh)})
          for id_, (en, zh, place) in ASSETS.items()),
        *(_tag(id_, "place") for id_ in PLACES),
        *(_tag(id_, "asset") for id_ in ASSETS),
        _person(LEARNER, roles, *name),
        _person("MEI", ["guard"], "Mei", "小梅"),
        _person("TAN", ["engineer"], "Tan", "老谭"),
        *_checklists(),
        ("route", "ROUND", _both("Round", "巡更") | {
            "ordered": False,
            "checkpoints": [f"place:{id_}" for id_ in ("GATE", "LOBBY", "GARAGE", "ROOF")],
            "rules": [{}, {}, {"checklist": "DOOR"}, {}],
        }),
        _schedule(ROUND, ("patrol", "guard"), ("Practice round", "练习巡更"), moment,
                  route="ROUND"),
        _schedule(LOBBY, ("cleaning", "cleaner"), ("Clean the lobby", "大堂保洁"), moment,
                  place="LOBBY"),
        _schedule(BINS, ("cleaning", "cleaner"), ("Clean the bin room", "垃圾房保洁"), moment,
                  place="BINS", checklist="BINS"),
        _schedule(CHECK, ("maintenance", "engineer"), ("Check the pump", "水泵检查"), moment,
                  asset="PUMP1", checklist="PUMP"),
    ]  # fmt: skip


def _checklists() -> list[Record]:
    return [
        _checklist("DOOR", ("Fire door", "防火门"),
                   _step("door", "check", "Is the fire door shut?", "防火门关好了吗？")),
        _checklist("BINS", ("Bin room", "垃圾房"),
                   _step("bins", "check", "Are the bins empty?", "垃圾桶清空了吗？")),
        _checklist("PUMP", ("Pump", "水泵"),
                   _step("leak", "check", "Is the pump dry, without a leak?", "水泵无漏水吗？"),
                   _step("pressure", "reading", "Pressure", "压力", unit="bar", min=2, max=6)),
    ]  # fmt: skip


def _both(en: str, zh: str) -> Body:
    return {"name": en, "name_zh": zh}


def _place(en: str, zh: str) -> Body:
    path = {"path": f"Practice / {en}", "path_zh": f"练习 / {zh}"}
    return {"kind": "room", **_both(en, zh), **path}


def _tag(id_: str, kind: str) -> Record:
    return ("tag", practice_code(id_), {"state": "bound", kind: id_})


def _person(id_: str, roles: Sequence[str], en: str, zh: str) -> Record:
    return ("staff", id_, {**_both(en, zh), "roles": [*roles], "projects": [PROJECT]})


def _checklist(id_: str, names: tuple[str, str], *steps: Body) -> Record:
    return ("checklist", id_, {**_both(*names), "steps": [*steps]})


def _step(id_: str, kind: str, en: str, zh: str, **more: object) -> Body:
    titles = {"title": en, "title_zh": zh}
    return {"id": id_, "type": kind, **titles, "required": True, **more}


def _schedule(
    id_: str, of: tuple[str, str], titles: tuple[str, str], moment: Moment, **on: object
) -> Record:
    """Return a schedule that makes one task, open since a while and for some hours more."""
    begun = datetime.fromtimestamp(moment.wall_ms // 1000, UTC) - SINCE
    kind, role = of
    when = {"start": f"{begun:%Y-%m-%dT%H:%M}", "rrule": "FREQ=DAILY;COUNT=1"}
    told = {"title": titles[0], "title_zh": titles[1], "duration_min": OPEN_MIN}
    return ("schedule", id_, {"kind": kind, "role": role, **told, **when, **on})


def _before(moment: Moment) -> list[str]:
    """Return the lines of two colleagues: one reported that the pump drips, one mended it."""
    about: Body = {"task": ORDER, "asset": "PUMP1", "place": "PUMPS"}
    text = {"text": "The pump drips.", "text_zh": "水泵漏水。", "priority": "normal"}
    done = [
        ("MEI", "report", about | {"category": "repair"} | text),
        ("TAN", "complete", about | {"minutes": 25}),
    ]
    at_ms = moment.wall_ms - int(SINCE.total_seconds()) * 1000
    then = datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")
    earlier = Moment(then, at_ms, "", 0)
    return [
        write_line(seq, stamp(at_ms, seq), earlier,
                   Draft(staff=staff, project=PROJECT, kind=kind, subject=ORDER, body=body))
        for seq, (staff, kind, body) in enumerate(done, 1)
    ]  # fmt: skip
