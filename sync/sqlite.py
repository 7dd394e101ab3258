"""SQLite at the price of SQLite: the C module without what the standard wrapper imports for it.

`import sqlite3` costs half an interpreter's start, two thirds of it for dates and collections that
nobody here uses. The C module asks `functools` for `lru_cache` and nothing else; that name alone
is lent to it while it loads. Where that does not work, `sqlite3` itself serves.
"""

import sys

__all__ = ["sqlite3"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any


def load() -> "ModuleType":
    """Return `_sqlite3`, which has all of `sqlite3` but its adapters for dates."""
    if "functools" in sys.modules:
        import _sqlite3

        return _sqlite3
    try:
        import _functools as native  # type: ignore[import-not-found]
    except ImportError:
        import sqlite3

        return sqlite3

    def lru_cache(maxsize: int) -> "Callable[[Callable[..., Any]], Any]":
        return lambda function: native._lru_cache_wrapper(function, maxsize, 0, tuple)  # noqa: SLF001

    lent = type(sys)("functools")
    lent.lru_cache = lru_cache  # type: ignore[attr-defined]
    sys.modules["functools"] = lent
    try:
        import _sqlite3
    finally:
        del sys.modules["functools"]
    return _sqlite3


if not TYPE_CHECKING:
    sqlite3 = load()
