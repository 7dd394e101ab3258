"""Where moved actions stood at first."""

import sqlalchemy as sa
from alembic import op

from radar_server.tables import Exact

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "moved",
        sa.Column("was_epoch", Exact(), nullable=False, primary_key=True),
        sa.Column("was_seq", sa.BigInteger(), nullable=False, primary_key=True),
        sa.Column("device", Exact(), nullable=False, primary_key=True),
        sa.Column("essence", sa.LargeBinary(), nullable=False, primary_key=True),
        sa.Column("epoch", Exact(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
    )
