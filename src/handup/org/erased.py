"""The erasure register: a file beside the keys, outside the database and its backups' reach, so
that whoever was erased is erased again when an older backup is brought back (protection.md 4.8).

One line an erasure: the keyed hash of the id, the day, the ground. Nobody is named; without the
index key a line cannot be led back to anyone.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from django.conf import settings

from handup.kernel.crypto import keyed_hash
from handup.kernel.errors import Refusal
from handup.org import keys


class RegisterBroken(Refusal):
    """The erasure register {path} cannot be read in line {line}. Mend it from a copy first."""


@dataclass(frozen=True, slots=True)
class Erased:
    """One erasure that was carried out."""

    day: date
    ground: str


def hash_of(record_id: UUID) -> str:
    """What the register knows a record by."""
    return keyed_hash(keys.load().lasting_key("erased"), str(record_id))


def path() -> Path:
    """Where the register lies."""
    return Path(settings.ERASED_FILE)


def add(record_id: UUID, day: date, ground: str) -> None:
    """Write an erasure down, once; it is on the disk when this returns."""
    line = hash_of(record_id)
    if line in read():
        return
    _append([f"{line} {day.isoformat()} {ground}"])


def holds(record_id: UUID) -> bool:
    """Whether the register knows a record."""
    return hash_of(record_id) in read()


def read() -> dict[str, Erased]:
    """Every erasure by its hash. Raises RegisterBroken: a restore must not go on without."""
    file = path()
    if not file.exists():
        return {}
    return dict(_lines(file, file.read_text(encoding="ascii").splitlines()))


def _lines(file: Path, lines: Iterable[str]) -> Iterator[tuple[str, Erased]]:
    for number, line in enumerate(lines, start=1):
        parts = line.split()
        try:
            name, day, ground = parts
            yield name, Erased(date.fromisoformat(day), ground)
        except ValueError as fault:
            raise RegisterBroken(path=file, line=number) from fault


def take_over(copy: Path) -> None:
    """Add what a copy of the register knows and this one does not."""
    if not copy.exists():
        return
    known = read()
    lines = copy.read_text(encoding="ascii").splitlines()
    _append(
        [
            line
            for line, (name, _e) in zip(lines, _lines(copy, lines), strict=True)
            if name not in known
        ]
    )


def _append(lines: list[str]) -> None:
    if not lines:
        return
    file = path()
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as out:
        out.write("".join(f"{line}\n" for line in lines))
        out.flush()
        os.fsync(out.fileno())
