"""zxing-cpp, the first engine: what it reads in a grey picture, and what it only sees there."""

import zxingcpp

from scanners.readings import Reading, Unread, in_order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from PIL import Image

_Format = zxingcpp.BarcodeFormat

OWN = zxingcpp.BarcodeFormats([_Format.QRCodeModel2])
"""What RADAR prints; looking for it alone takes a tenth of a look for everything."""
# ITF and Code 39 have no check of their own: `scanners.readings.settled` wants them seen twice.
BARS = zxingcpp.BarcodeFormats(
    [_Format.Code128, _Format.Code39, _Format.Code93, _Format.EANUPC, _Format.ITF]
)
EVERYTHING = zxingcpp.BarcodeFormats(
    [
        *(_Format.QRCode, _Format.DataMatrix, _Format.Aztec, _Format.PDF417),
        *(_Format.Code128, _Format.Code39, _Format.Code93, _Format.EANUPC, _Format.ITF),
    ]
)
"""QRCode is the family: Micro QR and rMQR too."""


def formats(only: "Iterable[str]") -> zxingcpp.BarcodeFormats:
    """Return the symbologies of these names, zxing-cpp's own; without any, everything."""
    named = [zxingcpp.BarcodeFormat[name] for name in only]
    return zxingcpp.BarcodeFormats(named) if named else EVERYTHING


def read(
    grey: "Image.Image",
    formats: zxingcpp.BarcodeFormats,
    *,
    inverted: bool = True,
    one_threshold: bool = False,
) -> tuple[list[Reading], list[Unread]]:
    """Return the codes read in an 8-bit grey picture, and the QR codes seen but not read.

    `inverted` looks for light codes on dark too. `one_threshold` takes one grey for the border
    between light and dark in the whole picture instead of one for each neighbourhood. Sides are
    at most 65,535 pixels.
    """
    pixels = memoryview(grey.tobytes()).cast("B", (grey.height, grey.width))
    binarizers = zxingcpp.Binarizer
    found = zxingcpp.read_barcodes(
        pixels,
        formats=formats,
        try_invert=inverted,
        binarizer=binarizers.GlobalHistogram if one_threshold else binarizers.LocalAverage,
        return_errors=True,
    )
    readings = [
        Reading(bytes(code.bytes), code.format.name, "zxing-cpp", _corners(code))
        for code in found
        if code.valid
    ]
    return in_order(readings), [seen for code in found if not code.valid for seen in _unread(code)]


def read_modules(modules: bytes, side: int) -> tuple[bytes, float] | None:
    """Return what a QR code of `side` x `side` modules says, and how sure it is, or None.

    `modules` has a byte for each, row by row, 0 where it is dark and 255 where it is light. How
    sure: the share of the code's error correction that was not needed, from 0 to 1.
    """
    width = side + 2 * _QUIET_MODULES
    blank = b"\xff" * (width * _QUIET_MODULES)
    edge = b"\xff" * _QUIET_MODULES
    rows = (edge + modules[at : at + side] + edge for at in range(0, side * side, side))
    pixels = memoryview(blank + b"".join(rows) + blank).cast("B", (width, width))
    found = zxingcpp.read_barcodes(
        pixels, formats=OWN, try_invert=False, binarizer=zxingcpp.Binarizer.BoolCast
    )
    if not found:
        return None
    return bytes(found[0].bytes), float(_told(found[0]).get("UEC", 0.0))


_QUIET_MODULES = 4


def _unread(code: zxingcpp.Barcode) -> list[Unread]:
    """Return the place of a QR code whose size and mask are known, though its words are not."""
    told = _told(code)
    version = told.get("Version", "")
    if not version.isdigit() or not {"ECLevel", "DataMask"} <= told.keys():
        return []  # Micro QR and rMQR, whose versions have letters, and others
    return [Unread(_corners(code), int(version), told["ECLevel"], int(told["DataMask"]))]


def _told(code: zxingcpp.Barcode) -> "dict[str, Any]":
    """Return what zxing-cpp tells besides the text; it is None or a dict, and typed as neither."""
    told = code.extra
    return told if isinstance(told, dict) else {}


def _corners(code: zxingcpp.Barcode) -> tuple[tuple[float, float], ...]:
    at = code.position
    points = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
    return tuple((float(point.x), float(point.y)) for point in points)
