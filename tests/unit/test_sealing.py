"""The small files of an encrypted phone: damaged ones are told, or count as none."""

from pathlib import Path

import pytest

from radar_core.actions import Moment
from radar_core.failures import Failure
from sync.journal import VAULT
from sync.sealing import open_vault
from sync.tries import TRIES, count_try

DAMAGED = ["", "[]", "{}", "[" * 5_000, '{"n": 1e999, "wrong": 1e999}', '{"n": "x", "wrong": null}']


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_vault_is_told_in_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / VAULT).write_text(text)
    with pytest.raises(Failure, match="cannot be read"):
        open_vault(tmp_path, "482913")


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_count_of_tries_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / TRIES).write_text(text)
    now = Moment("2026-01-01T00:00:00Z", 0, "boot", 5)
    assert [count_try(tmp_path, now) for _ in range(2)] == [0, 1]
