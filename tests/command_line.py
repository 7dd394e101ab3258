"""The command line, run within the test: what it said on which stream, and with which code."""

import gc
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from radar_cli.__main__ import run


@dataclass(frozen=True, slots=True)
class Said:
    """What one command line wrote and how it ended."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> dict[str, Any]:
        """The one line of JSON that it wrote; there is nothing else on stdout."""
        assert self.out.count("\n") == 1, self
        assert self.out.endswith("\n"), self
        told: dict[str, Any] = json.loads(self.out)
        assert told["format"] == 1, self
        assert set(told) - {"url"} == {"format", "ok", "data" if told["ok"] else "error"}, self
        return told

    @property
    def data(self) -> dict[str, Any]:
        """The data of a command line that succeeded."""
        assert self.told["ok"] is True, self
        data: dict[str, Any] = self.told["data"]
        return data

    @property
    def error(self) -> dict[str, Any]:
        """The error of one that did not: its code, its sentence, its hint."""
        assert self.told["ok"] is False, self
        error: dict[str, Any] = self.told["error"]
        assert {"code", "message", "hint"} <= error.keys()
        assert error["message"], self
        return error


class CommandLine:
    """Types `radar WORDS` on the phone in a folder."""

    def __init__(self, capfd: pytest.CaptureFixture[str], home: Path) -> None:
        self._capfd = capfd
        self.home = home

    def __call__(self, *words: str, **environ: str) -> Said:
        """Run one command line; the environment holds nothing but what it needs."""
        self._capfd.readouterr()
        base = {"HOME": str(self.home.parent), "RADAR_HOME": str(self.home), "LANG": "C.UTF-8"}
        before = gc.get_threshold()
        code = run(words, base | environ)
        # What a process that ends at once leaves so.
        gc.enable()
        gc.unfreeze()
        gc.set_threshold(*before)
        said = self._capfd.readouterr()
        return Said(code, said.out, said.err)
