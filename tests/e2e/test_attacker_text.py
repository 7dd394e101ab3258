"""What an attacker writes into each field of text comes out harmless, whichever way it leaves."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pypdfium2
import pytest
from openpyxl import load_workbook

from radar_cli.spreadsheets import FORMULA
from tests.e2e.attackers import WatchedCentre, say_raw, watched
from tests.e2e.world import TINY_BOOK, Prepared, Said, held, journal, reading, run, say, write_book
from tests.property.test_icalendar import parsed, unescaped

SQL = "'); DROP TABLE action;--"
TEMPLATE = "{{7*7}} %s%n {0} {name} ${x} #{7*7}"
HTML = "<script>alert(1)</script>"
FORMULAS = ['=HYPERLINK("http://x","y")', "+1+1", "-2+3", "@SUM(1)", "=cmd|' /C calc'!A0", "＝1+1"]  # noqa: RUF001 - wide on purpose
STEERING = (
    "\x1b[2J\x1b[31m\x1b]8;;http://x\x07\x1b]52;c;cm0gLXJm\x1b\\\x9b31m\x9d0;x\x9c\x07\x08\x7f"
    "\u202egnp\u2066\u200b\ufeff\u2028\U000e0041\U000e007f"
)
LINES = "\r\nEND:VEVENT\r\nX-EVIL: y\r\rHTTP/1.1 200 OK\r\n2026-11-26T21:40:00Z refused forged\n"
KEPT = "王伟 e\u0301 👩🏽\u200d🔧"
WRITTEN = f"=1+1 {SQL} {TEMPLATE} {HTML} {STEERING}{LINES}{KEPT}"
RECORDED = 5
HIDDEN_IN_BOOK = "\u200b\U000e0041"
"""What a book may hold: controls and what turns text are refused there."""


def named(what: str) -> str:
    """Return a name for the book."""
    return f"{what} {SQL} {{{{7*7}}}} %s {{0}} ${{x}} <b>{HIDDEN_IN_BOOK} {KEPT}"


def _hostile_book() -> dict[str, list[dict[str, str]]]:
    book = {name: [dict(row) for row in rows] for name, rows in TINY_BOOK.items()}
    texts = iter(FORMULAS * 9)
    for name, column in (
        ("districts", "name"),
        ("projects", "name"),
        ("places", "name"),
        ("assets", "name"),
        ("staff", "name"),
        ("checklists", "title"),
        ("routes", "name"),
        ("schedules", "title"),
    ):
        for row in book[name]:
            if column in row:
                row[column] = named(next(texts))
    return book


@dataclass(frozen=True, slots=True)
class Attacked:
    """A centre, a guard's phone and a manager's, full of such text."""

    centre: WatchedCentre
    guard: Path
    manager: Path
    lines: list[tuple[str, int, str]]

    def admin(self, *words: str) -> Said:
        return say(self.manager, "admin", *words, RADAR_CENTRE_HOME=str(self.centre.home))


@pytest.fixture(scope="module")
def attacked(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    folder = tmp_path_factory.mktemp("text")
    centre = watched(prepared.folder / "centre", folder / "centre", prepared.port)
    centre.admin("import", str(write_book(folder / "book", _hostile_book())))
    centre.start()
    guard, manager = prepared.phone(folder / "guard"), folder / "manager"
    centre.enrol(manager, "HV-M01")
    run(guard, "sync")
    run(guard, "note", "DESK", WRITTEN)
    run(guard, "report", "GEN1", WRITTEN)
    run(guard, "report", "DESK", KEPT, "--category", "supplies")
    run(guard, "start", "ROUND")
    run(guard, "end", "ROUND", WRITTEN)
    run(guard, "sync")
    run(manager, "sync")
    lines = journal(guard)
    centre.admin("revoke", run(guard, "status").data["device"])
    run(guard, "note", "YARD", WRITTEN)
    assert run(guard, "sync").code == 6
    run(manager, "sync")
    yield Attacked(centre, guard, manager, lines)
    centre.stop()


def harmless(text: str) -> None:
    """Fail where a text would steer a terminal, or lost what people write."""
    wrong = {c for c in text if not (c.isprintable() or c in "\n\t\u3000\u200d")}
    assert not wrong, text


SHOWN = [
    ["tasks"],
    ["tasks", "ROUND"],
    ["status"],
    ["log"],
    ["query", "DESK"],
    ["query", "GEN1"],
    ["query", "HV-G01"],
    ["query", "repair:GEN1:1"],
    ["query", "DESK", "--centre"],
    ["query", "GEN1", "--centre"],
    ["query", "HV-G01", "--centre"],
    ["board"],
    ["board", "HV"],
    ["board", "--month", f"{datetime.now(UTC):%Y-%m}"],
    ["scan", WRITTEN.strip()],
    ["query", WRITTEN],
    ["note", WRITTEN, WRITTEN],
    ["start", WRITTEN],
    ["board", WRITTEN],
    ["report", WRITTEN, "x"],
    ["tasks", "--ical", f"/nowhere/{STEERING}"],
    [WRITTEN],
]


@pytest.mark.parametrize("words", SHOWN, ids=lambda words: " ".join(words)[:20].strip())
def test_on_a_terminal_and_in_json_nothing_steers(attacked: Attacked, words: list[str]) -> None:
    told = say(attacked.manager, *words)
    harmless(told.stdout)
    harmless(told.stderr)
    shown = (told.stdout + told.stderr).splitlines()
    assert not [line for line in shown if line.startswith(("X-EVIL", "END:VEVENT", "HTTP/"))]
    script = say(attacked.manager, *words, "--json")
    harmless(script.stderr)
    assert script.stdout[:-1].isprintable()
    assert json.loads(script.stdout)["format"] == 1
    assert script.code == told.code


def test_scripts_get_the_text_to_the_letter_and_it_is_kept_so(attacked: Attacked) -> None:
    history = run(attacked.manager, "query", "DESK", "--centre").data["history"]
    assert WRITTEN in [one.get("text") for one in history]
    with reading(attacked.centre.home / "centre.db") as database:
        kept = set(database.execute("SELECT epoch, seq, line FROM action"))
    assert len(attacked.lines) == len({*attacked.lines} & kept) == RECORDED


def test_what_people_write_is_still_read(attacked: Attacked) -> None:
    assert KEPT in say(attacked.manager, "query", "DESK").stdout
    assert KEPT in say(attacked.manager, "board").stdout


@pytest.mark.parametrize(
    "words", [["board"], ["tasks"], ["query", "DESK"], ["query", "GEN1", "--centre"]], ids=" ".join
)
def test_no_cell_of_a_table_is_a_formula(
    attacked: Attacked, tmp_path: Path, words: list[str]
) -> None:
    shown = say(attacked.manager, *words, "--csv", "-")
    harmless(shown.stdout.replace("\r\n", "\n"))
    run(attacked.manager, *words, "--csv", str(tmp_path / "table.csv"))
    rows = list(csv.reader(io.StringIO(shown.stdout, newline=""), strict=True))
    assert len({len(row) for row in rows}) == 1
    assert len(rows) > 1
    for cell in (cell for row in rows for cell in row):
        numeric = cell.lstrip("-").replace(".", "", 1).isdigit()
        assert numeric or not cell.lstrip().startswith(FORMULA), cell
    table = (tmp_path / "table.csv").read_bytes().decode()
    assert table.splitlines()[0] == shown.stdout.splitlines()[0]


@pytest.mark.parametrize("name", ["out.xlsx", "out"])
def test_a_book_goes_out_without_a_formula_and_comes_back_the_same(
    attacked: Attacked, tmp_path: Path, name: str
) -> None:
    out = tmp_path / name
    assert attacked.admin("export", str(out)).code == 0
    if out.is_dir():
        for file in out.iterdir():
            for row in csv.reader(io.StringIO(file.read_text("utf-8-sig"), newline="")):
                assert not [one for one in row if one.startswith(FORMULA) and one != "-5"], row
    else:
        for page in load_workbook(out):
            kinds = {(cell.data_type, cell.value is None) for row in page for cell in row}
            assert kinds <= {("s", False), ("n", True)}
    told = attacked.admin("import", str(out))
    assert "added 0, changed 0, removed 0" in told.stdout


def test_a_calendar_has_an_event_for_each_task_and_no_line_of_his(
    attacked: Attacked, tmp_path: Path
) -> None:
    out = tmp_path / "tasks.ics"
    told = run(attacked.manager, "tasks", "--ical", str(out), "--project", "HV")
    _, events = parsed(out.read_bytes().decode())
    assert len(events) == told.data["tasks"] > 1
    assert all("X-EVIL" not in event for event in events)
    assert any(KEPT in unescaped(event["SUMMARY"]) for event in events)
    assert all(c.isprintable() or c in "\r\n\t\u200d" for c in out.read_bytes().decode())


def test_print_is_plain_or_says_which_letter_is_missing(attacked: Attacked, tmp_path: Path) -> None:
    month = f"{datetime.now(UTC):%Y-%m}"
    book = str(write_book(tmp_path / "book", _hostile_book()))
    for name, words in (
        ("month", ["board", "--month", month, "--pdf"]),
        ("labels", ["label", "sheet", "--book", book, "--out"]),
    ):
        out = tmp_path / f"{name}.pdf"
        told = say(attacked.manager, *words, str(out))
        harmless(told.stderr + told.stdout)
        if told.code:
            assert len(told.stderr.splitlines()) == 2
            continue
        assert b"/JavaScript" not in out.read_bytes()
        for page in pypdfium2.PdfDocument(out):
            assert "\x1b" not in page.get_textpage().get_text_bounded()


def test_what_the_administrator_sees_is_harmless(attacked: Attacked, tmp_path: Path) -> None:
    out = str(tmp_path / "person")
    for words in (
        ("quarantine", "list"),
        ("quarantine", "list", "--all", "--json"),
        ("quarantine", "reject", WRITTEN, "--by", "HV-M01"),
        ("quarantine", "reject", "E1.1", "--by", WRITTEN, "--note", WRITTEN),
        ("person", "HV-G01", "--out", out, "--by", WRITTEN),
        ("person", WRITTEN, "--out", f"{out}2"),
        ("revoke", WRITTEN),
        ("enrol-code", WRITTEN),
        ("badge", WRITTEN),
        ("import", f"/nowhere/{STEERING}"),
        ("audit",),
        ("audit", "--json"),
        ("audit", "--csv", "-"),
    ):
        told = attacked.admin(*words)
        harmless(told.stdout.replace("\r\n", "\n"))
        harmless(told.stderr)
    assert "revoked" in attacked.admin("quarantine", "list", "--json").stdout
    rows = csv.reader(io.StringIO((tmp_path / "person/actions.csv").read_text("utf-8-sig")))
    for row in rows:
        assert not [one for one in row if one.lstrip().startswith(FORMULA)], row
    whole = (tmp_path / "person/actions.jsonl").read_text("utf-8").split("\n")[:-1]
    assert WRITTEN in [json.loads(line)["action"]["body"].get("text") for line in whole]


def test_problems_and_the_log_spell_out_what_a_stranger_says(attacked: Attacked) -> None:
    centre = attacked.centre
    odd = "D%1b%5b2J%0d%0aX-EVIL:%20y%e2%80%ae{{7*7}}"
    for path in (
        f"/v1/{odd}",
        f"/v1/blobs/{odd}",
        f"/v1/query?thing={odd}",
        f"/v1/board?scope={odd}",
    ):
        told = httpx.get(
            centre.url + path,
            headers={b"Radar-Device": b"D\x9b2J'--{{7*7}}"},
        )
        assert told.status_code >= 400
        assert "x-evil" not in told.headers
        harmless(told.text)
        assert "49" not in told.json().get("detail", "")
    say_raw(centre.port, b"G\x1b[2JET /\x9b HTTP/1.1\r\nHost: x\r\n\r\n")
    say_raw(centre.port, b"GET /v1/board HTTP/1.1\r\nHost: x\r\nRadar-Device: \x1b[2J\x9b\r\n\r\n")
    assert centre.told("refused")
    harmless(centre.log)
    assert "forged" not in centre.log
    assert len(held(centre)) >= 5, "no table was dropped"
