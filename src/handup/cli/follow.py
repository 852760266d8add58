"""`handup follow`: brings every minute what changed in the embedded database to HANDUP_COPY.

Between two backups nothing older than a minute is lost with a disk. With PostgreSQL the server does
this itself (deploy/README.md).
"""

import argparse
import signal
import threading
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from handup.cli.backup import database_file
from handup.kernel.errors import Refusal
from handup.org.following import Follower


class NowhereToFollow(Refusal):
    """HANDUP_COPY names no folder. Name one, best on another disk."""


class ServerFollows(Refusal):
    """PostgreSQL keeps its own log (archive_command). This command is for the embedded database."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How often, or once."""
    parser.add_argument("--every", type=int, default=60, help="seconds between two looks")
    parser.add_argument("--once", action="store_true", help="send what changed, then stop")


def run(args: argparse.Namespace) -> int:
    """Follow until told to stop; what changed last is sent before it ends."""
    if connection.vendor == "postgresql":
        raise ServerFollows
    if settings.COPY_DIR is None:
        raise NowhereToFollow
    follower = Follower(database_file(), Path(settings.COPY_DIR))
    if args.once:
        _send(follower)
        follower.close()
        return 0
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    while True:
        _send(follower)
        if stopping.wait(max(1, args.every)):
            break
    _send(follower)
    follower.close()
    return 0


def _send(follower: Follower) -> None:
    """One look; what was sent is said in a line."""
    piece = follower.send(datetime.now(tz=UTC))
    if piece is not None:
        print(f"  {piece.name}  {piece.stat().st_size:,} bytes", flush=True)
