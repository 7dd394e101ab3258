"""What is done to a grey picture so that an engine reads what it could not read before.

Pillow alone does it all: importing NumPy costs two interpreter starts, and none of the steps that
are worth their time needs it. Each treatment imports what it needs: the easy picture needs none.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image

    Treatment = Callable[[Image.Image], Image.Image]

_DARKER_BY = 4
"""A pixel is dark that is this much darker than its neighbourhood, in grey levels of 255."""
_LIGHT_OR_DARK = [255 if level > 128 - _DARKER_BY else 0 for level in range(256)]
_LIGHTER = [round(255 * (level / 255) ** 0.5) for level in range(256)]


def none(grey: "Image.Image") -> "Image.Image":
    """Leave the picture as it is."""
    return grey


def equalised(grey: "Image.Image") -> "Image.Image":
    """Use all greys equally: for pale and for dark pictures."""
    from PIL import ImageOps

    return ImageOps.equalize(grey)


def stretched(grey: "Image.Image") -> "Image.Image":
    """Make the darkest 2 % black and the lightest 2 % white."""
    from PIL import ImageOps

    return ImageOps.autocontrast(grey, cutoff=2)


def lightened(grey: "Image.Image") -> "Image.Image":
    """Draw the shadows apart (gamma 0.5)."""
    return grey.point(_LIGHTER)


def smoothed(grey: "Image.Image") -> "Image.Image":
    """Take off noise and the lines of a screen."""
    from PIL import ImageFilter

    return grey.filter(ImageFilter.GaussianBlur(1))


def smoothed_more(grey: "Image.Image") -> "Image.Image":
    """Take off coarser noise."""
    from PIL import ImageFilter

    return grey.filter(ImageFilter.GaussianBlur(2))


def sharpened(grey: "Image.Image") -> "Image.Image":
    """Undo a little of a blur."""
    from PIL import ImageFilter

    return grey.filter(ImageFilter.UnsharpMask(2, 200, 0))


def sharpened_more(grey: "Image.Image") -> "Image.Image":
    """Undo more of a wider blur."""
    from PIL import ImageFilter

    return grey.filter(ImageFilter.UnsharpMask(4, 300, 0))


def thresholded(grey: "Image.Image") -> "Image.Image":
    """Make each pixel black or white by the mean of the 31 x 31 about it: shadows and glare."""
    from PIL import ImageChops, ImageFilter

    around = grey.filter(ImageFilter.BoxBlur(15))
    return ImageChops.subtract(grey, around, 1, 128).point(_LIGHT_OR_DARK)


COST_MS: "dict[Treatment, float]" = {
    none: 0,
    equalised: 1.2,
    stretched: 1.5,
    lightened: 0.8,
    smoothed: 12,
    smoothed_more: 12,
    sharpened: 15,
    sharpened_more: 15,
    thresholded: 7,
}
"""Milliseconds for a million pixels, between median and 90th percentile of 417 pictures."""
