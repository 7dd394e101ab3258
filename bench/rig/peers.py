"""Others who sync, as contenders: each in a folder of its own, each in one pinned version."""

from bench.rig.sides import Side


def peer_sides() -> list[Side]:
    """Return the peers."""
    return []
