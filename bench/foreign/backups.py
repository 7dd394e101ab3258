"""Backups: the file that `radar admin restore` is handed."""

import io
from pathlib import Path
from tempfile import TemporaryDirectory

import zstandard

from bench.foreign.decoder import Decoder
from radar_core.failures import Failure
from radar_server.backup_file import About, Looker, read_backup, writing_backup

_FOLDER = TemporaryDirectory(prefix="radar-fuzz-")
_FILE = Path(_FOLDER.name) / "centre.backup"
_ABOUT = About("2026-01-01T00:00:00Z", "0006", "C1", "RADAR", "00" * 32, {"audit": ["seq", "line"]})


def _backup(data: bytes) -> bool:
    _FILE.write_bytes(data)
    try:
        read_backup(_FILE, "", Looker())
    except Failure as failure:
        str(failure)
        return False
    return True


def _unpacked(data: bytes) -> bool:
    """Read an archive that is packed as it ought to be."""
    return _backup(zstandard.ZstdCompressor(level=1, write_checksum=True).compress(data))


def _written() -> bytes:
    file = io.BytesIO()
    with writing_backup(file, _ABOUT, 0, "", b"") as writer:
        writer.add_file("key", bytes(32))
        writer.add_table("audit", iter([(1, "x"), (2, "y")]))
    return file.getvalue()


_WRITTEN = _written()
_PLAIN = zstandard.ZstdDecompressor().decompressobj().decompress(_WRITTEN)
DECODERS = (
    Decoder("backup", _backup, [_WRITTEN]),
    Decoder("backup, unpacked", _unpacked, [_PLAIN]),
)
