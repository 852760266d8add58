"""`handup migrate`: makes the tables or brings them up to date; repeating it changes nothing.

A database without tables gets them from the models as they are now, with every migration marked as
applied: the same tables as by going through all of them (tests/test_migrations.py compares), in
seconds.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from handup.kernel.errors import Refusal


class MadeByAnUnfinishedVersion(Refusal):
    """This database was made by an unfinished version of Handup. Bring it up to date with the
    last version that has {name}, then with this one; nothing was changed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--check` only tells whether there is something to do."""
    parser.add_argument("--check", action="store_true", help="only tell: exit 1 when behind")


def run(args: argparse.Namespace) -> int:
    """Apply what is pending."""
    if connection.introspection.table_names():
        _refuse_half_way()
    if args.check:
        call_command("migrate", check_unapplied=True, verbosity=0)
    elif connection.introspection.table_names():
        call_command("migrate", interactive=False, verbosity=1)
    else:
        make_tables()
    return 0


def _refuse_half_way() -> None:
    """Django leaves out, without a word, a step of which a part was taken by older steps."""
    taken = MigrationRecorder(connection).applied_migrations()
    for step in MigrationLoader(None).disk_migrations.values():
        missing = [older for older in step.replaces if older not in taken]
        if missing and len(missing) < len(step.replaces):
            app, name = missing[-1]
            raise MadeByAnUnfinishedVersion(name=f"{app}/migrations/{name}.py")


def make_tables() -> None:
    """Make every table of an empty database and mark all migrations as applied."""
    with _without_migrations():
        call_command("migrate", interactive=False, run_syncdb=True, verbosity=0)
    call_command("migrate", interactive=False, fake=True, verbosity=0)


class _NoMigrations:
    """Says of every application that it has no migrations."""

    def __contains__(self, label: str) -> bool:
        return True

    def __getitem__(self, label: str) -> None:
        return None


@contextmanager
def _without_migrations() -> Iterator[None]:
    kept = settings.MIGRATION_MODULES
    settings.MIGRATION_MODULES = _NoMigrations()
    try:
        yield
    finally:
        settings.MIGRATION_MODULES = kept
