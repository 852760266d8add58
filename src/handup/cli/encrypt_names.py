"""`handup encrypt-names`: write every name of a person as HANDUP_ENCRYPT_NAMES says, sealed or
plain. May be stopped and started again; until it is through, some are still as they were.
"""

import argparse

from handup.org.names_at_rest import sealing
from handup.people.services.names_at_rest import left_to_write, write_names


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(args: argparse.Namespace) -> int:
    """Write them, then count what is left; 1 when there is any."""
    print(f"  names are {'sealed' if sealing() else 'plain'} (HANDUP_ENCRYPT_NAMES)")
    print(f"  {write_names()} rows written")
    left = left_to_write()
    print(f"  {left} rows otherwise")
    return 1 if left else 0
