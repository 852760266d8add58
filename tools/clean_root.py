"""Tries deploy/install.sh on a bare Debian 12 in a folder of its own: `python -m tools.clean_root`.

    python -m tools.clean_root [--sqlite] [--keep]

Needs root, `mmdebstrap` and a network. It makes a root with nothing in it but Debian, unpacks the
source package there, installs with a certificate of its own, starts the commands of the units (no
systemd runs in such a root), asks pages over TLS, makes a backup, installs again, and goes up a
release and back. What it did is printed; the status is 0 when all of it went well.
"""

import argparse
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from tools import release
from tools.steps import BUILD, ROOT, StepFailed, say, step

HOST = "127.0.0.1"
NEXT = "0.1.0.post1"
WAIT = 300


class CleanRoot:
    """A bare Debian in a folder; everything in it is run as from its own machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[subprocess.Popen[bytes]] = []

    def make(self) -> None:
        """Lay Debian into the folder, with this machine's ways to the network and to itself (an
        installed Debian knows where localhost is).
        """
        for needed in ("mmdebstrap", "chroot"):
            if shutil.which(needed) is None:
                raise StepFailed(f"not run: {needed} is not on this machine")
        with step("a bare Debian 12"):
            self._outside(
                "mmdebstrap", "--variant=minbase", "--include=systemd", "bookworm", str(self.folder)
            )
        for name in ("etc/resolv.conf", "etc/hosts", "etc/pip.conf", "etc/apt/apt.conf.d"):
            held = Path("/", name)
            for file in held.glob("*") if held.is_dir() else [held]:
                if file.is_file():
                    to = self.folder / file.relative_to("/")
                    to.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(file, to)
        certificates = Path("/etc/ssl/certs/ca-certificates.crt")
        if certificates.is_file():
            to = self.folder / certificates.relative_to("/")
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(certificates, to)
            own = self.folder / "usr/local/share/ca-certificates/outside.crt"
            own.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(certificates, own)

    def _outside(self, *words: str) -> None:
        """A command of this machine."""
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode:
            raise StepFailed(f"{words[0]}: {done.stderr[-2000:]}")

    def words(self, *words: str) -> list[str]:
        """A command of this machine that runs one inside."""
        mounted = 'mount -t proc proc /proc; exec "$@"'
        return ["unshare", "--mount", "--pid", "--fork", "--kill-child",
                "chroot", str(self.folder), "sh", "-c", mounted, "sh", *words]  # fmt: skip

    def run(self, *words: str, fails: bool = False) -> str:
        """Run something inside; what it said."""
        done = subprocess.run(self.words(*words), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)  # fmt: skip
        (BUILD / "log").mkdir(parents=True, exist_ok=True)
        with (BUILD / "log/clean_root.log").open("a") as log:
            log.write(f"$ {' '.join(words)}\n{done.stdout}\n")
        if (done.returncode != 0) is not fails:
            raise StepFailed(
                f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout[-3000:]}"
            )
        return done.stdout

    def start(self, *words: str) -> None:
        """Start something inside that goes on."""
        log = (BUILD / "log/clean_root.started.log").open("ab")
        self.started.append(subprocess.Popen(self.words(*words), stdout=log, stderr=log))

    def end(self) -> None:
        """End what was started."""
        for process in reversed(self.started):
            process.kill()  # what it started ends with it
            process.wait(20)
        self.started.clear()


def command_of(unit: Path) -> list[str]:
    """What a unit starts."""
    found = re.search(r"^ExecStart=(.+)$", unit.read_text(), re.MULTILINE)
    if found is None:
        raise StepFailed(f"{unit.name} starts nothing")
    return found[1].split()


def start_units(root: CleanRoot, sqlite: bool) -> None:
    """Start what systemd would, as its account and with its settings."""
    units = root.folder / "etc/systemd/system"
    lines = [command_of(units / "handup.service")]
    if not sqlite:
        pages = command_of(units / "handup@.service")
        lines = [[word.replace("%i", port) for word in pages] for port in ("8001", "8002")]
        lines.append(command_of(units / "handup-worker.service"))
        cluster = "$(pg_lsclusters -h | cut -d' ' -f1,2 | head -1)"
        root.start("sh", "-c", f"pg_ctlcluster {cluster} start; exec sleep infinity")
        time.sleep(5)
    for words in lines:
        root.start("/usr/local/bin/handup", *words[1:])
    root.start("caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile")


def answer(path: str, folder: Path) -> tuple[int, str]:
    """Status and text of a page over TLS; the certificate made there is proved."""
    known = ssl.create_default_context(cafile=str(folder / "etc/handup/tls/certificate.pem"))
    until = time.monotonic() + WAIT
    while True:
        try:
            with urllib.request.urlopen(f"https://{HOST}{path}", context=known, timeout=10) as page:
                return page.status, page.read().decode()
        except OSError as fault:
            if time.monotonic() > until:
                raise StepFailed(f"https://{HOST}{path}: {fault}") from fault
            time.sleep(1)


def unpack(root: CleanRoot, package: Path, version: str) -> str:
    """Unpack the source package inside; the place of its install script."""
    to = root.folder / f"root/handup-{version}"
    shutil.unpack_archive(package, to.parent, filter="data")
    if not to.exists():
        shutil.copytree(to.parent / package.name.removesuffix(".tar.gz"), to)
        about = to / "pyproject.toml"
        about.write_text(
            re.sub(r'(?m)^version = ".*"$', f'version = "{version}"', about.read_text())
        )
    return f"/root/handup-{version}/deploy/install.sh"


def trial(root: CleanRoot, package: Path, sqlite: bool) -> None:
    """All of it, in the order an office would."""
    version = package.name.removeprefix("handup-").removesuffix(".tar.gz")
    script = unpack(root, package, version)
    choices = ["--host", HOST, "--own-certificate", *(["--sqlite"] if sqlite else [])]
    for title in ("installing", "installing again"):
        with step(title):
            root.run(script, "install", *choices)
    with step("its services answer over TLS"):
        start_units(root, sqlite)
        status, text = answer("/start/", root.folder)
        if status != 200 or "<form" not in text:
            raise StepFailed(f"/start/ answered {status}:\n{text[:500]}")
        if answer("/health/ready", root.folder)[0] != 200:
            raise StepFailed("it is not ready")
    with step("a backup"):
        root.run("handup", "backup", "--rotate")
    with step("up a release and back"):
        after = unpack(root, package, NEXT)
        root.run(after, "upgrade")
        told = root.run("readlink", "/opt/handup/current")
        if NEXT not in told:
            raise StepFailed(f"current is {told}")
        root.run(after, "back")
        if NEXT in root.run("readlink", "/opt/handup/current"):
            raise StepFailed("going back did not")


def main(words: Sequence[str]) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sqlite", action="store_true")
    parser.add_argument("--keep", action="store_true", help="leave the root where it is")
    asked = parser.parse_args(words)
    root = CleanRoot(Path(tempfile.mkdtemp(prefix="handup-root-", dir=BUILD)))
    try:
        package = release.source_package(BUILD / "release")
        root.make()
        trial(root, package, asked.sqlite)
    except StepFailed as fault:
        say(str(fault))
        return 1
    finally:
        root.end()
        if not asked.keep:
            shutil.rmtree(root.folder, ignore_errors=True)
    say(f"Handup installs on a bare Debian 12 ({'SQLite' if asked.sqlite else 'PostgreSQL'}).")
    return 0


if __name__ == "__main__":
    (ROOT / "build").mkdir(exist_ok=True)
    sys.exit(main(sys.argv[1:]))
