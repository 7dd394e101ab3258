"""A stage for the demonstration: a folder, a real centre process, phones, labels and bad photos."""

import csv
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from shlex import join, quote
from typing import Any

from radar_core.book_sheet import Sheet
from radar_core.failures import DONE, Failure, N_
from radar_core.tags import label_text
from radar_core.west_coast import west_coast
from scanners.darkroom import photograph
from scanners.label_fonts import chain_for, system_fonts
from scanners.label_layout import plain_name
from scanners.labels import barcode_picture, label_picture

RADAR = (sys.executable, "-P", "-m", "radar_cli")
"""This very program, whatever lies in the folder where it is called."""
STOP_S = 10.0
Tell = Callable[..., None]
Row = dict[str, str]


class Stage:
    """Everything is below `folder`; every step is a `radar` process of its own."""

    def __init__(self, folder: Path, environ: Mapping[str, str], tell: Tell) -> None:
        self.folder = folder
        self.environ = {**environ, "RADAR_CENTRE_HOME": str(folder / "centre")}
        self.tell = tell
        self.url = f"http://127.0.0.1:{_free_port()}"
        self._centre: subprocess.Popen[str] | None = None

    def radar(self, phone: str, *words: str, code: int = DONE) -> None:
        """Run `radar` as that phone, and show the command and its answer.

        Raise Failure if it ends with another exit code than this step of the story has.
        """
        shown = join(Path(word).name if "/photos/" in word else word for word in words)
        self.tell("    {phone}$ radar {words}", phone=phone, words=shown)
        environ = {**self.environ, "RADAR_HOME": str(self.folder / "phones" / phone)}
        command = [*RADAR, *words]
        told = _output(command, environ)
        for line in told.stdout.splitlines():
            self.tell("        {line}", line=line)
        if told.returncode != code:
            why = f"radar {words[0]}: {told.returncode}"
            raise Failure("demo_failed", N_("The demonstration stopped: {why}"), why=why)

    def quietly(self, phone: str, *words: str) -> Any:  # noqa: ANN401 - what `--json` says
        """Run `radar --json` and return its data; raise Failure if it fails."""
        environ = {**self.environ, "RADAR_HOME": str(self.folder / "phones" / phone)}
        command = [*RADAR, *words, "--json"]
        told = json.loads(_output(command, environ).stdout)
        if not told["ok"]:
            error = told["error"]
            raise Failure(
                "demo_failed", N_("The demonstration stopped: {why}"), why=error["message"]
            )
        return told["data"]

    def start_centre(self) -> None:
        """Start the centre's process and wait until it answers."""
        command = [*RADAR, "serve", "--json", "--port", self.url.rpartition(":")[2]]
        self._centre = subprocess.Popen(
            command, env=self.environ, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        assert self._centre.stdout is not None
        if not self._centre.stdout.readline():
            raise Failure("demo_failed", N_("The demonstration's centre did not start."))

    def stop_centre(self) -> None:
        """Stop the centre's process, if it runs."""
        if self._centre is None:
            return
        self._centre.send_signal(signal.SIGTERM)
        try:
            self._centre.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._centre.kill()
            self._centre.wait()
        if self._centre.stdout is not None:
            self._centre.stdout.close()
        self._centre = None

    def photo(self, name: str, picture: Any, seed: int, badness: float) -> str:  # noqa: ANN401
        """Photograph a label badly and return the file's path."""
        path = self.folder / "photos" / f"{name}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        photograph(picture, seed, badness=badness).save(path, quality=90)
        return str(path)


class Book:
    """The example's sheets, to be written and to be looked things up in."""

    def __init__(self) -> None:
        self.sheets: list[Sheet] = west_coast()

    def rows(self, sheet: str) -> list[Row]:
        """Return a sheet's rows as texts by column."""
        (found,) = [page for page in self.sheets if page.name == sheet]
        return [dict(zip(found.header, row.cells, strict=False)) for row in found.rows]

    def write(self, folder: Path) -> None:
        """Write the sheets as a folder of CSV."""
        folder.mkdir(parents=True)
        for sheet in self.sheets:
            with (folder / f"{sheet.name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(sheet.header)
                writer.writerows(row.cells for row in sheet.rows)

    def code_on(self, target: str) -> str:
        """Return the code of our own tag on a place or an asset."""
        codes = [r["code"] for r in self.rows("tags") if target in (r["place"], r["asset"])]
        return next(code for code in codes if not code.startswith(("20", "SN")))

    def label(self, target: str) -> Any:  # noqa: ANN401 - a picture
        """Return the label of a place or an asset, as it is printed."""
        (named,) = [r for s in ("places", "assets") for r in self.rows(s) if r["id"] == target]
        domain = self.rows("districts")[0]["domain"]
        code = self.code_on(target)
        return label_picture(label_text(domain, code), code, named["name"])

    def has_letters(self, targets: Sequence[str]) -> bool:
        """Tell whether the fonts of this machine have all letters of the names on these labels."""
        rows = [r for sheet in ("places", "assets") for r in self.rows(sheet) if r["id"] in targets]
        names = [plain_name(r[name]) for r in rows for name in ("name", "name_zh")]
        try:
            chain_for(names, system_fonts())
        except Failure:
            return False
        return True


def foreign_barcode(text: str) -> Any:  # noqa: ANN401 - a picture
    """Return a bar code such as a maker sticks on a pump."""
    return barcode_picture(text, "Code128")


def program() -> str:
    """Return what to type for `radar` in a shell: its path, where the PATH has another or none."""
    beside, found = Path(sys.executable).with_name("radar"), shutil.which("radar")
    if not beside.exists() or (found and beside.samefile(found)):
        return "radar"
    return quote(str(beside))


def ending_as_ctrl_c() -> AbstractContextManager[None]:
    """Let a closed terminal and a `kill` end what runs inside as Ctrl-C does, with its cleaning up.

    The centre's process is in a session of its own, which a Ctrl-C in the terminal spares; nothing
    else would ever end it.
    """
    return _handling(signal.default_int_handler, signal.SIGTERM, signal.SIGHUP)


def undisturbed() -> AbstractContextManager[None]:
    """Let an impatient second Ctrl-C not stop the cleaning up."""
    return _handling(signal.SIG_IGN, signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def _handling(handler: Any, *numbers: signal.Signals) -> Generator[None]:  # noqa: ANN401 - signal's
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


def new_folder(wish: str) -> Path:
    """Return a folder that does not exist yet; raise Failure if the wished one does."""
    if wish:
        folder = Path(wish)
        if folder.exists():
            raise Failure(
                "demo_folder",
                N_("{folder} is there already."),
                N_("Name a new one: radar demo --folder NEW"),
                folder=folder,
            )
    else:
        names = (f"radar-demo-{number}" for number in range(1, 10_000))
        folder = next(path for path in map(Path, names) if not path.exists())
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise Failure(
            "demo_folder",
            N_("{folder} cannot be made ({reason})."),
            N_("Name another: radar demo --folder NEW"),
            folder=folder,
            reason=error.strerror,
        ) from error
    return folder.absolute()


def remove(folder: Path) -> None:
    """Remove what an interrupted demonstration leaves."""
    shutil.rmtree(folder, ignore_errors=True)


def _output(
    command: Sequence[str], environ: Mapping[str, str]
) -> "subprocess.CompletedProcess[str]":
    environ = {**os.environ, **environ}
    return subprocess.run(
        command,
        env=environ,
        text=True,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
