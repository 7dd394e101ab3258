"""From a picture to the codes in it: zxing-cpp first, ZBar and rescue steps where it finds none.

The order and the choice of the steps are measured; the figures stand at `_STEPS`.
"""

import zxingcpp

from radar_core.failures import UNREADABLE, Failure, N_
from scanners.pictures import SIDE_PX_MAX, open_picture
from scanners.readings import Reading, in_order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image

ENLARGED_PIXELS_MAX = 2**21
"""Pictures above this are not enlarged: their codes have pixels enough, and it would be slow."""
TURNED_PIXELS_MAX = 2**26
"""A picture is not turned where that would take more: a strip one pixel high becomes a square."""

_Format = zxingcpp.BarcodeFormat
_BARS = (_Format.Code128, _Format.Code39, _Format.Code93, _Format.EANUPC, _Format.ITF)
_OTHERS = (_Format.DataMatrix, _Format.Aztec, _Format.PDF417, *_BARS)
_QR_FORMATS = zxingcpp.BarcodeFormats([_Format.QRCode])  # the family: Micro QR and rMQR too
_BAR_FORMATS = zxingcpp.BarcodeFormats(_BARS)
_ALL_FORMATS = zxingcpp.BarcodeFormats([_Format.QRCode, *_OTHERS])
_HALF_SQRT2 = 0.5**0.5


def read_picture(path: str, *, every: bool = False) -> list[Reading]:
    """Return the codes in a picture file, at least one; `every` as for `read_codes`.

    Of a file with pages, those of the first page that shows any. Raises `Failure` with exit code
    3 where the file cannot be read or shows no code.
    """
    picture = open_picture(path)
    readings = read_codes(picture, every=every)
    for page in range(1, picture.info.get("pages", 1)):
        if readings:
            break
        readings = read_codes(open_picture(path, page), every=every)
    if not readings:
        raise _no_code(path, cut_off="cut_off" in picture.info)
    return readings


def read_codes(picture: "Image.Image", *, every: bool = False) -> list[Reading]:
    """Return the codes in a picture, from top to bottom, each once; none is an answer.

    The picture's sides are at most `SIDE_PX_MAX`, as those of `open_picture` are.
    The first step that finds a code ends the search, and the first looks for QR codes alone:
    that costs a twentieth of a search for everything. With `every` the search for everything
    comes first, so that a bar code beside a QR code is found too.
    """
    assert max(picture.size) <= SIDE_PX_MAX, "zxing-cpp takes no longer sides"
    grey = picture if picture.mode == "L" else picture.convert("L")
    if not (grey.width and grey.height):
        return []
    steps = [_all, *(step for step in _STEPS if step is not _all)] if every else _STEPS
    for step in steps:
        readings = step(grey)
        if readings:
            return readings
    return []


def zbar_missing() -> bool:
    """Say whether ZBar is not installed: `apt install libzbar0` makes more pictures readable."""
    from scanners import zbar

    return zbar.is_missing()


def _no_code(path: str, *, cut_off: bool) -> Failure:
    shown = path.encode("utf-8", "backslashreplace").decode()
    if cut_off:
        return Failure(
            "picture_cut_off",
            N_("{file} is cut off or damaged, and no code is in what is left of it."),
            N_("Copy the picture again, or type the code printed below the tag: radar scan CODE"),
            exit_code=UNREADABLE,
            file=shown,
        )
    return Failure(
        "no_code",
        N_("No code was found in {file}."),
        N_("Hold closer and still, or type the code printed below the tag: radar scan CODE"),
        exit_code=UNREADABLE,
        file=shown,
    )


def _qr(grey: "Image.Image") -> list[Reading]:
    # Light codes on dark are left to the later steps: they would cost the easy photo a third more.
    return _zxing(grey, _QR_FORMATS, inverted=False)


def _qr_by_one_threshold(grey: "Image.Image") -> list[Reading]:
    return _zxing(grey, _QR_FORMATS, binarizer=zxingcpp.Binarizer.GlobalHistogram)


