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


RIGHTS = """
SELECT bool_or(held.rolsuper), bool_or(held.rolcreaterole)
FROM pg_roles AS own
JOIN pg_roles AS held ON pg_has_role(own.oid, held.oid, 'MEMBER')
WHERE own.rolname = current_user
"""


def may_do_everything() -> bool:
    """Whether the account of the database may do everything on its server: by itself, by a role it
    may take on, or by making one.
    """
    with connection.cursor() as cursor:
        cursor.execute(RIGHTS)
        return any(cursor.fetchone())


@checks.register(checks.Tags.security, deploy=True)
def modest_account(**_: Any) -> list[checks.CheckMessage]:
    """Refuse to work with an account that may do everything on the server of the database, of other
    databases too. The account that owns the tables can still take the guards from those that are
    only added to: it is `handup verify` and the signed heads kept elsewhere that show what was
    changed then.
    """
    try:
        too_much = connection.vendor == "postgresql" and may_do_everything()
    except DatabaseError:
        return [
            checks.Warning(
                "What the account of the database may do could not be read.",
                hint="Ask the server by hand whether it is a superuser or may make roles.",
                id="handup.W004",
            )
        ]
    if not too_much:
        return []
    return [
        checks.Error(
            "The account of the database may do everything on its server.",
            hint="Give HANDUP_DATABASE an account that owns this database, is no superuser and"
            " takes on or makes no role that is one.",
            id="handup.E004",
        )
    ]
