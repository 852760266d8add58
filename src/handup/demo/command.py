"""`handup demo load [--profile full|story]`: the demonstration programmes, with a progress bar."""

import argparse
import sys
import time

from handup.demo.load import load
from handup.demo.profiles import Profile

WIDTH = 24
OFTEN = 0.1  # seconds between two drawings of the bar


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to load."""
    actions = parser.add_subparsers(dest="action", required=True)
    loading = actions.add_parser("load", help="load the programmes into an empty database")
    loading.add_argument(
        "--profile",
        type=Profile,
        choices=list(Profile),
        default=Profile.FULL,
        help="full: real size; story: small, for tests",
    )


def run(args: argparse.Namespace) -> int:
    """Load and say how long each step took; an interrupted load leaves nothing usable behind."""
    began = time.monotonic()
    bar = Bar()
    load(args.profile, bar)
    bar.end()
    print(f"  loaded in {time.monotonic() - began:.0f} s")
    return 0


class Bar:
    """Draws one line a step: redrawn in place on a terminal, printed once into a file."""

    def __init__(self) -> None:
        self.title = ""
        self.began = self.drawn = time.monotonic()
        self.live = sys.stdout.isatty()

    def __call__(self, title: str, done: int, total: int) -> None:
        """Note how far a step is."""
        now = time.monotonic()
        if title != self.title:
            self.end()
            self.title, self.began, self.drawn = title, now, 0.0
        if self.live and (now - self.drawn > OFTEN or done == total):
            self.drawn = now
            filled = WIDTH * done // total if total else WIDTH
            bar = "█" * filled + "░" * (WIDTH - filled)
            print(f"\r  {title:42} {bar} {done:>8,} of {total:,}", end="", flush=True)

    def end(self) -> None:
        """Close the line of the step that has ended."""
        if self.title:
            seconds = f"{time.monotonic() - self.began:.1f} s"
            print(f"  {seconds}" if self.live else f"  {self.title} … {seconds}", flush=True)
        self.title = ""
