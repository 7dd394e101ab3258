"""The centre's first tables."""

import sqlalchemy as sa
from alembic import op

from radar_server.tables import Exact

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_STAFF = sa.text("kind = 'staff'")


def upgrade() -> None:
    _people()
    _actions()
    _site_book()


def _text(name: str, *, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, Exact(), nullable=False, primary_key=key)


def _number(name: str, *, key: bool = False, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable, primary_key=key)


def _bytes(name: str, *, key: bool = False, nullable: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=nullable, primary_key=key)


def _people() -> None:
    op.create_table(
        "centre",
        sa.Column("id", sa.Integer(), primary_key=True, nullable=False),
        _text("epoch"),
        _text("name"),
        _text("public_key"),
    )
    op.create_table(
        "device",
        _text("id", key=True),
        _text("staff"),
        _bytes("public_key"),
        _text("name"),
        _number("enrolled_ms"),
        _number("revoked_ms", nullable=True),
        _number("last_sync_ms", nullable=True),
    )
    op.create_index("ix_device_staff", "device", ["staff"])
    op.create_table(
        "enrol_code",
        _bytes("hash", key=True),
        _text("staff"),
        _number("expires_ms"),
        _bytes("used_by", nullable=True),
    )


def _actions() -> None:
    op.create_table(
        "stream",
        _text("epoch", key=True),
        _text("device"),
        _bytes("genesis"),
        _number("seq"),
        _bytes("head"),
        _bytes("head_signature"),
        sa.Column("left", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_stream_device", "stream", ["device"])
    op.create_table(
        "action",
        _text("project", key=True),
        _number("pos", key=True),
        _text("epoch"),
        _number("seq"),
        _text("hlc"),
        _text("staff"),
        _text("kind"),
        _bytes("hash"),
        _text("line"),
        _number("received_ms"),
        sa.UniqueConstraint("project", "epoch", "seq", name="action_once"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "touch",
        _text("project", key=True),
        _text("ref", key=True),
        _text("hlc", key=True),
        _text("epoch", key=True),
        _number("seq", key=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "quarantine",
        _text("epoch", key=True),
        _number("seq", key=True),
        _text("project"),
        _text("code"),
        _text("reason"),
        _bytes("hash"),
        _bytes("line"),
        _number("received_ms"),
    )
    op.create_index("ix_quarantine_project", "quarantine", ["project"])


def _site_book() -> None:
    op.create_table(
        "record",
        _text("project", key=True),
        _text("kind", key=True),
        _text("key", key=True),
        _bytes("id"),
        _number("pos"),
        _text("body"),
        sa.Column("gone", sa.Boolean(), nullable=False),
        _text("hlc"),
        sqlite_with_rowid=False,
    )
    op.create_index("record_feed", "record", ["project", "pos"])
    op.create_index(
        "record_staff", "record", ["key", "project"], sqlite_where=_STAFF, postgresql_where=_STAFF
    )
    op.create_table(
        "head", _text("project", key=True), _number("pos"), _number("count"), _text("total")
    )
    op.create_table(
        "task",
        _text("project", key=True),
        _text("id", key=True),
        _text("schedule"),
        _text("state"),
        _text("staff"),
        _number("at_s"),
        _number("due_from"),
        _text("progress"),
        _text("last"),
        sqlite_with_rowid=False,
    )
    op.create_index("task_due", "task", ["project", "due_from"])
