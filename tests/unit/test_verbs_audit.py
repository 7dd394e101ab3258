"""`radar admin audit` as it is typed: what an administrator does is there, and nothing secret."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from radar_core.failures import DONE, FAILED, USAGE
from radar_server.admin import opened
from radar_server.database import writing
from radar_server.tables import SCHEMA
from tests.command_line import CommandLine, Said
from tests.contract.centre_parts import import_records, new_device, site_book
from tests.e2e.world import TINY_BOOK, write_book

KEYS = {"entries", "more", "head", "verified"}
ENTRY_KEYS = {"seq", "at", "act", "by", "user", "details", "hash"}


class Office:
    """A new centre's office: its folder, and a command line without a phone."""

    def __init__(self, radar: CommandLine, home: Path) -> None:
        self._radar, self.home = radar, home
        self("admin", "init")

    def __call__(self, *words: str) -> Said:
        return self._radar(*words, RADAR_CENTRE_HOME=str(self.home))

    def acts(self) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = self("admin", "audit", "--json").data["entries"]
        return rows

    def change(self, sql: str) -> None:
        with opened(str(self.home), "") as centre, writing(centre.engine) as connection:
            connection.execute(text(sql))


@pytest.fixture
def office(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Office:
    return Office(CommandLine(capfd, tmp_path / "phone"), tmp_path / "centre")


def test_the_log_begins_with_the_centre_and_its_keys_are_pinned(office: Office) -> None:
    office("admin", "init")
    data = office("admin", "audit", "--json").data
    assert data.keys() == KEYS
    (entry,) = data["entries"]
    assert entry.keys() == ENTRY_KEYS
    assert (entry["act"], entry["details"]) == ("init", {"name": "RADAR", "schema": SCHEMA})
    assert data["head"] == f"1:{entry['hash']}"
    assert (data["more"], data["verified"]) == (0, None)


def test_books_codes_and_phones_are_acts_and_the_code_itself_is_not_told(office: Office) -> None:
    book = write_book(office.home / "book", TINY_BOOK)
    out = office.home / "out.xlsx"
    office("admin", "import", str(book), "--dry-run")
    office("admin", "import", str(book))
    office("admin", "export", str(out))
    code = office("admin", "enrol-code", "HV-G01", "--json").data["code"]
    told = office.acts()
    assert [row["act"] for row in told] == ["init", "import", "export", "enrol-code"]
    imported, exported, offered = (row["details"] for row in told[1:])
    assert isinstance(imported, dict)
    assert imported.keys() == {"book", "sha256", "counts"}
    assert imported["counts"]["things"]["places"] == 3
    assert isinstance(exported, dict)
    assert exported["rows"]["places"] == 3
    assert isinstance(offered, dict)
    assert offered["staff"] == "HV-G01"
    assert code.replace("-", "") not in json.dumps(told).replace("-", "")


def test_the_hash_of_a_book_is_what_sha256sum_says(office: Office, tmp_path: Path) -> None:
    office("admin", "import", str(write_book(tmp_path / "book", TINY_BOOK)))
    office("admin", "export", str(tmp_path / "book.xlsx"))
    office("admin", "import", str(tmp_path / "book.xlsx"))
    import hashlib

    wanted = hashlib.sha256((tmp_path / "book.xlsx").read_bytes()).hexdigest()
    details = office.acts()[-1]["details"]
    assert isinstance(details, dict)
    assert details["sha256"] == wanted


def test_a_revocation_is_an_act_once(office: Office) -> None:
    with opened(str(office.home), "") as centre:
        import_records(centre, site_book())
        device = new_device(centre)
    office("admin", "revoke", device.id)
    office("admin", "revoke", device.id)
    acts = [(row["act"], row["details"]) for row in office.acts()]
    assert acts[1:] == [("revoke", {"device": device.id, "staff": "G1"})]


def test_the_newest_are_shown_oldest_first_and_the_rest_is_counted(office: Office) -> None:
    for _ in range(4):
        office("admin", "export", str(office.home / "out.xlsx"))
    data = office("admin", "audit", "--most", "2", "--json").data
    assert [row["seq"] for row in data["entries"]] == [4, 5]
    assert data["more"] == 3
    lines = office("admin", "audit", "--most", "2").out.splitlines()
    assert lines[0] == "… and 3 older ones."
    assert lines[1].startswith("4  ")
    assert "export" in lines[1]
    assert lines[-1].endswith(data["head"])


def test_a_log_that_fits_is_told_and_one_that_was_changed_is_too(office: Office) -> None:
    office("admin", "export", str(office.home / "out.xlsx"))
    head = office("admin", "audit", "--json").data["head"]
    assert office("admin", "audit", "--verify", "--json").data["verified"] == 2
    assert "✓ All 2 entries of the audit log fit." in office("admin", "audit", "--head", head).out
    office.change("UPDATE audit SET line = replace(line, 'RADAR', 'OTHER') WHERE seq = 1")
    assert office("admin", "audit").code == DONE
    said = office("admin", "audit", "--verify", "--json")
    assert (said.error["code"], said.code) == ("audit_broken", FAILED)
    assert said.error["flaws"] == [{"about": "audit.1", "problem": "changed"}]
    assert "audit.1：" in office("admin", "audit", "--verify", "--lang", "zh").err
    said = office("log", "--verify", "--centre", "--json")
    assert said.error["flaws"] == [{"about": "audit.1", "problem": "changed"}]


def test_what_was_cut_off_is_found_by_an_older_end(office: Office) -> None:
    office("admin", "export", str(office.home / "out.xlsx"))
    head = office("admin", "audit", "--json").data["head"]
    office.change("DELETE FROM audit WHERE seq = 2")
    assert office("admin", "audit", "--verify").code == DONE
    said = office("admin", "audit", "--head", head, "--json")
    assert said.error["flaws"] == [{"about": "audit.2", "problem": "missing"}]
    said = office("admin", "audit", "--head", "nonsense", "--json")
    assert (said.error["code"], said.code) == ("bad_head", USAGE)


def test_the_log_is_a_table_without_formulas(office: Office) -> None:
    office("admin", "init", "--home", str(office.home / "other"), "--name", "=1+1")
    said = office("admin", "audit", "--csv", "-", "--home", str(office.home / "other"))
    header, row = said.out.splitlines()
    assert header == "seq,at,act,by,user,details,hash"
    assert row.startswith("1,")
    assert '""=1+1""' in row
