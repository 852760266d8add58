"""What is checked before the doors open: guarded tables, no demonstration on a served machine."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import DatabaseError, connection

from handup.org import demonstration, triggers
from handup.org.verify import Difference

LOOPBACK_HOSTS = {"localhost", "127.0.0.1", "[::1]", "testserver"}


def unguarded() -> Iterator[Difference]:
    """Find append-only tables whose triggers are missing."""
    for name in triggers.missing(connection):
        yield Difference(name, "missing", "present")


@checks.register(checks.Tags.security, deploy=True)
def no_demonstration(**_: Any) -> list[checks.CheckMessage]:
    """Refuse to deploy a database marked DEMONSTRATION (rulings 19d)."""
    try:
        marked = demonstration.is_demonstration()
    except DatabaseError:
        return []
    if not marked:
        return []
    return [
        checks.Error(
            "This database is a demonstration: its sign-ins are printed on a screen.",
            hint="Use another data folder or database for real work.",
            id="handup.E002",
        )
    ]


@checks.register(checks.Tags.security, deploy=True)
def served_over_tls(**_: Any) -> list[checks.CheckMessage]:
    """Refuse to serve other machines without TLS."""
    if settings.SECURE or set(settings.ALLOWED_HOSTS) <= LOOPBACK_HOSTS:
        return []
    return [
        checks.Error(
            "Other machines are served, but HANDUP_SECURE is 0.",
            hint="Put a TLS proxy in front and set HANDUP_SECURE=1.",
            id="handup.E003",
        )
    ]


def may_do_everything() -> bool:
    """Whether the account of the database may do everything on its server."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        return bool(cursor.fetchone()[0])


@checks.register(checks.Tags.security, deploy=True)
def modest_account(**_: Any) -> list[checks.CheckMessage]:
    """Refuse to work with an account that may do everything on the server of the database: it could
    also take the guards from tables that are only added to.
    """
    try:
        too_much = connection.vendor == "postgresql" and may_do_everything()
    except DatabaseError:
        return []
    if not too_much:
        return []
    return [
        checks.Error(
            "The account of the database may do everything on its server.",
            hint="Give HANDUP_DATABASE an account that owns this database and nothing else.",
            id="handup.E004",
        )
    ]
