"""What a phone knows of a meter when somebody reads it: a doubtful reading is told, and kept."""

from collections.abc import Mapping

from commands.phone import Phone
from commands.plans import bodies_of
from radar_core.meters import Judgement, is_of, judge, readings_of
from sync.touching import actions_on

Body = Mapping[str, object]


def judged(phone: Phone, kind: str, project: str, body: Body, at_s: int) -> Judgement | None:
    """Return what is odd about a reading that is to be recorded; None if no meter has it."""
    for name, meter in phone.meters(body):
        value = body.get("value")
        if is_of(meter, kind, body) and isinstance(value, int | float):
            ref = f"asset:{body['asset']}"
            before = readings_of(project, meter, actions_on(phone.journal, [ref])[ref])
            counts = any(
                schedule.get("meter") == name and "every" in schedule
                for schedule in bodies_of(phone.journal, "schedule", project).values()
            )
            return judge(meter, counts=counts, before=before, value=value, at_s=at_s)
    return None


def told_meter(phone: Phone, found: Judgement | None) -> dict[str, object] | None:
    """Return what a person hears of a meter; None where there is nothing to compare with."""
    if found is None or found.last is None:
        return None
    return {
        "doubt": found.doubt or None,
        "used": found.used,
        "last": found.last.value,
        "last_at": phone.workplace.local(found.last.at_s),
    }
