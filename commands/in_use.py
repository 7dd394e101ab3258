"""Whether a phone is in use: it is not after it was revoked and wiped."""

from commands.phone import Phone, Workplace
from radar_core.failures import NOT_ENROLLED, Failure, N_
from sync.schema import REFUSED


def check_in_use(phone: Phone) -> None:
    """Raise Failure `wiped` on a phone that was revoked and holds nothing any more."""
    if phone.meta.get(REFUSED) != "revoked":
        return
    held = "SELECT EXISTS(SELECT 1 FROM action) OR EXISTS(SELECT 1 FROM record)"
    if not phone.journal.connection.execute(held).fetchone()[0]:
        raise Failure(
            "wiped",
            N_("This phone was revoked; its work is handed over."),
            N_("Ask your supervisor for a new enrolment code."),
            exit_code=NOT_ENROLLED,
        )


def why_not_in_use(workplace: Workplace) -> Failure | None:
    """Return why a phone that waits for a badge is closed for good, None where it is not."""
    phone = Phone(workplace)
    try:
        check_in_use(phone)
    except Failure as failure:
        return failure
    finally:
        phone.journal.connection.close()
    return None
