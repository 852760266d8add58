"""`handup sign-ins`: the demonstration's sign-ins, one a role, with this moment's six digits."""

import argparse
import json
from dataclasses import asdict

from handup.org import demonstration
from handup.org.templatetags.house import role_word


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--json` for programs."""
    parser.add_argument(
        "--json", action="store_true", help="as JSON, with the authenticator secret"
    )


def run(args: argparse.Namespace) -> int:
    """Print them; nothing is printed for a database that is not a demonstration."""
    items = demonstration.sign_ins() if demonstration.is_demonstration() else []
    if args.json:
        print(json.dumps([asdict(item) for item in items]))
        return 0
    if not items:
        print("This is not a demonstration: it has no sign-ins to show.")
        return 0
    print(
        table([(role_word(item.role), item.username, item.password, item.code()) for item in items])
    )
    print("\nThe six digits change every half minute: `.venv/bin/handup sign-ins` shows them anew.")
    return 0


def table(rows: list[tuple[str, ...]]) -> str:
    """The rows under their headings, in columns."""
    lines = [("role", "user name", "password", "six digits"), *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    return "\n".join(
        "  "
        + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
