"""Writes a snapshot: every fact table as Parquet, with keyed numbers for ids, no name, no exact
place, nobody who is hidden, and status or disability only when asked for.

What the house keeps for itself is keyed by its own key. What leaves it is made for one recipient:
under a key of that recipient, of those persons alone who agree, places of few told one level up.

    <folder>/<table>.parquet   the rows of one table of all programmes
    <folder>/snapshot.json     the day, when it was known, columns with their classes, counts, sums
"""

import json
import secrets
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.org.snapshot import snapshot as one_state
from handup.people.models import Participation, Person
from handup.people.queries.persons import hidden_from_all
from handup.people.rules.sharing import SMALL_PLACE
from handup.projects.models import Programme
from handup.results.columns.keyed import (
    Numbers,
    Paper,
    house_key,
    key_for,
    mark,
    number,
    papers,
    sealed,
)
from handup.results.gathering import STORED as GATHER
from handup.results.gathering import Source
from handup.results.gathering.base import made_id
from handup.results.rules.expressions import Row
from handup.results.rules.fact_tables import STORED, Column, FactTable, Kind

if TYPE_CHECKING:
    import pyarrow as pa

MANIFEST = "snapshot.json"
AT_ONCE = 50_000
KEPT = 12
BETWEEN = "|"
FILES = (*(table.name for table in STORED), "keyed")
LARGE = frozenset({"due", "split"})
"""Tables that are read straight through and never held in memory."""


class EngineMissing(Refusal):
    """Snapshots in columns need the package {package}: install Handup with the extra `engine`."""


@dataclass(frozen=True, slots=True)
class Written:
    """A snapshot on disk: what its manifest tells."""

    folder: Path
    day: date
    made_at: datetime
    house: str
    agreement: str
    """The number of the agreement it was made under; "" where the house keeps it for itself."""
    counted_by: str
    """Which secret of a counting body seals the papers in it; "" for none."""
    programmes: tuple[str, ...]
    left_out: int
    """How many persons of the programme do not agree, and are not in it."""
    sensitive: bool
    rows: Mapping[str, int]
    sha256: str
    """Of the manifest, which holds the sum of every file."""


@dataclass(frozen=True, slots=True)
class MadeFor:
    """For whom a snapshot is made, of which programme, and who is in it: everybody else is left
    out. `secret` is the key of the counting body's secret, None where persons are not to be joined.
    """

    agreement: str
    recipient: UUID
    programme: Programme
    persons: frozenset[UUID]
    secret: bytes | None = None

    def left_out(self, hidden: frozenset[UUID]) -> frozenset[UUID]:
        """Everybody else the programme knows."""
        rows = Person._base_manager.values_list("pk", flat=True)
        return frozenset(rows) - self.persons | hidden

    def not_agreeing(self, hidden: frozenset[UUID]) -> int:
        """How many take part and do not agree; the hidden are not told."""
        rows = Participation._base_manager.filter(programme=self.programme).exclude(state="MERGED")
        return len(set(rows.values_list("person_id", flat=True)) - self.persons - hidden)


def base() -> Path:
    """Where the snapshots of this house lie."""
    return Path(settings.DATA_DIR) / "snapshots"


def write_snapshot(
    day: date,
    *,
    sensitive: bool = False,
    folder: Path | None = None,
    made_for: MadeFor | None = None,
) -> Written:
    """Write the facts up to a day, as they are known now: of all programmes for the house itself,
    or of one for a recipient.

    sensitive: with status, disability and target groups. A folder that is not finished is taken
    away; of those in the data folder older ones than the last twelve go. Raises EngineMissing.
    """
    _arrow()
    target = folder or base() / f"{day.isoformat()}-{secrets.token_hex(4)}"
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    target.mkdir(mode=0o700)
    try:
        with one_state():
            _write_all(target, day, made_for, sensitive=sensitive)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    if folder is None:
        _forget(target)
    return read_manifest(target)


