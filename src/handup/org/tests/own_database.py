"""Keeps tests away from the database of the data folder, in whatever order fixtures are made: one
that unblocks the database before the tests' own is made would otherwise read and write the real
one.
"""

from typing import Any

from django.conf import settings

REAL = settings.DATABASES["default"]["NAME"]


def never_the_real_one(connection: Any, **_told: object) -> None:
    """Refuse a connection to it before the first statement of a test. On a server the tests' own
    database is made from it, so that only a file is refused.
    """
    if connection.vendor == "sqlite" and connection.settings_dict["NAME"] == REAL:
        connection.close()
        raise AssertionError(f"a test opened {REAL}, which is no database of tests")