def _qr_stretched(grey: "Image.Image") -> list[Reading]:
    from PIL import ImageOps

    return _zxing(ImageOps.autocontrast(grey, cutoff=2), _QR_FORMATS)


def _qr_smoothed(grey: "Image.Image") -> list[Reading]:
    from PIL import ImageFilter

    return _zxing(grey.filter(ImageFilter.GaussianBlur(1)), _QR_FORMATS)


def _all(grey: "Image.Image") -> list[Reading]:
    return _zxing(grey, _ALL_FORMATS)


def _bars_turned(grey: "Image.Image") -> list[Reading]:
    """Look for bar codes that lie askew; zxing-cpp follows rows and columns only."""
    if (grey.width + grey.height) ** 2 / 2 > TURNED_PIXELS_MAX:
        return []
    turned = grey.rotate(45, expand=True, fillcolor=128)

    def back(x: float, y: float) -> tuple[float, float]:
        right, down = x - turned.width / 2, y - turned.height / 2
        return (
            grey.width / 2 + (right - down) * _HALF_SQRT2,
            grey.height / 2 + (right + down) * _HALF_SQRT2,
        )

    return _zxing(turned, _BAR_FORMATS, back=back)


def _qr_enlarged(grey: "Image.Image") -> list[Reading]:
    if grey.width * grey.height > ENLARGED_PIXELS_MAX:
        return []
    larger = grey.resize((grey.width * 2, grey.height * 2))
    return _zxing(larger, _QR_FORMATS, back=lambda x, y: (x / 2, y / 2))


def _zbar(grey: "Image.Image") -> list[Reading]:
    from scanners import zbar

    return zbar.read(grey)


# Codes read up to and with each step, and the CPU time of the step where it finds nothing, in
# times of the first; zxing-cpp 3.1.1, ZBar 0.23.92. Real: the 194 photographs with a QR code of
# the shared data/qr (the texts of 79 of them are known). Labels photographed by
# scanners/darkroom.py: dark at badness 0.9 (at 0.7 the first step reads all), pale with their
# contrast cut to a sixteenth. Bars: 50 each of EAN-13 and Code 128 at badness 0.2 and 0.5. No
# step found a wrong text where the text is known, nor anything in 43 pictures without a code.
#
#                          real /194   dark /50   pale /50   bars /200   time
#   _qr                       175          4          0          0        1
#   _qr_by_one_threshold      182          4          0          0        0.3
#   _qr_stretched             184          7         50          0        2.3
#   _qr_smoothed              184         24         50          0        5
#   _all                      184         24         50        111       18
#   _bars_turned              184         24         50        153        3.3
#   _qr_enlarged              185         24         50        153       17
#   _zbar                     185         24         50        159       23
_STEPS = (
    _qr,
    _qr_by_one_threshold,
    _qr_stretched,
    _qr_smoothed,
    _all,
    _bars_turned,
    _qr_enlarged,
    _zbar,
)


def _zxing(
    grey: "Image.Image",
    formats: zxingcpp.BarcodeFormats,
    *,
    inverted: bool = True,
    binarizer: zxingcpp.Binarizer = zxingcpp.Binarizer.LocalAverage,
    back: "Callable[[float, float], tuple[float, float]] | None" = None,
) -> list[Reading]:
    """Return zxing-cpp's readings; `back` leads from a point of `grey` to the picture's own."""
    pixels = memoryview(grey.tobytes()).cast("B", (grey.height, grey.width))
    found = zxingcpp.read_barcodes(
        pixels, formats=formats, try_invert=inverted, binarizer=binarizer
    )
    readings = []
    for barcode in found:
        at = barcode.position
        points = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
        corners = tuple(
            back(point.x, point.y) if back else (float(point.x), float(point.y)) for point in points
        )
        readings.append(Reading(bytes(barcode.bytes), barcode.format.name, "zxing-cpp", corners))
    return in_order(readings)
