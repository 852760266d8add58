"""Known weaknesses of packages as OSV writes them down (ossf.github.io/osv-schema, 1.7), and which
of them some packages have. Nothing here asks a network.
"""

import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import total_ordering
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from handup.kernel.errors import Refusal

PYPI, NPM = "PyPI", "npm"
MOST_BYTES = 2_000_000_000
MOST_RECORD = 20_000_000
SEMVER = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")


CRITICAL, HIGH, MODERATE, LOW = "CRITICAL", "HIGH", "MODERATE", "LOW"
DAYS = {CRITICAL: 7, HIGH: 30, MODERATE: 90, LOW: 90}
"""How many days after it was published a weakness is mended (protection.md 4.10, V15.1)."""
SCORES = ((9.0, CRITICAL), (7.0, HIGH), (4.0, MODERATE), (0.0, LOW))


class NotAList(Refusal):
    """This file holds no list of weaknesses as OSV writes it: JSON, one record a line, or a ZIP."""


class ListTooLarge(Refusal):
    """A list of weaknesses may have {most} million bytes at most."""


@dataclass(frozen=True, slots=True)
class Package:
    """One package of a version: `ecosystem` as OSV names it."""

    ecosystem: str
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Found:
    """A weakness a package has; `fixed` are the versions that have it no more."""

    package: Package
    id: str
    summary: str
    fixed: tuple[str, ...]
    severity: str = CRITICAL
    published: str = ""

    @property
    def due(self) -> date | None:
        """Until when it is mended (docs/security/packages.md); None: nobody says since when."""
        try:
            return date.fromisoformat(self.published) + timedelta(days=DAYS[self.severity])
        except ValueError:
            return None

    def is_overdue(self, today: date) -> bool:
        """Whether it should have been mended by now; without a day it should."""
        return self.due is None or self.due < today


@dataclass(slots=True)
class Reading:
    """What was read of a list: how many records, of which those that could not be judged are told
    by their id, and the newest day any was changed on."""

    records: int = 0
    not_judged: tuple[str, ...] = ()
    newest: str = ""


@total_ordering
class _Order:
    """A version of npm in the order of semver.org, 11."""

    def __init__(self, text: str) -> None:
        found = SEMVER.fullmatch(text.strip())
        if found is None:
            raise InvalidVersion(text)
        self.number = tuple(int(part or 0) for part in found.groups()[:3])
        before = found.group(4)
        parts = before.split(".") if before else []
        self.before = tuple(
            (0, int(part), "") if part.isascii() and part.isdigit() else (1, 0, part)
            for part in parts
        )

    def _key(self) -> tuple[Any, ...]:
        return self.number, not self.before, self.before

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Order) and self._key() == other._key()

    def __lt__(self, other: "_Order") -> bool:
        return self._key() < other._key()

    def __hash__(self) -> int:
        return hash(self._key())


ORDERS: Mapping[str, Callable[[str], Any]] = {PYPI: Version, NPM: _Order}


def plain(ecosystem: str, name: str) -> str:
    """A package's name as all its spellings are compared."""
    return re.sub(r"[-_.]+", "-", name).lower() if ecosystem == PYPI else name


