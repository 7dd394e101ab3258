"""Finds places and assets by what people call them, where an id is asked: a part of it will do."""

from dataclasses import dataclass

from commands.mistyped import refusal
from commands.phone import Phone
from commands.thing import find_thing
from radar_cli.one_screen.asks import Ask, Choice, Option, said
from radar_cli.one_screen.desk import Desk, title_of
from radar_core.failures import Failure
from radar_core.jsontext import decode_object
from radar_core.tags import mistyped_code

SCAN = "scan"
"""What is told instead of scanned: a place by its id."""
MOST = 9
"""So many are offered, as many as one key can choose; who has more types more of the name."""
PART_CHARS = 2
"""So many letters of a name are a part of it, and no slip of the hand."""
IN_PATH = 3
"""How near something is of which the path alone, or not the name alone, has what was typed."""


@dataclass(frozen=True, slots=True)
class Found:
    """A place or an asset as a reference, its name and where it is, in both languages."""

    ref: str
    name: dict[str, object]
    path: dict[str, object]

    @property
    def id(self) -> str:
        """The id as it stands in the book."""
        return self.ref.partition(":")[2]

    def option(self) -> Option:
        """Return it as something to choose: its name first, for a line may be cut."""
        return Option(self.ref, said("{name}  {path}", name=self.name, path=self.path))


def places(phone: Phone, text: str) -> list[Found]:
    """Return the places and assets in whose id, name or path each word of a text is.

    In either language, the nearest first, at most `MOST`: those that are called just so, else those
    in whose name it is, else those in whose path.
    """
    words = text.casefold().split()
    if not words:
        return []
    ranked: list[tuple[int, int, Found]] = []
    for found in _all(phone):
        names = [str(found.name[key]).casefold() for key in ("name", "name_zh")]
        names.append(found.id.casefold())
        paths = [str(found.path[key]).casefold() for key in ("name", "name_zh")]
        if all(any(word in one for one in (*names, *paths)) for word in words):
            ranked.append((_rank(" ".join(words), names), len(paths[0]), found))
    called = [one for one in ranked if one[0] == 0] or [one for one in ranked if one[0] < IN_PATH]
    ranked = sorted(called or ranked, key=lambda one: (one[0], one[1], one[2].ref))
    return [found for _, _, found in ranked[:MOST]]


def _rank(text: str, names: list[str]) -> int:
    if text in names:
        return 0
    if any(one.startswith(text) for one in names):
        return 1
    return 2 if any(text in one for one in names) else IN_PATH


def _all(phone: Phone) -> list[Found]:
    rows = phone.journal.connection.execute(
        "SELECT kind, id, body FROM record WHERE kind IN ('place', 'asset')"
    ).fetchall()
    bodies = {f"{kind}:{id_}": decode_object(body) for kind, id_, body in rows}
    found: list[Found] = []
    for ref, body in bodies.items():
        place = bodies.get(f"place:{body.get('place')}", {}) if ref.startswith("asset:") else body
        name = body.get("name") or ref.partition(":")[2]
        path = place.get("path") or ""
        found.append(
            Found(
                ref,
                {"name": name, "name_zh": body.get("name_zh") or name},
                {"name": path, "name_zh": place.get("path_zh") or path},
            )
        )
    return found


def told_places(phone: Phone, text: str) -> tuple[Choice, ...]:
    """Return what a text names, each to be told instead of scanned."""
    found = places(phone, text)
    return tuple(
        Choice(one.option().label, SCAN, (one.id,), default=len(found) == 1) for one in found
    )


def meant(desk: Desk, text: str) -> list[Option]:
    """Return what a text names where a place is asked: one option, or several to choose from.

    Raise Failure for a code with a slip, and for what nobody knows.
    """
    phone, text = desk.phone, text.strip()
    if phone.spot(text) is not None:
        return [Option(text, said("{name}", name=name_of(desk, text)))]
    if phone.named(text) is None and mistyped_code(text) is not None:
        raise refusal(phone, text)
    found = [one.option() for one in places(phone, text)]
    if not found:
        thing = find_thing(phone, text)
        return [Option(thing.ref, said("{name}", name=name_of(desk, thing.ref)))]
    return found


def id_of(phone: Phone, word: str) -> str:
    """Return the id of the place or asset that a tag's text or a reference names."""
    spot = phone.spot(word)
    if spot is not None:
        return spot.asset or spot.place
    kind, _, id_ = word.partition(":")
    return id_ if kind in ("place", "asset") else word


def name_of(desk: Desk, about: str) -> dict[str, object]:
    """Return how people call a task, a place, an asset or a tag, in both languages."""
    word = about.partition(":")[2] or about
    spot = desk.phone.spot(about) or desk.phone.spot(word) or desk.phone.named(word)
    if spot is not None:
        return {"name": spot.name or spot.path, "name_zh": spot.name_zh or spot.path_zh}
    try:
        return title_of(desk.phone.task(about.removeprefix("task:"))[0])
    except Failure:
        return {"name": about, "name_zh": about}


def is_number(text: str) -> bool:
    """Tell whether a text is of digits alone."""
    return text.isascii() and text.isdigit()


def answer_of(desk: Desk, ask: Ask, text: str, cursor: int) -> str | None:
    """Return what a line answers: a text, or an option by its number or name, or at the cursor.

    None for what is no answer.
    """
    options = ask.options
    if not text and options and (cursor >= 0 or ask.default):
        return options[max(0, min(cursor, len(options) - 1))].value
    if is_number(text) and 0 < int(text) <= len(options):
        return options[int(text) - 1].value
    return option_of(desk, options, text) if ask.kind == "choice" else text or None


def option_of(desk: Desk, options: tuple[Option, ...], text: str) -> str | None:
    """Return the value of the option that a text names, as it is recorded or as it is called.

    A part of what one alone is called will do, from two letters.
    """
    folded = text.casefold()
    called = [(option.value, desk.say(option.label).casefold()) for option in options]
    for value, label in called:
        if folded and folded in (value.casefold(), label):
            return value
    near = [value for value, label in called if folded in label]
    return near[0] if len(near) == 1 and len(folded) >= PART_CHARS else None
