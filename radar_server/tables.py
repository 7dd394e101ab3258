"""The centre's tables. Every key begins with the project where there is one, so that it can spread.

`docs/protocol.md` says what the columns that cross the wire mean; migrations/ makes these tables,
and a test compares the two.
"""

import re
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Dialect, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.orm import declared_attr
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Field, SQLModel

SCHEMA = "0006"
"""The newest migration; revisions sort as text."""
_STAFF = text("kind = 'staff'")

# What rows that an older RADAR wrote have in the columns that came later.
_ZERO = {"server_default": "0"}
_UNKNOWN = {"server_default": "-1"}
_EMPTY = {"server_default": ""}
_KEPT = {"server_default": "kept"}
_UNANCHORED = {"server_default": "unanchored"}


class Exact(TypeDecorator[str]):
    """Text that is compared by its code points, whatever language the database was made in."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """PostgreSQL would sort and index by its locale, which changes with the system."""
        return Text(collation="C") if dialect.name == "postgresql" else Text()


class Row(SQLModel):
    """A row; its table is called by the class's name: `EnrolCodeRow` lies in `enrol_code`."""

    @declared_attr.directive
    def __tablename__(  # pyright: ignore[reportIncompatibleVariableOverride] - as SQLModel's own
        cls,  # noqa: N805 - the class itself
    ) -> str:
        words = re.findall("[A-Z][a-z]+", cls.__name__.removesuffix("Row"))
        return "_".join(words).lower()


class CentreRow(Row, table=True):
    """The centre itself: one row. A restored backup gets another epoch, begun at `since_ms`."""

    id: int = Field(default=1, primary_key=True)
    epoch: str = Field(sa_type=Exact)
    name: str = Field(sa_type=Exact)
    public_key: str = Field(sa_type=Exact)
    since_ms: int = Field(sa_type=BigInteger, sa_column_kwargs=_ZERO)


class DeviceRow(Row, table=True):
    """An enrolled phone. Times are milliseconds since 1970 UTC, None for never.

    A shared phone has no `staff`, and its `projects` as a JSON list: who carries it signs in there.
    """

    id: str = Field(sa_type=Exact, primary_key=True)
    staff: str = Field(sa_type=Exact, index=True)
    public_key: bytes = Field(sa_type=LargeBinary)
    name: str = Field(sa_type=Exact)
    enrolled_ms: int = Field(sa_type=BigInteger)
    revoked_ms: int | None = Field(default=None, sa_type=BigInteger)
    last_sync_ms: int | None = Field(default=None, sa_type=BigInteger)
    projects: str = Field(default="", sa_type=Exact, sa_column_kwargs=_EMPTY)


class EnrolCodeRow(Row, table=True):
    """A one-time enrolment code: the hash that it is found by, and the secret that proves it.

    Neither tells the code. One for a shared phone has no `staff`, and its `projects`.
    """

    hash: bytes = Field(sa_type=LargeBinary, primary_key=True)
    staff: str = Field(sa_type=Exact)
    expires_ms: int = Field(sa_type=BigInteger)
    used_by: bytes | None = Field(default=None, sa_type=LargeBinary)
    projects: str = Field(default="", sa_type=Exact, sa_column_kwargs=_EMPTY)
    secret: bytes | None = Field(default=None, sa_type=LargeBinary)


class StreamRow(Row, table=True):
    """An epoch of a device: how far the centre holds its chain, and the device's word on that.

    `parent` is where a restored or cloned phone parted from what the centre holds, as `EPOCH.SEQ`,
    and `forked_ms` when the centre learnt of it. `signed_in` is who is signed in at `seq`, on a
    shared phone.
    """

    epoch: str = Field(sa_type=Exact, primary_key=True)
    device: str = Field(sa_type=Exact, index=True)
    genesis: bytes = Field(sa_type=LargeBinary)
    seq: int = Field(sa_type=BigInteger)
    head: bytes = Field(sa_type=LargeBinary)
    head_signature: bytes = Field(sa_type=LargeBinary)
    parent: str = Field(default="", sa_type=Exact, sa_column_kwargs=_EMPTY)
    forked_ms: int | None = Field(default=None, sa_type=BigInteger)
    signed_in: str = Field(default="", sa_type=Exact, sa_column_kwargs=_EMPTY)


class ActionRow(Row, table=True):
    """An accepted action: its line as it was recorded, and its position in the project's feed.

    `grade`, `at_ms` and `error_ms` are what `radar_server.clocks` makes of its times.
    """

    __table_args__ = (
        UniqueConstraint("project", "epoch", "seq", name="action_once"),
        {"sqlite_with_rowid": False},
    )

    project: str = Field(sa_type=Exact, primary_key=True)
    pos: int = Field(sa_type=BigInteger, primary_key=True)
    epoch: str = Field(sa_type=Exact)
    seq: int = Field(sa_type=BigInteger)
    hlc: str = Field(sa_type=Exact)
    staff: str = Field(sa_type=Exact)
    kind: str = Field(sa_type=Exact)
    hash: bytes = Field(sa_type=LargeBinary)
    line: str = Field(sa_type=Exact)
    received_ms: int = Field(sa_type=BigInteger)
    grade: str = Field(sa_type=Exact, sa_column_kwargs=_UNANCHORED)
    at_ms: int = Field(sa_type=BigInteger, sa_column_kwargs=_ZERO)
    error_ms: int = Field(sa_type=BigInteger, sa_column_kwargs=_UNKNOWN)


