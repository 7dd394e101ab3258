"""ZBar through pyzbar: the second engine, for pictures in which zxing-cpp finds nothing.

ZBar looks only for symbologies with a check of their own (a wrong text is worse than none) and
not for PDF417 and DataBar, whose decoders in ZBar write warnings on the terminal.
"""

import ctypes
import sys
from functools import cache

from scanners.readings import Reading, in_order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from PIL import Image

# The numbers are those of zbar.h. EAN13 without UPCA makes ZBar answer 13 digits for UPC codes,
# as zxing-cpp does.
_SYMBOLOGIES = {64: "QRCode", 13: "EAN13", 8: "EAN8", 128: "Code128", 93: "Code93"}
_ANY = 0
_ENABLE = 0
_BINARY = 4
_GREY = 0x30303859  # the four characters Y800
_LIBRARIES = ("libzbar.so.0", "libzbar.so", "libzbar.dylib")


def is_missing() -> bool:
    """Say whether ZBar's shared library (or pyzbar) is not installed here."""
    return _wrapper() is None


def read(picture: "Image.Image") -> list[Reading]:
    """Return the codes that ZBar finds in an 8-bit grey picture; none where ZBar is missing."""
    wrapper = _wrapper()
    if wrapper is None:
        return []
    pixels = picture.tobytes()
    scanner = wrapper.zbar_image_scanner_create()
    image = wrapper.zbar_image_create()
    try:
        exact = _configure(wrapper, scanner)
        wrapper.zbar_image_set_format(image, _GREY)
        wrapper.zbar_image_set_size(image, *picture.size)
        address = ctypes.cast(ctypes.c_char_p(pixels), ctypes.c_void_p)
        wrapper.zbar_image_set_data(image, address, len(pixels), None)
        wrapper.zbar_scan_image(scanner, image)
        found = _readings(wrapper, image)
        return in_order(reading for reading in found if exact or reading.raw.isascii())
    finally:
        wrapper.zbar_image_destroy(image)
        wrapper.zbar_image_scanner_destroy(scanner)


def _configure(wrapper: "ModuleType", scanner: object) -> bool:
    """Say whether QR codes come as the bytes they hold; before 0.23.1 ZBar cannot do that."""
    configure = wrapper.zbar_image_scanner_set_config
    configure(scanner, _ANY, _ENABLE, 0)
    for number in _SYMBOLOGIES:
        configure(scanner, number, _ENABLE, 1)
    # Without this ZBar guesses a character set and turns the UTF-8 of "ção" into Chinese.
    return bool(configure(scanner, 64, _BINARY, 1) == 0)


def _readings(wrapper: "ModuleType", image: object) -> list[Reading]:
    readings = []
    symbol = wrapper.zbar_image_first_symbol(image)
    while symbol:
        length = wrapper.zbar_symbol_get_data_length(symbol)
        raw = ctypes.string_at(wrapper.zbar_symbol_get_data(symbol), length)
        points = [
            (float(wrapper.zbar_symbol_get_loc_x(symbol, n)), float(y))
            for n in range(wrapper.zbar_symbol_get_loc_size(symbol))
            if (y := wrapper.zbar_symbol_get_loc_y(symbol, n)) >= 0
        ]
        symbology = _SYMBOLOGIES.get(symbol.contents.type)
        if symbology and points:
            readings.append(Reading(raw, symbology, "zbar", _corners(points)))
        symbol = wrapper.zbar_symbol_next(symbol)
    return readings


def _corners(points: list[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    return (left, top), (right, top), (right, bottom), (left, bottom)


@cache
def _wrapper() -> "ModuleType | None":
    try:
        from pyzbar import zbar_library
    except ImportError:
        return None
    library = _library()
    if library is not None:
        # pyzbar itself asks ctypes.util.find_library, which starts ldconfig and a compiler.
        zbar_library.load = lambda: (library, [])
    elif sys.platform == "linux":
        return None
    try:
        from pyzbar import wrapper
    except (ImportError, OSError):
        return None
    return wrapper  # type: ignore[no-any-return, unused-ignore]


def _library() -> "ctypes.CDLL | None":
    for name in _LIBRARIES:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    return None
