"""Work orders that somebody reported: no schedule makes them, so their bodies are kept."""

import sqlalchemy as sa
from alembic import op

from radar_server.tables import Exact

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("task", sa.Column("body", Exact(), nullable=False, server_default=""))
    op.create_index("task_state", "task", ["project", "schedule", "state", "at_s"])
