"""`radar enrol`, `sync` and `board` over real HTTP: with a centre, without, and with others."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from radar_core.failures import DECIDE, NOT_PERMITTED, OFFLINE, USAGE
from radar_core.tags import make_code, typable
from scanners.screen_code import code_picture
from sync.enrolling import PROOF_HEADER, stretch, write_invitation
from sync.keys import KeyPair
from sync.protocol import BOARD_PATH, ENROL_PATH, SYNC_PATH
from tests.command_line import CommandLine
from tests.paper_site import GOOD, JSON, PROBLEM, PaperSite, Response, serving
from tests.phones import STRANGE, code, site_centre

SYNC_KEYS = {
    "sent", "received", "unsent", "quarantined", "round_trips", "bytes_up", "bytes_down", "receipt",
    "healed", "centre_restored",
}  # fmt: skip


@pytest.fixture
def site() -> Iterator[PaperSite]:
    with serving(PaperSite(site_centre())) as site:
        yield site


@pytest.fixture
def radar(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> CommandLine:
    """Give a command line whose phone is not enrolled."""
    return CommandLine(capfd, tmp_path / "phone")


def test_a_phone_is_enrolled_once_and_has_its_site_book_at_once(
    radar: CommandLine, site: PaperSite
) -> None:
    data = radar("enrol", site.url, GOOD, "--json").data
    assert {name: data[name] for name in ("device", "staff", "centre")} == {
        "device": "D-NEW",
        "staff": "G1",
        "centre": site.url,
    }
    assert data["sync"]["received"] == len(site.centre.items["HV"])
    assert radar("query", "GATE", "--json").data["what"]["name"] == "Gate"
    assert radar.home.stat().st_mode & 0o077 == 0
    assert (radar.home / "phone.key").stat().st_mode & 0o077 == 0
    again = radar("enrol", site.url, GOOD, "--json")
    assert again.error["code"] == "enrolled_already"
    assert radar("log", "--json").data["actions"] == []


def test_sync_tells_what_it_did_with_the_centre_s_receipt(
    radar: CommandLine, site: PaperSite
) -> None:
    radar("enrol", site.url, GOOD)
    radar("scan", code("ATTIC"))
    data = radar("sync", "--json").data
    assert data.keys() >= SYNC_KEYS
    assert (data["sent"], data["received"], data["unsent"], data["round_trips"]) == (1, 0, 0, 1)
    assert data["receipt"].keys() >= {"device", "epoch", "seq", "hash", "at"}
    assert (data["receipt"]["device"], data["receipt"]["seq"]) == ("D-NEW", 1)
    assert radar("sync", "--json").data["sent"] == 0
    shown = radar("sync").out
    assert "2026-11-23" in shown


def test_sync_says_by_its_exit_code_that_a_person_must_decide(
    radar: CommandLine, site: PaperSite
) -> None:
    radar("enrol", site.url, GOOD)
    site.centre.refuse["bind_tag"] = ("bad_tag", "No.")
    radar("bind", STRANGE, "GATE")
    said = radar("sync", "--json")
    assert (said.code, said.data["quarantined"]) == (DECIDE, 1)


def test_a_wrong_code_enrols_nobody_and_the_right_one_then_does(
    radar: CommandLine, site: PaperSite
) -> None:
    said = radar("enrol", site.url, make_code(b"a bad code"), "--json")
    assert (said.code, said.error["code"]) == (NOT_PERMITTED, "code_wrong")
    assert not (radar.home / "phone.db").exists()
    key = (radar.home / "phone.key").read_bytes()
    assert radar("enrol", site.url, GOOD, "--json").data["device"] == "D-NEW"
    assert (radar.home / "phone.key").read_bytes() == key


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "nowhere",
            "ftp://centre",
            "http://",
            "http://centre:x",
            "https:///x",
            "javascript:x",
        ),
        *("https://xn--a", "https://xn--\udcff", "https://..", "https://a..b"),
        f"https://{'a' * 80}.x",
    ],
)
def test_what_is_no_address_is_told(radar: CommandLine, url: str) -> None:
    said = radar("enrol", url, GOOD, "--json")
    assert (said.code, said.error["code"]) == (USAGE, "bad_url")
    assert not radar.home.exists()


def test_a_centre_that_is_down_enrols_nobody(radar: CommandLine) -> None:
    said = radar("enrol", "http://127.0.0.1:9", GOOD, "--json")
    assert (said.code, said.error["code"]) == (OFFLINE, "unreachable")
    assert not (radar.home / "phone.db").exists()


NONSENSE: list[Response] = [
    (200, b"<html>Sign in</html>", {}),
    (200, b"", JSON),
    (200, b"[]", JSON),
    (200, b"null", JSON),
    (200, b"\xff", JSON),
    (200, b"[" * 100_000, JSON),
    (302, b"", {"Location": "http://127.0.0.1:9/login"}),
    (404, b"Not Found", {}),
    (500, b"[]", PROBLEM),
]


@pytest.mark.parametrize("response", NONSENSE, ids=lambda response: str(response)[:40])
def test_whatever_else_answers_enrols_nobody(
    radar: CommandLine, site: PaperSite, response: Response
) -> None:
    site.paths[ENROL_PATH] = lambda _: response
    said = radar("enrol", site.url, GOOD, "--json")
    assert (said.code, said.error["code"]) == (OFFLINE, "not_our_centre")
    assert not (radar.home / "phone.db").exists()


TOLD = {"device": "D1", "staff": "G1", "authority": ""}
CENTRES = {"no centre": None, "no key": {}, "no hex": {"key": "zz"}, "short": {"key": "0011"}}


@pytest.mark.parametrize("centre", CENTRES.values(), ids=CENTRES)
def test_a_proven_answer_that_says_too_little_enrols_nobody(
    radar: CommandLine, site: PaperSite, centre: dict[str, str] | None
) -> None:
    told = TOLD if centre is None else TOLD | {"centre": {"epoch": "C", **centre}}

    def answer(body: bytes) -> Response:
        public = bytes.fromhex(json.loads(body)["public_key"])
        return site.proven(json.dumps(told).encode(), stretch(GOOD), public)

    site.paths[ENROL_PATH] = answer
    said = radar("enrol", site.url, GOOD, "--json")
    assert (said.code, said.error["code"]) == (OFFLINE, "not_our_centre")
    assert not (radar.home / "phone.db").exists()


@pytest.mark.parametrize("change", ["body", "proof", "no proof"])
def test_an_answer_that_was_changed_on_its_way_enrols_nobody(
    radar: CommandLine, site: PaperSite, change: str
) -> None:
    honest = site.paths[ENROL_PATH]

    def answer(body: bytes) -> Response:
        status, raw, headers = honest(body)
        if change == "body":
            raw = raw.replace(b"G1", b"G2")
        else:
            headers |= {PROOF_HEADER: bytes(32).hex() if change == "proof" else ""}
        return status, raw, headers

    site.paths[ENROL_PATH] = answer
    said = radar("enrol", site.url, GOOD, "--json")
    assert (said.code, said.error["code"]) == (OFFLINE, "not_our_centre")
    assert "does not know the code" in said.error["message"]
    assert not (radar.home / "phone.db").exists()
    site.paths[ENROL_PATH] = honest
    assert radar("enrol", site.url, GOOD).code == 0


def test_the_code_itself_is_not_sent(radar: CommandLine, site: PaperSite) -> None:
    honest, sent = site.paths[ENROL_PATH], list[bytes]()

    def answer(body: bytes) -> Response:
        sent.append(body)
        return honest(body)

    site.paths[ENROL_PATH] = answer
    assert radar("enrol", site.url, f" {typable(GOOD).lower()} ").code == 0
    (body,) = sent
    assert GOOD not in body.decode()
    assert typable(GOOD) not in body.decode()
    assert stretch(GOOD).secret.hex() not in body.decode()


@pytest.mark.parametrize("wrong", ["", "hello", "0000-0000-001", "0" * 64, "水" * 11])
def test_a_code_that_can_be_none_is_refused_before_anything_is_sent(
    radar: CommandLine, wrong: str
) -> None:
    said = radar("enrol", "http://127.0.0.1:9", wrong, "--json")
    assert (said.code, said.error["code"]) == (USAGE, "bad_code")
    assert not radar.home.exists()


def test_a_picture_of_the_invitation_says_where_and_with_which_code(
    radar: CommandLine, site: PaperSite, tmp_path: Path
) -> None:
    picture = tmp_path / "invitation.png"
    picture.write_bytes(code_picture(write_invitation(site.url, GOOD)))
    assert radar("enrol", str(picture), "--json").data["centre"] == site.url


def test_an_invitation_is_no_tag_and_nothing_is_recorded_of_it(
    radar: CommandLine, site: PaperSite, tmp_path: Path
) -> None:
    radar("enrol", site.url, GOOD)
    text, picture = write_invitation(site.url, make_code(b"another code")), tmp_path / "code.png"
    picture.write_bytes(code_picture(text))
    for words in (("scan", text), ("scan", text.lower()), ("scan", str(picture))):
        said = radar(*words, "--json")
        assert (said.code, said.error["code"]) == (NOT_PERMITTED, "invitation_scanned")
    assert radar("bind", text, "GATE", "--json").error["code"] == "invitation_scanned"
    assert radar("log", "--json").data["actions"] == []


def test_what_is_no_invitation_enrols_nobody(radar: CommandLine, tmp_path: Path) -> None:
    picture = tmp_path / "label.png"
    picture.write_bytes(code_picture("HTTPS://R.EXAMPLE/0123456789A"))
    for word in (
        "",
        str(picture),
        "RADAR1:E:",
        f"RADAR1:E:{GOOD}",
        f"RADAR1:E:{GOOD[1:]}:HTTPS://C",
    ):
        said = radar("enrol", word, "--json")
        assert (said.code, said.error["code"]) == (USAGE, "no_invitation")
    said = radar("enrol", str(tmp_path / "missing.png"), "--json")
    assert (said.code, said.error["code"]) == (3, "picture_missing")
    said = radar("enrol", "http://127.0.0.1:9", GOOD, "more", "--json")
    assert (said.code, said.error["code"]) == (USAGE, "usage")
    assert not radar.home.exists()


@pytest.mark.parametrize("url", ["http://192.0.2.1:8080", "http://centre.example"])
def test_where_others_can_listen_nobody_enrols_in_the_clear_unless_told_to(
    radar: CommandLine, url: str
) -> None:
    said = radar("enrol", url, GOOD, "--json")
    assert (said.code, said.error["code"]) == (USAGE, "plain_http")
    assert not radar.home.exists()


def test_a_signal_that_fails_right_after_enrolling_leaves_the_phone_enrolled(
    radar: CommandLine, site: PaperSite
) -> None:
    sync = site.paths.pop(SYNC_PATH)
    data = radar("enrol", site.url, GOOD, "--json").data
    assert data["sync"] is None
    assert radar("scan", code("GATE"), "--json").data["outcome"] == "unknown_tag"
    site.paths[SYNC_PATH] = sync
    assert radar("sync", "--json").data["sent"] == 1
    assert radar("scan", code("ATTIC"), "--json").data["outcome"] == "nothing_due"


def test_without_a_centre_the_work_is_saved_and_said_to_be(
    radar: CommandLine, site: PaperSite
) -> None:
    radar("enrol", site.url, GOOD)
    radar("scan", code("ATTIC"))
    site.paths[SYNC_PATH] = lambda _: (503, b"", {})
    said = radar("sync", "--json")
    assert (said.code, said.error["code"]) == (OFFLINE, "not_our_centre")
    site.paths[SYNC_PATH] = lambda _: (403, b'{"code":"revoked"}', PROBLEM)
    said = radar("sync", "--json")
    assert (said.code, said.error["code"]) == (NOT_PERMITTED, "revoked")
    assert radar("status", "--json").data["unsent"] == 1


def test_law_11_revoked_not_robbed_a_refused_phone_is_enrolled_anew_with_all_that_it_holds(
    radar: CommandLine, site: PaperSite
) -> None:
    radar("enrol", site.url, GOOD)
    radar("scan", code("ATTIC"))
    sync = site.paths[SYNC_PATH]
    site.paths[SYNC_PATH] = lambda _: (403, b'{"code":"revoked"}', PROBLEM)
    assert radar("sync", "--json").error["code"] == "revoked"
    site.paths[SYNC_PATH] = sync
    site.centre.keys = KeyPair(bytes(32))
    assert radar("enrol", site.url, GOOD, "--json").error["code"] == "other_centre"
    site.centre.keys = KeyPair(bytes(range(32)))
    data = radar("enrol", site.url, GOOD, "--json").data
    assert (data["device"], data["sync"]["sent"]) == ("D-NEW", 1)
    assert radar("query", "GATE", "--json").data["what"]["name"] == "Gate"
    assert radar("log", "--verify", "--json").data["verified"] == 1
    assert radar("enrol", site.url, GOOD, "--json").error["code"] == "enrolled_already"


BOARD = {
    "as_of": "2026-11-23T02:00:00Z",
    "district": {"id": "WC", "name": "West Coast", "name_zh": "西海岸"},
    "projects": [],
}


def test_law_12_freshness_the_last_board_is_shown_without_signal_and_marked_as_such(
    radar: CommandLine, site: PaperSite
) -> None:
    radar("enrol", site.url, GOOD)
    site.paths[BOARD_PATH] = lambda _: (200, json.dumps(BOARD).encode(), JSON)
    assert radar("board", "--json").data["offline"] is False
    site.paths[BOARD_PATH] = lambda _: (503, b"", {})
    said = radar("board", "--json")
    assert (said.data["offline"], said.data["as_of"]) == (True, BOARD["as_of"])
    assert "West Coast" in radar("board").out
    assert radar("board", "PG", "--json").code == OFFLINE


@pytest.mark.parametrize(
    ("problem", "exit_code"), [("not_permitted", NOT_PERMITTED), ("unknown_scope", 1)]
)
def test_a_board_that_is_refused_is_told(
    radar: CommandLine, site: PaperSite, problem: str, exit_code: int
) -> None:
    radar("enrol", site.url, GOOD)
    site.paths[BOARD_PATH] = lambda _: (403, json.dumps({"code": problem}).encode(), PROBLEM)
    said = radar("board", "--json")
    assert said.code == exit_code
    assert said.error["hint"]
