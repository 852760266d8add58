"""Builds what is handed on: the source package, the wheel, what is in them, and their sums.

    python -m tools.release [FOLDER]            # build/release unless another is named
    python -m tools.release key FILE            # makes a key to sign with; its other half beside
    python -m tools.release sign FOLDER FILE LIST   # SHA256SUMS.sig, by the key

LIST is what osv.dev knows of PyPI and npm today: with a package that should have been mended by
now nothing is signed (docs/security/packages.md).

The key is kept apart from the machine that builds. Whoever installs has the other half from before
and looks: openssl pkeyutl -verify -pubin -inkey release.pub -rawin -in SHA256SUMS
-sigfile SHA256SUMS.sig && sha256sum --check SHA256SUMS

Built from a copy of what belongs to it, so that nothing left over from an older build gets in. The
front-end and the catalogues are built before (make install). The wheel is built from the source
package, which shows that the source package is whole.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from handup.cli.audit import of_bill
from handup.cli.weaknesses import CRITICAL, DAYS, compare, records
from tools import bill
from tools.environment import DIST
from tools.steps import BUILD, ROOT, StepFailed, say, step

PARTS = ("src", "deploy", "docs", "requirements")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.egg-info", "tests", ".gitkeep")
BUILD_IT = """
import sys
from setuptools import build_meta
print(getattr(build_meta, sys.argv[1])(sys.argv[2]))
"""


def _build(kind: str, source: Path, to: Path) -> Path:
    """Call the package's own way of being built, in a folder; the file it wrote."""
    to.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", BUILD_IT, kind, str(to.resolve())],
        cwd=source,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": ""},
    )
    if done.returncode:
        raise StepFailed(f"{kind} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return to / done.stdout.split()[-1]


def source_package(to: Path) -> Path:
    """The source package, with the built front-end inside; its file."""
    if not DIST.is_dir() or not any(DIST.glob("*.css")):
        raise StepFailed("the front-end is not built: make install")
    with tempfile.TemporaryDirectory(prefix="handup-source-") as folder:
        for part in PARTS:
            shutil.copytree(ROOT / part, Path(folder, part), ignore=LEFT_OUT)
        for file in (*ROOT.glob("*.md"), *ROOT.glob("LICENSE"), *ROOT.glob("Makefile")):
            shutil.copy(file, folder)
        for name in ("pyproject.toml", "MANIFEST.in"):
            shutil.copy(ROOT / name, folder)
        return _build("build_sdist", Path(folder), to)


def wheel(package: Path, to: Path) -> Path:
    """The wheel of a source package; its file."""
    with tempfile.TemporaryDirectory(prefix="handup-wheel-") as folder:
        shutil.unpack_archive(package, folder, filter="data")
        (source,) = Path(folder).iterdir()
        return _build("build_wheel", source, to)


def sums(folder: Path) -> Path:
    """The sums of everything in the folder, as `sha256sum --check` reads them."""
    lines = [
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}"
        for file in sorted(folder.iterdir())
        if not file.name.startswith("SHA256SUMS")
    ]
    told = folder / "SHA256SUMS"
    told.write_text("\n".join(lines) + "\n")
    return told


def make_key(file: Path) -> Path:
    """A key to sign releases with, for its owner only, and its other half; that one's file.
    Nothing is written over.
    """
    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(text)
    public = file.with_suffix(".pub")
    public.write_bytes(
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    return public


def sign(folder: Path, file: Path) -> Path:
    """Sign the sums of a release; the signature's file."""
    key = load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise StepFailed(f"{file} is no key made by `python -m tools.release key`")
    signature = folder / "SHA256SUMS.sig"
    signature.write_bytes(key.sign((folder / "SHA256SUMS").read_bytes()))
    return signature


def refuse_overdue(folder: Path, weaknesses: Path, today: date) -> None:
    """Sign no release with a package whose known weakness should have been mended by now, or with
    a list that is older than the shortest time (docs/security/packages.md).
    """
    (listed,) = folder.glob("*.cdx.json")
    found, reading = compare(records(weaknesses), of_bill(listed))
    if reading.newest < (today - timedelta(days=DAYS[CRITICAL])).isoformat():
        raise StepFailed(f"{weaknesses} is of {reading.newest or 'an unknown day'}: too old")
    late = [f"{one.package.name} {one.id}" for one in found if one.is_overdue(today)]
    if late or reading.not_judged:
        told = ", ".join([*late, *reading.not_judged])
        raise StepFailed(f"not signed, to be mended or read first: {told}")


def version() -> str:
    """The version of what is built."""
    found = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    if found is None:
        raise StepFailed("pyproject.toml names no version")
    return found[1]


def main(words: Sequence[str]) -> int:
    """Build all of it into a folder made anew; or make a key, or sign."""
    match list(words):
        case ["key", file]:
            say(f"{make_key(Path(file))} goes to whoever installs; {file} stays with you")
            return 0
        case ["sign", named, file, weaknesses]:
            refuse_overdue(Path(named), Path(weaknesses), datetime.now(UTC).date())
            say(str(sign(Path(named), Path(file))))
            return 0
        case ["sign", *_]:
            raise StepFailed("sign FOLDER KEY LIST: LIST is what osv.dev knows of PyPI today")
    folder = Path(words[0]) if words else BUILD / "release"
    shutil.rmtree(folder, ignore_errors=True)
    with step("the source package"):
        package = source_package(folder)
    with step("the wheel, from the source package"):
        wheel(package, folder)
    with step("the bill of materials"):
        bill.write(folder / f"handup-{version()}.cdx.json", version())
    sums(folder)
    say("\n".join(f"  {file.name}" for file in sorted(folder.iterdir())))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except StepFailed as fault:
        sys.exit(str(fault))
