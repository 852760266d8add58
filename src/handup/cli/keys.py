"""`handup keys`: a sealed copy of the keys for two holders, proved, and brought back on a new
machine.

    handup keys seal --holder "Nune A." --holder "Gor B."     shows two slips, once
    handup keys prove sealed/keys-260302-1A2B.json            asks both holders for their slips
    handup keys bring-back keys-260302-1A2B.json              on a machine without keys

Slips are typed where nobody reads them from the screen; for a script they may come, one a line, on
the standard input.
"""

import argparse
import getpass
import sys
from pathlib import Path

from handup.kernel.errors import Refusal
from handup.kernel.two_shares import about_of
from handup.org import sealed_copy
from handup.org.services.sealed_keys import HolderMissing, note_proved, seal_keys


class NoSuchFile(Refusal):
    """There is no file {file}."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do."""
    acts = parser.add_subparsers(dest="act", required=True)
    seal = acts.add_parser("seal", help="make a sealed copy for two holders")
    seal.add_argument("--holder", action="append", required=True, help="who holds a slip; twice")
    for name, told in (
        ("prove", "open a copy and compare it with the keys of now"),
        ("bring-back", "write the keys of a copy where there are none"),
    ):
        acts.add_parser(name, help=told).add_argument("file", type=Path)


def run(args: argparse.Namespace) -> int:
    """Do it."""
    if args.act == "seal":
        return _seal(args.holder)
    file: Path = args.file
    if not file.is_file():
        raise NoSuchFile(file=file)
    content = file.read_bytes()
    print(f"  sealed copy {about_of(content)}")
    first, second = _share("first"), _share("second")
    if args.act == "prove":
        found = sealed_copy.prove(content, first, second)
        note_proved(about_of(content).split()[0])
        print(f"  It opens, and holds the keys of now ({found[:16]}).")
        return 0
    found = sealed_copy.bring_back(content, first, second)
    print(f"  The keys are back ({found[:16]}). Now: handup restore FOLDER")
    return 0


def _seal(holders: list[str]) -> int:
    if len(holders) != 2:
        raise HolderMissing
    made = seal_keys(acting_staff=None, first_holder=holders[0], second_holder=holders[1])
    print(f"  {sealed_copy.path_of(made.row.code)}")
    print("  Carry this file away from here; without both slips it tells nothing.")
    for holder, share in zip(holders, made.shares, strict=True):
        print(f"\n  Sealed copy {made.row.code}, slip of {holder}:\n\n      {share}")
    print("\n  Write each on a slip of its own, then: handup keys prove FILE")
    return 0


def _share(which: str) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(f"  The {which} slip: ")
    return sys.stdin.readline()
