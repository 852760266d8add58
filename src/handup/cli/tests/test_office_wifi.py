"""A laptop serves the phones of its office over TLS: phones that trust its root reach the program
and nothing else of the house, the root stays when the address changes, and speaks for no other
house."""

import ipaddress
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from pytest_django import Settings

from handup.cli.run import opened_for_phones
from handup.org import office_certificate, office_wifi

NOW = datetime(2026, 3, 2, tzinfo=UTC)
HERE = "127.0.0.1"
Begin = Callable[..., Any]


def leaf_of(served: office_certificate.Made) -> x509.Certificate:
    """The certificate of the address."""
    return x509.load_pem_x509_certificates(served.chain.read_bytes())[0]


def test_the_root_stays_and_the_certificate_follows_the_address(tmp_path: Path) -> None:
    first = office_certificate.made(tmp_path, "192.168.4.7", NOW)
    leaf = leaf_of(first)
    assert office_certificate.made(tmp_path, "192.168.4.7", NOW) == first
    assert leaf_of(first) == leaf, "nothing is made anew"
    moved = office_certificate.made(tmp_path, "10.1.2.3", NOW)
    assert moved.fingerprint == first.fingerprint
    names = leaf_of(moved).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address("10.1.2.3")]
    late, before = NOW + timedelta(days=390), leaf_of(moved)
    assert leaf_of(office_certificate.made(tmp_path, "10.1.2.3", late)) != before
    assert office_certificate.made(tmp_path, "10.1.2.3", late).fingerprint == first.fingerprint
    for key in ("root-key.pem", "office-key.pem"):
        assert (tmp_path / key).stat().st_mode & 0o077 == 0
    other = office_certificate.made(tmp_path / "other", "10.1.2.3", NOW)
    assert other.fingerprint != first.fingerprint
    assert len(first.fingerprint.split(":")) == 32


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "127.0.0.1", "0.0.0.0", "::1", "office", "", "192.168.1", "172.32.0.1"]
)
def test_only_addresses_of_an_office_are_served(tmp_path: Path, address: str) -> None:
    with pytest.raises(office_certificate.AddressUnfit):
        office_certificate.made(tmp_path / "wifi", address, NOW)
    assert not (tmp_path / "wifi").exists()


@pytest.fixture
def door(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, Path, list[dict[str, Any]]]]:
    """A door on a free port, its root, and what came in."""
    asked: list[dict[str, Any]] = []

    def pages(environ: dict[str, Any], begin: Begin) -> Iterable[bytes]:
        asked.append(environ)
        begin("200 OK", [("Content-Type", "text/plain")])
        return [b"in"]

    monkeypatch.setattr(office_certificate, "INNER", ("127.0.0.0/8", "10.0.0.0/8"))
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        settings.WIFI, settings.WIFI_PORT = HERE, probe.getsockname()[1]
    settings.DATA_DIR = tmp_path
    opened = office_wifi.open_door(pages)
    assert opened is not None
    yield office_wifi.address(), tmp_path / "office-wifi" / "root.pem", asked
    opened.shutdown()
    opened.server_close()


def fetch(url: str, root: Path | None) -> tuple[int, bytes]:
    """As a phone asks that trusts this root, or none."""
    trusts = ssl.create_default_context(cafile=root)
    try:
        with urllib.request.urlopen(url, context=trusts, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as fault:
        return fault.code, fault.read()


def test_a_phone_that_trusts_the_root_reaches_what_phones_need_and_nothing_else(
    door: tuple[str, Path, list[dict[str, Any]]],
) -> None:
    address, root, asked = door
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        fetch(f"{address}field/", None)
    assert asked == []
    with socket.create_connection((HERE, int(address.rsplit(":", 1)[1].strip("/")))) as silent:
        assert fetch(f"{address}field/", root) == (200, b"in"), "who is silent keeps nobody waiting"
        silent.close()
    assert fetch(f"{address}api/v1/sync/pack", root)[0] == 200
    assert (asked[0]["wsgi.url_scheme"], asked[0]["REMOTE_ADDR"]) == ("https", HERE)
    seen = len(asked)
    for path in ("", "sign-in/", "api/v1/people/persons", "field/../people/", "field/%2e%2e/x"):
        assert fetch(address + path, root)[0] == 404, path
    assert len(asked) == seen


def spoken(address: str, root: Path, speaks: ssl.SSLContext, sent: bytes) -> tuple[str, bytes]:
    """The suite that is agreed on, and everything that is answered. Raises SSLError."""
    speaks.load_verify_locations(root)
    port = int(address.rsplit(":", 1)[1].strip("/"))
    with (
        socket.create_connection((HERE, port), timeout=10) as line,
        speaks.wrap_socket(line, server_hostname=HERE) as stream,
    ):
        stream.sendall(sent)
        told = b""
        while part := stream.recv(65_536):
            told += part
        suite = stream.cipher()
        assert suite is not None
        return suite[0], told


@pytest.mark.parametrize(
    ("suites", "is_spoken"),
    [("ALL", True), ("AES128-SHA", False), ("ECDHE-ECDSA-AES128-SHA256:AES256-GCM-SHA384", False)],
)
def test_only_strong_suites_are_spoken_with_phones(
    door: tuple[str, Path, list[dict[str, Any]]], suites: str, is_spoken: bool
) -> None:
    address, root, asked = door
    speaks = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    speaks.maximum_version = ssl.TLSVersion.TLSv1_2
    speaks.set_ciphers(f"{suites}:@SECLEVEL=0")
    sent = b"GET /field/ HTTP/1.1\r\nHost: x\r\n\r\n"
    if is_spoken:
        assert spoken(address, root, speaks, sent)[0].endswith(("GCM-SHA256", "GCM-SHA384", "1305"))
    else:
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            spoken(address, root, speaks, sent)
        assert asked == []


def test_one_request_a_line_and_none_whose_end_is_in_doubt(
    door: tuple[str, Path, list[dict[str, Any]]],
) -> None:
    address, root, asked = door
    behind = b"GET /field/second HTTP/1.1\r\nHost: x\r\n\r\n"
    first = b"POST /field/first HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
    for more in (b"Transfer-Encoding: chunked\r\n", b"TRANSFER-ENCODING: xchunked\r\n"):
        sent = first + more + b"\r\n5c\r\n" + behind
        told = spoken(address, root, ssl.create_default_context(), sent)[1]
        assert (told.startswith(b"HTTP/1.0 501"), asked) == (True, [])
    told = spoken(address, root, ssl.create_default_context(), first + b"\r\nbody" + behind)[1]
    assert told.count(b"HTTP/1.") == 1
    assert [one["PATH_INFO"] for one in asked] == ["/field/first"]


def test_away_from_its_wi_fi_a_laptop_works_on_by_itself(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.WIFI, settings.WIFI_PORT, settings.DATA_DIR = "10.255.255.1", 8443, tmp_path
    assert opened_for_phones(lambda _environ, _begin: []) is None
    assert "Phones do not reach this laptop now: 10.255.255.1" in capsys.readouterr().out


def test_a_house_without_such_an_address_opens_no_door(settings: Settings) -> None:
    settings.WIFI = ""
    assert office_wifi.open_door(lambda _environ, _begin: []) is None
    assert (office_wifi.address(), office_wifi.certificate()) == ("", None)
