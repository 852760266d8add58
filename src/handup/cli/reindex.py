"""`handup reindex [KIND]`: read the library anew for the search."""

import argparse

from handup.projects import search


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which kind of record."""
    parser.add_argument("kind", nargs="?", default="", choices=["", *search.sources])


def run(args: argparse.Namespace) -> int:
    """Say how many can be found."""
    print(f"{search.rebuild(args.kind)} can be found")
    return 0
