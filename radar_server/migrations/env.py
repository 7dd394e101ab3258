"""Runs the migrations on the connection that `radar_server.database.migrate` hands over."""

from alembic import context
from sqlmodel import SQLModel

import radar_server.tables  # noqa: F401 - what is compared with

context.configure(
    connection=context.config.attributes["connection"], target_metadata=SQLModel.metadata
)
with context.begin_transaction():
    context.run_migrations()