def records(file: Path) -> Iterator[Any]:
    """Every record of a file. Raises NotAList, ListTooLarge."""
    if file.stat().st_size > MOST_BYTES:
        raise ListTooLarge(most=MOST_BYTES // 1_000_000)
    if zipfile.is_zipfile(file):
        yield from _zipped(file)
        return
    content = file.read_bytes()
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        yield from _lines(content)
        return
    yield from told if isinstance(told, list) else [told]


BROKEN = (zipfile.BadZipFile, zlib.error, RuntimeError, ValueError, EOFError, OSError)
"""What reading a damaged archive raises. RuntimeError: locked with a password, packed in a way
unknown here, or a record nested too deep.
"""


def _zipped(file: Path) -> Iterator[Any]:
    try:
        with zipfile.ZipFile(file) as archive:
            for member in archive.infolist():
                if not member.filename.endswith(".json"):
                    continue
                if member.file_size > MOST_RECORD:
                    raise ListTooLarge(most=MOST_RECORD // 1_000_000)
                yield json.loads(archive.read(member))
    except BROKEN as fault:
        raise NotAList from fault


def _lines(content: bytes) -> Iterator[Any]:
    try:
        for line in content.splitlines():
            if line.strip():
                yield json.loads(line)
    except (ValueError, RecursionError) as fault:
        raise NotAList from fault


def compare(told: Iterable[Any], packages: Iterable[Package]) -> tuple[list[Found], Reading]:
    """Which weaknesses the packages have, in the order of the packages, and what was read. A record
    that names one of them and cannot be judged is told, never passed over. Raises NotAList.
    """
    ours: dict[tuple[str, str], list[Package]] = {}
    for package in packages:
        ours.setdefault((package.ecosystem, plain(package.ecosystem, package.name)), []).append(
            package
        )
    reading = Reading()
    found: list[Found] = []
    unsure: list[str] = []
    for record in told:
        if not isinstance(record, Mapping) or not isinstance(record.get("id"), str):
            raise NotAList
        reading.records += 1
        reading.newest = max(reading.newest, str(record.get("modified", ""))[:10])
        if record.get("withdrawn"):
            continue
        try:
            found += _of(record, ours)
        except (InvalidVersion, AttributeError, KeyError, TypeError, ValueError):
            unsure.append(str(record["id"])[:60])
    if not reading.records:
        raise NotAList
    reading.not_judged = tuple(unsure)
    order = {package: place for place, package in enumerate(chain.from_iterable(ours.values()))}
    return sorted(set(found), key=lambda one: (order[one.package], one.id)), reading


def _of(
    record: Mapping[str, Any], ours: Mapping[tuple[str, str], list[Package]]
) -> Iterator[Found]:
    for affected in record.get("affected") or ():
        named = affected.get("package") or {}
        ecosystem = str(named.get("ecosystem", "")).partition(":")[0]
        key = (ecosystem, plain(ecosystem, str(named.get("name", ""))))
        for package in ours.get(key, ()):
            if has(affected, package):
                summary = str(record.get("summary") or record.get("details") or "")
                yield Found(
                    package,
                    record["id"],
                    summary.split("\n")[0][:200],
                    _fixed(affected),
                    severity_of(record),
                    str(record.get("published", ""))[:10],
                )


def severity_of(record: Mapping[str, Any]) -> str:
    """How grave a weakness is: the word of who published it, else a score; CRITICAL when nobody
    says. A vector without its score is not worked out here.
    """
    word = str((record.get("database_specific") or {}).get("severity", "")).upper()
    if word == "MEDIUM":
        return MODERATE
    if word in DAYS:
        return word
    for one in record.get("severity") or ():
        try:
            score = float(one.get("score", ""))
        except (AttributeError, TypeError, ValueError):
            continue
        return next((name for least, name in SCORES if score >= least), LOW)
    return CRITICAL


def has(affected: Mapping[str, Any], package: Package) -> bool:
    """Whether a package is of an affected version: one that is named, or one within a range. Raises
    InvalidVersion where a version has no place in the order.
    """
    if any(_is_same(named, package) for named in affected.get("versions") or ()):
        return True
    ranges = [one for one in affected.get("ranges") or () if one.get("type") != "GIT"]
    if not ranges:
        return not affected.get("versions")
    return any(_within(one["events"], package) for one in ranges)


def _is_same(named: str, package: Package) -> bool:
    """Whether a version that is named is the package's, however it is written (1.0 is 1.0.0); one
    that has no place in the order is compared by letter.
    """
    order = ORDERS[package.ecosystem]
    try:
        return named == package.version or bool(order(named) == order(package.version))
    except InvalidVersion:
        return False


def _within(events: Iterable[Mapping[str, str]], package: Package) -> bool:
    """As the schema's "evaluation" says: the last event at or below the version decides."""
    order = ORDERS[package.ecosystem]
    ours, inside = order(package.version), False
    told = [
        (text, kind)
        for event in events
        for kind, text in event.items()
        if kind in {"introduced", "fixed", "last_affected"}
    ]
    first: list[tuple[Any, str]] = [(None, kind) for text, kind in told if text == "0"]
    later: list[tuple[Any, str]] = [(order(text), kind) for text, kind in told if text != "0"]
    for at, kind in [*first, *sorted(later, key=itemgetter(0))]:
        if kind == "introduced" and (at is None or ours >= at):
            inside = True
        elif (kind == "fixed" and ours >= at) or (kind == "last_affected" and ours > at):
            inside = False
    return inside


def _fixed(affected: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        str(event["fixed"])
        for one in affected.get("ranges") or ()
        if one.get("type") != "GIT"
        for event in one["events"]
        if "fixed" in event
    )
