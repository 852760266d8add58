"""DuckDB inside the program: it reads the files of snapshots, and fetches nothing from anywhere."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from handup.results.columns.asking import Cells, Fetch
from handup.results.columns.expressing import Lake
from handup.results.columns.writing import FILES, EngineMissing, shared_columns

MEMORY = "3GB"


@contextmanager
def opened(
    folders: Sequence[Path], *, programme: str = "", memory: str = MEMORY, threads: int = 0
) -> Iterator[tuple[Lake, Fetch]]:
    """The fact tables of snapshots, and how to ask for cells. What does not fit in memory is put
    beside; no extension is fetched or loaded. Raises EngineMissing.
    """
    try:
        import ibis
    except ImportError as missing:
        raise EngineMissing(package="ibis-framework") from missing
    with tempfile.TemporaryDirectory(prefix="handup-duck-") as spill:
        options: dict[str, Any] = {
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "memory_limit": memory,
            "temp_directory": spill,
        }
        if threads:
            options["threads"] = threads
        engine = ibis.duckdb.connect(":memory:", **options)
        try:
            tables = {}
            for name in FILES:
                paths = [folder / f"{name}.parquet" for folder in folders]
                read = engine.read_parquet(
                    [str(path) for path in paths], table_name=f"fact_{name}", union_by_name=True
                )
                tables[name] = read.select(*shared_columns(paths))

            def fetch(question: Any) -> Cells:
                return list(engine.to_pyarrow(question).to_pylist())

            names = (f"derived_{number}" for number in count())

            def keep(table: Any) -> Any:
                return engine.create_table(next(names), table, temp=True)

            yield Lake(tables, programme, keep), fetch
        finally:
            engine.disconnect()
