"""Which photos and signatures have arrived."""

import sqlalchemy as sa
from alembic import op

from radar_server.tables import Exact

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blob",
        sa.Column("sha256", Exact(), nullable=False, primary_key=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("arrived_ms", sa.BigInteger(), nullable=False),
    )
