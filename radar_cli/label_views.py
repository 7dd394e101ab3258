"""How printed labels look to a person: what was written, how far it is read, what comes next."""

from collections.abc import Mapping
from typing import Any

from radar_cli.texts import Texts
from radar_core.failures import N_

Data = Mapping[str, Any]


def sheet_lines(data: Data, texts: Texts) -> list[str]:
    """Return what was printed of a site book, and what was left out of it and why."""
    lines = _printed(data, texts)
    for reason, text in (
        ("foreign", N_("  Left out: {count} codes of other makers.")),
        ("blank", N_("  Left out: {count} blank tags; name a code to print it.")),
        ("ended", N_("  Left out: {count} tags that are retired or replaced.")),
    ):
        if data["left_out"][reason]:
            lines.append(texts.say(text, count=data["left_out"][reason]))
    return lines


def new_lines(data: Data, texts: Texts) -> list[str]:
    """Return what was printed of new codes, and how they come to stand for something."""
    return [
        *_printed(data, texts),
        "  → " + texts.say(N_("Where one hangs: radar bind CODE THING")),
    ]


def _printed(data: Data, texts: Texts) -> list[str]:
    said = {name: data[name] for name in ("count", "pages", "file", "format")}
    code = {"mm": f"{data['code_mm']:.1f}", "metres": f"{data['read_from_m']:g}"}
    return [
        texts.say(N_("✓ {file}: format {format}, labels: {count}, pages: {pages}."), **said),
        texts.say(N_("  The code is {mm} mm wide, read from up to {metres} m."), **code),
        "  → " + texts.say(N_("Print in actual size (100 %), not fitted to the page.")),
    ]
