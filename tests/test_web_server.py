"""The web server in front and the server behind it: where one request ends and the next begins,
which TLS is spoken, and what is answered in clear (ASVS V4.1.2, V4.2.1, V12.1, V12.2).
"""

import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from waitress.server import create_server

from handup.cli import run
from tests.test_deploy import (
    DEPLOY,
    beside,
    certificate,
    files,
    free_port,
    signed_by_itself,
    write_files,
)

HERE = "127.0.0.1"
PATIENCE = 60
STRONG = {
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
}
"""The suites of TLS 1.2 that BCP 195 (RFC 9325) recommends, and ChaCha20 beside them (RFC 7905)."""


@dataclass
class House:
    """A server that notes what it was asked, and the web server before it."""

    port: int = 0
    tls: int = 0
    plain: int = 0
    trusted: Path = Path()
    asked: list[tuple[str, str, bytes]] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], begin: Callable[..., Any]) -> Iterable[bytes]:
        """Note one request as it is understood here."""
        path = environ["PATH_INFO"]
        body = environ["wsgi.input"].read()
        if path == "/health/ready":
            begin("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "6")])
            return [b"ready\n"]
        self.asked.append((environ["REQUEST_METHOD"], path, body))
        begin("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
        return [b"taken"]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The server with the settings of `handup run`, and caddy with the file that is installed."""
    folder = files(tmp_path_factory.mktemp("front"), "--sqlite")
    trusted = folder / "etc/tls/certificate.pem"
    found = House(free_port(), free_port(), free_port(), trusted)
    server = create_server(found, listen=f"{HERE}:{found.port}", threads=2, **run.server_options())
    threading.Thread(target=server.run, daemon=True).start()
    file = folder / "etc/Caddyfile"
    ports = f"\tadmin off\n\thttp_port {found.plain}\n\thttps_port {found.tls}\n"
    told = file.read_text().replace(":8001", f":{found.port}")
    file.write_text(told.replace("{\n", "{\n" + ports, 1))
    env = {"PATH": os.defpath, "HOME": os.fspath(folder), "LANG": "C.UTF-8"}
    words: list[str | Path] = [beside("caddy"), "run", "--adapter", "caddyfile", "--config", file]
    with (folder / "log").open("wb") as log:
        caddy = subprocess.Popen(words, env=env, cwd=folder, stdout=log, stderr=log)
    try:
        wait_for(found)
        yield found
    finally:
        caddy.terminate()
        caddy.wait(30)
        server.close()


def wait_for(house: House) -> None:
    """Until the whole way answers."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            if b"taken" in spoken(house.tls, b"GET /up HTTP/1.1\r\nHost: localhost\r\n", house):
                house.asked.clear()
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise AssertionError("the web server does not answer")


def context(house: House) -> ssl.SSLContext:
    """A caller who proves the certificate."""
    return ssl.create_default_context(cafile=os.fspath(house.trusted))


def all_of(stream: socket.socket) -> bytes:
    """What is answered until the other side ends it or falls silent."""
    told = b""
    try:
        while part := stream.recv(65_536):
            told += part
    except (TimeoutError, ConnectionResetError, ssl.SSLError):
        pass
    return told


def spoken(port: int, head: bytes, house: House | None = None, body: bytes = b"") -> bytes:
    """Everything that is answered to these bytes; over TLS where a house is named."""
    with socket.create_connection((HERE, port), timeout=5) as line:
        if house is None:
            stream: socket.socket = line
        else:
            stream = context(house).wrap_socket(line, server_hostname="localhost")
        stream.settimeout(2)
        stream.sendall(head + b"\r\n" + body)
        return all_of(stream)


def post(*lines: bytes, version: bytes = b"1.1") -> bytes:
    """The head of a request with these lines."""
    first = b"POST /in HTTP/" + version
    return b"\r\n".join([first, b"Host: localhost", *lines]) + b"\r\n"


HIDDEN = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(HIDDEN), HIDDEN)
"""One body in one piece that looks like a request to whoever goes by its length of 4."""

REFUSED = {
    "two lengths": (post(b"Content-Length: 5", b"Content-Length: 6"), b"hello" + HIDDEN),
    "a list of lengths": (post(b"Content-Length: 5, 6"), b"hello" + HIDDEN),
    "a length with a sign": (post(b"Content-Length: +5"), b"hello" + HIDDEN),
    "a length in hex": (post(b"Content-Length: 0x5"), b"hello" + HIDDEN),
    "a space before the colon": (post(b"Content-Length : 5"), b"hello" + HIDDEN),
    "an unknown encoding": (post(b"Transfer-Encoding: xchunked"), CHUNKED),
    "an encoding twice": (post(b"Transfer-Encoding: chunked, identity"), CHUNKED),
    "an encoding behind a sign": (post(b"Transfer-Encoding: \x0bchunked"), CHUNKED),
    "a bare line feed": (post(b"X-One: a\nTransfer-Encoding: chunked"), CHUNKED),
    "a bare carriage return": (post(b"X-One: a\rContent-Length: 5"), b"hello" + HIDDEN),
    "a piece without a size": (post(b"Transfer-Encoding: chunked"), b"zz\r\n" + HIDDEN),
    "a negative piece": (post(b"Transfer-Encoding: chunked"), b"-5\r\nhello\r\n0\r\n\r\n" + HIDDEN),
}

MENDED = {"a bare line feed"}
"""The web server may take it for the end of a line (RFC 9112, 2.2), and passes on two lines."""


@pytest.mark.parametrize("what", REFUSED)
def test_a_request_whose_end_is_in_doubt_is_refused_by_the_server(house: House, what: str) -> None:
    head, body = REFUSED[what]
    house.asked.clear()
    answer = spoken(house.port, head, None, body)
    assert answer.split(b" ", 2)[1] in {b"400", b"501"}, answer[:200]
    assert answer.count(b"HTTP/1.") == 1, "the line ends with the refusal"
    assert house.asked == []


@pytest.mark.parametrize("what", REFUSED)
def test_it_never_reaches_the_server_through_the_web_server(house: House, what: str) -> None:
    head, body = REFUSED[what]
    house.asked.clear()
    answer = spoken(house.tls, head, house, body)
    if what in MENDED:
        assert house.asked == [("POST", "/in", HIDDEN)]
    else:
        assert (house.asked, b"taken" in answer) == ([], False)


WHOLE = {
    "an encoding and a length": post(b"Content-Length: 4", b"Transfer-Encoding: chunked"),
    "a length and an encoding": post(b"Transfer-Encoding: chunked", b"Content-Length: 4"),
    "in capitals": post(b"Content-Length: 4", b"TRANSFER-ENCODING: Chunked"),
    "in a folded line": post(b"Content-Length: 4", b"Transfer-Encoding:\r\n chunked"),
    "a length folded into another line": post(
        b"Transfer-Encoding: chunked", b"X-One: a\r\n Content-Length: 4"
    ),
    "a length with an underscore": post(b"Transfer-Encoding: chunked", b"Content_Length: 4"),
}


@pytest.mark.parametrize("what", WHOLE)
def test_where_a_body_comes_in_pieces_its_length_is_not_believed(house: House, what: str) -> None:
    house.asked.clear()
    spoken(house.port, WHOLE[what], None, CHUNKED)
    assert house.asked == [("POST", "/in", HIDDEN)]


@pytest.mark.parametrize("what", WHOLE)
def test_web_server_and_server_agree_on_where_a_body_ends(house: House, what: str) -> None:
    """It may refuse what is odd, as the standard lets it; what it passes on is the whole body."""
    house.asked.clear()
    answer = spoken(house.tls, WHOLE[what], house, CHUNKED)
    if house.asked:
        assert house.asked == [("POST", "/in", HIDDEN)]
    else:
        assert answer.split(b" ", 2)[1] in {b"400", b"501"}


def test_two_requests_on_one_line_are_two(house: House) -> None:
    """The attacks above would be seen: this is how two look."""
    house.asked.clear()
    answer = spoken(house.tls, post(b"Content-Length: 5"), house, b"hello" + HIDDEN)
    assert house.asked == [("POST", "/in", b"hello"), ("GET", "/smuggled", b"")]
    assert answer.count(b"taken") == 2


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """One frame of HTTP/2 (RFC 9113, 4.1)."""
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload


def plain_headers(pairs: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Headers written out, each without an index (RFC 7541, 6.2.2)."""
    return b"".join(
        b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value for name, value in pairs
    )


@pytest.mark.parametrize(("length", "taken"), [(b"5", True), (b"3", False), (b"9", False)])
def test_in_http_2_a_length_that_is_not_that_of_the_body_is_refused(
    house: House, length: bytes, taken: bool
) -> None:
    house.asked.clear()
    speaks = context(house)
    speaks.set_alpn_protocols(["h2"])
    told = [(b":method", b"POST"), (b":scheme", b"https"), (b":path", b"/in"),
            (b":authority", b"localhost"), (b"content-length", length)]  # fmt: skip
    with socket.create_connection((HERE, house.tls), timeout=5) as line:
        stream = speaks.wrap_socket(line, server_hostname="localhost")
        assert stream.selected_alpn_protocol() == "h2"
        stream.settimeout(2)
        stream.sendall(
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
            + frame(4, 0, 0, b"")
            + frame(1, 4, 1, plain_headers(told))
            + frame(0, 1, 1, b"hello")
        )
        all_of(stream)
    assert house.asked == ([("POST", "/in", b"hello")] if taken else [])


def adapted(file: Path) -> dict[str, Any]:
    """What caddy makes of its file."""
    words: list[str | Path] = [beside("caddy"), "adapt", "--adapter", "caddyfile", "--config", file]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["apps"]
    return found


@pytest.mark.parametrize("choices", [["--sqlite"], []])
def test_the_file_names_protocols_and_suites(tmp_path: Path, choices: list[str]) -> None:
    for name, more in (("own", certificate(tmp_path)), ("asked for", [])):
        folder = tmp_path / name
        folder.mkdir()
        assert write_files(folder, *more, *choices).returncode == 0
        (over_tls,) = [
            server
            for server in adapted(folder / "etc/Caddyfile")["http"]["servers"].values()
            if server["listen"] == [":443"]
        ]
        policies = over_tls["tls_connection_policies"]
        for policy in [one for one in policies if one]:
            assert (policy["protocol_min"], policy["protocol_max"]) == ("tls1.2", "tls1.3")
            assert set(policy["cipher_suites"]) == STRONG
        assert any(policies)
        assert over_tls["protocols"] == ["h1", "h2"]


def test_a_certificate_is_asked_for_over_the_internet_unless_one_is_given(tmp_path: Path) -> None:
    """Of an authority everybody trusts: no issuer of one's own, nothing switched off."""
    assert write_files(tmp_path, "--sqlite").returncode == 0
    file = tmp_path / "etc/Caddyfile"
    file.write_text(file.read_text().replace("localhost", "handup.example.org"))
    apps = adapted(file)
    assert "internal" not in json.dumps(apps)
    assert not any("automatic_https" in one for one in apps["http"]["servers"].values())
    for policy in apps.get("tls", {}).get("automation", {}).get("policies", []):
        assert all(issuer["module"] in {"acme", "zerossl"} for issuer in policy.get("issuers", []))


def handshake(house: House, speaks: ssl.SSLContext) -> tuple[str, str]:
    """Protocol and suite that are agreed on. Raises SSLError."""
    speaks.load_verify_locations(house.trusted)
    with (
        socket.create_connection((HERE, house.tls), timeout=10) as line,
        speaks.wrap_socket(line, server_hostname="localhost") as stream,
    ):
        suite = stream.cipher()
        assert suite is not None
        return str(stream.version()), suite[0]


def weak(version: ssl.TLSVersion, suites: str) -> ssl.SSLContext:
    """A caller who takes everything up to a version."""
    speaks = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    speaks.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    speaks.maximum_version = version
    speaks.set_ciphers(f"{suites}:@SECLEVEL=0")
    return speaks


def test_the_newest_protocol_is_spoken_where_both_can(house: House) -> None:
    assert handshake(house, ssl.create_default_context())[0] == "TLSv1.3"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_older_protocols_are_refused(house: House, version: ssl.TLSVersion) -> None:
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        handshake(house, weak(version, "ALL"))


@pytest.mark.parametrize(
    "suites", ["AES128-SHA", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES256-SHA"]
)
def test_suites_without_forward_secrecy_or_of_old_modes_are_refused(
    house: House, suites: str
) -> None:
    with pytest.raises(ssl.SSLError):
        handshake(house, weak(ssl.TLSVersion.TLSv1_2, suites))


def test_a_caller_who_offers_everything_gets_a_strong_suite(house: House) -> None:
    version, suite = handshake(house, weak(ssl.TLSVersion.TLSv1_2, "ALL"))
    assert version == "TLSv1.2"
    assert suite in {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
                     "ECDHE-ECDSA-CHACHA20-POLY1305"}  # fmt: skip


def in_clear(house: House, method: str, address: str) -> tuple[int, dict[str, str], bytes]:
    """An answer in clear, to whoever shows a key."""
    line = http.client.HTTPConnection("localhost", house.plain, timeout=10)
    headers = {"Host": "localhost", "Authorization": "Bearer hu_secret"}
    line.request(method, address, headers=headers)
    answer = line.getresponse()
    return answer.status, dict(answer.getheaders()), answer.read()


def test_in_clear_people_are_led_on_and_programs_are_refused(house: House) -> None:
    house.asked.clear()
    status, headers, _ = in_clear(house, "GET", "/people/persons/?s=abc")
    assert (status, headers["Location"]) == (301, "https://localhost/people/persons/?s=abc")
    for address in ("/api/v1/org/me", "/collect/med/formList", "/training/calendar/x.ics",
                    "/lending/line/"):  # fmt: skip
        for method in ("GET", "POST"):
            status, headers, body = in_clear(house, method, address)
            assert (status, "Location" in headers) == (403, False), address
            assert headers["Content-Type"] == "application/problem+json"
            assert json.loads(body)["code"] == "CLEAR_TEXT"
    assert house.asked == [], "nothing of it goes any further"


def test_the_web_server_of_the_containers_has_the_file_of_a_machine(tmp_path: Path) -> None:
    """The same rules of TLS and the same answers in clear, by the command of the container."""
    web = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["web"]
    assert web["entrypoint"] == ["/bin/sh", "-c"]
    assert "./Caddyfile:/Caddyfile:ro" in web["volumes"]
    (command,) = web["command"]
    filled, _and, start = command.replace("$$", "$").partition(" && exec ")
    assert start == "caddy run --adapter caddyfile --config /tmp/Caddyfile"
    to = tmp_path / "Caddyfile"
    here = filled.replace("/tmp/Caddyfile", os.fspath(to))
    here = here.replace(" /Caddyfile", f" {DEPLOY / 'Caddyfile'}")
    env = {"PATH": os.defpath, "HANDUP_HOST": "handup.example.org"}
    subprocess.run(["/bin/sh", "-c", here], env=env, check=True)
    assert re.findall(r"@[A-Z]+@", to.read_text()) == []
    machine = write_files(tmp_path, "--sqlite")
    assert machine.returncode == 0
    written = (tmp_path / "etc/Caddyfile").read_text()
    assert to.read_text() == written.replace("localhost", "handup.example.org")


def test_a_certificate_that_is_not_of_this_house_is_refused(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        assert "openssl" in (DEPLOY / "install.sh").read_text()
        return
    files(tmp_path / "one")
    files(tmp_path / "other")
    own, key = tmp_path / "one/etc/tls/certificate.pem", tmp_path / "one/etc/tls/key.pem"
    given = tmp_path / "given"
    told = {
        "is not for other.example": (["--host", "other.example"], own, key),
        "is not that of the certificate": ([], own, tmp_path / "other/etc/tls/key.pem"),
        "has ended": ([], ended(tmp_path, key), key),
    }
    for why, (more, certificate_file, key_file) in told.items():
        done = write_files(given, "--certificate", certificate_file, "--key", key_file, *more)
        assert (done.returncode, why in done.stderr) == (1, True), done.stderr
        assert not (given / "etc/tls").exists()
    assert write_files(given, "--certificate", own, "--key", key).returncode == 0
    assert (given / "etc/tls/certificate.pem").read_bytes() == own.read_bytes()


def ended(folder: Path, key: Path) -> Path:
    """A certificate of this name and key that was good until yesterday."""
    held = load_pem_private_key(key.read_bytes(), None)
    assert isinstance(held, ec.EllipticCurvePrivateKey)
    until = datetime.now(tz=UTC) - timedelta(days=1)
    file = folder / "ended.pem"
    file.write_bytes(signed_by_itself(held, until - timedelta(days=9), until))
    return file
