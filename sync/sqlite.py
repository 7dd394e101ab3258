"""SQLite at the price of SQLite: the C modules without what their wrappers import for them.

`import sqlite3` costs half an interpreter's start, two thirds of it for dates and collections that
nobody here uses. The C module asks `functools` for `lru_cache` and nothing else; that name alone
is lent to it while it loads. Where that does not work, `sqlite3` itself serves.

An encrypted phone has SQLCipher's C module instead, which the extra `encrypted` brings.
"""

import sys

from radar_core.failures import Failure, N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

CIPHER = "sqlcipher3._sqlite3"
LAZY = 1
"""RTLD_LAZY: of what OpenSSL has in it, only what is used is looked up."""
_loaded: "dict[str, ModuleType]" = {}


def plain() -> "ModuleType":
    """Return `_sqlite3`, which has all of `sqlite3` but its adapters for dates."""
    if "plain" not in _loaded:
        _loaded["plain"] = _lending(_import_plain)
    return _loaded["plain"]


def encrypted() -> "ModuleType":
    """Return the same of SQLCipher; raise Failure `no_cipher` where it is not installed."""
    if "encrypted" not in _loaded:
        _loaded["encrypted"] = _lending(_import_encrypted)
    return _loaded["encrypted"]


def errors() -> "tuple[type[Exception], ...]":
    """Return what the modules in use raise."""
    return tuple(module.Error for module in _loaded.values())


def _lending(load: "Callable[[], ModuleType]") -> "ModuleType":
    if "functools" in sys.modules:
        return load()
    try:
        import _functools as native  # type: ignore[import-not-found]
    except ImportError:
        return load()  # which has to find functools itself

    def lru_cache(maxsize: int) -> "Callable[[Callable[..., Any]], Any]":
        return lambda function: native._lru_cache_wrapper(function, maxsize, 0, tuple)  # noqa: SLF001

    lent = type(sys)("functools")
    lent.lru_cache = lru_cache  # type: ignore[attr-defined]
    sys.modules["functools"] = lent
    try:
        return load()
    finally:
        del sys.modules["functools"]


def _import_plain() -> "ModuleType":
    try:
        import _sqlite3
    except ImportError:
        import sqlite3

        return sqlite3
    return _sqlite3


def _import_encrypted() -> "ModuleType":
    """Load the module past its package, whose own imports cost more than all of a scan."""
    import _imp

    finder = sys.modules["_frozen_importlib_external"].PathFinder
    spec = finder.find_spec(CIPHER, [f"{folder or '.'}/sqlcipher3" for folder in sys.path])
    if spec is None:
        raise _missing(CIPHER)
    before = sys.getdlopenflags()
    sys.setdlopenflags(LAZY)
    try:
        module: ModuleType = _imp.create_dynamic(spec)
        _imp.exec_dynamic(module)
    except ImportError as error:
        raise _missing(error) from error
    finally:
        sys.setdlopenflags(before)
    return module


def _missing(reason: object) -> Failure:
    return Failure(
        "no_cipher",
        N_("SQLCipher is missing, without which no phone is encrypted ({reason})."),
        N_("Install RADAR with its extra: uv tool install 'radar-field[encrypted]'"),
        reason=reason,
    )
