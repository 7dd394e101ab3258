"""The monthly report as a PDF: text that can be selected, bars as vectors, the same bytes again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Any

from fpdf import FPDF

from commands.files import write_file
from radar_cli.report_layout import PAGE, Bar, Line, Page, lay_out_report, lines_of
from radar_cli.texts import Texts
from radar_core.answers import Answer
from radar_core.failures import N_
from scanners.label_fonts import chain_for, named_fonts, system_fonts
from scanners.label_layout import ELLIPSIS, Measure, plain_name
from scanners.pdf_document import pdf_document, write_text


def printed(data: dict[str, Any], texts: Texts, out: str, fonts: Sequence[str]) -> Answer:
    """Write the report to a file."""
    pdf, pages = report_pdf(data, texts, fonts)
    write_file(out, pdf)
    projects = [project["id"] for project in data["projects"]]
    return Answer(
        "report_pdf", {"out": out, "pages": pages, "month": data["month"], "projects": projects}
    )


def report_pdf(data: dict[str, Any], texts: Texts, fonts: Sequence[str] = ()) -> tuple[bytes, int]:
    """Return the report of a month's figures, and of how many pages it is.

    Raise Failure `label_letter_missing` where no font has a letter of it.
    """
    pages = [[_printable(shape) for shape in page] for page in lay_out_report(data, texts)]
    letters = [ELLIPSIS, *(line.text for line in lines_of(pages))]
    chosen = chain_for(letters, chain(named_fonts(fonts), system_fonts()))
    made = datetime.fromisoformat(data["as_of"])
    title = texts.say(N_("Monthly report {month}"), month=data["month"])
    with pdf_document(PAGE, chosen, made, title) as (pdf, measure):
        for page in pages:
            _draw(pdf, page, measure)
        return bytes(pdf.output()), len(pages)


def _printable(shape: Line | Bar) -> Line | Bar:
    return replace(shape, text=plain_name(shape.text)) if isinstance(shape, Line) else shape


def _draw(pdf: FPDF, page: Page, measure: Measure) -> None:
    pdf.add_page()
    for shape in page:
        red, green, blue = shape.ink.to_bytes(3, "big")
        if isinstance(shape, Bar):
            pdf.set_fill_color(red, green, blue)
            pdf.rect(shape.x, shape.y, shape.width, shape.height, style="F")
            continue
        text = _cut(shape, measure)
        width = measure(text, shape.size)
        x = shape.x + shape.width - width if shape.right else shape.x
        pdf.set_text_color(red, green, blue)
        write_text(pdf, (x, shape.y), width, shape.size, text)


def _cut(line: Line, measure: Measure) -> str:
    """Return a line's text, cut with an ellipsis where it is too long."""
    if measure(line.text, line.size) <= line.width:
        return line.text
    low, high = 0, len(line.text)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(line.text[:middle] + ELLIPSIS, line.size) <= line.width:
            low = middle
        else:
            high = middle - 1
    return line.text[:low] + ELLIPSIS
