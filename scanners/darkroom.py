"""Photograph a label badly: the same bad picture for the same seed, without NumPy.

The label is a plane before a pinhole camera, turned about three axes, in uneven and failing
light, out of focus, with a noisy sensor and a stingy JPEG encoder.
"""

import io
import math
import random

from PIL import Image, ImageChops, ImageFilter, ImageOps

PHOTO_PX = (1280, 960)

_Vector = tuple[float, float, float]
_Matrix = tuple[_Vector, _Vector, _Vector]
_FOCAL_PX = 1100.0


def photograph(label: Image.Image, seed: int, *, badness: float) -> Image.Image:
    """Return an RGB photograph of `label` of `PHOTO_PX`; `badness` from 0 (studio) to 1 (hopeless).

    The same label, seed and badness give the same picture on one version of Pillow.
    """
    assert 0 <= badness <= 1
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose, nothing secret
    scene = _placed(label.convert("L"), rng, badness)
    scene = ImageChops.multiply(scene, _light(rng, badness))
    scene = scene.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 0.6) + 3.2 * badness**2))
    scene = _noisy(scene, rng, sigma=2 + 16 * badness)
    return _encoded(_tinted(scene, rng), quality=round(92 - 62 * badness))


def _placed(label: Image.Image, rng: random.Random, badness: float) -> Image.Image:
    """Return the label on a wall, seen askew."""
    wall = _wall(rng)
    turn = _rotation(
        rng.uniform(-1, 1) * 55 * badness,
        rng.uniform(-1, 1) * 55 * badness,
        rng.uniform(-1, 1) * 180 * badness,
    )
    share = rng.uniform(0.62, 0.72) - 0.34 * badness
    distance = _FOCAL_PX / (share * PHOTO_PX[1])
    shift = (rng.uniform(-0.12, 0.12), rng.uniform(-0.1, 0.1))
    to_label = _inverse(_camera(turn, distance, shift, label.size))
    last = to_label[2][2]
    coefficients = [value / last for row in to_label for value in row][:8]
    how = Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC
    # Pillow samples points: without this, fine lines of a large label would flicker.
    times_smaller = max(label.size) / (share * PHOTO_PX[1])
    smooth = label.filter(ImageFilter.BoxBlur(max(0.0, times_smaller - 1) / 2))
    seen = smooth.transform(PHOTO_PX, *how)
    mask = Image.new("L", label.size, 255).transform(PHOTO_PX, *how)
    return Image.composite(seen, wall, mask)


def _wall(rng: random.Random) -> Image.Image:
    """Return a blotchy surface."""
    coarse, fine = (
        _grain(rng, size).resize(PHOTO_PX, Image.Resampling.BICUBIC)
        for size in ((16, 12), (160, 120))
    )
    base = rng.uniform(70, 190)
    return Image.blend(coarse, fine, 0.4).point(lambda value: value * 0.35 + base - 45)


def _light(rng: random.Random, badness: float) -> Image.Image:
    """Return the light that falls on each pixel: less from one corner to the other."""
    brightest = 255 * (1 - 0.75 * badness * rng.uniform(0.6, 1))
    darkest = brightest * (1 - 0.7 * badness * rng.uniform(0.4, 1))
    span = (brightest - darkest) / 255
    slope = Image.linear_gradient("L").rotate(rng.uniform(0, 360), expand=True, fillcolor=128)
    middle = slope.crop((64, 64, slope.width - 64, slope.height - 64))
    return middle.resize(PHOTO_PX).point(lambda value: value * span + darkest)


def _noisy(scene: Image.Image, rng: random.Random, *, sigma: float) -> Image.Image:
    """Return the scene with the noise of a sensor; `sigma` in grey levels."""
    # The mean of two even distributions is near enough to a bell, and rand() of
    # Image.effect_noise cannot be seeded.
    bell = Image.blend(_grain(rng, PHOTO_PX), _grain(rng, PHOTO_PX), 0.5)
    scale = sigma / (255 / math.sqrt(24))
    noise = bell.point(lambda value: (value - 127.5) * scale + 128)
    return ImageChops.add(scene, noise, 1, -128)


def _grain(rng: random.Random, size: tuple[int, int]) -> Image.Image:
    return Image.frombytes("L", size, rng.randbytes(size[0] * size[1]))


def _tinted(scene: Image.Image, rng: random.Random) -> Image.Image:
    """Return the scene in the colour of some lamp."""
    lamp = (rng.randint(235, 255), rng.randint(225, 250), rng.randint(180, 255))
    return ImageOps.colorize(scene, "black", lamp)


def _encoded(photo: Image.Image, *, quality: int) -> Image.Image:
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def _rotation(pitch: float, yaw: float, roll: float) -> _Matrix:
    """Return the rotation about x, then y, then z; angles in degrees."""
    (sx, cx), (sy, cy), (sz, cz) = (
        (math.sin(math.radians(angle)), math.cos(math.radians(angle)))
        for angle in (pitch, yaw, roll)
    )
    return (
        (cz * cy, cz * sy * sx - sz * cx, cz * sy * cx + sz * sx),
        (sz * cy, sz * sy * sx + cz * cx, sz * sy * cx - cz * sx),
        (-sy, cy * sx, cy * cx),
    )


def _camera(
    turn: _Matrix, distance: float, shift: tuple[float, float], label_px: tuple[int, int]
) -> _Matrix:
    """Return the homography from pixels of the label to pixels of the photo.

    The label's longer side is one unit; it stands `distance` units away, `shift` beside the axis.
    """
    width, height = label_px
    unit = max(label_px)
    offset = (shift[0], shift[1], distance)
    x, y, z = (
        (row[0] / unit, row[1] / unit, away - (row[0] * width + row[1] * height) / unit / 2)
        for row, away in zip(turn, offset, strict=True)
    )
    middle_x, middle_y = PHOTO_PX[0] / 2, PHOTO_PX[1] / 2
    return (
        _combined(x, _FOCAL_PX, z, middle_x),
        _combined(y, _FOCAL_PX, z, middle_y),
        z,
    )


def _combined(one: _Vector, factor: float, other: _Vector, share: float) -> _Vector:
    return (
        one[0] * factor + other[0] * share,
        one[1] * factor + other[1] * share,
        one[2] * factor + other[2] * share,
    )


def _inverse(matrix: _Matrix) -> _Matrix:
    """Return the inverse up to a factor, which a homography does not mind."""
    a, b, c = matrix
    columns = (_cross(b, c), _cross(c, a), _cross(a, b))
    (p, q, r), (s, t, u), (v, w, x) = columns
    return (p, s, v), (q, t, w), (r, u, x)


def _cross(a: _Vector, b: _Vector) -> _Vector:
    return (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )
