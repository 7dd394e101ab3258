"""Settings: flag > environment > file > default, and a file that is none is told."""

from pathlib import Path

import pytest

from radar_cli.settings import FILE, default_home, read_settings
from radar_core.failures import USAGE, Failure

SOURCES = [
    ({"lang": "zh"}, {"RADAR_LANG": "en", "LC_ALL": "en"}, 'lang = "en"', ("zh", "--lang")),
    ({}, {"RADAR_LANG": "zh", "LC_ALL": "en"}, 'lang = "en"', ("zh", "RADAR_LANG")),
    ({}, {"LC_ALL": "en_US.UTF-8"}, 'lang = "zh"', ("zh", "config.toml")),
    (
        {},
        {"LC_ALL": "zh_CN.UTF-8", "LC_MESSAGES": "en", "LANG": "en"},
        "",
        ("zh_CN.UTF-8", "LC_ALL"),
    ),
    ({}, {"LC_MESSAGES": "zh_CN", "LANG": "en"}, "", ("zh_CN", "LC_MESSAGES")),
    ({}, {"LANG": "zh_CN"}, "", ("zh_CN", "LANG")),
    ({}, {"LC_ALL": "", "LANG": ""}, "", ("en", "default")),
]


@pytest.mark.parametrize(("flags", "environ", "file", "expected"), SOURCES)
def test_the_nearest_source_of_a_setting_wins_and_is_named(
    tmp_path: Path,
    flags: dict[str, str],
    environ: dict[str, str],
    file: str,
    expected: tuple[str, str],
) -> None:
    (tmp_path / "config.toml").write_text(file)
    lang = read_settings(flags, {"RADAR_HOME": str(tmp_path), **environ})["lang"]
    assert (lang.value, Path(lang.source).name) == expected


def test_the_folder_is_the_flag_s_or_the_environment_s_or_the_system_s(tmp_path: Path) -> None:
    one, two = str(tmp_path / "one"), str(tmp_path / "two")
    environ = {"RADAR_HOME": two, "HOME": str(tmp_path)}
    told = read_settings({"home": one}, environ)["home"]
    assert (told.value, told.source) == (one, "--home")
    told = read_settings({}, environ)["home"]
    assert (told.value, told.source) == (two, "RADAR_HOME")
    told = read_settings({}, {"HOME": str(tmp_path)})["home"]
    assert (told.value, told.source) == (default_home({"HOME": str(tmp_path)}), "default")


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    settings = read_settings({}, {"RADAR_HOME": str(tmp_path / "none")})
    assert {name: (s.value, s.source) for name, s in settings.items() if name != "home"} == {
        "lang": ("en", "default"),
        "timeout_s": ("20", "default"),
        "wedge_prefix": ("", "default"),
        "wedge_suffix": ("", "default"),
        "wedge_pause_ms": ("0", "default"),
        "label_font": ("", "default"),
        "position": ("off", "default"),
        "lock_min": ("15", "default"),
        "pictures": ("", "default"),
        "sound": ("on", "default"),
    }


def told(tmp_path: Path, file: bytes, **environ: str) -> Failure:
    (tmp_path / "config.toml").write_bytes(file)
    with pytest.raises(Failure) as failure:
        read_settings({}, {"RADAR_HOME": str(tmp_path), **environ})
    assert failure.value.exit_code == USAGE
    assert failure.value.hint
    return failure.value


def test_an_unknown_key_is_told_with_the_nearest_there_is(tmp_path: Path) -> None:
    failure = told(tmp_path, b'language = "zh"\n')
    assert failure.code == "config_unknown_key"
    assert "did you mean lang?" in str(failure)
    assert "timeout_s" in str(told(tmp_path, b"time_out = 4"))


@pytest.mark.parametrize("file", [b"lang = ", b"\xff\xfe", b"lang = 'a'\nlang = 'b'", b"[[["])
def test_a_broken_file_is_told(tmp_path: Path, file: bytes) -> None:
    failure = told(tmp_path, file)
    assert failure.code == "config_broken"
    assert "config.toml" in str(failure)


def test_a_folder_in_the_file_s_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.toml").mkdir()
    with pytest.raises(Failure) as failure:
        read_settings({}, {"RADAR_HOME": str(tmp_path)})
    assert failure.value.code == "config_broken"


@pytest.mark.parametrize("value", ['"soon"', "0", "-1", "3601", "nan", "inf", '""', "[]", "true"])
def test_a_timeout_that_is_none_is_told_with_its_source(tmp_path: Path, value: str) -> None:
    failure = told(tmp_path, f"timeout_s = {value}".encode())
    assert failure.code == "config_timeout"
    assert "config.toml" in str(failure)


def test_a_bad_timeout_in_the_environment_is_told_with_the_variable_s_name(tmp_path: Path) -> None:
    assert "RADAR_TIMEOUT_S" in str(told(tmp_path, b"", RADAR_TIMEOUT_S="soon"))


@pytest.mark.parametrize("name", ["position", "sound"])
def test_a_switch_has_a_few_words(tmp_path: Path, name: str) -> None:
    failure = told(tmp_path, f'{name} = "loud"'.encode())
    assert failure.code == f"config_{name}"
    assert str(failure).startswith(f"{name} is loud (")
    assert "must be one of: on, " in str(failure)
    (tmp_path / "config.toml").write_text(f'{name} = "off"')
    assert read_settings({}, {"RADAR_HOME": str(tmp_path)})[name].value == "off"


def test_a_verdict_may_be_felt_and_not_heard_and_a_position_is_neither(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('sound = "vibrate"')
    assert read_settings({}, {"RADAR_HOME": str(tmp_path)})["sound"].value == "vibrate"
    assert told(tmp_path, b'position = "vibrate"').code == "config_position"


@pytest.mark.parametrize(("value", "seconds"), [("1", 1.0), ("0.5", 0.5), ("3600", 3600.0)])
def test_a_timeout_is_a_number_of_seconds(tmp_path: Path, value: str, seconds: float) -> None:
    (tmp_path / "config.toml").write_text(f"timeout_s = {value}")
    settings = read_settings({}, {"RADAR_HOME": str(tmp_path)})
    assert float(settings["timeout_s"].value) == seconds


@pytest.mark.parametrize("value", ["[" * 2_000, "9" * 5_000, "1979-13-45"])
def test_a_file_that_no_parser_should_be_given_is_refused_in_a_sentence(
    tmp_path: Path, value: str
) -> None:
    (tmp_path / FILE).write_text(f"timeout_s = {value}\n")
    with pytest.raises(Failure) as caught:
        read_settings({"home": str(tmp_path)}, {})
    assert (caught.value.code, caught.value.exit_code) == ("config_broken", USAGE)
