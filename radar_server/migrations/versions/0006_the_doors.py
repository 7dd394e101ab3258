"""Shared phones, badges that are signed in, seen requests, the audit log, photos that went."""

import sqlalchemy as sa
from alembic import op

from radar_server.tables import Exact

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add("device", sa.Column("projects", Exact(), nullable=False, server_default=""))
    _add("enrol_code", sa.Column("projects", Exact(), nullable=False, server_default=""))
    _add("enrol_code", sa.Column("secret", sa.LargeBinary(), nullable=True))
    _add("stream", sa.Column("signed_in", Exact(), nullable=False, server_default=""))
    _add("blob", sa.Column("gone_ms", sa.BigInteger(), nullable=True))
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger(), nullable=False, primary_key=True, autoincrement=False),
        sa.Column("line", Exact(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "seen",
        sa.Column("signature", sa.LargeBinary(), nullable=False, primary_key=True),
        sa.Column("at_ms", sa.BigInteger(), nullable=False, index=True),
        prefixes=["UNLOGGED"] if op.get_bind().dialect.name == "postgresql" else [],
    )


def _add(table: str, column: "sa.Column[object]") -> None:
    op.add_column(table, column)
