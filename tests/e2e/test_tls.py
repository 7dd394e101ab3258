"""TLS with real processes: enrolled by a picture, pinned, and whoever else stands there refused."""

import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from radar_core.tags import parse_code
from sync.enrolling import stretch
from tests.e2e.between import Between, issue, standing_between
from tests.e2e.world import (
    CODES,
    Centre,
    Prepared,
    free_port,
    held,
    holdings,
    journal,
    refusal,
    run,
)

HOST = "127.0.0.1"


@pytest.fixture
def centre(prepared: Prepared, tmp_path: Path) -> Iterator[Centre]:
    """Give a centre with a certificate by an authority of its own, running."""
    centre = prepared.fresh(tmp_path / "centre")
    centre.url = f"https://{HOST}:{centre.port}"
    certify(centre)
    centre.start()
    yield centre
    centre.stop()


@pytest.fixture
def guard(centre: Centre, tmp_path: Path) -> Path:
    """Give a phone that was enrolled over TLS."""
    centre.enrol(tmp_path / "guard", "HV-G01")
    return tmp_path / "guard"


def certify(centre: Centre, *words: str) -> None:
    """Run `radar serve cert`."""
    data = run(centre.home, "serve", "cert", *words, RADAR_CENTRE_HOME=str(centre.home)).data
    assert set(data) == {
        *("home", "names", "until", "authority_until", "fingerprint", "renewed", "url"),
        "authority_url",
    }


def serial(centre: Centre) -> int:
    """Return the number of the certificate that is shown there."""
    shown = ssl.get_server_certificate((HOST, centre.port))
    return x509.load_pem_x509_certificate(shown.encode()).serial_number


def recorded(phone: Path) -> list[bytes]:
    return [line.encode() for _, _, line in journal(phone)]


def learnt(between: Between, code: str = "") -> bool:
    """Tell whether somebody between learnt the code, its secret, or anything of an action."""
    secrets = [code.encode(), stretch(code).secret.hex().encode()] if code else []
    told = b"\n".join(between.heard)
    return any(secret in told for secret in secrets) or "/v1/sync" in between.asked


def test_a_phone_is_enrolled_by_a_picture_and_checks_the_certificate_from_then_on(
    centre: Centre, tmp_path: Path
) -> None:
    phone, picture = tmp_path / "phone", tmp_path / "code.png"
    words = ("enrol-code", "HV-G01", "--url", centre.url, "--png", str(picture))
    code = centre.admin(*words)["code"]
    data = run(phone, "enrol", str(picture)).data
    assert (data["staff"], data["centre"]) == ("HV-G01", centre.url)
    assert data["sync"]["received"] > 0
    told = (phone / "centre.pem").read_text()
    assert told == (centre.home / "authority.pem").read_text()
    run(phone, "scan", CODES["DESK"])
    assert run(phone, "sync").data["sent"] == 1
    assert len(held(centre)) == 1
    for key in ("authority.key", "certificate.key"):
        assert (centre.home / key).stat().st_mode & 0o077 == 0
    other = refusal(tmp_path / "other", "enrol", centre.url, code, exit_code=6)
    assert other["code"] == "code_used"


def test_whoever_passes_an_enrolment_on_faithfully_learns_nothing_and_is_found_out(
    centre: Centre, tmp_path: Path
) -> None:
    code = str(centre.admin("enrol-code", "HV-G01")["code"])
    phone, port = tmp_path / "phone", free_port()
    theirs = issue(tmp_path / "theirs")
    with standing_between(port, centre.url, theirs) as between:
        error = refusal(phone, "enrol", f"https://{HOST}:{port}", code, exit_code=4)
    assert error["code"] == "other_certificate"
    assert between.asked == ["/v1/enrol", "/v1/enrol"]
    assert not learnt(between, parse_code(code) or "")
    assert not (phone / "phone.db").exists()
    assert run(phone, "enrol", centre.url, code).data["staff"] == "HV-G01"


@pytest.mark.parametrize(("old", "new"), [(b"HV-G01", b"HV-M01"), (b"BEGIN", b"BEGUN")])
def test_whoever_changes_the_answer_to_an_enrolment_is_not_believed(
    centre: Centre, tmp_path: Path, old: bytes, new: bytes
) -> None:
    code = centre.admin("enrol-code", "HV-G01")["code"]
    phone, port = tmp_path / "phone", free_port()
    theirs = issue(tmp_path / "theirs")

    def change(body: bytes) -> bytes:
        return body.replace(old, new)

    with standing_between(port, centre.url, theirs, change):
        error = refusal(phone, "enrol", f"https://{HOST}:{port}", code, exit_code=4)
    assert error["code"] == "not_our_centre"
    assert not (phone / "phone.db").exists()
    assert run(phone, "enrol", centre.url, code).code == 0


def moved(centre: Centre) -> int:
    """Let the centre answer elsewhere; return the port where its phones look for it."""
    centre.stop()
    looked_for, centre.port = centre.port, free_port()
    centre.url = f"https://{HOST}:{centre.port}"
    centre.start()
    return looked_for


def test_whoever_stands_between_later_gets_no_action_and_no_answer_of_theirs_counts(
    centre: Centre, guard: Path, tmp_path: Path
) -> None:
    run(guard, "scan", CODES["DESK"])
    before = holdings(guard)
    theirs = issue(tmp_path / "theirs")
    with standing_between(moved(centre), centre.url, theirs) as between:
        error = refusal(guard, "sync", exit_code=4)
        assert error["code"] == "other_certificate"
        assert "certificate" in error["message"]
        assert set(between.asked) == {"/v1/authority"}
        assert not learnt(between)
        assert not any(line in one for line in recorded(guard) for one in between.heard)
        between.change = lambda _body: (theirs / "certificate.pem").read_bytes()
        assert refusal(guard, "sync", exit_code=4)["code"] == "other_certificate"
    assert holdings(guard) == before
    assert (guard / "centre.pem").read_text() == (centre.home / "authority.pem").read_text()
    assert held(centre) == []


