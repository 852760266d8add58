"""The embedded database followed: every minute the pages that changed go, sealed, to another
folder, best on another disk. Any kept minute can be brought back:

    handup restore FOLDER --until MOMENT

In the folder: `<moment>.whole.sealed` is all pages, `<moment>.pages.sealed` those that changed
since the one before; `files/` and `heads/` hold what lies beside the database, sealed. A piece is
written under another name, brought to the disk and then named, so that a cut leaves none that is
half. Each says the hash of the state it leads to: a missing piece is found, not played over.
"""

import hashlib
import shutil
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from handup.kernel import sealed_files
from handup.kernel.errors import Refusal
from handup.org import erased, keys, nightly
from handup.org.jobs import job
from handup.org.sqlite import copy, sqlite3

KEY = "org.following"
FORM = "%Y%m%dT%H%M%S.%fZ"
WHOLE, PAGES = ".whole.sealed", ".pages.sealed"
DATABASE = "handup.sqlite3"
REGISTER = "erased.txt"
PAGE = 4096
HEAD = struct.Struct(">32s32sQ")
"""Hash of the state before, hash of the state after, length of the file after."""
NUMBER = struct.Struct(">Q")
WHOLE_EVERY = timedelta(days=1)
KEPT_WHOLES = 3
LEFT_ALONE = timedelta(days=2)
"""After so long without a whole nobody follows any more."""


class NothingFollowed(Refusal):
    """{folder} holds no state of the database from before that moment."""


class PieceMissing(Refusal):
    """A piece of what was followed is missing or changed after {name}. Name an earlier moment."""


def is_one(folder: Path) -> bool:
    """Whether a folder is one that was followed to."""
    return folder.is_dir() and any(folder.glob(f"*{WHOLE}"))


def pieces(folder: Path) -> list[tuple[datetime, Path]]:
    """Every piece with its moment, the oldest first."""
    found = []
    for path in folder.glob("*.sealed"):
        name = path.name.removesuffix(WHOLE).removesuffix(PAGES)
        try:
            found.append((datetime.strptime(name, FORM).replace(tzinfo=UTC), path))
        except ValueError:
            continue
    return sorted(found)


def _pages(file: Path) -> Iterator[bytes]:
    with file.open("rb") as held:
        while page := held.read(PAGE):
            yield page


def _hash(file: Path) -> bytes:
    with file.open("rb") as held:
        return hashlib.file_digest(held, "sha256").digest()


class Follower:
    """Follows one database to one folder; keeps the state sent last beside the database."""

    def __init__(self, database: Path, folder: Path) -> None:
        """Begin; the folder is made when it is not there."""
        self.database, self.folder = database, folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.sent = database.with_name(f"{database.name}.followed")
        self.now = database.with_name(f"{database.name}.following")
        self._watched: tuple[sqlite3.Connection, int] | None = None
        self._joins = False

    def _changed(self) -> bool:
        """Whether somebody wrote since it was last asked; true at first."""
        if self._watched is None:
            held = sqlite3.connect(f"{self.database.as_uri()}?mode=ro", uri=True, timeout=60)
            self._watched = held, -1
        held, last = self._watched
        (version,) = held.execute("PRAGMA data_version").fetchone()
        self._watched = held, version
        return bool(version != last)

    def close(self) -> None:
        """Let the database go."""
        if self._watched is not None:
            self._watched[0].close()
            self._watched = None

    def send(self, at: datetime) -> Path | None:
        """Send what changed until now; the new piece, None when nothing did."""
        self._files()
        whole = self._whole_is_due(at)
        if not self._changed() and not whole:
            return None
        self.now.unlink(missing_ok=True)
        copy(self.database, self.now)
        self.now.chmod(0o600)
        before = _hash(self.sent) if self.sent.exists() else b"\0" * 32
        after = _hash(self.now)
        if after == before and not whole:
            return None
        end = WHOLE if whole else PAGES
        draft = self.now.with_name(f"{self.now.name}.pages")
        self._write(draft, HEAD.pack(before, after, self.now.stat().st_size), whole=whole)
        self._joins = False
        piece = self._seal(draft, f"{at.astimezone(UTC):{FORM}}{end}")
        self.now.replace(self.sent)
        self._joins = True
        if whole:
            self._thin_out()
        return piece

    def _whole_is_due(self, at: datetime) -> bool:
        held = pieces(self.folder)
        wholes = [made for made, path in held if path.name.endswith(WHOLE)]
        if not wholes or not self.sent.exists() or at - wholes[-1] >= WHOLE_EVERY:
            return True
        since = sum(path.stat().st_size for made, path in held if made > wholes[-1])
        return since > self.database.stat().st_size or not self._goes_on(held[-1][1])

    def _goes_on(self, last: Path) -> bool:
        """Whether the last piece leads to the state sent last. After a cut between naming a piece
        and keeping its state, or where another house sent to the folder, it does not, and a next
        piece would begin from a state nobody is at.
        """
        if not self._joins:
            opened = self.now.with_name(f"{self.now.name}.last")
            try:
                key = keys.load().lasting_key(KEY)
                sealed_files.open_file(last, opened, key=key, name=last.name)
                with opened.open("rb") as piece:
                    _before, after, _length = HEAD.unpack(piece.read(HEAD.size))
                self._joins = after == _hash(self.sent)
            except (sealed_files.SealBroken, struct.error):
                return False
            finally:
                opened.unlink(missing_ok=True)
        return self._joins

    def _write(self, draft: Path, head: bytes, *, whole: bool) -> None:
        """The pages that differ from the state sent last, each behind its number."""
        last: Iterator[bytes] = iter(()) if whole else _pages(self.sent)
        with draft.open("wb") as out:
            out.write(head)
            for number, page in enumerate(_pages(self.now)):
                if next(last, b"") != page:
                    out.write(NUMBER.pack(number) + page)

    def _seal(self, draft: Path, name: str) -> Path:
        part = self.folder / f"{name}.part"
        part.unlink(missing_ok=True)
        key = keys.load().lasting_key(KEY)
        sealed_files.seal_file(draft, part, key=key, name=name)
        draft.unlink()
        return part.replace(self.folder / name)

    def _files(self) -> None:
        """Bring what lies beside the database, sealed: new files and those of another size."""
        key = keys.load().lasting_key(KEY)
        for name, place in _beside():
            for file in Path(place).rglob("*"):
                own = f"{name}/{file.relative_to(place).as_posix()}"
                to = self.folder / f"{own}{sealed_files.END}"
                if not file.is_file() or _is_there(to, file):
                    continue
                to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                part = to.with_name(f"{to.name}.part")
                part.unlink(missing_ok=True)
                sealed_files.seal_file(file, part, key=key, name=own)
                part.replace(to)
        if erased.path().exists():
            shutil.copyfile(erased.path(), self.folder / REGISTER)

    def _thin_out(self) -> None:
        """Keep the newest wholes and what follows the oldest of them; files that are gone go."""
        held = pieces(self.folder)
        wholes = [made for made, path in held if path.name.endswith(WHOLE)]
        for made, path in held:
            if made < wholes[-KEPT_WHOLES:][0]:
                path.unlink()
        for name, place in _beside():
            for file in (self.folder / name).rglob("*"):
                own = file.relative_to(self.folder / name).as_posix()
                gone = not (Path(place) / own.removesuffix(sealed_files.END)).exists()
                if file.is_file() and gone:
                    file.unlink()


