"""What a frame is like: its fingerprint as evidence, and advice for whoever holds the phone."""

from PIL import Image, ImageChops

from radar_core.failures import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scanners.readings import Corners

_SMALL_PX = 256
_SHARPNESS_PX = 192
_HASH_SIZE = (9, 8)
_GLARING_FROM = 250

# Where advice begins, by 67 made-up photographs that nothing reads: the dark ones have a mean grey
# of 7 to 17, those out of focus a sharpness of 8 to 32, where most others have 69 and more.
_DARK_BELOW = 30
_SMALL_CODE_PX = 60
_BLURRED_BELOW = 40
_GLARE_FROM_PERCENT = 1

TOO_DARK = N_("Too dark: turn the torch on. Or type the code below it: radar scan CODE")
TOO_SMALL = N_("The code is small: hold closer. Or type the code below it: radar scan CODE")
BLURRED = N_("Blurred: hold still, and wipe the lens. Or type the code below it: radar scan CODE")
GLARE = N_("Glare: tilt the phone. Or type the code below it: radar scan CODE")
CLOSER = N_("Hold closer and straight. Or type the code below it: radar scan CODE")


def frame_of(grey: Image.Image, codes: "Sequence[Corners]") -> dict[str, object]:
    """Return what is kept of an 8-bit grey picture in which codes were read, or seen, there.

    `hash`: 64 bits as 16 hexadecimal digits, each bit a neighbour to the right being lighter in the
    picture shrunk to 9 x 8 (dHash: N. Krawetz, "Kind of Like That", 2013). Two photographs of one
    tag differ in some bits; the same picture, or a photograph of it, in few or none. `light`: the
    mean grey, 0 to 255. `glare`: percent of the picture that is blank white. `sharp`: the steepest
    hundredth of the steps from pixel to pixel about the code, or the middle, in grey levels.
    `code_px`: the longest side of the largest code, in pixels, 0 without one.
    """
    small = _thinned(grey)
    greys = small.histogram()
    pixels = small.width * small.height
    largest = max(codes, key=_side, default=None)
    return {
        "hash": f"{_dhash(small):016x}",
        "light": round(sum(level * count for level, count in enumerate(greys)) / pixels),
        "glare": round(100 * sum(greys[_GLARING_FROM:]) / pixels),
        "sharp": _sharpness(grey, largest),
        "code_px": round(_side(largest)) if largest else 0,
    }


def advice(frame: "Mapping[str, object]") -> str:
    """Return what to do differently after a picture in which no code was read."""
    light, glare, sharp, code_px = (
        int(str(frame[key])) for key in ("light", "glare", "sharp", "code_px")
    )
    if light < _DARK_BELOW:
        return TOO_DARK
    if code_px and code_px < _SMALL_CODE_PX:
        return TOO_SMALL
    if sharp < _BLURRED_BELOW:
        return BLURRED
    if glare >= _GLARE_FROM_PERCENT:
        return GLARE
    return CLOSER


def _thinned(grey: Image.Image) -> Image.Image:
    """Return every so many pixels of the picture: enough of them to tell its light and hash."""
    times = -(-max(grey.size) // _SMALL_PX)
    size = (max(1, grey.width // times), max(1, grey.height // times))
    return grey.resize(size, Image.Resampling.NEAREST)


def _dhash(small: Image.Image) -> int:
    greys = small.resize(_HASH_SIZE, Image.Resampling.BOX).tobytes()
    width, height = _HASH_SIZE
    bits = 0
    for row in range(height):
        for column in range(width - 1):
            at = row * width + column
            bits = bits << 1 | (greys[at + 1] > greys[at])
    return bits


def _sharpness(grey: Image.Image, code: "Corners | None") -> int:
    x, y = (
        (sum(at[0] for at in code) / len(code), sum(at[1] for at in code) / len(code))
        if code
        else (grey.width / 2, grey.height / 2)
    )
    half = _SHARPNESS_PX // 2
    left = round(min(max(x - half, 0), max(0, grey.width - 2 * half)))
    top = round(min(max(y - half, 0), max(0, grey.height - 2 * half)))
    width, height = min(2 * half, grey.width) - 1, min(2 * half, grey.height) - 1
    here = grey.crop((left, top, left + width, top + height))
    beside = grey.crop((left + 1, top + 1, left + 1 + width, top + 1 + height))
    steps = ImageChops.difference(here, beside).histogram()
    most = width * height // 100
    level = 255
    while level and most >= steps[level]:
        most -= steps[level]
        level -= 1
    return level


def _side(code: "Corners") -> float:
    pairs = zip(code, (*code[1:], code[0]), strict=True)
    return max(float(((x - u) ** 2 + (y - v) ** 2) ** 0.5) for (x, y), (u, v) in pairs)
