"""How a backup, its restoration, and what follows from a loss look."""

from collections.abc import Mapping
from typing import Any

from radar_cli.moments import local_minute
from radar_cli.texts import Texts
from radar_core.failures import N_

PHONES_SHOWN = 20
Data = Mapping[str, Any]

_VERDICTS = {
    "held": N_("✓ {id} of {device}: the centre holds it."),
    "awaited": N_("! {id} of {device}: not here, but this phone has not synced since the restore."),
    "lost": N_("✗ {id} of {device}: the centre gave its word for it and does not hold it."),
    "changed": N_("✗ {id} of {device}: the centre holds something else under this number."),
    "foreign": N_("✗ {id} of {device}: that is not this centre's word."),
}


def backup_lines(data: Data, texts: Texts) -> list[str]:
    """Return what was backed up, and how to keep it."""
    text = N_("✓ {file}: {actions} actions, {photos} photos, {megabytes} MB, read back and right.")
    megabytes = f"{data['bytes'] / 1e6:.1f}"
    values = {"file": data["file"], "photos": data["photos"], "megabytes": megabytes}
    lines = [texts.say(text, actions=data["rows"].get("action", 0), **values)]
    if data["photos_missing"]:
        text = N_("! {count} photos are not in it: their files are gone. See: radar admin photos")
        lines.append(texts.say(text, count=data["photos_missing"]))
    if not data["sealed"]:
        lines.append(
            "  "
            + texts.say(N_("It holds the centre's key: whoever has the file can be the centre."))
        )
    return [*lines, _head(data, texts)]


def restore_lines(data: Data, texts: Texts) -> list[str]:
    """Return what was restored, and what happens next."""
    text = N_("✓ The centre of {moment} is restored in {home}: {actions} actions, {phones} phones.")
    values = {name: data[name] for name in ("home", "actions", "phones")}
    lines = [texts.say(text, moment=local_minute(data["at"]), **values)]
    if data["photos_missing"]:
        text = N_("! {count} photos were not in the backup; the phones are asked for them.")
        lines.append(texts.say(text, count=data["photos_missing"]))
    lines += [f"! {flaw['about']}: {flaw['problem']}" for flaw in data["flaws"]]
    lines.append("  → " + texts.say(N_("Then: radar serve")))
    text = N_("Phones send again what came after the backup. Which have not yet:")
    lines.append(f"  → {texts.say(text)} radar admin receipts")
    return [*lines, _head(data, texts)]


def receipts_lines(data: Data, texts: Texts) -> list[str]:
    """Return which phones are still to come, and which receipts can be honoured."""
    lines: list[str] = []
    if data["backup"]:
        moment = local_minute(data["backup"])
        lines.append(texts.say(N_("Restored from a backup of {moment}."), moment=moment))
    for receipt in data["receipts"]:
        about = {"id": f"{receipt['epoch']}.{receipt['seq']}", "device": receipt["device"]}
        lines.append(texts.say(_VERDICTS[receipt["verdict"]], **about))
    for phone in data["phones"][:PHONES_SHOWN]:
        seen = local_minute(phone["last_sync"]) or texts.say(N_("never"))
        text = N_("! {device} of {staff}: not heard of since the restore; last sync {seen}.")
        lines.append(texts.say(text, device=phone["device"], staff=phone["staff"], seen=seen))
    more = len(data["phones"]) - PHONES_SHOWN
    if more > 0:
        lines.append(texts.say(N_("… and {count} more."), count=more))
    if not data["phones"]:
        lines.append(texts.say(N_("✓ Every phone has synced since this centre began.")))
    return lines


def photos_lines(data: Data, texts: Texts) -> list[str]:
    """Return whether photos are missing, and what is done about it."""
    if not data["missing"]:
        return [texts.say(N_("✓ All photos are there."))]
    lines = [texts.say(N_("! {count} photos are missing."), count=data["missing"])]
    text = N_("To ask the phones for them: radar admin photos --again")
    if data["asked"]:
        text = N_("Each phone sends those that it still has with its next sync.")
    return [*lines, "  → " + texts.say(text)]


def restored_lines(data: Data, texts: Texts) -> list[str]:
    """Return what a phone's person is told after the centre lost something."""
    text = N_("The centre lost something; {count} actions of this phone were sent again.")
    if data["backup"]:
        text = N_(
            "The centre was restored from a backup of {moment};"
            " {count} actions of this phone were sent again."
        )
    moment = local_minute(data["backup"])
    return [texts.say(text, moment=moment, count=data["sent_again"])]


def _head(data: Data, texts: Texts) -> str:
    text = N_("The end of its audit log, to be kept elsewhere: {head}")
    return "  " + texts.say(text, head=data["head"])
