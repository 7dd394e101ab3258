"""Where processes die and disks fill up: at any statement of a phone, at any of the centre."""

import sqlite3
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Engine, event

WRITES = ("INSERT", "UPDATE", "DELETE", "COMMIT")


class Died(BaseException):
    """The process died here; nothing in it catches that, and nothing that it holds goes on."""


class Brittle:
    """A phone's connection that dies, or finds the disk full, before a statement to come."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.real = connection
        self._left: int | None = None
        self._full = False
        self._dead = False

    def arm(self, statements: int, *, full: bool = False) -> None:
        """Let so many statements pass, then die, or refuse what writes from then on."""
        self._left, self._full = statements, full

    @property
    def struck(self) -> bool:
        """Whether it came to that."""
        return self._left is not None and self._left < 0

    def disarm(self) -> None:
        """Let everything pass again."""
        self._left = None

    @property
    def in_transaction(self) -> bool:
        return self.real.in_transaction

    def execute(self, statement: str, values: Any = ()) -> sqlite3.Cursor:  # noqa: ANN401 - as sqlite3 has it
        self._before(statement)
        return self.real.execute(statement, values)

    def executemany(self, statement: str, rows: Iterable[Any]) -> sqlite3.Cursor:
        self._before(statement)
        return self.real.executemany(statement, rows)

    def close(self) -> None:
        self.real.close()

    def _before(self, statement: str) -> None:
        if self._dead:
            raise Died
        if self._left is None:
            return
        if self._full and not statement.startswith(WRITES):
            return
        self._left -= 1
        if self._left >= 0:
            return
        if self._full:
            raise sqlite3.OperationalError("database or disk is full")
        self._dead = True
        raise Died


class BrittleEngine:
    """Makes the centre die before a statement or a commit to come, when it is armed."""

    def __init__(self, engine: Engine) -> None:
        self._left: int | None = None
        self.died = False
        event.listen(engine, "before_cursor_execute", self._before)
        event.listen(engine, "commit", self._before)

    def arm(self, statements: int) -> None:
        """Let so many statements and commits pass, then die once."""
        self._left, self.died = statements, False

    def disarm(self) -> None:
        self._left = None

    def _before(self, *_anything: object) -> None:
        if self._left is None:
            return
        self._left -= 1
        if self._left < 0:
            self._left, self.died = None, True
            raise Died
