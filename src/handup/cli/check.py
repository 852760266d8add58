"""`handup check`: settings, keys and database, before the doors open to other machines."""

import argparse

from django.core.management import call_command
from django.core.management.base import SystemCheckError

from handup.org import keys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """For this machine, or for serving others."""
    parser.add_argument("--deploy", action="store_true", help="check for serving other machines")


def run(args: argparse.Namespace) -> int:
    """Run every check; the keys file is read as well."""
    keys.load()
    try:
        call_command("check", deploy=args.deploy, fail_level="ERROR")
    except SystemCheckError as fault:
        print(fault)
        return 1
    return 0
