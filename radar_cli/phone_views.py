"""How a phone's lock looks to a person."""

from collections.abc import Callable, Mapping
from typing import Any

from radar_cli.texts import Texts
from radar_core.failures import N_

Data = Mapping[str, Any]


def _pin(data: Data, texts: Texts) -> list[str]:
    done = N_("✓ The PIN is changed.")
    if data["encrypted"]:
        done = N_("✓ This phone is encrypted now ({by}). Nobody can open it without the PIN.")
    lines = [texts.say(done, by=data["by"]), _until(data, texts)]
    if data["plain"]:
        names = ", ".join(data["plain"])
        lines.append(texts.say(N_("Not encrypted in its folder: {names}"), names=names))
    return lines


def _unlocked(data: Data, texts: Texts) -> list[str]:
    return [texts.say(N_("✓ The phone is unlocked.")), _until(data, texts)]


def _until(data: Data, texts: Texts) -> str:
    if not data["idle_s"]:
        return texts.say(N_("It locks when it is switched off, and with: radar lock"))
    return texts.say(
        N_("It locks after {minutes} idle minutes, when it is switched off, and with: radar lock"),
        minutes=data["idle_s"] // 60,
    )


def _locked(data: Data, texts: Texts) -> list[str]:
    done = N_("✓ The phone is locked.")
    return [texts.say(done if data["was_unlocked"] else N_("It was locked already."))]


PHONE_VIEWS: dict[str, Callable[[Data, Texts], list[str]]] = {
    "pin": _pin,
    "unlocked": _unlocked,
    "phone_locked": _locked,
}
