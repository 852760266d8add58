"""`handup counting-secret`: keeps the secret that who counts the country gave to this house, so
that a person of two houses counts once. It is read from a file, kept sealed, and never shown.
"""

import argparse
from pathlib import Path

from handup.cli.staff import named_staff
from handup.kernel.errors import Refusal
from handup.results.services.columns import agreement_named, keep_counting_secret


class SecretNotRead(Refusal):
    """{file} cannot be read as text."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Who keeps it, under which agreement, and the file that holds it."""
    parser.add_argument("--staff", required=True, help="user name of who keeps it")
    parser.add_argument("--agreement", required=True, help="the number of the agreement")
    parser.add_argument("--file", type=Path, required=True, help="the file with the secret")


def run(args: argparse.Namespace) -> int:
    """Keep it. Raises UnknownStaff, NotAllowed, SecretNotRead, SecretTooShort."""
    staff = named_staff(args.staff)
    try:
        secret = args.file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise SecretNotRead(file=args.file.name) from fault
    kept = keep_counting_secret(
        acting_staff=staff, agreement=agreement_named(staff, args.agreement), secret=secret
    )
    print(f"  kept for {kept.agreement.code}; take the file away now")
    return 0
