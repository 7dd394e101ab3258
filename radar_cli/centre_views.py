"""How the centre's answers look: the board, and what its administrator did."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from radar_cli.backup_views import backup_lines, photos_lines, receipts_lines, restore_lines
from radar_cli.badge_views import locked_lines, made_lines, signed_in_lines
from radar_cli.board_views import board_lines, table_lines
from radar_cli.figures_views import figures_lines, report_lines
from radar_cli.label_views import new_lines, sheet_lines
from radar_cli.moments import local_minute
from radar_cli.output import Output
from radar_cli.texts import Texts
from radar_cli.words import KINDS, SHEETS, VERDICTS, listed
from radar_core.failures import N_

if TYPE_CHECKING:
    from radar_core.book_sheet import Mistake

MISTAKES_SHOWN = 20
Data = Mapping[str, Any]


def init_lines(data: Data, texts: Texts) -> list[str]:
    """Return what a new centre's administrator does next."""
    return [
        texts.say(N_("✓ The centre is ready in {home}."), home=data["home"]),
        "  → " + texts.say(N_("Its site book: radar admin import BOOK")),
        "  → " + texts.say(N_("Then: radar serve")),
    ]


def key_lines(data: Data, texts: Texts) -> list[str]:
    """Return the centre's public key, alone on its line."""
    return [
        str(data["key"]),
        "  "
        + texts.say(N_("The public key of {name}, to check receipts with:"), name=data["name"]),
        "  → " + texts.say(N_("radar receipt --verify FILE --key HEX")),
    ]


def verified_lines(data: Data, texts: Texts) -> list[str]:
    """Return how much of a centre was gone through, with nothing wrong in it."""
    text = N_("✓ All {verified} actions of {streams} chains fit, and all {projects} projects.")
    told = {name: data[name] for name in ("verified", "streams", "projects")}
    return [texts.say(text, **told), _audit_fits(data["audit"], texts)]


def audit_lines(data: Data, texts: Texts) -> list[str]:
    """Return who did what and when, oldest first, and the end of the log to write down."""
    lines: list[str] = []
    if data["more"]:
        lines.append(texts.say(N_("… and {count} older ones."), count=data["more"]))
    for row in data["entries"]:
        told = "  ".join(f"{name}={_short(value)}" for name, value in row["details"].items())
        lines.append(f"{row['seq']}  {row['at']}  {row['by']}  {row['act']}  {told}".rstrip())
    if data["verified"] is not None:
        lines.append(_audit_fits(data["verified"], texts))
    lines.append(
        texts.say(N_("The end of the log, to be kept elsewhere: {head}"), head=data["head"])
    )
    return lines


