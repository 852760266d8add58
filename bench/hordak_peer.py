"""Postings by django-hordak as its documentation writes them: `python -m bench.hordak_peer COUNT`
prints the seconds COUNT transactions of three legs took, each in a database transaction of its own.

It runs on the database of HANDUP_DATABASE, in a process with settings of its own.
"""

import os
import sys
import time
from datetime import date
from urllib.parse import parse_qsl, unquote, urlsplit

import django
from django.conf import settings
from django.core.management import call_command
from django.db import transaction


def set_up(url: str) -> None:
    """Configure Django with the peer's own apps, on an empty schema."""
    parts = urlsplit(url)
    host = dict(parse_qsl(parts.query)).get("host", parts.hostname or "")
    settings.configure(
        SECRET_KEY="benchmark",
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "mptt",
            "hordak",
        ],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": unquote(parts.path.lstrip("/")),
                "USER": unquote(parts.username or ""),
                "PASSWORD": unquote(parts.password or ""),
                "HOST": host,
                "PORT": str(parts.port or ""),
                "OPTIONS": {"options": "-c search_path=peer"},
            }
        },
    )
    django.setup()
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA peer")
    call_command("migrate", verbosity=0)


def post(count: int) -> float:
    """Post transactions of three legs one by one; return the seconds."""
    from hordak.models import Account, AccountType, Leg, Transaction
    from moneyed import Money

    bank, loans, interest = (
        Account.objects.create(name=name, type=kind, code=code, currencies=["EUR"])
        for name, kind, code in (
            ("Bank", AccountType.asset, "1"),
            ("Loans", AccountType.asset, "2"),
            ("Interest", AccountType.income, "3"),
        )
    )
    began = time.perf_counter()
    for number in range(count):
        whole = 1_000 + number
        with transaction.atomic():
            entry = Transaction.objects.create(
                description="Repayment", date=date(2025, 1, 1 + number % 28)
            )
            Leg.objects.create(transaction=entry, account=bank, debit=Money(whole, "EUR"))
            Leg.objects.create(transaction=entry, account=loans, credit=Money(whole - 50, "EUR"))
            Leg.objects.create(transaction=entry, account=interest, credit=Money(50, "EUR"))
    return time.perf_counter() - began


if __name__ == "__main__":
    set_up(os.environ["HANDUP_DATABASE"])
    print(post(int(sys.argv[1])))
