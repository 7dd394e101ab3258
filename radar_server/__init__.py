"""The centre: HTTP, database, people and permissions, boards."""
