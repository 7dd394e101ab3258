"""An empty PDF whose letters come from given fonts, and whose bytes depend on nothing else."""

import os
import tempfile
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import cache

from fpdf import FPDF
from fpdf.fonts import TTFFont

from scanners.label_fonts import FontFile, built_in_bytes
from scanners.label_layout import Measure

FONT = "f0"
MM_OF_POINT = 25.4 / 72
_BUILT_IN = "built-in.ttf"


@contextmanager
def pdf_document(
    page: tuple[float, float], fonts: Sequence[FontFile], made: datetime, title: str = "RADAR"
) -> Generator[tuple[FPDF, Measure]]:
    """Give an empty document with the fonts, and how wide a text is in them.

    `page` is in mm; `made` is the moment that the file names. Texts are set in `FONT`.
    """
    pdf = FPDF(unit="mm", format=page)
    pdf.set_auto_page_break(auto=False)
    pdf.set_margin(0)
    pdf.c_margin = 0
    pdf.set_creation_date(made)
    pdf.set_title(title)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        # fpdf2 reads its fonts to the end and leaves them open.
        stack.callback(_close_fonts, pdf)
        for number, font in enumerate(fonts):
            path = font.path
            if not path:
                path = os.path.join(folder, _BUILT_IN)
                with open(path, "wb") as file:
                    file.write(built_in_bytes())
            pdf.add_font(f"f{number}", "", path, collection_font_number=font.number)
        others = [f"f{number}" for number in range(1, len(fonts))]
        pdf.set_fallback_fonts(others, exact_match=False)
        pdf.set_text_shaping(use_shaping_engine=True)

        @cache
        def width_of_1_mm(text: str) -> float:
            pdf.set_font(FONT, size=1 / MM_OF_POINT)
            return pdf.get_string_width(text)

        def measure(text: str, size: float) -> float:
            return size * width_of_1_mm(text)

        yield pdf, measure


def _close_fonts(pdf: FPDF) -> None:
    for font in pdf.fonts.values():
        if isinstance(font, TTFFont):
            font.ttfont.close()


def write_text(
    pdf: FPDF, corner: tuple[float, float], width: float, size: float, text: str
) -> None:
    """Write a line of text; `corner` is where its baseline begins, all in mm."""
    pdf.set_font(FONT, size=size / MM_OF_POINT)
    # A cell's text stands on 0.3 of its font's height below the middle of the cell.
    pdf.set_xy(corner[0], corner[1] - 0.8 * size)
    pdf.cell(width, size, text)
