"""Backups in the folder of this house: how old each is, and how old ones go (protection.md 4.6).

What `handup backup` writes without being told where lies in DATA_DIR/backups, one folder a copy,
named by its moment. Copies carried elsewhere are out of this program's reach: whoever keeps them
takes them away.
"""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

from django.conf import settings

FORM = "%Y%m%dT%H%M%SZ"
SUMS = "SHA256SUMS"


def folder() -> Path:
    """Where copies lie unless somebody says otherwise."""
    return Path(settings.DATA_DIR) / "backups"


def name_at(moment: datetime) -> str:
    """The name of a copy made at a moment."""
    return f"{moment.astimezone(UTC):{FORM}}"


def whole() -> list[tuple[date, Path]]:
    """Every finished copy with its day, the oldest first. A folder with another name, or without
    its sums (still being written, or not ours), is none.
    """
    found = []
    for path in folder().glob("*Z") if folder().is_dir() else ():
        try:
            made = datetime.strptime(path.name, FORM).replace(tzinfo=UTC)
        except ValueError:
            continue
        if not path.is_symlink() and (path / SUMS).is_file():
            found.append((made.date(), path))
    return sorted(found)


def old(before: date) -> list[Path]:
    """The copies from before a day, but never the newest: an old copy is better than none."""
    return [path for made, path in whole()[:-1] if made < before]


def due(before: date) -> int:
    """How many are older than a day."""
    return len(old(before))


def remove(before: date) -> int:
    """Take them away; how many."""
    gone = old(before)
    for path in gone:
        shutil.rmtree(path)
    return len(gone)
