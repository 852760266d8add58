"""What is handed on installs and serves: the packages, the files of a server, the web server in
front, the containers (deploy/). On a bare Debian the whole script is tried by tools/clean_root.py.
"""

import contextlib
import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_public_key,
)

from tests import source
from tests.test_licences import known_by_its_text, licence_of
from tools import bill, release
from tools.steps import StepFailed

DEPLOY = source.ROOT / "deploy"
UNIT = re.compile(r"^ExecStart(?:Pre)?=(.+)$", re.MULTILINE)
PATIENCE = 180
KNOWN = {
    "[Unit]": "Description After Wants",
    "[Install]": "WantedBy",
    "[Timer]": "OnCalendar RandomizedDelaySec Persistent",
    "[Service]": "Type User Group Environment EnvironmentFile WorkingDirectory ExecStartPre"
    " ExecStart Restart RestartSec KillSignal TimeoutStartSec TimeoutStopSec Nice"
    " IOSchedulingClass UMask NoNewPrivileges CapabilityBoundingSet PrivateTmp PrivateDevices"
    " ProtectSystem ProtectHome"
    " ProtectClock ProtectHostname ProtectKernelLogs ProtectKernelModules ProtectKernelTunables"
    " ProtectControlGroups ReadWritePaths RestrictAddressFamilies RestrictNamespaces"
    " RestrictRealtime RestrictSUIDSGID LockPersonality SystemCallArchitectures",
}
"""The settings of systemd's units that are used here, as its manual writes them."""


def beside(program: str) -> str:
    """A program installed with the tests."""
    found = shutil.which(program, path=os.fspath(Path(sys.executable).parent)) or shutil.which(
        program
    )
    assert found, f"{program} is not installed (make install)"
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def files(folder: Path, *choices: str) -> Path:
    """The files of a server, written into a folder as install.sh writes them."""
    done = write_files(folder, *certificate(folder), *choices)
    assert done.returncode == 0, done.stderr
    return folder


def write_files(folder: Path, *choices: str | Path) -> subprocess.CompletedProcess[str]:
    command: list[str | Path] = [DEPLOY / "install.sh", "files", "--host", "localhost", *choices]
    for name in ("opt", "etc", "var", "units"):
        command += [f"--{name}", folder / name]
    return subprocess.run(command, capture_output=True, text=True)


