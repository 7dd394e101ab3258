"""A photo as it is kept and sent: upright, of a size that spares airtime, a picture and no more.

What a camera writes beside the picture (position, time, owner, serial number) does not come along:
where somebody was is recorded at a scan alone, and when is told by the action.
"""

from io import BytesIO

from PIL import Image

from radar_core.failures import UNREADABLE, Failure, N_
from scanners.pictures import open_picture

SIDE_PX_MAX = 2048
QUALITY = 85
TYPE = "image/jpeg"


def photo_of(path: str) -> bytes:
    """Return the picture in a file as JPEG; raise Failure with exit code 3 for what is none.

    A file that is cut off is refused: it can still be copied again now, and not later.
    """
    picture = open_picture(path, colour=True)
    if "cut_off" in picture.info:
        raise Failure(
            "picture_cut_off",
            N_("{file} is cut off or damaged."),
            exit_code=UNREADABLE,
            file=path.encode("utf-8", "backslashreplace").decode(),
        )
    picture.thumbnail((SIDE_PX_MAX, SIDE_PX_MAX), Image.Resampling.LANCZOS)
    picture.info.clear()
    written = BytesIO()
    picture.save(written, "JPEG", quality=QUALITY, optimize=True)
    return written.getvalue()
