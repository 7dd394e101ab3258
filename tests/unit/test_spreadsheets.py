"""Tables for spreadsheets: RFC 4180, and no cell that runs."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from radar_cli.output import plain
from radar_cli.spreadsheets import FORMULA, csv_text, table_of

cells = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.lists(st.tuples(cells, cells), max_size=5))
def test_a_reader_gets_back_every_cell_and_no_formula(rows: list[tuple[str, str]]) -> None:
    text = csv_text(["one", "two"], [{"one": one, "two": two} for one, two in rows])
    assert text.endswith("\r\n")
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read[0] == ["one", "two"]
    for shown, row in zip(read[1:], rows, strict=True):
        for cell, wanted in zip(shown, row, strict=True):
            assert cell.removeprefix("'") == plain(wanted, "\n\t").removeprefix("'")
            assert not cell.lstrip().startswith(FORMULA)
            assert all(char.isprintable() or char in "\n\t\u3000\u200d" for char in cell), (
                "--csv - may go to a terminal"
            )


def test_numbers_stay_numbers_and_what_is_not_there_is_empty() -> None:
    rows: list[dict[str, object]] = [{"a": -5, "b": 4.75, "c": True, "d": None}, {"a": "-5"}]
    assert csv_text("abcd", rows) == "a,b,c,d\r\n-5,4.75,true,\r\n'-5,,,\r\n"


def test_a_cell_with_commas_quotes_and_lines_is_quoted() -> None:
    assert csv_text("a", [{"a": 'x,"y"\nz'}]) == 'a\r\n"x,""y""\nz"\r\n'


def test_a_board_is_a_row_for_each_figure_exception_and_phone() -> None:
    place = {"id": "P1", "path": "HV / 1", "path_zh": "HV / 1"}
    project = {
        "id": "HV", "name": "Hv", "rounds": {"done": 2, "missed": 1}, "cleaning": {},
        "maintenance": {"open": 1}, "sla": {"breached": 1}, "as_of": {"rounds": "R", "sla": None},
        "exceptions": [{"kind": "missed", "task": "T", "title": "=1+1", "at": "A", "place": place}],
        "phones": [{"device": "D", "staff": "G1", "name": "Ann", "last_sync": None}],
        "tags": 3, "assets": 4, "quarantined": 0,
    }  # fmt: skip
    columns, rows = table_of("board", {"as_of": "N", "projects": [project]})
    text = csv_text(columns, rows).splitlines()
    assert text[1:4] == [
        "HV,rounds,done,2,R,,,,,,,", "HV,rounds,missed,1,R,,,,,,,", "HV,maintenance,open,1,,,,,,,,",
    ]  # fmt: skip
    assert text[8:] == ["HV,exception,missed,,,T,'=1+1,,A,,P1,", "HV,phone,D,,,,Ann,,,G1,,"]
