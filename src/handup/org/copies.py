"""Backups in the folder of this house: how old each is, and how old ones go (protection.md 4.6).

What `handup backup` writes without being told where lies in DATA_DIR/backups, one folder a copy,
named by its moment. Copies carried elsewhere are out of this program's reach: whoever keeps them
takes them away.
"""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

FORM = "%Y%m%dT%H%M%SZ"
SUMS = "SHA256SUMS"
GOING = ".going"
"""How the name of a copy ends that is being taken away."""
AT_WORK = timedelta(days=1)
"""A copy without its sums is being written for no longer than this."""


def folder() -> Path:
    """Where copies lie unless somebody says otherwise."""
    return Path(settings.DATA_DIR) / "backups"


def name_at(moment: datetime) -> str:
    """The name of a copy made at a moment."""
    return f"{moment.astimezone(UTC):{FORM}}"


def _named() -> Iterator[tuple[datetime, Path]]:
    """Every folder with a name of ours, with its moment."""
    for path in folder().iterdir() if folder().is_dir() else ():
        try:
            made = datetime.strptime(path.name.removesuffix(GOING), FORM).replace(tzinfo=UTC)
        except ValueError:
            continue
        if path.is_dir() and not path.is_symlink():
            yield made, path


def _is_whole(path: Path) -> bool:
    return path.suffix != GOING and (path / SUMS).is_file()


def whole() -> list[tuple[date, Path]]:
    """Every finished copy with its day, the oldest first. A folder with another name, or without
    its sums (still being written, or not ours), is none.
    """
    return sorted((made.date(), path) for made, path in _named() if _is_whole(path))


def moments() -> list[datetime]:
    """When each finished copy was made, the oldest first."""
    return sorted(made for made, path in _named() if _is_whole(path))


def unfinished(now: datetime) -> list[Path]:
    """What a power cut left of copies that were being written or taken away: whole databases,
    perhaps, that nothing would count.
    """
    return sorted(
        path
        for made, path in _named()
        if path.suffix == GOING or (not _is_whole(path) and made < now - AT_WORK)
    )


def old(before: date) -> list[Path]:
    """The copies from before a day, but never the newest: an old copy is better than none."""
    return [path for made, path in whole()[:-1] if made < before]


DAYS, WEEKS = 14, 8
"""What is kept when copies are thinned out: the newest of each of the last days, and of weeks."""


def spare(now: datetime) -> list[Path]:
    """The finished copies that thinning out takes away: neither the newest of one of the last 14
    days with a copy, nor of one of the last 8 weeks with one. The newest of all always stays.
    """
    made = sorted(((at, path) for at, path in _named() if _is_whole(path)), reverse=True)
    days: dict[date, Path] = {}
    weeks: dict[tuple[int, int], Path] = {}
    for at, path in made:
        days.setdefault(at.date(), path)
        year, week, _day = at.isocalendar()
        weeks.setdefault((year, week), path)
    kept = {*list(days.values())[:DAYS], *list(weeks.values())[:WEEKS]}
    return [path for _at, path in reversed(made) if path not in kept]


def thin_out(now: datetime) -> int:
    """Take away what need not be kept, and what was never finished; how many."""
    gone = [*spare(now), *unfinished(now)]
    for path in gone:
        _taking_away(path)()
    return len(gone)


def due(before: date) -> int:
    """How many are older than a day, or were never finished."""
    return len(old(before)) + len(unfinished(timezone.now()))


def remove(before: date) -> int:
    """Take them away once the approval is stored; how many. What fails is told in the log and due
    again in the next night.
    """
    gone = [*old(before), *unfinished(timezone.now())]
    for path in gone:
        transaction.on_commit(_taking_away(path), robust=True)
    return len(gone)


def _taking_away(path: Path) -> Callable[[], None]:
    """Takes a copy away, under another name first, so that what is left of it is never one."""

    def take_away() -> None:
        there = path if path.suffix == GOING else path.rename(path.with_name(path.name + GOING))
        shutil.rmtree(there)

    return take_away
