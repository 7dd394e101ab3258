"""A phone that was revoked: it is worked on while it holds something, then enrolled anew."""

from pathlib import Path

import pytest

from commands.leaving import wipe_handed_over
from commands.projection import projection
from radar_cli.one_screen.desk import SyncState
from radar_cli.one_screen.doorway import Doorway
from sync.enrolling import write_invitation
from sync.feed import leave_all
from sync.outbox import note_refusal
from tests.conversing import LABEL
from tests.paper_site import GOOD, PaperSite
from tests.phones import Handset, code, new_phone, site_centre
from tests.rooms import chosen, entered, rooms_of, scanned, shown

pytestmark = pytest.mark.usefixtures("folder")


@pytest.mark.parametrize("staff", ["G1", ""], ids=["of a person", "shared"])
def test_a_revoked_phone_that_was_wiped_says_so_and_is_enrolled_as_a_new_one(
    tmp_path: Path, site: PaperSite, staff: str
) -> None:
    guard = new_phone(tmp_path, site.centre, "G1", "D-LOST")
    rooms = rooms_of(guard.world.workplace())
    talk = entered(rooms)
    assert talk.is_work
    guard.phone.journal.set_meta("staff", staff)
    _revoke(guard)
    talk.refresh()
    talk = rooms.follow(talk)
    assert isinstance(talk, Doorway)
    assert "This phone was revoked; its work is handed over." in shown(talk)
    assert "Scan the code that your supervisor shows." in shown(talk)
    talk.end()
    talk = scanned(rooms, entered(rooms), write_invitation(site.url, GOOD))
    assert "This phone is enrolled." in shown(talk)
    talk = scanned(rooms, chosen(rooms, talk, "Later: to work"), LABEL + code("GATE"))
    assert "SAVED" in shown(talk)
    talk.end()


def test_a_shared_phone_that_is_wiped_while_it_waits_for_a_badge_says_so(tmp_path: Path) -> None:
    centre = site_centre()
    centre.move("", "HV")
    post = new_phone(tmp_path, centre, "", "D-POST")
    rooms = rooms_of(post.world.workplace())
    talk = entered(rooms)
    talk.heard(SyncState(online=False))
    assert "Scan your badge." in shown(rooms.follow(talk))
    _revoke(post)
    talk.heard(SyncState(online=False))
    talk = rooms.follow(talk)
    assert "This phone was revoked; its work is handed over." in shown(talk)
    talk.end()


def test_a_revoked_phone_that_still_holds_work_stays_at_it(tmp_path: Path) -> None:
    guard = new_phone(tmp_path, site_centre(), "G1")
    rooms = rooms_of(guard.world.workplace())
    talk = scanned(rooms, entered(rooms), LABEL + code("GATE"))
    note_refusal(guard.phone.journal, "revoked")
    talk.refresh()
    talk = scanned(rooms, rooms.follow(talk), LABEL + code("LOBBY"))
    assert talk.is_work
    assert [kind for kind, _ in guard.actions()] == ["scan", "scan"]
    talk.end()


def _revoke(handset: Handset) -> None:
    """Do what a sync does that hears that its phone was revoked, when it has handed all over."""
    journal = handset.phone.journal
    leave_all(journal, projection(journal, handset.world.wall_ms // 1000))
    note_refusal(journal, "revoked")
    assert wipe_handed_over(handset.phone)
