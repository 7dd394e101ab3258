"""Others who sync, as contenders: each in a folder of its own, each in one pinned version.

They are installed below build/peers the first time; one that cannot be had is told as such.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.rig.sides import ROOT, Side

FOLDER = ROOT / "build" / "peers"
PROGRAMS = ROOT / "bench" / "peers"
INSTALL_S = 900.0


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer: what is installed, with which Python if not ours, and which program measures it."""

    name: str
    folder: str
    program: str
    packages: Sequence[str]
    durable: str
    python: str = ""


PYTHON_PEERS = (
    Peer("Anki 26.9.3", "anki", "anki_notes.py", ["anki==26.9.3"], "yes"),
    Peer(
        "pycrdt 0.14.13, websocket",
        "pycrdt",
        "pycrdt_room.py",
        [
            "pycrdt==0.14.13",
            "pycrdt-websocket==0.16.5",
            "pycrdt-store==0.1.5",
            "uvicorn==0.54.0",
            "websockets==17.4",
        ],
        "no acknowledgement",
    ),
    Peer(
        "TaskChampion 2.0.2, stand-in server",
        "taskchampion",
        "taskchampion_replica.py",
        ["taskchampion-py==2.0.2", "uvicorn==0.39.0"],
        "yes",
        "python3.9",
    ),
    Peer(
        "Kinto 26.5.0, memory, batch 1000",
        "kinto",
        "kinto_records.py",
        ["kinto==26.5.0", "requests==2.34.2"],
        "no: memory",
    ),
)
POUCH = "PouchDB 9.0.0, server 4.2.0, batch 1000"
POUCH_PACKAGES = ("pouchdb@9.0.0", "pouchdb-server@4.2.0")


def peer_sides() -> list[Side]:
    """Return the peers, installing what is not there yet."""
    return [*(_python_side(peer) for peer in PYTHON_PEERS), _pouch()]


def _python_side(peer: Peer) -> Side:
    home = FOLDER / peer.folder
    python = home / "bin" / "python"
    missing = _had(home, "\n".join(peer.packages), lambda: _install(peer, home, python))
    return Side(peer.name, [str(python), str(PROGRAMS / peer.program)], peer.durable, {}, missing)


def _pouch() -> Side:
    home = FOLDER / "pouchdb"
    npm = shutil.which("npm")

    def install() -> None:
        if npm is None:
            raise FileNotFoundError("npm is not here")
        home.mkdir(parents=True, exist_ok=True)
        (home / "package.json").write_text("{}")
        _run([npm, "install", "--no-audit", "--no-fund", *POUCH_PACKAGES], home)

    missing = _had(home, "\n".join(POUCH_PACKAGES), install)
    command = [sys.executable, str(PROGRAMS / "pouch_documents.py")]
    return Side(POUCH, command, "no: not flushed", {"POUCH_MODULES": str(home)}, missing)


def _had(home: Path, wanted: str, install: Callable[[], None]) -> str:
    """Install a peer unless just this is there; return why it cannot be had, or an empty text."""
    stamp = home / "installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return ""
    print(f"  installing into {home.relative_to(ROOT)} ...", file=sys.stderr, flush=True)
    try:
        shutil.rmtree(home, ignore_errors=True)
        install()
    except subprocess.CalledProcessError as error:
        told = (error.stderr or b"").decode(errors="replace").strip().splitlines()
        return "not to be had: " + (told[-1][:100] if told else str(error))
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"not to be had: {error}"
    stamp.write_text(wanted)
    return ""


def _install(peer: Peer, home: Path, python: Path) -> None:
    if peer.python:
        _run([_interpreter(peer.python), "-m", "venv", str(home)], ROOT)
        pip = [str(python), "-m", "pip"]
    else:
        _run([sys.executable, "-m", "venv", "--without-pip", str(home)], ROOT)
        (wheel,) = (ROOT / "tools").glob("pip-*.whl")
        pip = [str(python), str(wheel / "pip")]
    _run([*pip, "install", "--disable-pip-version-check", *peer.packages], ROOT)


def _interpreter(name: str) -> str:
    """Return a Python of that name that runs, on the path or where pyenv keeps its own."""
    version = name.removeprefix("python")
    kept = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/{name}"))
    for found in (shutil.which(name), *map(str, kept)):
        if found and not subprocess.run([found, "-V"], capture_output=True, check=False).returncode:
            return found
    raise FileNotFoundError(f"there is no {name}")


def _run(command: Sequence[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=INSTALL_S)
