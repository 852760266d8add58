"""A cluster of Spark on one machine by one command, for snapshots too many for one process:

    python deploy/cluster.py [--workers 2] [--cores 1] [--memory 1g] [--folder FOLDER]

It runs until it is ended (Ctrl+C), and prints what `handup national` needs to use it. Over several
machines start Spark's own master and workers with the same file of properties (deploy/scale.md).
"""

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from handup.kernel.errors import Refusal
from handup.results.columns.cluster import PROPERTIES, WORKERS, start


def main() -> int:
    """Start, say where, wait, end."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--cores", type=int, default=1, help="of each worker")
    parser.add_argument("--memory", default="1g", help="of each worker")
    parser.add_argument("--folder", type=Path, help="for its secret and its logs")
    asked = parser.parse_args()
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="handup-spark-"))
    try:
        cluster = start(folder, workers=asked.workers, cores=asked.cores, memory=asked.memory)
    except Refusal as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    sys.stdout.write(f"{cluster.address}  secret and logs: {folder / PROPERTIES}\n")
    sys.stdout.flush()
    try:
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
    finally:
        cluster.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
