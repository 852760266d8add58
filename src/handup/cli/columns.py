"""`handup columns`: makes the copy in columns anew, which the night does as well."""

import argparse

from handup.lending.columns.copying import make_copy


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes no words."""


def run(args: argparse.Namespace) -> int:
    """Copy and say where to."""
    copy = make_copy()
    size = sum(path.stat().st_size for path in copy.folder.iterdir())
    print(f"  {copy.folder.name}  {size:,} bytes as of {copy.made_at:%Y-%m-%d %H:%M}")
    return 0
