"""Which of a site book's tags are to be printed, and what stands on each."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from radar_core.book_records import Record
from radar_core.failures import Failure, N_
from radar_core.tags import code_of_label, parse_code

LIFE_ENDED = ("retired", "replaced")
_DIGITS = 9
KINDS = frozenset({"district", "project", "place", "asset", "tag"})
"""The kinds of records that are looked at."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag as it is printed: its code, the domain of its district, where it belongs."""

    code: str
    domain: str
    project: str
    place: str = ""
    asset: str = ""
    name: str = ""
    name_zh: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class TagList:
    """The tags to print in the order of a walk; how many of those asked for are not, and why.

    `foreign` are other makers' codes, `blank` stand for nothing yet, `ended` are retired or
    replaced.
    """

    tags: tuple[Tag, ...]
    foreign: int
    blank: int
    ended: int


@dataclass(slots=True)
class _Book:
    places: dict[str, Record] = field(default_factory=dict[str, Record])
    assets: dict[str, Record] = field(default_factory=dict[str, Record])
    tags: dict[str, Record] = field(default_factory=dict[str, Record])
    projects: set[str] = field(default_factory=set[str])
    domains: dict[str, str] = field(default_factory=dict[str, str])

    def take(self, record: Record) -> None:
        match record.kind:
            case "place":
                self.places[record.id] = record
            case "asset":
                self.assets[record.id] = record
            case "tag":
                self.tags[record.id] = record
            case "project":
                self.projects.add(record.id)
            case "district":
                self.domains[record.project] = str(record.body.get("domain") or "")
            case _:
                pass

    def place_of(self, tag: Record) -> str:
        """Return the id of the place where a tag is, on an asset or not; "" for a blank one."""
        asset = self.assets.get(_text(tag, "asset"))
        return _text(tag if asset is None else asset, "place")

    def within(self, place: str, whole: str) -> bool:
        """Tell whether a place is another one or a part of it."""
        seen: set[str] = set()
        while place and place != whole and place not in seen:
            seen.add(place)
            record = self.places.get(place)
            place = _text(record, "parent") if record is not None else ""
        return place == whole


def tags_to_print(
    records: Iterable[Record], things: Sequence[str] = (), project: str = ""
) -> TagList:
    """Return the tags of things, of a project, or of the whole book, at least one.

    A thing is a code, or the id of an asset or of a place; a place stands for all that is in it. A
    blank tag is printed where its code is named. Raises Failure for what the book does not know,
    and where nothing is left to print.
    """
    book = _Book()
    for record in records:
        book.take(record)
    if project and project not in book.projects:
        raise _unknown(project)
    asked = {thing: _asked_for(book, thing) for thing in dict.fromkeys(things)}
    wanted = set().union(*asked.values()) if things else set(book.tags)
    named = {code for thing in things if (code := code_of_label(_bare(thing, "tag")))}
    chosen = [book.tags[id_] for id_ in sorted(wanted)]
    chosen = [tag for tag in chosen if project in ("", tag.project)]
    ours = [tag for tag in chosen if parse_code(tag.id) == tag.id]
    living = [tag for tag in ours if tag.body.get("state") not in LIFE_ENDED]
    bound = [tag for tag in living if book.place_of(tag) or tag.id in named]
    if not bound:
        raise _nothing(next(iter(things), project), foreign=len(chosen) - len(ours))
    tags = sorted((_tag(book, tag) for tag in bound), key=_walk)
    return TagList(
        tuple(tags), len(chosen) - len(ours), len(living) - len(bound), len(ours) - len(living)
    )


def _walk(tag: Tag) -> tuple[str, str, str, str]:
    return tag.project, _counted(tag.path), _counted(tag.name), tag.code


def _counted(text: str) -> str:
    """Return a text to sort by, in which floor 2 comes before floor 10."""
    return re.sub("[0-9]+", lambda number: number[0].zfill(_DIGITS), text)


def _bare(thing: str, kind: str) -> str:
    return thing.removeprefix(f"{kind}:")


def _asked_for(book: _Book, thing: str) -> set[str]:
    """Return the ids of the tags that a word stands for."""
    text = _bare(thing, "tag")
    for id_ in (text, code_of_label(text) or ""):
        if id_ in book.tags:
            return {id_}
    asset, place = _bare(thing, "asset"), _bare(thing, "place")
    if asset in book.assets:
        return {id_ for id_, tag in book.tags.items() if _text(tag, "asset") == asset}
    if place in book.places:
        return {id_ for id_, tag in book.tags.items() if book.within(book.place_of(tag), place)}
    raise _unknown(thing)


def _unknown(thing: str) -> Failure:
    return Failure(
        "unknown_thing",
        N_("The site book knows nothing called {thing}."),
        N_("Name a code, the id of a place or an asset, or --project PROJECT."),
        thing=thing[:80],
    )


def _nothing(thing: str, *, foreign: int) -> Failure:
    message = N_("There is no tag to print in the site book.")
    if thing:
        message = N_("There is no tag to print for {thing}.")
    if foreign:
        message = N_("Only other makers' codes are there, and those are not printed.")
    hint = N_("New ones: radar label new --domain DOMAIN; then: radar bind CODE THING")
    return Failure("no_tags", message, hint, thing=thing[:80])


def _tag(book: _Book, record: Record) -> Tag:
    domain = book.domains.get(record.project, "")
    if not domain:
        raise Failure(
            "no_domain",
            N_("The domain that the labels of {project} carry is not known here."),
            N_("When there is signal: radar sync"),
            project=record.project,
        )
    place = book.place_of(record)
    on = book.assets.get(_text(record, "asset")) or book.places.get(place)
    where = book.places.get(place)
    return Tag(
        record.id,
        domain,
        record.project,
        place=place,
        asset=_text(record, "asset"),
        name=_text(on, "name") if on is not None else "",
        name_zh=_text(on, "name_zh") if on is not None else "",
        path=_text(where, "path") if where is not None else "",
    )


def _text(record: Record, name: str) -> str:
    value = record.body.get(name)
    return value if isinstance(value, str) else ""
