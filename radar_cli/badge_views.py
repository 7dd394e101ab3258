"""How badges look, and who is signed in on a shared phone."""

from collections.abc import Mapping
from typing import Any

from radar_cli.texts import Texts
from radar_core.failures import Failure, N_

Data = Mapping[str, Any]


def write_card(data: Data, png: str) -> str | None:
    """Write a badge as a picture that its owner alone can read; return its file, None for none.

    What cannot be written is no reason to lose the badge: it still is on the screen.
    """
    if not png:
        return None
    from commands.files import write_file
    from scanners.badge_card import card_png

    names = [data["name_zh"], data["name"], data["staff"]]
    try:
        write_file(png, card_png(data["badge"], list(dict.fromkeys(names))), mode=0o600)
    except Failure:
        return None
    return png


def made_lines(data: Data, texts: Texts) -> list[str]:
    """Return a badge as a QR code, with its PIN."""
    from scanners.screen_code import terminal_lines

    values = {"staff": data["staff"], "name": texts.pick(data, "name")}
    lines = [*terminal_lines(data["badge"]), str(data["badge"])]
    lines.append(texts.say(N_("✓ The badge of {name} ({staff})."), **values))
    if data["pin"]:
        lines.append("  " + texts.say(N_("PIN: {pin}"), pin=data["pin"]))
    if data["replaced"]:
        lines.append("  " + texts.say(N_("The badge before it counts no more.")))
    if data["png"]:
        lines.append("  " + texts.say(N_("To print: {file}"), file=data["png"]))
    lines.append("  → " + texts.say(N_("Badge and PIN are shown this once; keep them apart.")))
    return lines


def signed_in_lines(data: Data, texts: Texts) -> list[str]:
    """Return who is signed in now."""
    values = {"staff": data["staff"], "name": texts.pick(data, "name")}
    lines = [texts.say(N_("✓ {name} ({staff}) is signed in."), **values)]
    if data["lock_min"]:
        told = N_("After {minutes} min without work you are signed out.")
        lines.append("  " + texts.say(told, minutes=data["lock_min"]))
    lines.append("  → " + texts.say(N_("What is due: radar tasks. When you leave: radar lock")))
    return lines


def locked_lines(data: Data, texts: Texts) -> list[str]:
    """Return who is signed in no more."""
    who = data["signed_out"]
    if who is None:
        return [texts.say(N_("Nobody was signed in."))]
    values = {"staff": who["staff"], "name": texts.pick(who, "name")}
    return [texts.say(N_("✓ {name} ({staff}) is signed out."), **values)]