def certificate(folder: Path) -> list[str | Path]:
    """The words for a certificate made by install.sh; where no openssl is installed (install.sh
    itself installs it), for one made here alike.
    """
    if shutil.which("openssl") is not None:
        return ["--own-certificate"]
    key, made = folder / "own.key", folder / "own.pem"
    if not made.exists():
        own = ec.generate_private_key(ec.SECP256R1())
        began = datetime.now(tz=UTC) - timedelta(minutes=1)
        made.write_bytes(signed_by_itself(own, began, began + timedelta(days=2)))
        key.write_bytes(own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return ["--certificate", made, "--key", key]


def signed_by_itself(own: ec.EllipticCurvePrivateKey, began: datetime, until: datetime) -> bytes:
    """A certificate for localhost, valid between these moments."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(own, hashes.SHA256())
    )
    return signed.public_bytes(Encoding.PEM)


def commands(unit: Path) -> list[list[str]]:
    """What a unit starts, the checks before first."""
    return [line.split() for line in UNIT.findall(unit.read_text())]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return files(tmp_path_factory.mktemp("server"), "--sqlite")


def test_every_place_is_filled_in_and_settings_are_kept(tmp_path: Path) -> None:
    first = files(tmp_path)
    for file in [*first.rglob("*.service"), *first.rglob("*.timer"), first / "etc/Caddyfile"]:
        assert re.findall(r"@[A-Z]+@", file.read_text()) == [], file.name
    settings = first / "etc/handup.env"
    assert "postgresql:///handup" in settings.read_text()
    assert "127.0.0.1:8001 127.0.0.1:8002" in (first / "etc/Caddyfile").read_text()
    settings.write_text(settings.read_text() + "HANDUP_LANGUAGE=fr\n")
    key = (first / "etc/tls/key.pem").read_bytes()
    files(tmp_path)
    assert "HANDUP_LANGUAGE=fr" in settings.read_text()
    assert (first / "etc/tls/key.pem").read_bytes() == key
    assert settings.stat().st_mode & 0o007 == 0
    assert (first / "etc/tls/key.pem").stat().st_mode & 0o007 == 0


def test_a_house_is_not_set_up_again_with_the_other_database(tmp_path: Path) -> None:
    files(tmp_path, "--sqlite")
    (tmp_path / "etc/choices").write_text("HOST=localhost\nDATABASE=sqlite\n")
    before = (tmp_path / "etc/Caddyfile").read_text()
    done = write_files(tmp_path)
    assert done.returncode == 1
    assert "this house was set up with sqlite" in done.stderr
    assert (tmp_path / "etc/Caddyfile").read_text() == before
    assert write_files(tmp_path, "--sqlite").returncode == 0


@pytest.mark.parametrize(
    "words",
    [
        ["--host", "a b"],
        ["--host", "x;reboot"],
        ["--host", "x", "--certificate", "a"],
        ["--hots", "x"],
        [],
    ],
)
def test_what_cannot_be_meant_is_refused(words: list[str], tmp_path: Path) -> None:
    command: list[str | Path] = [
        DEPLOY / "install.sh",
        "files",
        *words,
        "--etc",
        tmp_path / "etc",
        "--units",
        tmp_path,
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("install.sh: ")
    assert list(tmp_path.iterdir()) == []


def test_every_unit_is_bounded_and_starts_a_command_that_is_there(server: Path) -> None:
    from handup.cli import COMMANDS

    units = sorted((server / "units").glob("*.service"))
    assert len(units) == 6
    for unit in units:
        text = unit.read_text()
        assert re.search(r"^User=(handup|postgres)$", text, re.MULTILINE), unit.name
        assert "NoNewPrivileges=yes" in text, unit.name
        assert "UMask=0077" in text, unit.name
        for words in commands(unit):
            if words[0].endswith("/handup"):
                assert words[1] in COMMANDS, unit.name
            else:
                assert Path(words[0]).relative_to(server / "opt/deploy") == Path(
                    "postgresql/base.sh"
                )
    for timer in (server / "units").glob("*.timer"):
        assert timer.with_suffix(".service").exists()


def unknown_settings(unit: str) -> set[str]:
    """The settings of a unit, each with its section, that systemd would pass over."""
    section, found = "", set()
    for line in unit.splitlines():
        name, equals, _value = line.partition("=")
        if line.startswith("["):
            section = line
        elif line and not line.startswith("#"):
            found.add(f"{section} {name if equals else line}")
    return found - {f"{place} {name}" for place, names in KNOWN.items() for name in names.split()}


def test_every_setting_of_a_unit_is_one_systemd_knows(server: Path) -> None:
    units = [*(server / "units").glob("*.service"), *(server / "units").glob("*.timer")]
    assert len(units) == 8
    assert [told for unit in units if (told := unknown_settings(unit.read_text()))] == []
    assert unknown_settings("[Service]\nUser=a\nProtectHom=yes\nOnCalendar=x\nyes\n") == {
        "[Service] ProtectHom", "[Service] OnCalendar", "[Service] yes",
    }  # fmt: skip


def test_systemd_finds_nothing_to_say_of_the_units(server: Path) -> None:
    """Where systemd is not installed, the test before stands alone."""
    units = sorted([*(server / "units").glob("*.service"), *(server / "units").glob("*.timer")])
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        assert not any(unknown_settings(unit.read_text()) for unit in units)
        return
    program = server / "opt/current/bin/handup"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.touch(0o755)
    shutil.copytree(DEPLOY, server / "opt/deploy", dirs_exist_ok=True)
    done = subprocess.run([analyze, "verify", *units], capture_output=True, text=True)
    told = [line for line in done.stderr.splitlines() if str(server) in line]
    assert (done.returncode, told) == (0, [])


def test_the_script_and_what_lies_beside_it_are_sound_shell() -> None:
    for script in [DEPLOY / "install.sh", *(DEPLOY / "postgresql").glob("*.sh")]:
        assert os.access(script, os.X_OK), script.name
        shell = "bash" if script.read_text().startswith("#!/bin/bash") else "sh"
        assert subprocess.run([shell, "-n", script]).returncode == 0
        assert "set -eu" in script.read_text()


def test_the_containerfile_has_no_fault() -> None:
    done = subprocess.run(
        [beside("hadolint"), "--no-color", DEPLOY / "Containerfile"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_containers_name_commands_and_places_that_are_there() -> None:
    from handup.cli import COMMANDS
    from handup.config.environment import read_environment

    told = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    services = told["services"]
    assert set(services) == {"database", "tables", "pages", "jobs", "copies", "web"}
    entry, (loop,) = services["copies"]["entrypoint"], services["copies"]["command"]
    assert entry == ["/bin/sh", "-c"]
    assert re.findall(r"handup (\w+) --rotate", loop) == ["backup"]
    assert "backup" in COMMANDS
    for name in ("tables", "pages", "jobs"):
        assert services[name]["command"][0] in COMMANDS
    for name in ("tables", "pages", "jobs", "copies"):
        assert services[name]["cap_drop"] == ["ALL"]
        read_environment(services[name]["environment"])  # refuses a name that is none
    for service in services.values():
        for volume in service["volumes"]:
            place = volume.split(":")[0]
            assert place in told["volumes"] or (DEPLOY / place).exists(), place
    assert [name for name in services if "ports" in services[name]] == ["pages"]


def test_the_bill_names_every_locked_package_once_with_its_sum() -> None:
    told = bill.bill("1.2.3")
    names = [one["purl"] for one in told["components"]]
    django = [one for one in told["components"] if one["name"] == "django"]
    assert len(django) == 1
    assert re.search(
        rf"^django=={django[0]['version']} ",
        (source.ROOT / "requirements/base.txt").read_text(),
        re.MULTILINE,
    )
    assert all(one["hashes"] for one in told["components"])
    silent = {one["name"] for one in told["components"] if not one["licenses"]}
    here = {name for name in silent if importlib.util.find_spec(name.replace("-", "_"))}
    told_apart = [metadata.distribution(name) for name in sorted(here)]
    assert all(licence_of(one) or known_by_its_text(one) for one in told_apart)
    assert len(names) > 100
    assert told == bill.bill("1.2.3")


def verified(folder: Path, public: Path) -> bool:
    """What whoever installs does: the signature by the other half, then every sum."""
    if shutil.which("openssl") is None:
        return verified_here(folder, public)
    proof = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", str(public), "-rawin",
             "-in", "SHA256SUMS", "-sigfile", "SHA256SUMS.sig"]  # fmt: skip
    both = (proof, ["sha256sum", "--check", "--strict", "SHA256SUMS"])
    return all(subprocess.run(one, cwd=folder, capture_output=True).returncode == 0 for one in both)


def verified_here(folder: Path, public: Path) -> bool:
    """The same by the library."""
    half = load_pem_public_key(public.read_bytes())
    assert isinstance(half, Ed25519PublicKey)
    try:
        half.verify((folder / "SHA256SUMS.sig").read_bytes(), (folder / "SHA256SUMS").read_bytes())
    except InvalidSignature:
        return False
    proof = ("sha256sum", "--check", "--strict", "SHA256SUMS")
    return subprocess.run(proof, cwd=folder, capture_output=True).returncode == 0


def test_a_release_is_signed_and_a_changed_one_is_found(tmp_path: Path) -> None:
    folder, key = tmp_path / "release", tmp_path / "release.key"
    folder.mkdir()
    (folder / "handup-1.tar.gz").write_bytes(b"a release")
    public, other = release.make_key(key), release.make_key(tmp_path / "other.key")
    assert key.stat().st_mode & 0o077 == 0
    with pytest.raises(FileExistsError):
        release.make_key(key)
    release.sums(folder)
    release.sign(folder, key)
    assert release.sums(folder).read_text().count("\n") == 1, "the signature has no sum of its own"
    assert verified(folder, public)
    assert not verified(folder, other)
    (folder / "handup-1.tar.gz").write_bytes(b"another")
    assert not verified(folder, public)
    release.sums(folder)
    assert not verified(folder, public), "sums made anew are not signed"


def test_a_release_with_an_overdue_weakness_is_not_signed(tmp_path: Path) -> None:
    """Published on 1 May, high: from 1 June on nothing is signed with it, nor with an old list."""
    component = {"purl": "pkg:pypi/some-thing@2.1.0"}
    (tmp_path / "handup-1.cdx.json").write_text(json.dumps({"components": [component]}))
    told = {
        "id": "TEST-1",
        "published": "2026-05-01T00:00:00Z",
        "modified": "2026-05-30T00:00:00Z",
        "database_specific": {"severity": "HIGH"},
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": "some-thing"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}],
            }
        ],
    }
    listed = tmp_path / "list.json"
    listed.write_text(json.dumps(told))
    release.refuse_overdue(tmp_path, listed, date(2026, 5, 31))
    with pytest.raises(StepFailed, match="some-thing TEST-1"):
        release.refuse_overdue(tmp_path, listed, date(2026, 6, 1))
    with pytest.raises(StepFailed, match="is of 2026-05-30: too old"):
        release.refuse_overdue(tmp_path, listed, date(2026, 6, 7))
    with pytest.raises(StepFailed, match="LIST"):
        release.main(["sign", str(tmp_path), "release.key"])


class Serving:
    """Processes of this test, ended with it."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.folder, self.env = folder, env
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self, *words: str | Path) -> None:
        log = (self.folder / "log").open("ab")
        self.started.append(
            subprocess.Popen(words, env=self.env, cwd=self.folder, stdout=log, stderr=log)
        )

    def run(self, *words: str | Path) -> str:
        done = subprocess.run(words, env=self.env, cwd=self.folder, capture_output=True, text=True)
        assert done.returncode == 0, f"{words}: {done.stdout[-800:]}{done.stderr[-1500:]}"
        return done.stdout

    def end(self) -> list[int]:
        for process in self.started:
            process.send_signal(signal.SIGTERM)
        return [process.wait(30) for process in self.started]


