"""The `handup` command: a table of doors, each one module with `add_arguments` and `run`.

Only the module of the command that was asked for is imported, and Django is set up only when that
command says so, so that `handup vectors` needs no database and starts at once.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from handup.kernel.errors import Faults, Refusal


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the table: the module behind a command and what its line of help says."""

    module: str
    help: str
    needs_django: bool = True


COMMANDS: dict[str, Command] = {
    "audit": Command(
        "handup.cli.audit", "look for known weaknesses in a list (OSV)", needs_django=False
    ),
    "backup": Command("handup.cli.backup", "write a copy of the database and the files"),
    "check": Command("handup.cli.check", "check settings, keys and database before serving"),
    "columns": Command("handup.cli.columns", "copy the loans for figures of very many (DuckDB)"),
    "counting-secret": Command(
        "handup.cli.counting_secret", "keep the secret of who counts the country"
    ),
    "demo": Command("handup.demo.command", "load the demonstration programmes"),
    "encrypt-names": Command("handup.cli.encrypt_names", "seal names of persons, or open them"),
    "fetch-answers": Command(
        "handup.cli.fetch_answers", "take filled forms from ODK Central or KoboToolbox"
    ),
    "first-word": Command("handup.cli.first_word", "show the word that the first run asks for"),
    "follow": Command("handup.cli.follow", "bring each minute's changes to another disk (SQLite)"),
    "handover": Command("handup.cli.handover", "carry a programme to its successor's house"),
    "iati": Command("handup.cli.iati", "check an IATI file without a network"),
    "import": Command("handup.cli.import_", "read a workbook or CSV files into a programme"),
    "keys": Command("handup.cli.keys", "keep a sealed copy of the keys with two holders"),
    "match": Command("handup.cli.match", "find persons who may be registered twice"),
    "migrate": Command("handup.cli.migrate", "make the tables or bring them up to date"),
    "national": Command("handup.cli.national", "count a country from its houses' snapshots"),
    "reindex": Command("handup.cli.reindex", "read the library anew for the search"),
    "report": Command("handup.cli.report", "show or write a programme's figures as of a day"),
    "replay-loans": Command(
        "handup.cli.replay_loans", "work loans of an older engine out anew, as verify names them"
    ),
    "restore": Command("handup.cli.restore", "bring a backup back, and prove it"),
    "rotate-keys": Command("handup.cli.rotate_keys", "seal every secret with a new key"),
    "run": Command("handup.cli.run", "serve the pages on this computer"),
    "sign-ins": Command("handup.cli.sign_ins", "show the sign-ins of a demonstration"),
    "snapshot": Command("handup.cli.snapshot", "write the facts in columns, without identity"),
    "stick": Command("handup.cli.stick", "write a sealed copy on a stick, and read it back"),
    "subject-file": Command(
        "handup.cli.subject_file", "tell everything held of a person who asked for it"
    ),
    "verify": Command("handup.cli.verify", "recompute what is stored and show what differs"),
    "worker": Command("handup.cli.worker", "work off background jobs (PostgreSQL)"),
    "vectors": Command(
        "handup.cli.vectors",
        "compare every calculation with the shared calculation vectors",
        needs_django=False,
    ),
}


class CommandModule(Protocol):
    """What a command's module offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Name the words and options the command takes."""

    def run(self, args: argparse.Namespace) -> int:
        """Do it; the exit status, 0 when all is well."""


def main(argv: Sequence[str] | None = None, commands: Mapping[str, Command] = COMMANDS) -> int:
    """Run one command. 0 when it did what was asked, 1 when it was refused, 2 for wrong words."""
    words = list(sys.argv[1:] if argv is None else argv)
    name = words[0] if words else "--help"
    command = commands.get(name)
    if command is None:
        asked_for_help = name in ("-h", "--help", "help")
        print(_table(commands), file=sys.stdout if asked_for_help else sys.stderr)
        if not asked_for_help:
            print(f"\nhandup: there is no command {name!r}", file=sys.stderr)
        return 0 if asked_for_help else 2
    if command.needs_django:
        set_up_django()
    module = cast(CommandModule, import_module(command.module))
    parser = argparse.ArgumentParser(prog=f"handup {name}", description=command.help)
    module.add_arguments(parser)
    try:
        return module.run(parser.parse_args(words[1:]))
    except Faults as faults:
        print(f"handup {name}: {faults}", file=sys.stderr)
        for fault in faults.faults:
            print(f"  {fault.place or fault.row or ''}  {fault.message}", file=sys.stderr)
        return 1
    except Refusal as refusal:
        print(f"handup {name}: {refusal}", file=sys.stderr)
        return 1


def set_up_django() -> None:
    """Load settings and domains, once."""
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "handup.config.settings")
    django.setup()


def _table(commands: Mapping[str, Command]) -> str:
    width = max(len(name) for name in commands)
    lines = [f"  {name:<{width}}  {command.help}" for name, command in sorted(commands.items())]
    return "\n".join(["usage: handup COMMAND …  (handup COMMAND --help for each)", "", *lines])
