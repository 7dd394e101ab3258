"""The centre needs nothing but its own folder: no rights, no other file to write, no wide mask.

What deploy/radar-centre.service and deploy/Containerfile grant, as far as it can be had without
systemd or a container: a user of its own without a single right to act, all disks read-only but
for the folder, no memory that is both written and run.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from deploy.healthy import is_healthy
from tests.conftest import Need
from tests.e2e.world import CODES, RADAR, START_S, Prepared, run

USER = 10_001
ALONE = """
mount --make-rprivate / && mount --bind "$1" "$1" && mount -o remount,bind,ro / || exit 99
shift
exec setpriv --reuid 10001 --regid 10001 --clear-groups --no-new-privs --inh-caps "$READS" \
    --ambient-caps "$READS" --bounding-set "$READS" "$@"
"""
READS = "-all,+dac_read_search"
"""The tests' own Python may lie in a folder that only root can read; nothing more can be done."""
NO_NEW_CODE = """
import ctypes, os, sys
os.umask(0o077)
sys.exit(77) if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) else os.execv(sys.argv[1], sys.argv[1:])
"""
"""PR_SET_MDWE with PR_MDWE_REFUSE_EXEC_GAIN (Linux 6.3), which is MemoryDenyWriteExecute=yes."""


def test_the_centre_runs_with_no_rights_on_disks_that_it_cannot_write(
    prepared: Prepared, tmp_path: Path, need: Need
) -> None:
    need("root", os.geteuid() == 0)
    need("unshare and setpriv", shutil.which("unshare") and shutil.which("setpriv"))
    centre = prepared.centre(tmp_path / "centre")
    for path in (centre.home, *centre.home.rglob("*")):
        os.chown(path, USER, USER)
    words = [sys.executable, "-c", NO_NEW_CODE, sys.executable, RADAR]
    words += ["serve", "--json", "--port", str(centre.port)]
    process = subprocess.Popen(
        ["unshare", "--mount", "sh", "-c", ALONE, "sh", str(centre.home), *words],
        env={**os.environ, "RADAR_CENTRE_HOME": str(centre.home), "READS": READS},
        stdout=subprocess.PIPE,
        cwd="/",
    )
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["url"] == centre.url
    status = dict(
        line.split(":\t", 1)
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines()
    )
    assert status["Uid"].split() == [str(USER)] * 4
    assert (status["NoNewPrivs"], status["Groups"].strip()) == ("1", "")
    assert status["Umask"] == "0077"
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 1 << 2
    assert is_healthy(centre.port)
    phone = prepared.phone(tmp_path / "phone")
    run(phone, "scan", CODES["DESK"])
    assert run(phone, "sync").data["sent"] == 1
    process.send_signal(signal.SIGTERM)
    assert process.wait(START_S) == 0
    process.stdout.close()
    assert not is_healthy(centre.port)