@contextlib.contextmanager
def serving(folder: Path, env: dict[str, str]) -> Iterator[Serving]:
    held = Serving(folder, env)
    try:
        yield held
    finally:
        held.end()


def page(url: str, certificate: Path) -> tuple[int, dict[str, str], str]:
    """An answer over TLS, its certificate proved; what does not listen yet is waited for."""
    known = ssl.create_default_context(cafile=os.fspath(certificate))
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(url, context=known, timeout=20) as answer:
                return answer.status, dict(answer.headers), answer.read().decode()
        except urllib.error.HTTPError as fault:
            if fault.code not in {502, 503}:
                return fault.code, dict(fault.headers), ""
        except OSError:
            pass
        assert time.monotonic() < until, f"{url} does not answer"
        time.sleep(0.3)


def installed(folder: Path) -> Path:
    """The wheel built from the source package, in an environment of its own; its folder. Its
    packages are those of this one: what is tried is ours.
    """
    package = release.source_package(folder / "built")
    wheel = release.wheel(package, folder / "built")
    with zipfile.ZipFile(wheel) as held:
        inside = held.namelist()
    assert [name for name in inside if "/tests/" in name] == []
    assert any(re.fullmatch(r"handup/static/dist/house\.\w+\.css", name) for name in inside)
    assert any(name.startswith("handup/static/dist/field/") for name in inside)
    assert sum(name.endswith("django.mo") for name in inside) == 5
    to = folder / "opt/current"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", to], check=True)
    command: list[str | Path] = [sys.executable, "-m", "pip", "--python", to / "bin/python"]
    command += ["install", "--quiet", "--no-deps", "--no-index", wheel]
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(command, capture_output=True, text=True, env=kept)
    assert done.returncode == 0, done.stderr
    (site,) = to.glob("lib/python*/site-packages")
    (site / "shared.pth").write_text(f"{Path(yaml.__file__).parents[1]}\n")
    return to


