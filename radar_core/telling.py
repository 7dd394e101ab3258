"""What is told of an action in the history of a thing, on the phone and at the centre."""

from radar_core.actions import Action

TOLD = (
    *("outcome", "via", "step", "value", "unit", "outside", "text", "task", "opens"),
    *("category", "priority", "reason", "part", "quantity", "score", "stars", "to", "doubt"),
)
"""What is told of its body."""


def event_of(action: Action, person: dict[str, object]) -> dict[str, object]:
    """Return what was done, when, and by whom; `person` has `staff`, `name` and `name_zh`."""
    return {
        "action_id": action.id,
        "wall": action.wall,
        "kind": action.kind,
        "subject": action.subject,
        **person,
    } | {name: action.body[name] for name in TOLD if name in action.body}
