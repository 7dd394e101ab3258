"""Settings: flag > environment > file > default, each with where it came from."""

import os
import sys

from radar_core.failures import USAGE, Failure, N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULTS = {
    "lang": "en",
    "timeout_s": "20",
    "wedge_prefix": "",
    "wedge_suffix": "",
    "wedge_pause_ms": "0",
    "label_font": "",
    "position": "off",
    "lock_min": "15",
    "pictures": "",
    "sound": "on",
}
SWITCHES = {"position": ("on", "off"), "sound": ("on", "vibrate", "off")}
WEDGE = ("wedge_prefix", "wedge_suffix", "wedge_pause_ms")
LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")
"""The system's own variables: they may name any language, and ours may not be among them."""
FILE = "config.toml"
TIMEOUT_S_MAX = 3600
LOCK_MIN_MAX = 1440


class Setting:
    """One value and its source: `--flag`, a variable's name, a file's path, or `default`."""

    __slots__ = ("source", "value")

    def __init__(self, value: str, source: str) -> None:
        self.value = value
        self.source = source


def read_settings(flags: "Mapping[str, str]", environ: "Mapping[str, str]") -> dict[str, Setting]:
    """Return `home` and what has `DEFAULTS`; raise Failure for a configuration that is none."""
    home = _first(flags, environ, "home") or Setting(default_home(environ), "default")
    file = _read_file(f"{home.value}/{FILE}")
    settings = {"home": home}
    for name, default in DEFAULTS.items():
        found = _first(flags, environ, name)
        if found is None and name in file:
            found = Setting(file[name], f"{home.value}/{FILE}")
        if found is None and name == "lang":
            found = _locale(environ)
        settings[name] = found or Setting(default, "default")
    _check_timeout(settings["timeout_s"])
    for name, values in SWITCHES.items():
        _check_switch(name, settings[name], values)
    _check_lock(settings["lock_min"])
    if any(settings[name].value != DEFAULTS[name] for name in WEDGE):
        from scanners.wedge import read_wedge

        read_wedge(*(settings[name].value for name in WEDGE))
    return settings


def plain_settings(flags: "Mapping[str, str]", environ: "Mapping[str, str]") -> dict[str, Setting]:
    """Return the settings without the file and what it or the environment may have wrong."""
    home = _first(flags, environ, "home") or Setting(default_home(environ), "default")
    settings = {name: Setting(default, "default") for name, default in DEFAULTS.items()}
    return settings | {"home": home, "lang": Setting(wished_language(flags, environ), "")}


def wished_language(flags: "Mapping[str, str]", environ: "Mapping[str, str]") -> str:
    """Return the language that was asked for, as far as that shows without reading a file."""
    found = _first(flags, environ, "lang") or _locale(environ)
    return found.value if found is not None else DEFAULTS["lang"]


def _first(flags: "Mapping[str, str]", environ: "Mapping[str, str]", name: str) -> Setting | None:
    if flags.get(name):
        return Setting(flags[name], f"--{name}")
    variable = f"RADAR_{name.upper()}"
    return Setting(environ[variable], variable) if environ.get(variable) else None


def _locale(environ: "Mapping[str, str]") -> Setting | None:
    for variable in LOCALE:
        if environ.get(variable):
            return Setting(environ[variable], variable)
    return None


def default_home(environ: "Mapping[str, str]") -> str:
    """Return where platformdirs puts a program's data; on Linux without paying for its import."""
    if sys.platform == "linux" and "ANDROID_ROOT" not in environ:
        base, user = environ.get("XDG_DATA_HOME", ""), environ.get("HOME", "")
        if base.startswith("/") or user.startswith("/"):
            share = base if base.startswith("/") else f"{user.rstrip('/')}/.local/share"
            return os.path.join(share, "radar")  # noqa: PTH118 - start-up
    from platformdirs import user_data_dir

    return user_data_dir("radar", appauthor=False)


def _read_file(path: str) -> dict[str, str]:
    if not os.path.exists(path):  # noqa: PTH110 - pathlib costs an interpreter start
        return {}
    from tomllib import load

    try:
        with open(path, "rb") as file:  # noqa: PTH123 - see above
            values = load(file)
    except (OSError, ValueError, RecursionError) as error:
        raise Failure(
            "config_broken",
            N_("The settings in {path} cannot be read ({reason})."),
            N_("Mend or remove the file."),
            exit_code=USAGE,
            path=path,
            reason=error,
        ) from error
    for name in values:
        if name not in DEFAULTS:
            raise _unknown(path, name)
    return {name: str(value) for name, value in values.items()}


def _unknown(path: str, name: str) -> Failure:
    from difflib import get_close_matches

    near = get_close_matches(name, DEFAULTS, 1, 0.0)
    return Failure(
        "config_unknown_key",
        N_("{path} sets {name}, which is no setting; did you mean {near}?"),
        N_("Mend or remove the line."),
        exit_code=USAGE,
        path=path,
        name=name,
        near=near[0],
    )


def _check_timeout(setting: Setting) -> None:
    try:
        fits = 0 < float(setting.value) <= TIMEOUT_S_MAX
    except ValueError:
        fits = False
    if not fits:
        raise Failure(
            "config_timeout",
            N_("timeout_s is {value} ({source}); it must be a number of seconds up to 3600."),
            N_("Mend it there."),
            exit_code=USAGE,
            value=setting.value,
            source=setting.source,
        )


def _check_lock(setting: Setting) -> None:
    digits = setting.value
    if not (digits.isascii() and digits.isdigit() and int(digits[:9]) <= LOCK_MIN_MAX):
        raise Failure(
            "config_lock",
            N_("lock_min is {value} ({source}); it must be a number of minutes up to 1440."),
            N_("Mend it there. 0 is never."),
            exit_code=USAGE,
            value=setting.value,
            source=setting.source,
        )


def _check_switch(name: str, setting: Setting, values: tuple[str, ...]) -> None:
    if setting.value not in values:
        raise Failure(
            f"config_{name}",
            N_("{name} is {value} ({source}); it must be one of: {values}."),
            N_("Mend it there."),
            exit_code=USAGE,
            name=name,
            values=", ".join(values),
            value=setting.value,
            source=setting.source,
        )
