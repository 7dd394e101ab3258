"""The sync that goes on beside: `radar sync --watch` as a process of its own.

It shares the phone's database and nothing else: however long the network takes, no key waits for
it, and however it ends, the screen goes on. It is begun anew when it ends by itself,
and ends with the screen, however that ends (`tied.py`).
"""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from radar_cli.one_screen.desk import SyncState

AGAIN_S = 15.0
"""After so long a sync that ended is begun anew."""
ENDS_IN_S = 2.0
LOOK_S = 1.0
"""So often it is looked for whether this phone was enrolled meanwhile."""
LINE_BYTES_MAX = 2**20


def words(home: str, lang: str) -> list[str]:
    """Return what to run for the phone in a folder."""
    flags = ["--json", "--home", home, "--lang", lang]
    tied = ["-m", "radar_cli.one_screen.tied", str(os.getpid())]
    return [sys.executable, *tied, "sync", "--watch", *flags]


def state_of(line: bytes) -> SyncState | None:
    """Return what a line of the sync tells; None for one that tells nothing."""
    try:
        told = json.loads(line)
        if told["ok"]:
            return SyncState(online=True)
        return SyncState(online=False, trouble=str(told["error"]["message"]))
    except (ValueError, KeyError, TypeError):
        return None


async def syncs(
    command: Sequence[str], environ: Mapping[str, str], database: str
) -> AsyncIterator[SyncState]:
    """Yield what the sync tells, without end; closing it ends the process.

    It begins once there is a phone: its `database` is there.
    """
    while True:
        if not _is_there(database):
            await asyncio.sleep(LOOK_S)
            continue
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=dict(environ),
            limit=LINE_BYTES_MAX,
            start_new_session=True,  # Ctrl-C is for the screen alone
        )
        try:
            assert process.stdout is not None, "it was asked for"
            async for line in process.stdout:
                state = state_of(line)
                if state is not None:
                    yield state
        finally:
            await _end(process)
        await asyncio.sleep(AGAIN_S)


def _is_there(database: str) -> bool:
    return Path(database).exists()


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the process, which finishes what it is writing, or is killed."""
    if process.returncode is not None:
        return
    process.terminate()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), ENDS_IN_S)
        return
    process.kill()
    await process.wait()