def _beside() -> tuple[tuple[str, Path | str], ...]:
    """What lies beside the database: its name in a copy, and where it is."""
    return ("files", settings.MEDIA_ROOT), ("heads", settings.HEADS_DIR)


def _is_there(sealed: Path, file: Path) -> bool:
    size = sealed_files.sealed_size(file.stat().st_size)
    return sealed.exists() and sealed.stat().st_size == size


def lay_out(folder: Path, to: Path, *, until: datetime | None = None) -> datetime:
    """Lay the newest state from not after a moment to a folder, as a copy that is brought back; its
    moment. Raises NothingFollowed, PieceMissing, SealBroken.
    """
    held = [(made, path) for made, path in pieces(folder) if until is None or made <= until]
    wholes = [made for made, path in held if path.name.endswith(WHOLE)]
    if not wholes:
        raise NothingFollowed(folder=folder)
    to.mkdir(parents=True, exist_ok=True, mode=0o700)
    database, opened = to / DATABASE, to / "piece"
    key = keys.load().lasting_key(KEY)
    state = b""
    for _made, path in [one for one in held if one[0] >= wholes[-1]]:
        sealed_files.open_file(path, opened, key=key, name=path.name)
        state = _play(opened, database, state, whole=path.name.endswith(WHOLE), name=path.name)
        opened.unlink()
    for name in ("files", "heads"):
        for file in (folder / name).rglob(f"*{sealed_files.END}"):
            own = file.relative_to(folder).as_posix().removesuffix(sealed_files.END)
            (to / own).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            sealed_files.open_file(file, to / own, key=key, name=own)
    if (folder / REGISTER).is_file():
        shutil.copyfile(folder / REGISTER, to / REGISTER)
    return held[-1][0]


def _play(piece: Path, database: Path, state: bytes, *, whole: bool, name: str) -> bytes:
    """Lay the pages of one piece over the database; the hash of what it is then."""
    with piece.open("rb") as pages:
        before, after, length = HEAD.unpack(pages.read(HEAD.size))
        if not whole and before != state:
            raise PieceMissing(name=name)
        with database.open("r+b" if database.exists() else "w+b") as out:
            while number := pages.read(NUMBER.size):
                out.seek(NUMBER.unpack(number)[0] * PAGE)
                out.write(pages.read(PAGE))
            out.truncate(length)
    database.chmod(0o600)
    if _hash(database) != after:
        raise PieceMissing(name=name)
    return bytes(after)


def forget(database: Path, now: datetime) -> None:
    """Where following was switched off, take the state sent last from beside the database: whoever
    was erased since does not live on in it. Followed again, a whole is sent.
    """
    for file in database.parent.glob(f"{database.name}.follow*"):
        if file.stat().st_mtime < (now - LEFT_ALONE).timestamp():
            file.unlink(missing_ok=True)


@job
def forget_at_night() -> None:
    """Every night, on a house with the embedded database."""
    file = Path(str(settings.DATABASES["default"]["NAME"]))
    if file.is_file():
        forget(file, timezone.now())


nightly.register(forget_at_night)
