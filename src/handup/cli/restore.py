"""`handup restore FOLDER [--until MOMENT]`: the database and the files of a backup brought back,
then proved.

Only into an empty place: nothing that is there is written over. The keys are not in a backup; they
must be where the program looks for them. FOLDER is what `handup backup` wrote, or where `handup
follow` brings what changed; of the latter any kept moment can be brought back.
"""

import argparse
import shutil
import tempfile
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from handup.cli.backup import KEY, OPEN, REGISTER, asked_by, database_file, run_beside, sum_of
from handup.kernel import sealed_files
from handup.kernel.errors import Refusal
from handup.org import backup_slip, control_totals, erased, following, keys
from handup.org.models import ProofOutcome, ProofReason, ProofRun
from handup.org.proving import prove
from handup.org.sqlite import files_of, sqlite3
from handup.people.services.erasure import replay_erasures


class BackupMissing(Refusal):
    """{folder} holds no backup: there is no SHA256SUMS in it."""


class BackupDamaged(Refusal):
    """{file} of the backup is not as it was written. Take another copy."""


class PlaceInUse(Refusal):
    """{place} is in use. Move it away first, so that nothing is lost."""


class KeysMissing(Refusal):
    """The keys must be at {place} before a backup is brought back: it cannot be read without."""


class OtherTotals(Refusal):
    """What came back is not what was copied: {first} (and {more} more). Take another copy."""


class OtherDatabase(Refusal):
    """The backup is of another kind of database than the settings name."""


class RestoreFailed(Refusal):
    """The copy could not be brought back: {reason}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """From where."""
    parser.add_argument("folder", type=Path, help="written by `handup backup` or `handup follow`")
    parser.add_argument(
        "--until",
        type=datetime.fromisoformat,
        help="of what `handup follow` kept, the state of this moment (2026-11-28T14:03+00:00;"
        " without +00:00 in the time zone of the house)",
    )


def run(args: argparse.Namespace) -> int:
    """Check the copy, bring it back, bring its tables up to date, erase again who was erased since,
    prove everything.
    """
    folder: Path = args.folder
    until: datetime | None = args.until
    if until is not None and timezone.is_naive(until):
        until = timezone.make_aware(until)
    if not Path(settings.KEYS_FILE).exists():
        raise KeysMissing(place=settings.KEYS_FILE)
    for name, place in (("files", settings.MEDIA_ROOT), ("heads", settings.HEADS_DIR)):
        held = Path(place)
        if (folder / name).exists() and held.exists() and any(held.iterdir()):
            raise PlaceInUse(place=held)
    with tempfile.TemporaryDirectory(prefix="restore-", dir=settings.DATA_DIR) as opened:
        plain = Path(opened, "copy")
        if following.is_one(folder):
            following.lay_out(folder, plain, until=until)
        elif until is not None:
            raise following.NothingFollowed(folder=folder)
        else:
            _check_sums(folder)
            _open(folder, plain)
        _bring_back(plain)
        found = _prove(plain)
    print(f"  {found.get_outcome_display()}: {found.checks} proofs, {found.differences} differ")
    if found.outcome == ProofOutcome.DIFFERS:
        return 1
    return 2 if found.outcome == ProofOutcome.FAILED else 0


def _open(folder: Path, to: Path) -> None:
    """The copy as it was before it was sealed; one that never was as it is, and that is said.
    What lies open beside sealed files was put there by somebody else. Raises BackupDamaged.
    """
    sealed = any(folder.rglob(f"*{sealed_files.END}"))
    key = keys.load().lasting_key(KEY) if sealed else b""
    if not sealed:
        print("  NOT SEALED: nothing shows that this copy was made by this house.")
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = file.relative_to(folder).as_posix()
        if sealed and name not in OPEN and not name.endswith(sealed_files.END):
            raise BackupDamaged(file=name)
        place = to / name.removesuffix(sealed_files.END)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if name.endswith(sealed_files.END):
            inner = name.removesuffix(sealed_files.END)
            sealed_files.open_file(file, place, key=key, name=inner)
        else:
            shutil.copyfile(file, place)


def _bring_back(folder: Path) -> None:
    """The database, then the files."""
    if connection.vendor == "postgresql":
        _postgresql(folder / "handup.dump")
        with connection.cursor() as cursor:
            _compare_totals(folder, asked_by(cursor), control_totals.POSTGRESQL)
    else:
        _sqlite(folder / "handup.sqlite3", database_file())
    for name, place in (("files", settings.MEDIA_ROOT), ("heads", settings.HEADS_DIR)):
        if (folder / name).exists():
            shutil.copytree(folder / name, place, dirs_exist_ok=True)


def _compare_totals(folder: Path, ask: control_totals.Ask, columns: str) -> None:
    """Every table has the rows and the sums it had when the copy was made."""
    if (folder / control_totals.FILE).is_file():
        now = control_totals.taken(ask, columns)
        if differs := control_totals.differing(folder, now):
            raise OtherTotals(first=differs[0], more=len(differs) - 1)
        print(f"  Control totals: {len(now)} tables as they were copied")


def _prove(folder: Path) -> ProofRun:
    """Bring the tables up to date, erase again who was erased since, prove everything."""
    call_command("migrate", interactive=False, verbosity=0)
    erased.take_over(folder / REGISTER)
    if again := replay_erasures():
        print(f"  {again} persons who were erased since are erased again")
    print(backup_slip.compared(folder / backup_slip.FILE))
    return prove(ProofReason.RESTORED, deep=True)


def _check_sums(folder: Path) -> None:
    """Every file is as it was written, and none is missing."""
    sums = folder / "SHA256SUMS"
    if not sums.is_file():
        raise BackupMissing(folder=folder)
    for line in sums.read_text().splitlines():
        wanted, _gap, name = line.partition("  ")
        file = folder / name
        if not file.is_file() or sum_of(file) != wanted:
            raise BackupDamaged(file=name)


def _sqlite(copy: Path, file: Path) -> None:
    if not copy.is_file():
        raise OtherDatabase()
    held_copy = sqlite3.connect(copy)
    try:
        _compare_totals(copy.parent, held_copy.execute, control_totals.SQLITE)
    finally:
        held_copy.close()
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
    connection.close()
    done = run_beside([*words, str(copy)], held)
    if done.returncode:
        raise RestoreFailed(reason=done.stderr.strip())
