"""Pictures that Pillow does not open by itself, and those with pages: PDF, HEIC, TIFF."""

from PIL import Image

from radar_core.failures import UNREADABLE, Failure, N_
from scanners.pictures import PAGES_MAX

PDF_DPI = 200
"""A label 25 mm wide has seven pixels for each module then."""
_POINTS_PER_INCH = 72


def open_pdf(path: str, page: int, pixels_max: int) -> tuple[Image.Image, int]:
    """Return a page of a PDF as it is printed, in grey, and how many pages there are to look at.

    A page that would have more than `pixels_max` pixels at `PDF_DPI` is drawn smaller. What is
    broken or locked raises a RuntimeError.
    """
    from pypdfium2 import PdfDocument

    document = PdfDocument(path)
    try:
        sheet = document[page]
        width, height = sheet.get_size()
        scale = PDF_DPI / _POINTS_PER_INCH
        fits = (pixels_max / max(1.0, width * height)) ** 0.5
        drawn = sheet.render(scale=min(scale, fits), grayscale=True).to_pil().convert("L")
        return drawn, min(len(document), PAGES_MAX)
    finally:
        document.close()


def open_heic(path: str, shown: str, pixels_max: int) -> Image.Image:
    """Return the first picture of a HEIC file, upright.

    Raises `Failure` where pi-heif, an extra, is not installed, and `DecompressionBombError` for
    more than `pixels_max` pixels.
    """
    try:
        from pi_heif import open_heif
    except ImportError as error:
        raise Failure(
            "picture_needs_heif",
            N_("{file} is a HEIC picture, and what reads those is not installed."),
            N_("Let the camera save JPEG, or install pi-heif, which is RADAR's extra heic."),
            exit_code=UNREADABLE,
            file=shown,
        ) from error
    heic = open_heif(path)
    width, height = heic.size
    if width * height > pixels_max:
        raise Image.DecompressionBombError
    picture: Image.Image = heic.to_pillow()
    return picture


def turn_to(picture: Image.Image, page: int) -> int:
    """Turn a TIFF to a page, and return how many there are to look at; damage ends the count."""
    pages = 1
    try:
        for pages in range(1, PAGES_MAX):
            picture.seek(pages)
        pages = PAGES_MAX
    except (EOFError, OSError, SyntaxError, ValueError, LookupError, TypeError):
        pass
    picture.seek(page)
    return pages
