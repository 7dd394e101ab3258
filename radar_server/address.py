"""The address by which phones reach the centre, as somebody who knows said once."""

from pathlib import Path
from urllib.parse import urlsplit

from radar_core.failures import USAGE, Failure, N_

URL = "url"


def keep_url(home: str, url: str) -> None:
    """Remember the address by which phones reach the centre."""
    (Path(home) / URL).write_text(url, encoding="utf-8")


def url_of(home: str, named: str) -> str:
    """Return the address by which phones reach the centre, the one kept if none is named.

    Empty where nobody ever said. Raise Failure for one that is none.
    """
    if not named:
        file = Path(home) / URL
        return file.read_text(encoding="utf-8", errors="replace").strip() if file.exists() else ""
    try:
        parsed = urlsplit(named)
        fits = parsed.scheme in ("http", "https") and bool(parsed.hostname)
        fits = fits and named.isprintable() and " " not in named and parsed.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise Failure(
            "bad_url",
            N_("{url} is not the address of a centre."),
            N_("It looks like https://centre.example:8080"),
            exit_code=USAGE,
            url=named[:200],
        )
    return named.rstrip("/")
