"""Sheets of labels as a PDF: codes as vectors, letters of embedded subset fonts.

The same labels, format, fonts and moment give the same bytes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import segno
from fpdf import FPDF
from fpdf.drawing import PaintedPath
from fpdf.enums import PathPaintRule

from radar_core.tags import typable
from scanners.label_fonts import FontFile
from scanners.label_formats import Format, distance_of
from scanners.label_layout import ELLIPSIS, Label, Layout, lay_out, plain_name
from scanners.labels import label_matrix
from scanners.pdf_document import pdf_document, write_text

CUT_GREY, CUT_MM = 0.6, 0.1

Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Printing:
    """How labels are printed: on what, at which error level, for which distance in metres.

    Without a distance (0) codes are as large as fits. The first `skip` labels of the first page
    are used up already. `made` is the moment that the file names.
    """

    form: Format
    fonts: Sequence[FontFile]
    made: datetime
    level: str = "Q"
    distance_m: float = 0.0
    skip: int = 0

    def page_of(self, number: int) -> int:
        """Return on which page, from 1, the label of a number, from 0, is."""
        return (self.skip + number) // self.form.per_page + 1


@dataclass(frozen=True, slots=True)
class Drawn:
    """A finished PDF; the smallest code on it, in mm, and the metres from which that is read."""

    pdf: bytes
    pages: int
    code_mm: float
    module_mm: float
    read_from_m: float


def _nobody(_drawn: int, _all: int) -> None:
    """Hear how far the drawing is, and say nothing."""


def draw_sheets(labels: Sequence[Label], printing: Printing, tell: Tell = _nobody) -> Drawn:
    """Return the PDF of at least one label; `tell` hears after each how many of how many are drawn.

    Every letter has a glyph in `printing.fonts`, which `chain_for` sees to for `letters_of` the
    labels; of a code that the format has no room for, `lay_out` tells in a Failure.
    """
    assert labels, "a sheet has a label"
    letters = {letter for font in printing.fonts for letter in font.letters}
    assert {ord(char) for text in letters_of(labels) for char in text} <= letters, "no box"
    assert 0 <= printing.skip < printing.form.per_page, "the first page has a label"
    with pdf_document(printing.form.page, printing.fonts, printing.made) as (pdf, measure):
        sizes: list[tuple[float, int]] = []
        for number, label in enumerate(labels):
            matrix = label_matrix(label.text, printing.level)
            modules = side(matrix)
            layout = lay_out(printing.form, label, modules, measure, distance_m=printing.distance_m)
            slot = (printing.skip + number) % printing.form.per_page
            if number == 0 or slot == 0:
                pdf.add_page()
            _draw(pdf, printing.form, slot, layout, matrix)
            sizes.append((layout.module, modules))
            tell(number + 1, len(labels))
        least, modules = min(sizes)
        pages = printing.page_of(len(labels) - 1)
        return Drawn(bytes(pdf.output()), pages, least * modules, least, distance_of(least))


def letters_of(labels: Sequence[Label]) -> list[str]:
    """Return all texts whose letters the labels may show."""
    names = [plain_name(name) for label in labels for name in label.names]
    return [*dict.fromkeys(names), ELLIPSIS, *(typable(label.code) for label in labels)]


def side(matrix: segno.QRCode) -> int:
    """Return how many modules a code has on a side, without its quiet zone."""
    return int(matrix.symbol_size(border=0)[0])


def _draw(pdf: FPDF, form: Format, slot: int, layout: Layout, matrix: segno.QRCode) -> None:
    x, y = form.corner(slot)
    if form.cut:
        pdf.set_draw_color(round(CUT_GREY * 255))
        pdf.set_line_width(CUT_MM)
        pdf.rect(x, y, *form.label)
    _draw_code(pdf, matrix, (x + layout.code[0], y + layout.code[1]), layout.module)
    for line in layout.lines:
        write_text(pdf, (x + line.x, y + line.y), line.width, line.size, line.text)


def _draw_code(pdf: FPDF, matrix: segno.QRCode, corner: tuple[float, float], module: float) -> None:
    """Draw the dark modules as one shape, each run of a row a rectangle.

    One shape, because between shapes that touch a viewer shows hairlines.
    """
    path = PaintedPath()
    path.style.paint_rule = PathPaintRule.FILL_NONZERO
    path.style.fill_color = "#000000"
    for row, modules in enumerate(matrix.matrix_iter(1, 0)):
        at = 0
        for dark, run in groupby(modules):
            length = len(list(run))
            if dark:
                left, top = corner[0] + at * module, corner[1] + row * module
                path.rectangle(left, top, length * module, module)
            at += length
    with pdf.drawing_context() as drawing:
        drawing.add_item(path, clone=False)  # a clone would take half of a label's time
