"""Whom a phone believes over TLS, from a file that may be damaged."""

from pathlib import Path

import pytest

from radar_core.failures import OFFLINE, Failure
from sync.trust import AUTHORITY, checking, read_authority


@pytest.mark.parametrize(
    "damaged", [b"\xff", "中".encode(), b"-----BEGIN CERTIFICATE-----\n", b"x\0y"]
)
def test_a_damaged_file_of_the_authority_is_told_in_a_sentence(
    tmp_path: Path, damaged: bytes
) -> None:
    (tmp_path / AUTHORITY).write_bytes(damaged)
    with pytest.raises(Failure) as caught:
        checking("https://centre.example", read_authority(tmp_path / AUTHORITY))
    assert (caught.value.code, caught.value.exit_code) == ("other_certificate", OFFLINE)
