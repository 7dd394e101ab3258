"""A site book is read from a workbook or a folder of CSV files, whatever was done to it there."""

import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from radar_core.book import Row, Sheet
from radar_core.book_forms import FORMS
from radar_core.failures import FAILED, Failure
from radar_server import book_files
from radar_server.book_files import read_book_file, write_book_file
from tests.house import ROOT

TEXTS = (
    "=1+1",
    " =1+1",
    "\uff1d1+1",
    "+86 138",
    "-x",
    "@home",
    "'=quoted",
    "'",
    "-5",
    "007",
    "1e5",
    "中文",
    'a"b,c;d',
    "x",
)
PAGE = Sheet("staff", tuple(f"h{n}" for n in range(len(TEXTS))), (Row(2, TEXTS),))
DAY = datetime.fromisoformat("2026-02-17")
OTHER = Sheet("tags", ("code", "state"), (Row(2, ("2000000000008", "")), Row(3, ("", "blank"))))


@pytest.fixture(params=["book.xlsx", "book"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / str(request.param)


def workbook(path: Path, *rows: tuple[object, ...], name: str = "staff") -> Path:
    book = Workbook()
    page = book.worksheets[0]
    page.title = name
    for row in rows:
        page.append(list(row))
    book.save(path)
    return path


def folder(path: Path, content: bytes, name: str = "staff.csv") -> Path:
    path.mkdir(exist_ok=True)
    (path / name).write_bytes(content)
    return path


def failure(path: Path) -> Failure:
    with pytest.raises(Failure) as caught:
        read_book_file(path)
    assert caught.value.exit_code == FAILED
    assert caught.value.hint
    assert str(path.name) in str(caught.value)
    return caught.value


def test_what_is_written_is_read_again_to_the_letter(target: Path) -> None:
    write_book_file(target, [PAGE, OTHER])

    assert read_book_file(target) == [PAGE, OTHER]


def test_a_book_is_readable_by_its_owner_alone_and_leaves_nothing_beside_it(target: Path) -> None:
    write_book_file(target, [PAGE])
    write_book_file(target, [PAGE])

    files = [file for file in target.parent.rglob("*") if file.is_file()]
    assert [file.name for file in files] == ["book.xlsx" if target.suffix else "staff.csv"]
    assert files[0].stat().st_mode & 0o777 == 0o600


def test_a_text_that_looks_like_a_formula_is_text_in_the_workbook(tmp_path: Path) -> None:
    write_book_file(tmp_path / "book.xlsx", [PAGE])
    page = load_workbook(tmp_path / "book.xlsx")["staff"]

    assert [cell.data_type for cell in page[2]] == ["s"] * len(TEXTS)
    assert [cell.value for cell in page[2]] == list(TEXTS)
    assert page.freeze_panes == "A2"
    assert page.column_dimensions["A"].number_format == "@"


def test_a_text_that_looks_like_a_formula_is_guarded_in_csv(tmp_path: Path) -> None:
    write_book_file(tmp_path, [PAGE])

    line = (tmp_path / "staff.csv").read_text("utf-8-sig").splitlines()[1]
    assert line.startswith("'=1+1,' =1+1,'\uff1d1+1,'+86 138,'-x,'@home,''=quoted,',-5,007")


def test_csv_is_written_so_that_spreadsheets_read_its_chinese(tmp_path: Path) -> None:
    write_book_file(tmp_path, [PAGE])

    assert (tmp_path / "staff.csv").read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_csv_is_read_with_and_without_a_byte_order_mark(tmp_path: Path, mark: bytes) -> None:
    path = folder(tmp_path / "book", mark + "id,name\r\nG,王\r\n".encode())

    assert read_book_file(path) == [Sheet("staff", ("id", "name"), (Row(2, ("G", "王")),))]


def test_rows_are_numbered_as_the_spreadsheet_shows_them(tmp_path: Path) -> None:
    path = folder(tmp_path / "book", b'id,name\n\n,\nG,"two\nlines"\nH,x,,\n')

    (page,) = read_book_file(path)

    assert page.rows == (Row(4, ("G", "two\nlines")), Row(5, ("H", "x")))


def test_what_a_spreadsheet_made_of_text_becomes_text_again(tmp_path: Path) -> None:
    cells: dict[object, str] = {
        101.0: "101",
        0.1 + 0.2: "0.3",
        0.00001: "0.00001",
        -2.5: "-2.5",
        6901234567892: "6901234567892",
        6901234567890123456: "6.90123456789012E+18",
        True: "TRUE",
        DAY + timedelta(hours=22): "2026-02-17 22:00:00",
        DAY + timedelta(hours=22, microseconds=-100): "2026-02-17 22:00:00",
        DAY: "2026-02-17",
        date(2026, 2, 18): "2026-02-18",
        time(22, 0): "22:00:00",
        "#N/A": "#N/A",
        "  spaces": "  spaces",
    }
    path = workbook(tmp_path / "book.xlsx", tuple(cells), tuple(cells))

    (page,) = read_book_file(path)

    assert list(page.header) == list(cells.values())
    assert list(page.rows[0].cells) == list(cells.values())


def test_a_formula_counts_by_what_it_came_to(tmp_path: Path) -> None:
    """openpyxl works out no formula, so the value that a spreadsheet leaves is put in by hand."""
    path = workbook(tmp_path / "book.xlsx", ("id",), ("=1+1",))
    rewrite(path, "xl/worksheets/sheet1.xml", b"<v></v>", b"<v>2</v>", b"<v />", b"<v>2</v>")

    assert read_book_file(path)[0].rows == (Row(2, ("2",)),)


def test_empty_rows_and_columns_at_the_end_are_passed_over(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "book.xlsx", ("id", "name", None, " "), ("G", "Li", None, ""), (), ()
    )

    assert read_book_file(path) == [Sheet("staff", ("id", "name"), (Row(2, ("G", "Li")),))]


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    path = folder(tmp_path / "book", b"id\nG\n")
    folder(path, b"\xff", "notes.txt")
    folder(path, b"\xff", ".~lock.staff.csv")
    (path / "old.csv").mkdir()

    assert [page.name for page in read_book_file(path)] == ["staff"]


def rewrite(path: Path, member: str, *changes: bytes) -> None:
    """Replace bytes in one part of a workbook: before, after, before, after …"""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for before, after in zip(changes[::2], changes[1::2], strict=True):
        parts[member] = parts[member].replace(before, after)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def test_a_missing_file_is_a_failure(tmp_path: Path) -> None:
    assert failure(tmp_path / "nowhere.xlsx").code == "book_missing"


def test_an_empty_file_and_a_folder_without_csv_are_failures(tmp_path: Path) -> None:
    (tmp_path / "empty.xlsx").touch()
    (tmp_path / "folder").mkdir()

    assert failure(tmp_path / "empty.xlsx").code == "book_empty"
    assert failure(tmp_path / "folder").code == "book_empty"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"hello", "book_not_workbook"),
        (b"PK\x03\x04 and then nothing", "book_broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "book_old"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "book_protected",
        ),
    ],
)
def test_what_is_no_workbook_is_told_apart(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "book.xlsx").write_bytes(content)

    assert failure(tmp_path / "book.xlsx").code == code