def _short(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _audit_fits(count: int, texts: Texts) -> str:
    return texts.say(N_("✓ All {count} entries of the audit log fit."), count=count)


def book_lines(data: Data, texts: Texts) -> list[str]:
    """Return what an import changed or would change, or what an export wrote."""
    things = (data["things"] if "things" in data else data["rows"]).items()
    rows = listed((f"{texts.say(SHEETS[name])} {count}" for name, count in things), texts)
    lines = [texts.say(N_("{book}: {rows}"), book=data["book"], rows=rows)]
    if "added" in data:
        sums = {name: sum(data[name].values()) for name in ("added", "changed", "removed")}
        text = N_("✓ Records added {added}, changed {changed}, removed {removed}.")
        lines.append(texts.say(text, **sums))
    if data.get("kept"):
        text = N_("  Kept, though the book is silent about them: {count} tags bound in the field.")
        lines.append(texts.say(text, count=sum(data["kept"].values())))
    if data.get("dry_run"):
        lines.append(texts.say(N_("That is what would happen; nothing was changed.")))
    return lines


def mistake_lines(mistakes: object, output: Output) -> list[str]:
    """Return the first mistakes of a book with where each stands, and the count of the rest."""
    from radar_core.book_sheet import Mistakes

    assert isinstance(mistakes, Mistakes), "a book's failure carries its mistakes"
    lines = [_mistake(one, output) for one in mistakes.found[:MISTAKES_SHOWN]]
    more = len(mistakes.found) - len(lines) + mistakes.more
    if more:
        lines.append("  " + output.say(N_("… and {count} more."), count=more))
    return lines


def _mistake(one: "Mistake", output: Output) -> str:
    values = {"sheet": one.sheet, "row": one.row, "column": one.column}
    template = N_("Sheet {sheet}, row {row}, column {column}: {message}")
    if not one.column:
        template = N_("Sheet {sheet}, row {row}: {message}")
    if not one.row:
        template = N_("Sheet {sheet}: {message}")
    return "  " + output.say(template, **values, message=output.say(one.message, **one.values))


def revoke_lines(data: Data, texts: Texts) -> list[str]:
    """Return whose phone is locked out now."""
    template = N_("✓ Phone {device} of {staff} is locked out; what it still sends is kept aside.")
    return [texts.say(template, device=data["device"], staff=data["staff"])]


def enrol_code_lines(data: Data, texts: Texts) -> list[str]:
    """Return a code to hand out, large and alone; below a QR code that has the address too."""
    expires = local_minute(data["expires"])
    whose = N_("For {staff}, until {expires}.")
    if data["projects"]:
        whose = N_("For a shared phone of {projects}, until {expires}.")
    values = {"staff": data["staff"], "projects": listed(data["projects"], texts)}
    lines = [
        str(data["code"]),
        "  " + texts.say(whose, **values, expires=expires),
    ]
    if not data["invitation"]:
        more = N_("As a QR code next time: --url URL, once, with the centre's address.")
        typed = texts.say(N_("On the phone: radar enrol URL CODE"))
        return [*lines, "  → " + typed, "  → " + texts.say(more)]
    shown = N_("On the phone: radar enrol PICTURE, or: radar enrol {url} CODE")
    return [
        *lines,
        *_screen_code(data["invitation"]),
        "  → " + texts.say(shown, url=data["url"]),
    ]


def certificate_lines(data: Data, texts: Texts) -> list[str]:
    """Return what the centre shows from now on, and how other programs come to trust it."""
    made = N_("✓ The certificate is good until {until}, for: {names}.")
    lines = [texts.say(made, until=data["until"][:10], names=", ".join(data["names"]))]
    kept = N_("  The authority is the one before: phones and browsers notice nothing.")
    new = N_("  A new authority signed it; RADAR's phones learn of it by themselves.")
    return [
        *lines,
        texts.say(kept if data["renewed"] else new),
        "  → " + texts.say(N_("Then: radar serve --host 0.0.0.0")),
        texts.say(N_("A browser, or a phone's own apps, must be told to trust it:")),
        *_screen_code(data["authority_url"]),
        texts.say(N_("  1. Open {url} there, in spite of its warning."), url=data["authority_url"]),
        texts.say(N_("  2. Install what comes as an authority (CA certificate), in the settings.")),
        texts.say(N_("  3. Compare its SHA-256 fingerprint, all of it, before you trust it:")),
        *(f"     {data['fingerprint'][at : at + 48].rstrip(':')}" for at in (0, 48)),
    ]


def _screen_code(text: str) -> list[str]:
    from scanners.screen_code import terminal_lines

    return terminal_lines(text)


def revoked_lines(data: Data, texts: Texts) -> list[str]:
    """Return whose phone is locked out."""
    values = {name: data[name] for name in ("device", "staff")}
    template = N_("✓ The phone {device} of {staff} is locked out; what it still sends is kept.")
    return [texts.say(template, **values)]


def person_lines(data: Data, texts: Texts) -> list[str]:
    """Return what was written out of a person."""
    template = N_("✓ All that is kept of {staff}: {actions} actions, {photos} photos, in {out}.")
    counts = {name: data["counts"][name] for name in ("actions", "photos")}
    return [texts.say(template, staff=data["staff"], out=data["out"], **counts)]


def retain_lines(data: Data, texts: Texts) -> list[str]:
    """Return what was deleted, or would be, and how long each project keeps what."""
    template = N_("✓ Deleted: {positions} positions, and {photos} photos ({mib} MiB).")
    if data["dry_run"]:
        template = N_("Would be deleted: {positions} positions, and {photos} photos ({mib} MiB).")
    positions = sum(data["positions"].values()) + data["quarantined"]
    mib = f"{data['photo_bytes'] / 2**20:.1f}"
    lines = [texts.say(template, positions=positions, photos=data["photos"], mib=mib)]
    each = N_("{project}: positions {positions_days} days, photos {photos_days} days")
    lines += [
        "  " + texts.say(each, project=name, **days) for name, days in data["projects"].items()
    ]
    return lines


def quarantine_lines(data: Data, texts: Texts) -> list[str]:
    """Return what lies in quarantine: what it is and why, then its id for the decision."""
    lines: list[str] = []
    for row in data["actions"]:
        kind = texts.say(KINDS.get(str(row["kind"]), str(row["kind"] or "?")))
        when, who = local_minute(row["received"]), row["staff"] or row["device"]
        lines.append(f"! {when}  {row['project'] or '?'}  {who}  {kind}  {row['subject'] or ''}")
        lines.append(
            f"  {row['id']}  {texts.say(VERDICTS[row['state']])}: {texts.say(row['reason'])}"
        )
        if row["by"] or row["note"]:
            lines.append(f"  {row['by']}  {row['note']}".rstrip())
    if data["more"]:
        lines.append(texts.say(N_("… and {count} more."), count=data["more"]))
    return lines or [texts.say(N_("✓ Nothing awaits a decision."))]


def decided_lines(data: Data, texts: Texts) -> list[str]:
    """Return what became of each action that was decided on."""
    return [_decided(row, texts) for row in data["decided"]]


def _decided(row: Data, texts: Texts) -> str:
    if row["error"]:
        return f"! {row['id']}  {row['error']['message']}"
    template = N_("✓ {action} is {state}.")
    if row["already"]:
        template = N_("{action} is {state} already; nothing was changed.")
    return texts.say(template, action=row["id"], state=texts.say(VERDICTS[row["verdict"]]))


OTHER_VIEWS: dict[str, Callable[[Data, Texts], list[str]]] = {
    "board": board_lines,
    "figures": figures_lines,
    "report_pdf": report_lines,
    "table": table_lines,
    "labels": sheet_lines,
    "labels_new": new_lines,
    "admin_init": init_lines,
    "admin_audit": audit_lines,
    "admin_backup": backup_lines,
    "admin_restore": restore_lines,
    "admin_receipts": receipts_lines,
    "admin_photos": photos_lines,
    "admin_key": key_lines,
    "centre_verified": verified_lines,
    "admin_import": book_lines,
    "admin_export": book_lines,
    "admin_enrol-code": enrol_code_lines,
    "admin_revoke": revoke_lines,
    "admin_badge": made_lines,
    "signed_in": signed_in_lines,
    "locked": locked_lines,
    "admin_person": person_lines,
    "admin_retain": retain_lines,
    "serve_cert": certificate_lines,
    "admin_quarantine list": quarantine_lines,
    "admin_quarantine release": decided_lines,
    "admin_quarantine reject": decided_lines,
}
