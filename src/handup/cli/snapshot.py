"""`handup snapshot --staff NAME`: writes the facts in columns, without anybody's identity: of all
programmes for this house, or with `--agreement` of one for its recipient. It goes into the trail
and the read log."""

import argparse
from datetime import date
from pathlib import Path

from django.utils import timezone

from handup.cli.backup import FolderInUse
from handup.cli.staff import named_staff
from handup.kernel.errors import Refusal
from handup.results.columns.writing import Written, read_manifest
from handup.results.services.columns import agreement_named, send_columns, write_columns


class AgreementAndFolder(Refusal):
    """Name both: a folder (--to), and the agreement under which it is given (--agreement)."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Who writes it, the day, for whom, and whether status and disability are told."""
    parser.add_argument("--staff", required=True, help="user name of who writes it")
    parser.add_argument("--as-of", type=date.fromisoformat, help="the last day (today)")
    parser.add_argument("--to", type=Path, help="a new folder, for what is given to a recipient")
    parser.add_argument("--agreement", help="the number of the agreement it is given under")
    parser.add_argument(
        "--status",
        action="store_true",
        help="with legal status, disability and target groups, for counts that split by them",
    )


def run(args: argparse.Namespace) -> int:
    """Write, and say where and how much. Raises UnknownStaff, NotAllowed, AgreementAndFolder,
    FolderInUse."""
    staff = named_staff(args.staff)
    if (args.to is None) is not (args.agreement is None):
        raise AgreementAndFolder
    day = args.as_of or timezone.localdate()
    if args.to is None:
        _say(write_columns(acting_staff=staff, day=day, sensitive=args.status))
        return 0
    if args.to.exists():
        raise FolderInUse(folder=args.to)
    given = send_columns(
        acting_staff=staff,
        agreement=agreement_named(staff, args.agreement),
        day=day,
        folder=args.to,
        sensitive=args.status,
    )
    written = read_manifest(args.to)
    _say(written)
    print(f"  {given.code}: {given.count:,} persons who agree; {written.left_out:,} do not")
    return 0


def _say(written: Written) -> None:
    size = sum(path.stat().st_size for path in written.folder.iterdir())
    rows = sum(written.rows.values())
    print(f"  {written.folder}  {rows:,} rows, {size:,} bytes up to {written.day}")
