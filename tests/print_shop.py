"""A print shop and a photographer for tests: pages of a PDF as pictures, turned, bent and dim."""

import math
import random
from typing import Any

import pypdfium2
from PIL import Image, ImageFilter

POINTS = 72.0


def pages(pdf: bytes, dpi: float) -> list[Image.Image]:
    """Return every page of a PDF as a grey picture."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [_picture(page, dpi) for page in document]
    finally:
        document.close()


def _picture(page: Any, dpi: float) -> Image.Image:  # noqa: ANN401 - pypdfium2 has no types
    picture: Image.Image = page.render(scale=dpi / POINTS).to_pil()
    return picture.convert("L")


def texts(pdf: bytes) -> list[str]:
    """Return the text of every page of a PDF, as a viewer copies it.

    pdfium takes a hyphen for the end of a broken word, and hands it out as the control character 2.
    """
    document = pypdfium2.PdfDocument(pdf)
    try:
        found = [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()
    return [text.replace("\x02", "-").replace("\r\n", " ") for text in found]


def shapes(pdf: bytes) -> set[int]:
    """Return what the pages are drawn of, in pdfium's numbers: 1 text, 2 path, 3 picture."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return {_kind(shape) for page in document for shape in page.get_objects()}
    finally:
        document.close()


def _kind(shape: Any) -> int:  # noqa: ANN401 - pypdfium2 has no types
    return int(shape.type)


def photographed(paper: Image.Image, seed: int, *, degrees: float, bend: float) -> Image.Image:
    """Return a photograph of paper: bent round a pillar, turned, in dim and uneven light, noisy.

    `bend` is the half of the angle that the paper goes round, in degrees.
    """
    rng = random.Random(seed)
    bent = _bent(paper, bend) if bend else paper
    turned = bent.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    dark = Image.eval(turned, lambda value: 25 + value * 90 // 255)
    shade = Image.linear_gradient("L").resize(dark.size)
    dim = Image.composite(dark, Image.eval(dark, lambda value: value * 2 // 3), shade)
    noise = Image.effect_noise(dim.size, 8)
    soft = dim.filter(ImageFilter.GaussianBlur(0.3 + 0.2 * rng.random()))
    return Image.blend(soft, noise, 0.06)


def _bent(paper: Image.Image, bend: float) -> Image.Image:
    """Return paper as seen on an upright pillar that it goes round from -`bend` to +`bend`."""
    half = math.radians(bend)
    seen = round(paper.width * math.sin(half) / half)
    strips = 64

    def on_paper(x: float) -> float:
        sine = max(-1.0, min(1.0, (2 * x / seen - 1) * math.sin(half)))
        return (math.asin(sine) / half + 1) / 2 * paper.width

    mesh = []
    for number in range(strips):
        left, right = seen * number // strips, seen * (number + 1) // strips
        a, b = on_paper(left), on_paper(right)
        corners = (a, 0.0, a, float(paper.height), b, float(paper.height), b, 0.0)
        mesh.append(((left, 0, right, paper.height), corners))
    return paper.transform(
        (seen, paper.height), Image.Transform.MESH, mesh, Image.Resampling.BICUBIC
    )
