"""`handup stick FOLDER [--keep N]`: a sealed copy on a stick, read back after it is written.

FOLDER is where the stick is (`E:\\` or `/media/office/STICK`). Copies of this house lie in `handup`
on it, one folder each; the newest N stay. A copy counts only once every piece of it was read from
the stick again and opened with the keys. A stick that is full, gone, or worn out is told plainly,
and the copies that lie on it stay. (rulings 42)
"""

import argparse
import errno
import os
import re
import shutil
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from handup.cli.backup import KEY, OPEN, BackupFailed, make_copy, sum_of
from handup.kernel import sealed_files
from handup.kernel.errors import Refusal
from handup.org import copies, keys

PLACE = "handup"
HALF = ".half"
"""How the name of a copy ends that is still being written."""
NAME = re.compile(r"\d{8}T\d{6}Z")
KEEP = 5
APART = "stick-"
"""How the name of the folder begins that a copy is made in before it is sealed."""
BLOCK = 65_536
"""The largest block in which sticks give room."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
WINDOWS = os.name == "nt"


class StickMissing(Refusal):
    """There is no stick at {folder}. Put it in, wait until it is shown, and try again."""


class NotAStick(Refusal):
    """{folder} lies on the same disk as this house: a copy there is lost with it. Name the folder
    of the stick."""


class StickFull(Refusal):
    """The stick is full: a copy takes {needed} MB, and {free} MB are free. The newest copy on it
    stays. Take a larger stick, or take away what else lies on it."""


class StickOutOfRoom(Refusal):
    """There is no room left, on the stick or on the disk of this computer. This copy does not
    count; those that were on the stick stay."""


class StickGone(Refusal):
    """The stick was taken out or does not work ({reason}). This copy does not count. Put the stick
    in, or take another one, and try again."""


class StickWrong(Refusal):
    """What was read back from the stick is not what was written ({file}). This copy does not count,
    and the stick may be worn out: take another one."""


class CannotSeal(Refusal):
    """The keys cannot be read, so nothing is written on a stick: whoever found it could read it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the stick is, and how many copies stay on it."""
    parser.add_argument("folder", type=Path, help="where the stick is")
    parser.add_argument("--keep", type=_kept, default=KEEP, help=f"copies that stay ({KEEP})")


def _kept(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 1000:
        raise argparse.ArgumentTypeError("from 1 to 1000")
    return number


def run(args: argparse.Namespace) -> int:
    """Write a copy, read it back, thin out the older ones."""
    stick: Path = args.folder
    try:
        keys.load().lasting_key(KEY)
    except (Refusal, OSError) as fault:
        raise CannotSeal from fault
    try:
        if not stick.is_dir():
            raise StickMissing(folder=stick)
        if disk_of(stick) == disk_of(Path(settings.DATA_DIR)):
            raise NotAStick(folder=stick)
        made, gone = _brought(stick / PLACE, datetime.now(tz=UTC), args.keep)
    except OSError as fault:
        if fault.errno in FULL:
            raise StickOutOfRoom from fault
        raise StickGone(reason=fault.strerror or str(fault)) from fault
    print(f"The copy is on the stick and was read back: {made}")
    print(
        "  Sealed: it opens only where the keys of this house are. The keys are not on the stick."
    )
    if gone:
        print(f"  {gone} older copies were taken away.")
    print("  Take the stick out safely, and keep it in another building.")
    return 0


def disk_of(folder: Path) -> int:
    """Which disk a folder lies on."""
    return folder.stat().st_dev


def _brought(place: Path, now: datetime, keep: int) -> tuple[Path, int]:
    """Make the copy in the house, so that nothing unsealed ever touches the stick, then bring it
    there: where it lies, and how many older ones went."""
    place.mkdir(exist_ok=True)
    for path in place.glob(f"*{HALF}"):  # what a stick that was pulled out left
        shutil.rmtree(path)
    with _apart() as apart:
        made = Path(apart) / copies.name_at(now)
        made.mkdir(mode=0o700)
        make_copy(made, now)
        _make_room(place, made)
        half = place / (made.name + HALF)
        try:
            _carry(made, half)
            _on_the_disk(half)
            read_back(half)
        except BaseException:
            shutil.rmtree(half, ignore_errors=True)
            raise
    whole = half.with_suffix("")
    half.rename(whole)
    return whole, _thin_out(place, whole, keep)


def _apart() -> tempfile.TemporaryDirectory[str]:
    """A folder on the disk of the house for what is not sealed yet, or opened to look whether it
    can be. What a power cut left of an earlier one goes first: it is a whole database.
    """
    house = Path(settings.DATA_DIR)
    before = time.time() - copies.AT_WORK.total_seconds()
    for path in house.glob(f"{APART}*"):
        if path.stat().st_mtime < before:
            shutil.rmtree(path)
    return tempfile.TemporaryDirectory(prefix=APART, dir=house)


def _carry(made: Path, half: Path) -> None:
    """Write the copy on the stick, file by file."""
    half.mkdir()
    for path in sorted(made.rglob("*")):
        to = half / path.relative_to(made)
        if path.is_dir():
            to.mkdir()
        else:
            shutil.copyfile(path, to)


def size_of(copy: Path) -> int:
    """How much room a copy takes on a stick, each file in whole blocks."""
    files = [path for path in copy.rglob("*") if path.is_file()]
    return sum(-(-path.stat().st_size // BLOCK) * BLOCK for path in files) + BLOCK * len(files)


def _make_room(place: Path, made: Path) -> None:
    """Where there is too little room, older copies go now, the newest never. Raises StickFull."""
    there, needed = _whole(place), size_of(made)
    while (free := shutil.disk_usage(place).free) < needed:
        if len(there) <= 1:
            raise StickFull(needed=-(-needed // 1_000_000), free=free // 1_000_000)
        shutil.rmtree(there.pop(0))


def _whole(place: Path) -> list[Path]:
    """The finished copies, the oldest first; nothing else that lies there is touched."""
    rows = [path for path in place.iterdir() if NAME.fullmatch(path.name) and path.is_dir()]
    return sorted(path for path in rows if not path.is_symlink() and (path / copies.SUMS).is_file())


def _thin_out(place: Path, made: Path, keep: int) -> int:
    """Take the oldest away until `keep` are left; never the one just made, which is not the last
    by its name where the clock of the computer was set back.
    """
    others = [path for path in _whole(place) if path != made]
    gone = others[: max(0, len(others) + 1 - keep)]
    for path in gone:
        shutil.rmtree(path)
    return len(gone)


def _on_the_disk(folder: Path) -> None:
    """Bring every file to the stick, and forget what of it is remembered: reading back reads the
    stick."""
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir() and WINDOWS:
            continue  # Windows brings folders to the disk by itself
        # Windows brings to the disk only what is open for writing.
        held = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
        try:
            os.fsync(held)
            if path.is_file() and hasattr(os, "posix_fadvise"):
                os.posix_fadvise(held, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(held)


def read_back(copy: Path) -> None:
    """Read a copy from the stick: every file as its sum says, and each sealed one opens. Raises
    StickWrong."""
    lines = (copy / copies.SUMS).read_text().splitlines()
    told = {name: told for told, name in (line.split("  ", 1) for line in lines)}
    key = keys.load().lasting_key(KEY)
    with _apart() as apart:
        for name, wanted in told.items():
            path = copy / name
            if not path.is_file() or sum_of(path) != wanted:
                raise StickWrong(file=name)
            plain = Path(name).as_posix().removesuffix(sealed_files.END)
            if plain in OPEN:
                continue
            opened = Path(apart) / "opened"
            try:
                sealed_files.open_file(path, opened, key=key, name=plain)
            except Refusal as fault:
                raise StickWrong(file=name) from fault
            opened.unlink()
    if not told:
        raise BackupFailed(reason="nothing was written")