def test_another_kind_of_zip_is_no_workbook(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w") as archive:
        archive.writestr("word/document.xml", "<x/>")

    assert failure(tmp_path / "book.xlsx").code == "book_not_workbook"


def test_one_csv_alone_is_told_to_give_the_folder(tmp_path: Path) -> None:
    folder(tmp_path, b"id\nG\n")

    assert failure(tmp_path / "staff.csv").code == "book_one_sheet"


def test_a_truncated_workbook_is_damaged(tmp_path: Path) -> None:
    path = workbook(tmp_path / "book.xlsx", ("id",), ("G",))
    whole = path.read_bytes()

    for size in range(10, len(whole), 97):
        path.write_bytes(whole[:size])
        assert failure(path).code == "book_broken"


def test_a_part_that_is_not_xml_is_damage(tmp_path: Path) -> None:
    path = workbook(tmp_path / "book.xlsx", ("id",), ("G",))
    rewrite(path, "xl/worksheets/sheet1.xml", b"</row>", b"<row>")

    assert failure(path).code == "book_broken"


def test_entities_that_multiply_are_damage(tmp_path: Path) -> None:
    path = workbook(tmp_path / "book.xlsx", ("id",), ("G",))
    bomb = b'<!DOCTYPE x [<!ENTITY a0 "' + b"x" * 100 + b'">'
    for level in range(9):
        bomb += b'<!ENTITY a%d "' % (level + 1) + b"&a%d;" % level * 20 + b'">'
    sheet = bomb + b"]><worksheet"
    rewrite(
        path,
        "xl/worksheets/sheet1.xml",
        b"<worksheet",
        sheet,
        b"<sheetData>",
        b"<x>&a9;</x><sheetData>",
    )

    assert failure(path).code == "book_broken"


def test_a_workbook_that_unpacks_to_too_much_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(tmp_path / "book.xlsx", ("id",), ("G",))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/big", b"\0" * 2**20)
    monkeypatch.setattr(book_files, "UNPACKED_BYTES_MAX", 2**20)

    assert failure(path).code == "book_too_large"


def test_a_file_that_is_too_large_is_not_read(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_book_file(target, [PAGE])
    monkeypatch.setattr(book_files, "FILE_BYTES_MAX", 10)

    with pytest.raises(Failure) as caught:
        read_book_file(target)

    assert caught.value.code == "book_too_large"


def test_a_sheet_may_not_be_too_long_or_too_wide(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_book_file(target, [Sheet("staff", ("id",), tuple(Row(n, ("x",)) for n in range(2, 9)))])
    monkeypatch.setattr(book_files, "ROWS_MAX", 7)
    assert len(read_book_file(target)[0].rows) == 7

    monkeypatch.setattr(book_files, "ROWS_MAX", 6)
    with pytest.raises(Failure) as caught:
        read_book_file(target)
    assert caught.value.code == "book_too_large"

    write_book_file(target, [Sheet("staff", tuple("x" * 101), ())])
    with pytest.raises(Failure) as caught:
        read_book_file(target)
    assert caught.value.code == "book_too_large"


def test_a_row_number_beyond_all_spreadsheets_does_not_keep_us_for_ever(tmp_path: Path) -> None:
    path = workbook(tmp_path / "book.xlsx", ("id",), ("G",), ("H",))
    rewrite(path, "xl/worksheets/sheet1.xml", b'<row r="3"', b'<row r="99999999999999"')

    assert failure(path).code == "book_too_large"


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-16-le", "utf-32", "big5"])
def test_csv_in_another_encoding_is_a_failure_that_says_how_to_save_it(
    tmp_path: Path, encoding: str
) -> None:
    path = folder(tmp_path, "calendar,name,date\nCN,春節,2027-02-06\n".encode(encoding))

    with pytest.raises(Failure) as caught:
        read_book_file(path)

    assert caught.value.code == "book_not_utf8"
    assert "CSV UTF-8" in caught.value.hint


@pytest.mark.parametrize("separator", [";", "\t"])
def test_csv_with_other_separators_is_a_failure(tmp_path: Path, separator: str) -> None:
    path = folder(tmp_path, f"id{separator}name\nG{separator}Li\n".encode())

    with pytest.raises(Failure) as caught:
        read_book_file(path)

    assert caught.value.code == "book_separator"


def test_csv_with_an_open_quotation_is_a_failure_with_its_line(tmp_path: Path) -> None:
    path = folder(tmp_path, b'id,name\nG,"Li\n')

    with pytest.raises(Failure) as caught:
        read_book_file(path)

    assert caught.value.code == "book_broken"
    assert "line 2" in str(caught.value)


def test_a_book_that_cannot_be_written_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    for path in (tmp_path / "file" / "book.xlsx", tmp_path / "file"):
        with pytest.raises(Failure) as caught:
            write_book_file(path, [PAGE])
        assert caught.value.code == "book_unwritable"
        assert caught.value.exit_code == FAILED


def test_the_format_of_each_sheet_is_documented() -> None:
    text = (ROOT / "docs" / "site-book.md").read_text(encoding="utf-8")
    for form in FORMS:
        section = text.partition(f"### {form.name}\n")[2].partition("\n### ")[0]
        named = [column.name for column in form.columns if f"`{column.name}`" in section]
        assert named == [column.name for column in form.columns], form.name


def test_a_workbook_of_another_program_is_read_too(tmp_path: Path) -> None:
    """Not every program writes coordinates."""
    path = workbook(tmp_path / "book.xlsx", ("id", "name"), ("G", "Li"))
    rewrite(path, "xl/worksheets/sheet1.xml", b' r="A2"', b"", b' r="B2"', b"", b' r="2"', b"")

    assert read_book_file(path)[0].rows == (Row(2, ("G", "Li")),)