def _write_all(target: Path, day: date, made_for: MadeFor | None, *, sensitive: bool) -> None:
    moment, hidden = timezone.now(), frozenset(hidden_from_all())
    key = house_key() if made_for is None else key_for(made_for.recipient)
    numbers, without = Numbers(key), hidden
    programmes = list(Programme.objects.order_by("code"))
    coarse: Coarse | None = None
    if made_for is not None:
        without, programmes = made_for.left_out(hidden), [made_for.programme]
    sources = [Source(row, day, without) for row in programmes]
    if made_for is not None:
        coarse = coarse_for(sources)
    rows = {
        table.name: _write(table, sources, numbers, target, coarse, sensitive=sensitive)
        for table in STORED
    }
    _write_keyed(numbers, target, made_for)
    told = {
        "day": day.isoformat(),
        "made_at": moment.isoformat(),
        "house": number(key, "house").to_bytes(8, "big").hex(),
        "agreement": made_for.agreement if made_for else "",
        "counted_by": mark(made_for.secret) if made_for else "",
        "programmes": [row.code for row in programmes],
        "left_out": made_for.not_agreeing(hidden) if made_for else 0,
        "sensitive": sensitive,
        "rows": rows,
    }
    _tell(target, told, sensitive=sensitive)


@dataclass(frozen=True, slots=True)
class Coarse:
    """What is told one level up, because few live there (protection.md 4.5)."""

    places: frozenset[str]
    """The places of level 2 with fewer than 20 persons."""
    kinds: frozenset[tuple[str, str]]
    """The towns, and the countryside, of areas with enough persons in each of them that has any:
    of other areas it is not told which it was."""


def coarse_for(sources: Sequence[Source]) -> Coarse:
    """What is told one level up, by where the persons live on the day of the snapshot."""
    living: Counter[str] = Counter()
    kinds: Counter[tuple[str, str]] = Counter()
    for source in sources:
        for fact in source.categories.values():
            area = fact.area_id
            first, second = source.areas.get(area, ("", "")) if area else ("", "")
            living[second] += 1
            kinds[first, source.settlements.on(area, source.cut_off)] += 1
    told = {code for source in sources for _first, code in source.areas.values() if code}
    thin = {first for (first, _kind), count in kinds.items() if count < SMALL_PLACE}
    return Coarse(
        frozenset(code for code in told if living[code] < SMALL_PLACE),
        frozenset(kind for kind in kinds if kind[0] not in thin),
    )


def columns_of(table: FactTable, *, sensitive: bool) -> list[Column]:
    """The columns of a table that a snapshot holds."""
    return [item for item in table.columns.values() if sensitive or item.data_class != "S"]


def _arrow() -> Any:
    try:
        import pyarrow
    except ImportError as missing:
        raise EngineMissing(package="pyarrow") from missing
    return pyarrow


def schema_of(columns: Sequence[Column]) -> "pa.Schema":
    """The types of columns in a file."""
    arrow = _arrow()
    types = {
        Kind.KEY: arrow.int64(),
        Kind.WHOLE: arrow.int64(),
        Kind.TEXT: arrow.string(),
        Kind.SET: arrow.string(),
        Kind.DAY: arrow.date32(),
        Kind.FLAG: arrow.bool_(),
    }
    return arrow.schema([(item.name, types[item.kind]) for item in columns])


def _write(
    table: FactTable,
    sources: Sequence[Source],
    numbers: Numbers,
    folder: Path,
    coarse: "Coarse | None" = None,
    *,
    sensitive: bool,
) -> int:
    """Write one table, places of few one level up; the number of its rows."""
    from pyarrow import RecordBatch, parquet

    columns = columns_of(table, sensitive=sensitive)
    schema = schema_of(columns)
    told = [(item.name, _teller(item, numbers)) for item in columns if item.name != "seq"]
    place = 0
    with parquet.ParquetWriter(folder / f"{table.name}.parquet", schema, compression="zstd") as out:
        rows = _coarser(table, _rows(table, sources), coarse)
        while some := list(islice(rows, AT_ONCE)):
            cells = {name: [tell(row.get(name)) for row in some] for name, tell in told}
            cells["seq"] = list(range(place, place + len(some)))
            place += len(some)
            out.write_batch(RecordBatch.from_pydict(cells, schema=schema))
    return place


def _rows(table: FactTable, sources: Sequence[Source]) -> Iterator[Row]:
    """The rows of all programmes; what belongs to the house and to no programme once."""
    seen_of_house: set[object] = set()
    for source in sources:
        found: Iterable[Row] = (
            GATHER[table.name](source) if table.name in LARGE else source.table(table.name)
        )
        for row in found:
            if row["programme"] == "":
                if row["record"] in seen_of_house:
                    continue
                seen_of_house.add(row["record"])
            yield row


