"""Anki as a contender: its own sync server and collection; one action is one note."""

import importlib
import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.rig.steps import free_port, main, server

Collection: Any = importlib.import_module("anki.collection").Collection
Note: Any = importlib.import_module("anki.collection").AddNoteRequest
CHUNK = 1000


class Anki:
    """The server, and two collections of one user."""

    def __init__(self) -> None:
        self._ends = ExitStack()

    def start(self, folder: Path, lines: Sequence[str]) -> int:
        """Start the server; A has its first full upload behind it, then gets the notes."""
        port = free_port()
        environ = {"SYNC_USER1": "u:p", "SYNC_BASE": str(folder), "SYNC_HOST": "127.0.0.1"}
        environ |= {"SYNC_PORT": str(port), "MAX_SYNC_PAYLOAD_MEGS": "1000", "RUST_LOG": "error"}
        command = [sys.executable, "-m", "anki.syncserver"]
        self._ends.enter_context(server(command, port, env=environ))
        self._a, self._b = (Collection(str(folder / f"{name}.anki2")) for name in "AB")
        self._auth: Any = None
        self._add(["{}"])
        self.connect(port)
        self._sync(self._a, upload=True)
        self._add(lines)
        self._held = 1 + len(lines)
        return port

    def connect(self, port: int) -> None:
        """Log both in."""
        self._auth = self._a.sync_login("u", "p", f"http://127.0.0.1:{port}/")

    def up(self) -> None:
        """Sync A; its protocol compares the counts of both sides."""
        told = self._a.sync_collection(self._auth, sync_media=False)
        assert told.required == told.NO_CHANGES, told

    def down(self) -> None:
        """Fetch everything to B."""
        self._sync(self._b, upload=False)
        assert self._b.note_count() == self._held

    def record(self, line: str) -> None:
        """Add a note."""
        self._add([line])

    def sync(self) -> None:
        """Sync A."""
        self.up()

    def stop(self) -> None:
        """Stop the server."""
        self._ends.close()

    def _add(self, lines: Sequence[str]) -> None:
        kind, deck = self._a.models.by_name("Basic"), self._a.decks.id("Default")
        for first in range(0, len(lines), CHUNK):
            requests: list[Any] = []
            for line in lines[first : first + CHUNK]:
                said = json.loads(line)
                note = self._a.new_note(kind)
                note["Front"] = f"{said.get('staff')}-{said.get('seq')}"
                note["Back"] = line
                requests.append(Note(note, deck))
            self._a.add_notes(requests)

    def _sync(self, collection: Any, *, upload: bool) -> None:  # noqa: ANN401 - Anki's
        told = collection.sync_collection(self._auth, sync_media=False)
        if told.required in (told.NO_CHANGES, told.NORMAL_SYNC):
            return
        collection.close_for_full_sync()
        collection.full_upload_or_download(auth=self._auth, server_usn=None, upload=upload)
        collection.reopen(after_full_sync=True)


if __name__ == "__main__":
    main(Anki())