def test_the_wheel_serves_pages_over_tls_by_the_commands_of_the_units(tmp_path: Path) -> None:
    """Packages, units, settings, web server and certificate together, as on a small server."""
    to = installed(tmp_path)
    files(tmp_path, "--sqlite")
    app, tls, plain, admin = (free_port() for _ in range(4))
    caddyfile = (tmp_path / "etc/Caddyfile").read_text()
    ports = f"\tadmin localhost:{admin}\n\thttp_port {plain}\n\thttps_port {tls}\n"
    caddyfile = caddyfile.replace(":8001", f":{app}").replace("{\n", "{\n" + ports, 1)
    (tmp_path / "etc/Caddyfile").write_text(caddyfile)
    lines = (tmp_path / "etc/handup.env").read_text().splitlines()
    pairs = [line.split("=", 1) for line in lines if line and not line.startswith("#")]
    env = {name: value.strip("'") for name, value in pairs}
    env["HANDUP_COPY"] = os.fspath(tmp_path / "copy")
    (tmp_path / "var").mkdir(mode=0o700, exist_ok=True)
    base = {"PATH": os.defpath, "HOME": os.fspath(tmp_path), "LANG": "C.UTF-8"}
    with serving(tmp_path, base | env) as held:
        handup = to / "bin/handup"
        where = held.run(to / "bin/python", "-c", "import handup; print(handup.__file__)").strip()
        assert Path(where).is_relative_to(to)
        held.run(handup, "migrate")
        check, pages = commands(tmp_path / "units/handup.service")
        held.run(*check)
        held.start(*[word.replace("8001", str(app)) for word in pages])
        held.start(
            beside("caddy"), "run", "--adapter", "caddyfile", "--config", tmp_path / "etc/Caddyfile"
        )
        certificate = tmp_path / "etc/tls/certificate.pem"
        status, headers, text = page(f"https://localhost:{tls}/start/", certificate)
        assert (status, headers["Strict-Transport-Security"][:16]) == (200, "max-age=31536000")
        assert "Server" not in headers
        css = re.search(r'href="(/static/[^"]+\.css)"', text)
        assert css is not None, "the page names its style sheet"
        assert page(f"https://localhost:{tls}{css[1]}", certificate)[0] == 200
        assert page(f"https://localhost:{tls}/health/ready", certificate)[2] == "ready\n"
        assert page(f"https://localhost:{tls}/metrics", certificate)[0] == 404
        for unit in ("handup-backup.service", "handup-follow.service"):
            (words,) = commands(tmp_path / "units" / unit)
            held.run(*words, *(["--once"] if "follow" in unit else []))
        assert len(list((tmp_path / "var/backups").iterdir())) == 1
        assert len(list((tmp_path / "copy").glob("*.whole.sealed"))) == 1
    told = [line for line in (tmp_path / "log").read_text().splitlines() if '"page"' in line]
    assert any(json.loads(line)["page"] == "org:start" for line in told)
