"""`handup replay-loans --staff NAME`: works out anew what an older version of the engine stored of
loans; `handup verify` names them. The books take the differences today.
"""

import argparse

from django.utils import timezone

from handup.cli.staff import named_staff
from handup.lending.services.older_engine import replay_older_loans


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Who answers for it."""
    parser.add_argument("--staff", required=True, help="user name of who answers for it")


def run(args: argparse.Namespace) -> int:
    """Replay them and say what came out otherwise. 1 when a loan could not be replayed."""
    done = replay_older_loans(acting_staff=named_staff(args.staff), value_date=timezone.localdate())
    for code in done.changed:
        print(f"  {code}  stands otherwise now")
    for code, reason in done.refused:
        print(f"  {code}  not replayed: {reason}")
    print(f"{done.count} loans replayed, {len(done.changed)} of them changed.")
    return 1 if done.refused else 0
