"""`radar admin quarantine` as it is typed, and the keys that scripts rely on."""

from pathlib import Path

import pytest

from radar_core.failures import DONE, FAILED, NOT_PERMITTED, USAGE
from radar_server.admin import opened
from radar_server.http import make_app
from tests.command_line import CommandLine, Said
from tests.contract.centre_asgi import asgi_client
from tests.contract.centre_parts import held, import_records, new_device, site_book
from tests.unit.test_json_keys import keys

LISTED = (
    "actions[].id actions[].device actions[].project actions[].code actions[].reason"
    " actions[].state actions[].note actions[].staff actions[].kind actions[].subject"
    " actions[].wall actions[].line actions[].received actions[].decided actions[].by more"
)
DECIDED = "decided[].id decided[].project decided[].verdict decided[].already decided[].error"
REFUSED = "decided[].id decided[].verdict decided[].error.code decided[].error.message"


class Desk:
    """A supervisor's command line at a centre that keeps three actions of a phone aside.

    They are another person's, of a project of others, and of no kind that there is.
    """

    def __init__(self, radar: CommandLine, home: Path) -> None:
        self._radar, self._home = radar, str(home)
        assert self("init").code == DONE
        with opened(self._home, "") as centre:
            import_records(centre, site_book())
            device = new_device(centre)
            self.lines = [
                device.act(staff="G2", subject="at the gate"),
                device.act(project="PK"),
                device.act(kind="teleport"),
                device.act(),
            ]
            with asgi_client(make_app(centre)) as client:
                device.sync(client)
        self.device = device.id
        self.ids = [f"{device.epoch}.{seq}" for seq in (1, 2, 3)]

    def __call__(self, *words: str) -> Said:
        """Type `radar admin WORDS`."""
        return self._radar("admin", *words, RADAR_CENTRE_HOME=self._home)

    def quarantine(self, *words: str) -> Said:
        """Type `radar admin quarantine WORDS --json`."""
        return self("quarantine", *words, "--json")

    def listed(self, *words: str) -> list[str]:
        """Return the ids that a list has."""
        return [row["id"] for row in self.quarantine("list", *words).data["actions"]]

    def accepted(self) -> list[str]:
        """Return the lines that the centre gives to everybody."""
        with opened(self._home, "") as centre:
            return [line for _, _, line in held(centre)]


@pytest.fixture
def desk(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Desk:
    return Desk(CommandLine(capfd, tmp_path / "phone"), tmp_path / "centre")


def misses(said: Said, pinned: str) -> set[str]:
    """Return the keys that a script would look for in vain."""
    return set(pinned.split()) - set(keys(said.data))


def test_the_list_has_what_awaits_a_decision_with_all_that_is_known_of_it(desk: Desk) -> None:
    said = desk.quarantine("list")
    assert not misses(said, LISTED)
    rows = said.data["actions"]
    assert [row["id"] for row in rows] == desk.ids
    assert [row["code"] for row in rows] == ["other_person", "out_of_scope", "unknown_kind"]
    assert [row["line"] for row in rows] == desk.lines[:3]
    assert {row["device"] for row in rows} == {desk.device}
    assert (rows[0]["staff"], rows[0]["subject"]) == ("G2", "at the gate")
    assert (rows[0]["state"], rows[0]["decided"], rows[0]["by"]) == ("kept", None, "")


def test_the_list_is_of_a_project_and_as_long_as_one_wants(desk: Desk) -> None:
    assert desk.listed("--project", "PK") == [desk.ids[1]]
    assert desk.listed("--project", "NONE") == []
    short = desk.quarantine("list", "--most", "2").data
    assert ([row["id"] for row in short["actions"]], short["more"]) == (desk.ids[:2], 1)
    assert desk.quarantine("list", "--most", "0").error["code"] == "usage"


def test_a_released_action_is_accepted_and_leaves_the_list(desk: Desk) -> None:
    word = ("release", desk.ids[0], "--by", "S1", "--note", "was there")
    said = desk.quarantine(*word)
    assert (said.code, misses(said, DECIDED)) == (DONE, set())
    (row,) = said.data["decided"]
    assert (row["verdict"], row["already"], row["error"]) == ("released", False, None)
    assert desk.accepted() == [desk.lines[0], desk.lines[3]]
    assert desk.listed() == desk.ids[1:]
    assert desk.listed("--all") == desk.ids
    shown = desk.quarantine("list", "--all").data["actions"][0]
    assert (shown["state"], shown["by"], shown["note"]) == ("released", "S1", "was there")
    assert shown["decided"]
    assert desk.quarantine(*word).data["decided"][0]["already"] is True
    assert desk.accepted() == [desk.lines[0], desk.lines[3]]


def test_rejected_actions_leave_the_list_and_go_to_nobody(desk: Desk) -> None:
    said = desk.quarantine("reject", *desk.ids)
    assert (said.code, misses(said, DECIDED)) == (DONE, set())
    assert [row["verdict"] for row in said.data["decided"]] == ["rejected"] * 3
    assert desk.listed() == []
    assert desk.accepted() == [desk.lines[3]]


def test_of_several_the_refused_one_is_told_with_the_others(desk: Desk) -> None:
    said = desk.quarantine("release", desk.ids[2], desk.ids[1])
    assert (said.code, misses(said, REFUSED)) == (FAILED, set())
    first, second = said.data["decided"]
    assert (first["verdict"], first["error"]["code"]) == (None, "not_releasable")
    assert (second["verdict"], second["error"]) == ("released", None)
    assert desk.listed() == [desk.ids[0], desk.ids[2]]


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (["release", "E.1"], "unknown_action", FAILED),
        (["reject", "nonsense"], "unknown_action", FAILED),
        (["release"], "usage", USAGE),
        (["reject"], "usage", USAGE),
        (["reject", "E.1", "--note", "two\nlines"], "bad_note", FAILED),
    ],
)
def test_a_word_on_nothing_is_refused(
    desk: Desk, words: list[str], code: str, exit_code: int
) -> None:
    said = desk.quarantine(*words)
    assert (said.error["code"], said.code) == (code, exit_code)
    assert desk.listed() == desk.ids


@pytest.mark.parametrize("verb", ["release", "reject"])
def test_who_leads_nothing_decides_nothing(desk: Desk, verb: str) -> None:
    said = desk.quarantine(verb, desk.ids[0], "--by", "G1")
    assert (said.error["code"], said.code) == ("not_permitted", NOT_PERMITTED)
    assert desk.listed() == desk.ids


def test_what_cannot_be_released_says_why_and_what_to_do(desk: Desk) -> None:
    error = desk.quarantine("release", desk.ids[2]).error
    assert error["code"] == "not_releasable"
    assert error["hint"]


def test_a_person_is_told_on_their_screen(desk: Desk) -> None:
    assert desk.ids[0] in desk("quarantine", "list").out
    assert "released" in desk("quarantine", "release", desk.ids[0]).out
    again = desk("quarantine", "reject", desk.ids[0], "--lang", "zh").out
    assert "已" in again
    desk("quarantine", "reject", *desk.ids)
    assert desk.ids[0] not in desk("quarantine", "list").out
