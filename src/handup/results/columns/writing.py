"""Writes a snapshot: every fact table as Parquet, with keyed numbers for ids, no name, no exact
place, nobody who is hidden, and status or disability only when asked for.

    <folder>/<table>.parquet   the rows of one table of all programmes
    <folder>/snapshot.json     the day, when it was known, columns with their classes, counts, sums
"""

import json
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.org.snapshot import snapshot as one_state
from handup.people.queries.persons import hidden_from_all
from handup.projects.models import Programme
from handup.results.columns.keyed import Numbers, house_key, mark, number
from handup.results.gathering import STORED as GATHER
from handup.results.gathering import Source
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
    national: str
    sensitive: bool
    rows: Mapping[str, int]
    sha256: str
    """Of the manifest, which holds the sum of every file."""


def base() -> Path:
    """Where the snapshots of this house lie."""
    return Path(settings.DATA_DIR) / "snapshots"


def write_snapshot(day: date, *, sensitive: bool = False, folder: Path | None = None) -> Written:
    """Write the facts of all programmes up to a day, as they are known now.

    sensitive: with status, disability and target groups. A folder that is not finished is taken
    away; older snapshots than the last twelve go. Raises EngineMissing.
    """
    _arrow()
    target = folder or base() / f"{day.isoformat()}-{secrets.token_hex(4)}"
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    target.mkdir(mode=0o700)
    try:
        with one_state():
            moment, numbers = timezone.now(), Numbers()
            without = hidden_from_all()
            sources = [Source(row, day, without) for row in Programme.objects.order_by("code")]
            rows = {
                table.name: _write(table, sources, numbers, target, sensitive=sensitive)
                for table in STORED
            }
            _write_keyed(numbers, target)
        _tell(target, day, moment, numbers, rows, sensitive=sensitive)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    if folder is None:
        _forget(target)
    return read_manifest(target)


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
    *,
    sensitive: bool,
) -> int:
    """Write one table; the number of its rows."""
    from pyarrow import RecordBatch, parquet

    columns = columns_of(table, sensitive=sensitive)
    schema = schema_of(columns)
    told = [(item.name, _teller(item, numbers)) for item in columns if item.name != "seq"]
    place = 0
    with parquet.ParquetWriter(folder / f"{table.name}.parquet", schema, compression="zstd") as out:
        rows = _rows(table, sources)
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


def _teller(column: Column, numbers: Numbers) -> Callable[[Any], Any]:
    if column.kind is Kind.KEY:
        is_person = column.name == "person"
        return lambda held: None if held is None else numbers.of(str(held), person=is_person)
    if column.kind is Kind.SET:
        return lambda held: BETWEEN + "".join(f"{code}{BETWEEN}" for code in sorted(held or ()))
    if column.kind is Kind.TEXT:
        return lambda held: "" if held is None else str(held)
    return lambda held: held


def _write_keyed(numbers: Numbers, folder: Path) -> None:
    """Which persons have the number of the country."""
    from pyarrow import int64, parquet, table

    keyed = table({"person": sorted(numbers.keyed)}, schema=_arrow().schema([("person", int64())]))
    parquet.write_table(keyed, folder / "keyed.parquet")


def _tell(
    folder: Path,
    day: date,
    moment: datetime,
    numbers: Numbers,
    rows: Mapping[str, int],
    *,
    sensitive: bool,
) -> None:
    told = {
        "day": day.isoformat(),
        "made_at": moment.isoformat(),
        "program": version("handup"),
        "house": number(house_key(), "house").to_bytes(8, "big").hex(),
        "national": mark(numbers.national),
        "sensitive": sensitive,
        "rows": dict(rows),
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
            str(told["national"]),
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
