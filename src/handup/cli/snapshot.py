"""`handup snapshot --staff NAME`: writes the facts of all programmes in columns, without anybody's
identity. It goes into the trail and the read log."""

import argparse
from datetime import date
from pathlib import Path

from django.utils import timezone

from handup.cli.backup import FolderInUse
from handup.cli.staff import named_staff
from handup.results.services.columns import write_columns


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Who writes it, the day, the folder, and whether status and disability are told."""
    parser.add_argument("--staff", required=True, help="user name of who writes it")
    parser.add_argument("--as-of", type=date.fromisoformat, help="the last day (today)")
    parser.add_argument("--to", type=Path, help="a new folder; else one in the data folder")
    parser.add_argument(
        "--status",
        action="store_true",
        help="with legal status, disability and target groups, for counts that split by them",
    )


def run(args: argparse.Namespace) -> int:
    """Write, and say where and how much. Raises UnknownStaff, NotAllowed, FolderInUse."""
    staff = named_staff(args.staff)
    if args.to is not None and args.to.exists():
        raise FolderInUse(folder=args.to)
    day = args.as_of or timezone.localdate()
    written = write_columns(acting_staff=staff, day=day, sensitive=args.status, folder=args.to)
    size = sum(path.stat().st_size for path in written.folder.iterdir())
    rows = sum(written.rows.values())
    print(f"  {written.folder}  {rows:,} rows, {size:,} bytes up to {written.day}")
    return 0
