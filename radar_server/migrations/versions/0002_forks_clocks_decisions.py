"""Forks, clocks, and a supervisor's decisions."""

import sqlalchemy as sa
from alembic import op

from radar_server.tables import Exact

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("centre", _number("since_ms", default="0"))
    op.drop_column("stream", "left")
    op.add_column("stream", _text("parent", default=""))
    op.add_column("stream", _number("forked_ms"))
    op.add_column("action", _text("grade", default="unanchored"))
    op.add_column("action", _number("at_ms", default="0"))
    op.add_column("action", _number("error_ms", default="-1"))
    op.add_column("quarantine", _text("state", default="kept"))
    op.add_column("quarantine", _number("decided_ms"))
    op.add_column("quarantine", _text("decided_by", default=""))
    op.add_column("quarantine", _text("note", default=""))
    op.create_table(
        "anchor",
        sa.Column("device", Exact(), nullable=False, primary_key=True),
        sa.Column("boot", Exact(), nullable=False, primary_key=True),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _ANCHOR),
    )


_ANCHOR = ("mono_ms", "at_ms", "error_ms")


def _text(name: str, default: str) -> sa.Column[str]:
    return sa.Column(name, Exact(), nullable=False, server_default=default)


def _number(name: str, default: str | None = None) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=default is None, server_default=default)
