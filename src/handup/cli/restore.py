"""`handup restore FOLDER`: the database and the files of a backup brought back, then proved.

Only into an empty place: nothing that is there is written over. The keys are not in a backup; they
must be where the program looks for them.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from handup.cli.backup import REGISTER, WHERE, database_file
from handup.kernel.errors import Refusal
from handup.org import backup_slip, erased
from handup.org.models import ProofOutcome, ProofReason
from handup.org.proving import prove
from handup.org.sqlite import files_of
from handup.people.services.erasure import replay_erasures


class BackupMissing(Refusal):
    """{folder} holds no backup: there is no SHA256SUMS in it."""


class BackupDamaged(Refusal):
    """{file} of the backup is not as it was written. Take another copy."""


class PlaceInUse(Refusal):
    """{place} is in use. Move it away first, so that nothing is lost."""


class KeysMissing(Refusal):
    """The keys must be at {place} before a backup is brought back: it cannot be read without."""


class OtherDatabase(Refusal):
    """The backup is of another kind of database than the settings name."""


class RestoreFailed(Refusal):
    """The copy could not be brought back: {reason}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """From where."""
    parser.add_argument("folder", type=Path, help="a folder that `handup backup` wrote")


def run(args: argparse.Namespace) -> int:
    """Check the copy, bring it back, bring its tables up to date, erase again who was erased since,
    prove everything.
    """
    folder: Path = args.folder
    _check_sums(folder)
    if not Path(settings.KEYS_FILE).exists():
        raise KeysMissing(place=settings.KEYS_FILE)
    for name, place in (("files", settings.MEDIA_ROOT), ("heads", settings.HEADS_DIR)):
        held = Path(place)
        if (folder / name).exists() and held.exists() and any(held.iterdir()):
            raise PlaceInUse(place=held)
    if connection.vendor == "postgresql":
        _postgresql(folder / "handup.dump")
    else:
        _sqlite(folder / "handup.sqlite3", database_file())
    for name, place in (("files", settings.MEDIA_ROOT), ("heads", settings.HEADS_DIR)):
        if (folder / name).exists():
            shutil.copytree(folder / name, place, dirs_exist_ok=True)
    call_command("migrate", interactive=False, verbosity=0)
    erased.take_over(folder / REGISTER)
    if again := replay_erasures():
        print(f"  {again} persons who were erased since are erased again")
    print(backup_slip.compared(folder / backup_slip.FILE))
    found = prove(ProofReason.RESTORED, deep=True)
    print(f"  {found.get_outcome_display()}: {found.checks} proofs, {found.differences} differ")
    if found.outcome == ProofOutcome.DIFFERS:
        return 1
    return 2 if found.outcome == ProofOutcome.FAILED else 0


def _check_sums(folder: Path) -> None:
    """Every file is as it was written, and none is missing."""
    sums = folder / "SHA256SUMS"
    if not sums.is_file():
        raise BackupMissing(folder=folder)
    for line in sums.read_text().splitlines():
        wanted, _gap, name = line.partition("  ")
        file = folder / name
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != wanted:
            raise BackupDamaged(file=name)


def _sqlite(copy: Path, file: Path) -> None:
    if not copy.is_file():
        raise OtherDatabase()
    connection.close()
    for held in files_of(file):  # a log left here would be read as part of what is brought back
        if held.exists() and held.stat().st_size:
            raise PlaceInUse(place=held)
        held.unlink(missing_ok=True)
    part = file.with_name(f"{file.name}.part")  # a copy that was cut off is never taken for whole
    shutil.copyfile(copy, part)
    part.chmod(0o600)
    part.replace(file)


def _postgresql(copy: Path) -> None:
    if not copy.is_file():
        raise OtherDatabase()
    if connection.introspection.table_names():
        raise PlaceInUse(place=settings.DATABASES["default"]["NAME"])
    held = settings.DATABASES["default"]
    program = shutil.which("pg_restore")
    if program is None:
        raise RestoreFailed(reason="pg_restore is not installed.")
    words = [program, "--exit-on-error", "--no-owner", f"--dbname={held['NAME']}"]
    words += [f"--{name.lower()}={held[key]}" for name, key in WHERE if held.get(key)]
    env = {**os.environ, "PGPASSWORD": str(held.get("PASSWORD") or "")}
    connection.close()
    done = subprocess.run([*words, str(copy)], env=env, capture_output=True, text=True, check=False)  # noqa: S603  fixed words, no shell
    if done.returncode:
        raise RestoreFailed(reason=done.stderr.strip())
