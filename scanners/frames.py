"""What a frame is like: its fingerprint as evidence, and advice for whoever holds the phone."""

from PIL import Image, ImageFilter

from radar_core.failures import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scanners.readings import Corners

_SMALL_PX = 512
_SHARPNESS_PX = 384
_HASH_SIZE = (9, 8)
_GLARING_FROM = 250
_LAPLACE = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)

# Where advice begins, by 67 made-up photographs that nothing reads: the dark ones have a mean grey
# of 7 to 17, those out of focus or moved a sharpness of 7 to 13 where the others have 14 to 110.
_DARK_BELOW = 30
_SMALL_CODE_PX = 60
_BLURRED_BELOW = 10
_GLARE_FROM_PERCENT = 1


def frame_of(grey: Image.Image, codes: "Sequence[Corners]") -> dict[str, object]:
    """Return what is kept of an 8-bit grey picture in which codes were read, or seen, there.

    `hash`: 64 bits as 16 hexadecimal digits, each bit a neighbour to the right being lighter in the
    picture shrunk to 9 x 8 (dHash: N. Krawetz, "Kind of Like That", 2013). Two photographs of one
    tag differ in some bits; the same picture, or a photograph of it, in few or none. `light`: the
    mean grey, 0 to 255. `glare`: percent of the picture that is blank white. `sharp`: the standard
    deviation of the Laplacian about the code, or the middle, in grey levels. `code_px`: the longest
    side of the largest code, in pixels, 0 without one.
    """
    small = grey.reduce(max(1, -(-max(grey.size) // _SMALL_PX)))
    greys = small.histogram()
    pixels = small.width * small.height
    largest = max(codes, key=_side, default=None)
    return {
        "hash": f"{_dhash(small):016x}",
        "light": round(sum(level * count for level, count in enumerate(greys)) / pixels),
        "glare": round(100 * sum(greys[_GLARING_FROM:]) / pixels),
        "sharp": round(_sharpness(grey, largest), 1),
        "code_px": round(_side(largest)) if largest else 0,
    }


def hash_distance(one: str, other: str) -> int:
    """Return in how many of their 64 bits two hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def advice(frame: "Mapping[str, object]") -> str:
    """Return what to do differently after a picture in which no code was read."""
    light, glare, sharp, code_px = (
        float(str(frame[key])) for key in ("light", "glare", "sharp", "code_px")
    )
    if light < _DARK_BELOW:
        return N_("Too dark: turn the torch on. Or type the code below it: radar scan CODE")
    if code_px and code_px < _SMALL_CODE_PX:
        return N_("The code is small: hold closer. Or type the code below it: radar scan CODE")
    if sharp < _BLURRED_BELOW:
        return N_("Blurred: hold still, and wipe the lens. Or type the code below it: radar scan CODE")
    if glare >= _GLARE_FROM_PERCENT:
        return N_("Glare: tilt the phone. Or type the code below it: radar scan CODE")
    return N_("Hold closer and straight. Or type the code below it: radar scan CODE")



def _dhash(small: Image.Image) -> int:
    greys = small.resize(_HASH_SIZE, Image.Resampling.BOX).tobytes()
    width, height = _HASH_SIZE
    bits = 0
    for row in range(height):
        for column in range(width - 1):
            at = row * width + column
            bits = bits << 1 | (greys[at + 1] > greys[at])
    return bits


def _sharpness(grey: Image.Image, code: "Corners | None") -> float:
    x, y = (
        (sum(at[0] for at in code) / len(code), sum(at[1] for at in code) / len(code))
        if code
        else (grey.width / 2, grey.height / 2)
    )
    half = _SHARPNESS_PX // 2
    left = round(min(max(x - half, 0), max(0, grey.width - 2 * half)))
    top = round(min(max(y - half, 0), max(0, grey.height - 2 * half)))
    part = grey.crop((left, top, min(grey.width, left + 2 * half), min(grey.height, top + 2 * half)))
    greys = part.filter(_LAPLACE).histogram()
    pixels = part.width * part.height
    mean = sum(level * count for level, count in enumerate(greys)) / pixels
    spread = sum((level - mean) ** 2 * count for level, count in enumerate(greys)) / pixels
    return float(spread**0.5)


def _side(code: "Corners") -> float:
    pairs = zip(code, (*code[1:], code[0]), strict=True)
    return max(((x - u) ** 2 + (y - v) ** 2) ** 0.5 for (x, y), (u, v) in pairs)
