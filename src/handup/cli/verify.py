"""`handup verify [CHECK …] [--book CODE] [--from DAY] [--deep] [--json]`: every stored projection
recomputed from its events, every chain and book proved, over one state of the database.

Status 0: nothing differs; 1: something does; 2: a proof could not be run. Nothing is written.
"""

import argparse
import json
from datetime import date

from handup.org import verify
from handup.org.proving import as_rows
from handup.org.verify import Outcome, Scope


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which checks, of which part, how deep, in which form."""
    parser.add_argument(
        "only", nargs="*", help="codes of checks or requirements (V7); all when none is named"
    )
    parser.add_argument("--book", default="", help="only this book, by its code")
    parser.add_argument(
        "--from",
        dest="since",
        type=date.fromisoformat,
        help="only what stands in the books on this day (YYYY-MM-DD) and later",
    )
    parser.add_argument("--deep", action="store_true", help="the slow proofs as well")
    parser.add_argument("--json", action="store_true", help="one JSON list instead of lines")


def run(args: argparse.Namespace) -> int:
    """Show what differs; the status is 0 only when nothing does."""
    scope = Scope(args.book, args.since)
    try:
        outcomes = list(verify.run_all(deep=args.deep, only=args.only, scope=scope))
    except LookupError as fault:
        print(f"handup verify: {fault}")
        return 2
    if args.json:
        print(json.dumps([_as_json(outcome) for outcome in outcomes], indent=1))
    else:
        for outcome in outcomes:
            show(outcome)
    return status_of(outcomes)


def status_of(outcomes: list[Outcome]) -> int:
    """1 where something differs, 2 where a proof could not be run, else 0."""
    if any(outcome.count for outcome in outcomes):
        return 1
    return 2 if any(outcome.fault for outcome in outcomes) else 0


def show(outcome: Outcome) -> None:
    """One line a check, its first differences below."""
    state = "holds" if outcome.holds else f"{outcome.count} differ"
    if outcome.fault:
        state = "not run"
    check = outcome.check
    print(f"  {check.proves:<4}{check.code:<28} {state:<12} {check.title}")
    if outcome.fault:
        print(f"    {outcome.fault}")
    for found in outcome.shown:
        print(f"    {found.key}: stored {found.stored}, computed {found.computed}")
    if outcome.count > len(outcome.shown):
        print(f"    and {outcome.count - len(outcome.shown)} more")


def _as_json(outcome: Outcome) -> dict[str, object]:
    return {
        "code": outcome.check.code,
        "proves": outcome.check.proves,
        "title": str(outcome.check.title),
        "differences": outcome.count,
        "fault": outcome.fault,
        "shown": [] if outcome.fault else as_rows(outcome),
    }
