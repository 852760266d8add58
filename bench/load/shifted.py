"""Runs a command of the program on a clock that can be moved meanwhile:

    python -m bench.load.shifted FILE COMMAND …

FILE holds by how many seconds the clock is wrong; it is read again several times a second. What
the program asks for the time by (`time.time`, `timezone.now`) is moved, the database's own is not.
"""

import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

READ_EVERY = 0.2


class Shift:
    """By how much the clock is wrong, in seconds."""

    def __init__(self, file: Path) -> None:
        self.file, self.seconds, self.read_at = file, 0.0, float("-inf")

    def now(self) -> float:
        """The seconds to add at this moment."""
        if time.monotonic() - self.read_at >= READ_EVERY:
            self.read_at = time.monotonic()
            try:
                self.seconds = float(self.file.read_text())
            except (OSError, ValueError):  # not written yet, or being written at this moment
                return self.seconds
        return self.seconds


def move_clock(file: Path) -> None:
    """From here on this process asks a clock that is wrong by what the file says."""
    shift, seconds, instant = Shift(file), time.time, timezone.now

    def moved_seconds() -> float:
        return seconds() + shift.now()

    def moved_now() -> datetime:
        return instant() + timedelta(seconds=shift.now())

    vars(time)["time"] = moved_seconds
    vars(timezone)["now"] = moved_now


if __name__ == "__main__":
    move_clock(Path(sys.argv[1]))
    from handup.cli import main

    sys.exit(main(sys.argv[2:]))
