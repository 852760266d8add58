"""`handup verify`: every stored projection recomputed from its events, every chain and
book proved.
"""

import argparse
import json

from handup.org import verify


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which checks, how deep, in which form."""
    parser.add_argument("only", nargs="*", help="codes of checks; all when none is named")
    parser.add_argument("--deep", action="store_true", help="the slow proofs as well")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")


def run(args: argparse.Namespace) -> int:
    """Show what differs; the status is 0 only when nothing does."""
    try:
        outcomes = list(verify.run_checks(deep=args.deep, only=args.only))
    except LookupError as fault:
        print(f"handup verify: {fault}")
        return 2
    if args.json:
        print(json.dumps([_as_json(outcome) for outcome in outcomes], indent=1))
    else:
        for outcome in outcomes:
            _show(outcome)
    return 0 if all(outcome.holds for outcome in outcomes) else 1


def _show(outcome: verify.Outcome) -> None:
    state = "holds" if outcome.holds else f"{outcome.count} differ"
    print(f"  {outcome.check.code:<28} {state:<12} {outcome.check.title}")
    for found in outcome.shown:
        print(f"    {found.key}: stored {found.stored}, computed {found.computed}")
    if outcome.count > len(outcome.shown):
        print(f"    and {outcome.count - len(outcome.shown)} more")


def _as_json(outcome: verify.Outcome) -> dict[str, object]:
    return {
        "code": outcome.check.code,
        "title": str(outcome.check.title),
        "differences": outcome.count,
        "shown": [
            {"key": found.key, "stored": found.stored, "computed": found.computed}
            for found in outcome.shown
        ],
    }