DAY = timedelta(days=1)
UNFIT: dict[str, tuple[x509.GeneralName | None, timedelta, timedelta, str]] = {
    "for another name": (x509.DNSName("other.example"), -DAY, DAY, "mismatch"),
    "expired": (None, -3 * DAY, -DAY, "expired"),
    "not yet valid": (None, DAY, 3 * DAY, "not yet valid"),
}


@pytest.mark.parametrize("why", UNFIT)
def test_a_certificate_by_the_right_authority_must_fit_all_the_same(
    centre: Centre, guard: Path, tmp_path: Path, why: str
) -> None:
    name, since, until, said = UNFIT[why]
    names = () if name is None else (name,)
    papers = issue(tmp_path / "papers", *names, by=centre.home, since=since, until=until)
    run(guard, "scan", CODES["DESK"])
    with standing_between(moved(centre), centre.url, papers) as between:
        error = refusal(guard, "sync", exit_code=4)
    assert (error["code"], said in error["message"]) == ("other_certificate", True)
    assert ("date right" in error["hint"]) == (name is None)
    assert not learnt(between)


def test_a_renewed_certificate_is_taken_up_while_the_centre_runs_and_no_phone_notices(
    centre: Centre, guard: Path
) -> None:
    before, told = serial(centre), (guard / "centre.pem").read_bytes()
    certify(centre, "--host", "centre.example")
    assert serial(centre) != before
    run(guard, "scan", CODES["DESK"])
    assert run(guard, "sync").data["sent"] == 1
    assert (guard / "centre.pem").read_bytes() == told


def test_half_a_renewal_leaves_the_certificate_that_was_shown(centre: Centre, guard: Path) -> None:
    before, key = serial(centre), centre.home / "certificate.key"
    whole = key.read_bytes()
    key.write_bytes(b"half")
    assert serial(centre) == before
    assert run(guard, "sync").code == 0
    key.write_bytes(whole)
    assert run(guard, "sync").code == 0


def test_another_authority_is_learnt_from_the_centre_itself(centre: Centre, guard: Path) -> None:
    run(guard, "scan", CODES["DESK"])
    for name in ("authority.pem", "authority.key"):
        (centre.home / name).unlink()
    certify(centre)
    centre.stop()
    centre.start()
    assert run(guard, "sync").data["sent"] == 1
    told = (guard / "centre.pem").read_text()
    assert told == (centre.home / "authority.pem").read_text()


def test_a_damaged_pin_is_fetched_anew(centre: Centre, guard: Path) -> None:
    for damaged in ("", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        (guard / "centre.pem").write_text(damaged)
        assert run(guard, "sync").code == 0
        assert (guard / "centre.pem").read_text() == (centre.home / "authority.pem").read_text()


def serving(centre: Centre, *words: str, exit_code: int) -> str:
    """Run `radar serve` where it must refuse; return the error's code."""
    home = str(centre.home)
    words = ("serve", "--port", "0", *words)
    return str(refusal(centre.home, *words, exit_code=exit_code, RADAR_CENTRE_HOME=home)["code"])


def test_in_the_clear_a_centre_serves_this_machine_alone(
    prepared: Prepared, tmp_path: Path
) -> None:
    centre = prepared.fresh(tmp_path / "centre")
    assert serving(centre, "--host", "0.0.0.0", exit_code=2) == "plain_http"
    assert serving(centre, "--host", "::", exit_code=2) == "plain_http"
    centre.start("--host", "0.0.0.0", "--plain-http")
    try:
        centre.enrol(tmp_path / "phone", "HV-G01")
    finally:
        centre.stop()


def test_a_certificate_that_nobody_would_believe_is_not_served(
    prepared: Prepared, tmp_path: Path
) -> None:
    centre = prepared.fresh(tmp_path / "centre")
    old = issue(tmp_path / "old", since=-3 * DAY, until=-DAY)
    other = issue(tmp_path / "other")

    def files(cert: Path, key: Path) -> tuple[str, ...]:
        return "--cert", str(cert / "certificate.pem"), "--key", str(key / "certificate.key")

    assert serving(centre, *files(old, old), exit_code=1) == "certificate_expired"
    assert serving(centre, *files(old, other), exit_code=1) == "certificate_unusable"
    assert serving(centre, *files(tmp_path, other), exit_code=1) == "certificate_unusable"
    assert serving(centre, "--cert", str(other), exit_code=2) == "usage"
    nothing = ("--authority", str(tmp_path / "none.pem"))
    assert serving(centre, *files(other, other), *nothing, exit_code=1) == "authority_unreadable"


def test_a_certificate_that_signed_itself_vouches_for_itself(
    prepared: Prepared, tmp_path: Path
) -> None:
    centre = prepared.fresh(tmp_path / "centre")
    centre.url = f"https://{HOST}:{centre.port}"
    own = issue(tmp_path / "own")
    centre.start("--cert", str(own / "certificate.pem"), "--key", str(own / "certificate.key"))
    try:
        centre.enrol(tmp_path / "phone", "HV-G01")
        assert run(tmp_path / "phone", "sync").code == 0
    finally:
        centre.stop()
