"""The same expressions on Spark: a session on a cluster, its tables, and how to ask for cells."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from handup.results.columns.asking import Cells, Fetch
from handup.results.columns.expressing import Lake
from handup.results.columns.writing import FILES, EngineMissing, shared_columns

AT_ONCE = 12
"""So many indicators go into one question: planning a question takes Spark longer than asking."""


def settings_for(secret: str, *, memory: str, partitions: int) -> dict[str, str]:
    """What a session is opened with: everything on the loopback address, days without a zone, no
    guess that depends on size."""
    return {
        "spark.authenticate": "true",
        "spark.authenticate.secret": secret,
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.executor.memory": memory,
        "spark.sql.autoBroadcastJoinThreshold": "-1",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(partitions),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }


def schema_of(paths: Sequence[str]) -> str:
    """The columns that all of some files have as Spark names their types."""
    from pyarrow import parquet

    names = {"int64": "BIGINT", "string": "STRING", "date32[day]": "DATE", "bool": "BOOLEAN"}
    held = set(shared_columns([Path(path) for path in paths]))
    told = [item for item in parquet.read_schema(paths[0]) if item.name in held]
    return ", ".join(f"`{item.name}` {names[str(item.type)]}" for item in told)


@contextmanager
def opened(
    folders: Sequence[Path],
    address: str,
    secret: str,
    environment: Mapping[str, str],
    *,
    programme: str = "",
    memory: str = "700m",
    partitions: int = 2,
) -> Iterator[tuple[Lake, Fetch]]:
    """The fact tables of snapshots on a cluster, and how to ask for cells. The workers read the
    folders under the same names. Raises EngineMissing.
    """
    try:
        import ibis
        from pyspark.sql import SparkSession
    except ImportError as missing:
        raise EngineMissing(package="pyspark") from missing
    for name in ("JAVA_HOME", "SPARK_HOME", "SPARK_LOCAL_IP"):
        os.environ[name] = environment[name]
    builder = SparkSession.builder.master(address).appName("handup")
    for key, value in settings_for(secret, memory=memory, partitions=partitions).items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    try:
        engine = ibis.pyspark.connect(session)
        tables = {}
        for name in FILES:
            paths = [str(folder.resolve() / f"{name}.parquet") for folder in folders]
            read = session.read.schema(schema_of(paths))  # told, not looked for by a job
            read.parquet(*paths).createOrReplaceTempView(f"fact_{name}")
            tables[name] = engine.table(f"fact_{name}")

        def fetch(question: Any) -> Cells:
            return list(engine.to_pyarrow(question).to_pylist())

        yield Lake(tables, programme), fetch
    finally:
        session.stop()
