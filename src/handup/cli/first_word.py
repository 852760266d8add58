"""`handup first-word`: the word that the first run asks for, while nobody works here."""

import argparse

from handup.kernel.errors import Refusal
from handup.org.first_word import first_word, nobody_works_here


class HouseInUse(Refusal):
    """Somebody works here already: an administrator adds others under Settings, Staff."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(args: argparse.Namespace) -> int:
    """Show it. Raises HouseInUse."""
    if not nobody_works_here():
        raise HouseInUse
    print(first_word())
    return 0
