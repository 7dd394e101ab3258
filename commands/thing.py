"""What a word on the command line names: a tag, task, place, asset, person, project of the book."""

from dataclasses import dataclass

from commands.phone import Phone
from radar_core.failures import Failure, N_
from scanners.sources import clean_code, kind_of_source

KINDS = ("asset", "place", "staff", "project")


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing of the site book: its kind, id and project, its body, and what it refers to."""

    kind: str
    id: str
    project: str
    body: dict[str, object]
    refs: dict[str, str]

    @property
    def ref(self) -> str:
        """The thing as a reference."""
        return f"{self.kind}:{self.id}"


def find_thing(phone: Phone, word: str) -> Thing:
    """Return what a word names: a tag's text or code, else an id; raise Failure `unknown_thing`."""
    spot = phone.spot(word) or phone.spot(word.removeprefix("tag:"))
    if spot is not None:
        body = phone.body("tag", spot.tag) or {}
        refs = {"tag": spot.tag, "place": spot.place, "asset": spot.asset}
        return Thing("tag", spot.tag, spot.project, body, {k: v for k, v in refs.items() if v})
    prefix, _, rest = word.partition(":")
    for kind in (prefix,) if prefix in KINDS else KINDS:
        id_ = rest if prefix == kind else word
        found = phone.record(kind, id_)
        if found is not None:
            return _record_thing(kind, id_, *found)
    try:
        task, _ = phone.task(word.removeprefix("task:"))
    except Failure as failure:
        if failure.code == "ambiguous_task":
            raise
        raise Failure(
            "unknown_thing",
            N_("This phone knows nothing called {thing}."),
            N_("Scan its tag, or list what is due: radar tasks"),
            thing=word[:80],
        ) from failure
    return Thing("task", task.id, task.project, task.body(), {"task": task.id})


def _record_thing(kind: str, id_: str, project: str, body: dict[str, object]) -> Thing:
    refs = {kind: id_} if kind in ("asset", "place") else {}
    if kind == "asset" and body.get("place"):
        refs["place"] = str(body["place"])
    return Thing(kind, id_, project, body, refs)


def read_source(source: str) -> str:
    """Return the code that a word is, or that a picture shows; raise Failure for a bad picture."""
    if kind_of_source(source) != "picture":
        return clean_code(source)
    from scanners.decode import read_picture

    return clean_code(read_picture(source)[0].text)


def names_of(phone: Phone, staff: str) -> dict[str, object]:
    """Return a person as answers name them: `staff`, `name`, `name_zh`."""
    person = phone.body("staff", staff) or {}
    name = person.get("name") or staff
    return {"staff": staff, "name": name, "name_zh": person.get("name_zh") or name}
