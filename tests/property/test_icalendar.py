"""What an iCalendar file says is what a reader after RFC 5545, line by line, finds in it."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from radar_core.icalendar import Event, icalendar

LAST_S = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp())
letters = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), max_size=90)
texts = letters | st.text('a;,\\\n:"语🧹é', max_size=60)
times = st.integers(0, LAST_S)
events = st.builds(
    Event,
    id=st.text("AZ09@-#:.", min_size=1, max_size=90),
    due_from=times,
    due_to=times,
    summary=texts,
    category=st.sampled_from(["patrol", "cleaning", "maintenance"]),
    location=texts,
    state=st.sampled_from(["", "planned", "done", "cancelled", "excused"]),
)


def unescaped(value: str) -> str:
    """Return a TEXT value as it was meant (section 3.3.11)."""
    said, rest = "", iter(value)
    for char in rest:
        if char != "\\":
            assert char not in ";,", value
            said += char
            continue
        escaped = next(rest)
        assert escaped in "\\;,nN", value
        said += "\n" if escaped in "nN" else escaped
    return said


def parsed(file: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Return the properties of the calendar and of each event."""
    assert file.endswith("\r\n")
    lines = file.removesuffix("\r\n").split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    assert not any(char in line for line in lines for char in "\r\n\x00")
    unfolded: list[str] = []
    for line in lines:
        if line.startswith(" "):
            unfolded[-1] += line[1:]
        else:
            unfolded.append(line)
    calendar: dict[str, str] = {}
    found: list[dict[str, str]] = []
    here: dict[str, str] = calendar
    for line in unfolded:
        name, colon, value = line.partition(":")
        assert colon, line
        if (name, value) == ("BEGIN", "VEVENT"):
            here = {}
            found.append(here)
        elif (name, value) == ("END", "VEVENT"):
            here = calendar
        elif name not in ("BEGIN", "END"):
            assert name not in here, f"{name} twice"
            here[name] = value
    assert (unfolded[0], unfolded[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    return calendar, found


def seconds(text: str) -> int:
    return int(datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp())


@given(texts, st.lists(events, max_size=4), times)
def test_a_reader_finds_what_was_written(name: str, wanted: list[Event], now_s: int) -> None:
    calendar, found = parsed(icalendar(name, wanted, now_s))

    assert calendar["VERSION"] == "2.0"
    assert unescaped(calendar["X-WR-CALNAME"]) == name
    for event, said in zip(wanted, found, strict=True):
        assert unescaped(said["UID"]) == event.id
        assert seconds(said["DTSTAMP"]) == now_s
        assert (seconds(said["DTSTART"]), seconds(said["DTEND"])) == (event.due_from, event.due_to)
        assert unescaped(said["SUMMARY"]) == event.summary
        assert unescaped(said["CATEGORIES"]) == event.category
        assert unescaped(said.get("LOCATION", "")) == event.location
        gone = event.state in ("cancelled", "excused")
        assert said["STATUS"] == ("CANCELLED" if gone else "CONFIRMED")


def test_a_hidden_character_does_not_get_into_the_file() -> None:
    event = Event(
        "T", 0, 60, "a\x1b[2J\x00b\r\n\x85\ud800c\u202e\u2028\u200b\U000e0041👩\u200d🔧", "patrol"
    )

    _, (said,) = parsed(icalendar("", [event], 0))

    assert unescaped(said["SUMMARY"]) == "a[2Jb\nc👩\u200d🔧"


def test_a_long_line_is_folded_between_characters() -> None:
    file = icalendar("", [Event("T", 0, 60, "巡" * 60, "patrol")], 0)
    (first, second, third) = (line for line in file.split("\r\n") if "巡" in line)

    assert first == "SUMMARY:" + "巡" * 22
    assert second == " " + "巡" * 24
    assert third == " " + "巡" * 14
