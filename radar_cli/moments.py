"""Moments as a person reads them: in the phone's own time zone, as short as can be."""

from datetime import datetime


def local_minute(text: object) -> str:
    """Return an RFC 3339 text as local day and minute, `2026-11-22 21:08`; empty for none."""
    if not text:
        return ""
    return f"{datetime.fromisoformat(str(text)).astimezone():%Y-%m-%d %H:%M}"
