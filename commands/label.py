"""`radar label`: print tags, those that the site book knows or new ones, as a PDF."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import chain

from commands.files import check_free, write_file
from commands.phone import Phone, Workplace
from radar_core.answers import Answer
from radar_core.book_cells import domain as read_domain
from radar_core.book_records import Record
from radar_core.book_sheet import Problem
from radar_core.failures import USAGE, Failure, N_
from radar_core.jsontext import decode_object
from radar_core.tag_list import KINDS, Tag, tags_to_print
from radar_core.tags import CODE_RANDOM_BYTES, label_text, make_code
from scanners.label_fonts import chain_for, named_fonts, system_fonts
from scanners.label_formats import Format, find_format
from scanners.label_layout import Label
from scanners.label_sheet import Printing, Tell, draw_sheets, letters_of

LABELS_MAX = 5_000
"""The most labels in one file."""
DISTANCE_M_MAX = 50.0
LEVELS = ("Q", "H")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person typed of how to print: each as it stood on the command line.

    `distance` is metres, "" for codes as large as fit; `fonts` are files.
    """

    format: str
    out: str
    level: str = "Q"
    distance: str = ""
    skip: int = 0
    fonts: Sequence[str] = ()
    overwrite: bool = False


def new(workplace: Workplace, count: int, domain: str, wish: Wish, tell: Tell) -> Answer:
    """Print `count` blank tags with codes that nobody has yet; needs no enrolled phone."""
    name = read_domain(domain)
    if isinstance(name, Problem):
        raise Failure(
            "bad_domain",
            name.message,
            N_("The site book has it, on the sheet districts."),
            exit_code=USAGE,
            **name.values,
        )
    codes = [make_code(workplace.randomness(CODE_RANDOM_BYTES)) for _ in range(count)]
    data, pages = _printed(workplace, [Tag(code, name, "") for code in codes], wish, tell)
    rows = zip(codes, pages, strict=True)
    data["labels"] = [
        {"code": code, "text": label_text(name, code), "page": page} for code, page in rows
    ]
    return Answer("labels_new", data)


def sheet(
    workplace: Workplace,
    records: Sequence[Record],
    things: Sequence[str],
    wish: Wish,
    tell: Tell,
    *,
    project: str = "",
) -> Answer:
    """Print the tags that a site book has on things, in a project, or in all of it."""
    found = tags_to_print(records, things, project)
    data, pages = _printed(workplace, found.tags, wish, tell)
    data["labels"] = [
        {**asdict(tag), "text": label_text(tag.domain, tag.code), "page": page}
        for tag, page in zip(found.tags, pages, strict=True)
    ]
    data["left_out"] = {"foreign": found.foreign, "blank": found.blank, "ended": found.ended}
    return Answer("labels", data)


def records_of(phone: Phone) -> list[Record]:
    """Return what the phone knows of places, assets and tags; tags bound here count already."""
    return [*_stored(phone), *_bound(phone)]


def _stored(phone: Phone) -> Iterator[Record]:
    rows = phone.journal.connection.execute("SELECT project, kind, id, body FROM record")
    for project, kind, id_, body in rows:
        if kind in KINDS:
            yield Record(project, kind, id_, decode_object(body))


def _bound(phone: Phone) -> Iterator[Record]:
    for tag, project, body in phone.journal.connection.execute(
        "SELECT tag, project, body FROM bound"
    ):
        yield Record(project, "tag", tag, decode_object(body))


def _printed(
    workplace: Workplace, tags: Sequence[Tag], wish: Wish, tell: Tell
) -> tuple[dict[str, object], list[int]]:
    """Draw and write the labels; return what there is to tell, and the page of each label."""
    form = _checked(wish, len(tags))
    distance_m = _distance(wish.distance)
    labels = [_label(tag) for tag in tags]
    fonts = chain(named_fonts(wish.fonts), system_fonts())
    made = datetime.fromtimestamp(workplace.clock().wall_ms // 1000, UTC)
    printing = Printing(
        form,
        chain_for(letters_of(labels), fonts),
        made,
        level=wish.level.upper(),
        distance_m=distance_m,
        skip=wish.skip,
    )
    drawn = draw_sheets(labels, printing, tell)
    # Once more: another program may have made it in meanwhile.
    _check_out(wish)
    write_file(wish.out, drawn.pdf)
    data: dict[str, object] = {
        "file": wish.out,
        "format": form.name,
        "level": printing.level,
        "count": len(labels),
        "pages": drawn.pages,
        "code_mm": round(drawn.code_mm, 2),
        "module_mm": round(drawn.module_mm, 3),
        "read_from_m": math.floor(round(drawn.read_from_m, 6) * 100) / 100,
        "fonts": [font.path or "Aileron" for font in printing.fonts],
    }
    return data, [printing.page_of(number) for number in range(len(labels))]


def _label(tag: Tag) -> Label:
    names = (tag.name, tag.name_zh) if tag.name_zh != tag.name else (tag.name,)
    return Label(label_text(tag.domain, tag.code), tag.code, names)


def _checked(wish: Wish, count: int) -> Format:
    """Return the format; raise Failure for what cannot be printed, before anything is drawn."""
    form = find_format(wish.format)
    if wish.level.upper() not in LEVELS:
        raise Failure(
            "unknown_level",
            N_("There is no error level {level} here; there are Q and H."),
            N_("H reads where more of the tag is scratched, Q from further away."),
            exit_code=USAGE,
            level=wish.level[:20],
        )
    if wish.skip >= form.per_page:
        raise Failure(
            "label_skip",
            N_("A page of {format} has {most} labels; {skip} cannot be used up."),
            N_("Count the used places from the upper left, row by row."),
            exit_code=USAGE,
            format=form.name,
            most=form.per_page,
            skip=wish.skip,
        )
    if count > LABELS_MAX:
        raise Failure(
            "too_many_labels",
            N_("These are {count} labels; one file may have {most}."),
            N_("Print one project or one building at a time."),
            count=count,
            most=LABELS_MAX,
        )
    _check_out(wish)
    return form


def _distance(text: str) -> float:
    """Return a distance in metres, 0 where none is asked for."""
    if not text:
        return 0.0
    try:
        distance_m = float(text)
    except ValueError:
        distance_m = math.nan
    if not 0 < distance_m <= DISTANCE_M_MAX:
        raise Failure(
            "bad_distance",
            N_("{value} is no distance: a number of metres up to {most} is wanted."),
            N_("Half a metre: --distance 0.5"),
            exit_code=USAGE,
            value=text[:40],
            most=f"{DISTANCE_M_MAX:g}",
        )
    return distance_m


def _check_out(wish: Wish) -> None:
    if not wish.overwrite:
        hint = N_("Name another file with --out, or write over it with --overwrite.")
        check_free(wish.out, hint)
