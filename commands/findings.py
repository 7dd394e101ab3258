"""What a check of `radar doctor` finds."""

from dataclasses import dataclass, field

OK, NOTE, BAD = "ok", "note", "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: templates and their values; a bad one says what to do."""

    check: str
    state: str
    message: str
    hint: str = ""
    values: dict[str, object] = field(default_factory=dict)
