"""`radar scan FOLDER` as a process: each new picture once, until it is told to stop."""

import json
import signal
from pathlib import Path

import pytest

from radar_core.tags import label_text
from scanners.labels import label_picture
from tests.e2e.world import CODES, RUN_S, journal, refusal, start


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_each_new_picture_is_scanned_once_until_it_is_told_to_stop(
    phone: Path, tmp_path: Path, how: signal.Signals, code: int
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    label = label_picture(label_text("R.EXAMPLE", CODES["DESK"]), CODES["DESK"], "Desk")
    label.save(folder / "old.png")
    process = start(phone, "scan", str(folder), "--json")
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        assert str(folder).encode() in process.stderr.readline()
        label.save(folder / "being written.tmp", "PNG")
        (folder / "being written.tmp").rename(folder / "new.png")
        assert json.loads(process.stdout.readline())["data"]["source"] == f"{folder}/new.png"
        (folder / "bad.jpg").write_bytes(b"no picture")
        assert json.loads(process.stdout.readline())["error"]["code"] == "picture_unreadable"
        (folder / "new.png").rename(folder / "renamed.png")
        label.save(folder / "last.png")
        assert json.loads(process.stdout.readline())["data"]["source"] == f"{folder}/last.png"
        process.send_signal(how)
        out, errors = process.communicate(timeout=RUN_S)
        assert (process.returncode, out, errors) == (code, b"", b"")
        assert len(journal(phone)) == 2
    finally:
        process.kill()
        process.wait(RUN_S)


def test_a_folder_is_watched_by_an_enrolled_phone_alone(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none", "scan", str(tmp_path), exit_code=7)["code"] == "not_enrolled"