class TouchRow(Row, table=True):
    """Which actions are about a reference; `ref` is `radar_server.reference.key_of` of it."""

    __table_args__: ClassVar[Any] = {"sqlite_with_rowid": False}

    project: str = Field(sa_type=Exact, primary_key=True)
    ref: str = Field(sa_type=Exact, primary_key=True)
    hlc: str = Field(sa_type=Exact, primary_key=True)
    epoch: str = Field(sa_type=Exact, primary_key=True)
    seq: int = Field(sa_type=BigInteger, primary_key=True)


class QuarantineRow(Row, table=True):
    """An action that could not be accepted: kept whole, as bytes, for it may not even be text.

    `state` is `kept` until a supervisor decides: then `released` into its project, or `rejected`.
    What is held already is rejected from the start.
    """

    epoch: str = Field(sa_type=Exact, primary_key=True)
    seq: int = Field(sa_type=BigInteger, primary_key=True)
    project: str = Field(sa_type=Exact, index=True)
    code: str = Field(sa_type=Exact)
    reason: str = Field(sa_type=Exact)
    hash: bytes = Field(sa_type=LargeBinary)
    line: bytes = Field(sa_type=LargeBinary)
    received_ms: int = Field(sa_type=BigInteger)
    state: str = Field(sa_type=Exact, sa_column_kwargs=_KEPT)
    decided_ms: int | None = Field(default=None, sa_type=BigInteger)
    decided_by: str = Field(sa_type=Exact, sa_column_kwargs=_EMPTY)
    note: str = Field(sa_type=Exact, sa_column_kwargs=_EMPTY)


class MovedRow(Row, table=True):
    """Where a moved action stood at first, and where it stands: see `radar_server.twins`."""

    was_epoch: str = Field(sa_type=Exact, primary_key=True)
    was_seq: int = Field(sa_type=BigInteger, primary_key=True)
    device: str = Field(sa_type=Exact, primary_key=True)
    essence: bytes = Field(sa_type=LargeBinary, primary_key=True)
    epoch: str = Field(sa_type=Exact)
    seq: int = Field(sa_type=BigInteger)


class RecordRow(Row, table=True):
    """A record of the site book at its last change; one that went stays as a tombstone.

    `key` is `radar_server.reference.key_of` of the id, which is kept as UTF-8 because a foreign
    code may hold what a text column cannot; `hlc` is the stamp of the action that last set it.
    """

    __table_args__ = (
        Index("record_feed", "project", "pos"),
        # The way from a person to their projects; with many shards it is asked of each.
        Index("record_staff", "key", "project", sqlite_where=_STAFF, postgresql_where=_STAFF),
        {"sqlite_with_rowid": False},
    )

    project: str = Field(sa_type=Exact, primary_key=True)
    kind: str = Field(sa_type=Exact, primary_key=True)
    key: str = Field(sa_type=Exact, primary_key=True)
    id: bytes = Field(sa_type=LargeBinary)
    pos: int = Field(sa_type=BigInteger)
    body: str = Field(sa_type=Exact)
    gone: bool
    hlc: str = Field(sa_type=Exact)


class HeadRow(Row, table=True):
    """A project's newest position, and the digest of all that it holds there.

    `total` is an unsigned 64-bit sum, as text, because no database has that type.
    """

    project: str = Field(sa_type=Exact, primary_key=True)
    pos: int = Field(sa_type=BigInteger)
    count: int = Field(sa_type=BigInteger)
    total: str = Field(sa_type=Exact)


class TaskRow(Row, table=True):
    """Where a touched task stands: the fold of its actions up to `last`, for the board.

    A work order that was reported, and an occurrence `#N`, has no schedule here, and its `body`.
    """

    __table_args__ = (
        Index("task_due", "project", "due_from"),
        Index("task_state", "project", "schedule", "state", "at_s"),
        {"sqlite_with_rowid": False},
    )

    project: str = Field(sa_type=Exact, primary_key=True)
    id: str = Field(sa_type=Exact, primary_key=True)
    schedule: str = Field(sa_type=Exact)
    state: str = Field(sa_type=Exact)
    staff: str = Field(sa_type=Exact)
    at_s: int = Field(sa_type=BigInteger)
    due_from: int = Field(sa_type=BigInteger)
    progress: str = Field(sa_type=Exact)
    last: str = Field(sa_type=Exact)
    body: str = Field(default="", sa_type=Exact, sa_column_kwargs=_EMPTY)


class AnchorRow(Row, table=True):
    """What the centre knows of a boot of a device: at `mono_ms` it was `at_ms` ± `error_ms`."""

    device: str = Field(sa_type=Exact, primary_key=True)
    boot: str = Field(sa_type=Exact, primary_key=True)
    mono_ms: int = Field(sa_type=BigInteger)
    at_ms: int = Field(sa_type=BigInteger)
    error_ms: int = Field(sa_type=BigInteger)


class BlobRow(Row, table=True):
    """A photo or signature that has arrived: read back from the disk, and its hash is right.

    What an action names (`touch` has it as `blob:SHA256`) and this table lacks is promised. What
    was deleted on schedule is `gone_ms`.
    """

    sha256: str = Field(sa_type=Exact, primary_key=True)
    size: int = Field(sa_type=BigInteger)
    arrived_ms: int = Field(sa_type=BigInteger)
    gone_ms: int | None = Field(default=None, sa_type=BigInteger)


class AuditRow(Row, table=True):
    """An administrative act: a line of JSON; its hash in the chain, with the centre's signature."""

    seq: int = Field(
        sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    line: str = Field(sa_type=Exact)
    hash: bytes = Field(sa_type=LargeBinary)


class SeenRow(Row, table=True):
    """A signature that was used, until its time is over: it serves once."""

    signature: bytes = Field(sa_type=LargeBinary, primary_key=True)
    at_ms: int = Field(sa_type=BigInteger, index=True)
