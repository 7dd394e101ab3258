"""The centre's own authority and certificate: what they are good for, kept, renewed, refused."""

from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from radar_core.failures import USAGE, Failure
from radar_server.certificates import (
    AUTHORITY_DAYS,
    CERTIFICATE_DAYS,
    end_of,
    fingerprint,
    make_certificate,
)

CURVE = bytes.fromhex("2a8648ce3d030107")
"""P-256, as it is called in ASN.1."""
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def test_a_certificate_is_for_the_names_that_were_given_and_for_this_machine(
    tmp_path: Path,
) -> None:
    made = make_certificate(tmp_path, ["Centre.Example", "物业.example", "10.1.2.3"], "WC", NOW)
    assert made.names[:3] == ["centre.example", "xn--vhqz89f.example", "10.1.2.3"]
    assert set(made.names) >= {"localhost", "127.0.0.1", "::1"}
    assert not made.renewed
    made.certificate.verify_directly_issued_by(made.authority)
    assert end_of(made.certificate) == NOW + timedelta(days=CERTIFICATE_DAYS)
    assert end_of(made.authority) == NOW + timedelta(days=AUTHORITY_DAYS)
    extensions = made.certificate.extensions
    usage = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    bounds = made.authority.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (bounds.ca, bounds.path_length) == (True, 0)
    for name in ("authority.key", "certificate.key"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    assert len(fingerprint(made.authority)) == 32 * 3 - 1


def test_made_again_it_has_the_same_authority_and_the_names_of_before(tmp_path: Path) -> None:
    first = make_certificate(tmp_path, ["centre.example"], "WC", NOW)
    later = make_certificate(tmp_path, [], "WC", NOW + timedelta(days=300))
    assert (later.renewed, later.authority) == (True, first.authority)
    assert later.names == first.names
    assert later.certificate.serial_number != first.certificate.serial_number
    other = make_certificate(tmp_path, ["other.example"], "WC", NOW)
    assert other.names[0] == "other.example"
    assert "centre.example" not in other.names


def test_no_certificate_outlives_its_authority(tmp_path: Path) -> None:
    made = make_certificate(tmp_path, [], "WC", NOW)
    last = make_certificate(tmp_path, [], "WC", NOW + timedelta(days=AUTHORITY_DAYS - 10))
    assert end_of(last.certificate) == end_of(made.authority)
    with pytest.raises(Failure) as caught:
        make_certificate(tmp_path, [], "WC", NOW + timedelta(days=AUTHORITY_DAYS))
    assert caught.value.code == "authority_unusable"


@pytest.mark.parametrize(
    "host", ["", "a b", "http://centre", "centre:8080", "x..y", "-" * 300, "*.example", "\u0000"]
)
def test_what_can_be_no_host_is_told_and_nothing_is_made(tmp_path: Path, host: str) -> None:
    with pytest.raises(Failure) as caught:
        make_certificate(tmp_path, [host], "WC", NOW)
    assert (caught.value.code, caught.value.exit_code) == ("bad_host", USAGE)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["authority.pem", "authority.key", "certificate.pem"])
@pytest.mark.parametrize("content", [None, b"", b"nonsense"])
def test_an_authority_that_is_not_whole_signs_nothing(
    tmp_path: Path, name: str, content: bytes | None
) -> None:
    make_certificate(tmp_path, [], "WC", NOW)
    before = (tmp_path / "certificate.key").read_bytes()
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(content)
    if content is None and name != "authority.key":
        make_certificate(tmp_path, [], "WC", NOW)
        return
    with pytest.raises(Failure) as caught:
        make_certificate(tmp_path, [], "WC", NOW)
    assert caught.value.code == "authority_unusable"
    assert (tmp_path / "certificate.key").read_bytes() == before


def test_another_authority_s_key_signs_nothing(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        make_certificate(tmp_path / folder, [], "WC", NOW)
    (tmp_path / "two" / "authority.key").replace(tmp_path / "one" / "authority.key")
    with pytest.raises(Failure) as caught:
        make_certificate(tmp_path / "one", [], "WC", NOW)
    assert caught.value.code == "authority_unusable"


@pytest.mark.parametrize("name", ["authority.key", "authority.pem"])
def test_an_authority_on_a_curve_that_nobody_knows_is_refused(tmp_path: Path, name: str) -> None:
    make_certificate(tmp_path, [], "WC", NOW)
    first, *body, last = (tmp_path / name).read_text().splitlines()
    whole = b64decode("".join(body))
    assert CURVE in whole
    strange = b64encode(whole.replace(CURVE, CURVE[:-1] + b"\x55")).decode()
    (tmp_path / name).write_text(f"{first}\n{strange}\n{last}")
    with pytest.raises(Failure) as caught:
        make_certificate(tmp_path, [], "WC", NOW)
    assert caught.value.code == "authority_unusable"


def test_a_certificate_without_names_is_renewed_with_this_machine_s(tmp_path: Path) -> None:
    make_certificate(tmp_path, [], "WC", NOW)
    (tmp_path / "certificate.pem").write_bytes((tmp_path / "authority.pem").read_bytes())
    assert make_certificate(tmp_path, [], "WC", NOW).names[0] == "localhost"