def _coarser(table: FactTable, rows: Iterator[Row], coarse: Coarse | None) -> Iterator[Row]:
    """The rows without places of few. That an area has a group or a client is told, but by no
    record that stands in another table too; a client is not told where few live.
    """
    for row in rows:
        if coarse is None:
            yield row
            continue
        kind = row.get("urban_rural")
        if kind and (str(row["area1"]), str(kind)) not in coarse.kinds:
            row = {**row, "urban_rural": ""}
        if table.name == "presence" and coarse.places:
            if row["kind"] == "GROUP" or row["area"] not in coarse.places:
                yield {**row, "record": made_id(row["record"], "present")}
        elif row.get("area2") in coarse.places:
            yield {**row, "area2": ""}
        else:
            yield row


def _teller(column: Column, numbers: Numbers) -> Callable[[Any], Any]:
    if column.kind is Kind.KEY:
        return lambda held: None if held is None else numbers.of(str(held))
    if column.kind is Kind.SET:
        return lambda held: BETWEEN + "".join(f"{code}{BETWEEN}" for code in sorted(held or ()))
    if column.kind is Kind.TEXT:
        return lambda held: "" if held is None else str(held)
    return lambda held: held


def _write_keyed(numbers: Numbers, folder: Path, made_for: MadeFor | None) -> None:
    """The tokens of the papers of each person, where a counting body gave a secret."""
    from pyarrow import int64, parquet, string, table

    held: list[Paper] = []
    if made_for is not None and made_for.secret is not None:
        held = list(papers(made_for.persons))
    cells = {
        "person": [numbers.of(str(one.person)) for one in held],
        "kind": [one.kind for one in held],
        "token": [sealed(made_for.secret, f"{one.kind} {one.number}") for one in held]
        if made_for is not None and made_for.secret is not None
        else [],
    }
    types = _arrow().schema([("person", int64()), ("kind", string()), ("token", string())])
    parquet.write_table(table(cells, schema=types), folder / "keyed.parquet")


def _tell(folder: Path, known: Mapping[str, object], *, sensitive: bool) -> None:
    told = {
        **known,
        "program": version("handup"),
        "columns": {
            table.name: {
                item.name: item.data_class for item in columns_of(table, sensitive=sensitive)
            }
            for table in STORED
        },
        "sha256": {
            path.name: sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.glob("*.parquet"))
        },
    }
    file = folder / f"{MANIFEST}.new"
    file.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n")
    file.replace(folder / MANIFEST)


class NotASnapshot(Refusal):
    """{folder} is no snapshot, or it is not finished: it has no snapshot.json that can be read."""


class SnapshotChanged(Refusal):
    """{file} of the snapshot is not the file that was written."""


def read_manifest(folder: Path, *, check: bool = False) -> Written:
    """What a snapshot tells of itself; `check` sums its files again.

    Raises NotASnapshot, SnapshotChanged.
    """
    try:
        text = (folder / MANIFEST).read_bytes()
        told = json.loads(text)
        found = Written(
            folder,
            date.fromisoformat(told["day"]),
            datetime.fromisoformat(told["made_at"]),
            str(told["house"]),
            str(told["agreement"]),
            str(told["counted_by"]),
            tuple(str(code) for code in told["programmes"]),
            int(told["left_out"]),
            bool(told["sensitive"]),
            {str(name): int(count) for name, count in told["rows"].items()},
            sha256(text).hexdigest(),
        )
        sums = dict(told["sha256"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise NotASnapshot(folder=folder.name) from fault
    for name in FILES:
        if f"{name}.parquet" not in sums:
            raise SnapshotChanged(file=f"{name}.parquet")
    for name, expected in sums.items():
        path = folder / name
        if not path.is_file() or (check and sha256(path.read_bytes()).hexdigest() != expected):
            raise SnapshotChanged(file=name)
    return found


def finished() -> list[Written]:
    """The snapshots of this house that can be read, the latest made first."""
    found = []
    for folder in base().glob("*") if base().is_dir() else ():
        with suppress(NotASnapshot, SnapshotChanged):
            found.append(read_manifest(folder))
    return sorted(found, key=lambda item: item.made_at, reverse=True)


def shared_columns(paths: Sequence[Path]) -> list[str]:
    """The columns that every one of some files has: houses with status and without are counted
    together by what all of them tell."""
    from pyarrow import parquet

    first, *others = [parquet.read_schema(path).names for path in paths]
    return [name for name in first if all(name in held for held in others)]


def _forget(newest: Path) -> None:
    for old in finished()[KEPT:]:
        if old.folder != newest:
            shutil.rmtree(old.folder, ignore_errors=True)
