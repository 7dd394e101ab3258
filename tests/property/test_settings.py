"""Without platformdirs' import, the phone's folder is where platformdirs would put it."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from platformdirs import user_data_dir

from radar_cli.settings import default_home

folders = st.sampled_from(
    ["", " ", "/", "//", "/data", "/data/", "/da ta", "data", "./data", "~", "~/data", "/home/王/",
     " /data", "/data ", "C:\\data"]
) | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)  # fmt: skip


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "XDG_DATA_HOME": folders,
            "HOME": folders,
            "ANDROID_ROOT": st.sampled_from(["/system", ""]),
            "ANDROID_DATA": st.just("/data"),
            "PREFIX": st.just("/data/data/com.termux/files/usr"),
            "XDG_DATA_DIRS": folders,
        },
    )
)
def test_the_default_folder_is_platformdirs_own(environ: dict[str, str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_DATA_HOME", "HOME", "ANDROID_ROOT", "ANDROID_DATA", "PREFIX", "SHELL"):
            patch.delenv(name, raising=False)
        for name, value in environ.items():
            patch.setenv(name, value)
        assert default_home(os.environ) == user_data_dir("radar", appauthor=False)
