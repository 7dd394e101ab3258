"""`radar receipt`: the centre's word in the worker's hand, and checked on anybody's machine."""

import json
from pathlib import Path

import pytest

from commands.note import note
from commands.receipt import prove, receipts, verify_receipt
from commands.status import status
from radar_core.failures import DECIDE, DONE, USAGE, Failure
from sync.keys import KeyPair
from sync.proving import read_file
from tests.command_line import CommandLine
from tests.paper_centre import PaperCentre
from tests.phones import Handset, data_of, new_phone

RECEIPTED = 4


@pytest.fixture
def guard(tmp_path: Path, centre: PaperCentre) -> Handset:
    """Return a phone with five notes, four of them receipted, the third in quarantine."""
    phone = new_phone(tmp_path, centre, "G1")
    for number in range(1, 6):
        centre.refuse = {"note": ("out_of_scope", "Not here.")} if number == 3 else {}
        phone.world.step(60)
        note(phone.phone, "GATE", f"note {number}")
        if number <= RECEIPTED:
            phone.sync(centre.post)
    return phone


@pytest.fixture
def third(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> CommandLine:
    """Give a command line on a machine that was never enrolled anywhere."""
    return CommandLine(capfd, tmp_path / "elsewhere")


def key_of(centre: PaperCentre) -> str:
    return centre.keys.public.hex()


def file_of(guard: Handset, seq: int, path: Path) -> str:
    told = data_of(prove(guard.phone, f"ED-G1.{seq}", str(path)))
    assert told["out"] == str(path)
    return str(path)


def test_a_phone_without_a_receipt_says_so(
    tmp_path: Path, centre: PaperCentre, capfd: pytest.CaptureFixture[str]
) -> None:
    phone = new_phone(tmp_path, centre, "G2")
    assert data_of(receipts(phone.phone))["receipts"] == []
    assert data_of(status(phone.phone))["receipt"] is None
    radar = CommandLine(capfd, phone.world.home)
    out = tmp_path / "none.json"
    said = radar("receipt", "--out", str(out))
    assert (said.code, said.out.splitlines()[0]) == (DONE, "There is no receipt yet.")
    assert not out.exists()
    assert "There is no receipt yet." in radar("receipt", "--all").out


def test_the_newest_receipt_is_shown_with_the_centre_s_key_and_in_the_status(
    guard: Handset, centre: PaperCentre, capfd: pytest.CaptureFixture[str]
) -> None:
    told = data_of(receipts(guard.phone))
    assert told["centre_key"] == key_of(centre)
    assert isinstance(told["receipts"], list)
    (newest,) = told["receipts"]
    assert (newest["device"], newest["epoch"], newest["seq"]) == ("D-G1", "ED-G1", RECEIPTED)
    assert data_of(status(guard.phone))["receipt"] == newest
    radar = CommandLine(capfd, guard.world.home)
    said = radar("receipt").out
    assert f"ED-G1.{RECEIPTED}" in said
    assert key_of(centre) in said
    assert f"up to {RECEIPTED} (" in radar("status").out
    assert radar("receipt", "--json").data["receipts"] == [newest]


def test_with_all_there_is_one_for_each_epoch(guard: Handset) -> None:
    connection = guard.phone.journal.connection
    (kept,) = connection.execute("SELECT receipt FROM epoch").fetchone()
    older = json.dumps(json.loads(kept) | {"epoch": "E-OLD", "seq": 2})
    rows = [("E-OLD", 0, older), ("E-EMPTY", 7, None)]
    connection.executemany(
        "INSERT INTO epoch(name, number, genesis, receipt) VALUES (?, ?, '', ?)", rows
    )
    every = data_of(receipts(guard.phone, every=True))["receipts"]
    assert isinstance(every, list)
    assert [(one["epoch"], one["seq"]) for one in every] == [("E-OLD", 2), ("ED-G1", RECEIPTED)]
    assert data_of(receipts(guard.phone))["receipts"] == every[-1:]


@pytest.mark.parametrize("seq", range(1, RECEIPTED + 1))
def test_law_08_a_third_party_verifies_an_action_with_the_centre_s_key_alone(
    guard: Handset, centre: PaperCentre, third: CommandLine, tmp_path: Path, seq: int
) -> None:
    path = file_of(guard, seq, tmp_path / "proof.json")
    proof = read_file(Path(path).read_bytes()).proof
    assert proof is not None
    assert len(proof.lines) == RECEIPTED - seq + 1
    said = third("receipt", "--verify", path, "--key", key_of(centre), "--json")
    assert (said.code, said.data["action"]) == (DONE, f"ED-G1.{seq}")
    assert json.loads(said.data["line"])["body"]["text"] == f"note {seq}"
    shown = third("receipt", "--verify", path, "--key", key_of(centre))
    assert f"note {seq}" in shown.out
    assert not third.home.exists()


def test_without_a_key_it_holds_but_a_person_must_decide_whose_key_it_is(
    guard: Handset, third: CommandLine, tmp_path: Path
) -> None:
    path = file_of(guard, 2, tmp_path / "proof.json")
    said = third("receipt", "--verify", path)
    assert said.code == DECIDE
    assert "proves nothing by itself" in said.out
    assert third("receipt", "--verify", path, "--json").data["key_given"] is False


def test_what_does_not_hold_is_refused_with_the_part_that_is_wrong(
    guard: Handset, centre: PaperCentre, third: CommandLine, tmp_path: Path
) -> None:
    path = Path(file_of(guard, 2, tmp_path / "proof.json"))
    other = KeyPair(bytes(range(7, 39))).public.hex()
    said = third("receipt", "--verify", str(path), "--key", other, "--json")
    assert (said.code, said.error["code"]) == (1, "receipt_wrong")
    assert "not signed with that key" in said.error["message"]
    path.write_text(path.read_text().replace("note 2", "note 8"))
    said = third("receipt", "--verify", str(path), "--key", key_of(centre), "--lang", "zh")
    assert said.code == 1
    assert "ED-G1.2 的内容不是中心签过名的" in said.err


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (["--verify", "missing.json"], "file_unreadable", 1),
        (["--verify", "empty.json"], "not_a_receipt", 1),
        (["--verify", "good.json", "--key", "77"], "bad_key", USAGE),
        (["--verify", "good.json", "--all"], "usage", USAGE),
        (["--key", "00" * 32], "usage", USAGE),
        (["ED-G1.1", "--all"], "usage", USAGE),
        (["ED-G1.9"], "unknown_action", 1),
        (["ED-G1.0"], "unknown_action", 1),
        (["ED-G1.99999999999999999999"], "unknown_action", 1),
        (["nonsense"], "unknown_action", 1),
        (["ED-G1.5"], "no_receipt", 1),
        (["--out", "missing/file.json"], "out_not_writable", 1),
    ],
)
def test_each_mistake_has_its_own_code(  # noqa: PLR0917 - three are the case
    guard: Handset,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    code: str,
    exit_code: int,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.json").write_text("{}")
    file_of(guard, 1, tmp_path / "good.json")
    said = CommandLine(capfd, guard.world.home)("receipt", *words, "--json")
    assert (said.error["code"], said.code) == (code, exit_code)


def test_an_edited_log_proves_nothing(guard: Handset) -> None:
    guard.phone.journal.connection.execute(
        "UPDATE action SET line = replace(line, 'note 3', 'note 9') WHERE seq = 3"
    )
    with pytest.raises(Failure) as told:
        prove(guard.phone, "ED-G1.2")
    assert told.value.code == "chain_broken"
    with pytest.raises(Failure):
        verify_receipt("nowhere.json")
