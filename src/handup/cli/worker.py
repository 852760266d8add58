"""`handup worker`: a process of its own that works off background jobs, beside several servers."""

import argparse
import threading

from handup.org import jobs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Once, or until stopped."""
    parser.add_argument("--once", action="store_true", help="work off what waits, then stop")


def run(args: argparse.Namespace) -> int:
    """Work until stopped with Ctrl+C."""
    if args.once:
        jobs.work_off()
        return 0
    stopping = threading.Event()
    try:
        jobs.work(stopping)
    except KeyboardInterrupt:
        stopping.set()
    return 0
