"""Fill a fresh database for the browser tests: the cast, one office, sixty dated lines."""

from __future__ import annotations

import random
from datetime import date, timedelta

import django

PASSWORD = "correct horse battery"


def seed() -> None:
    """Make the rows."""
    from django.utils import timezone

    from handup.cli.migrate import make_tables
    from handup.org.models import ExchangeRate, Grant, Office, StaffUser
    from handup.org.rules.access import Role, ScopeKind

    make_tables()
    today = timezone.localdate()
    for role in Role:
        name = role.value.replace("_", " ").capitalize()
        staff = StaffUser.objects.create_user(role.value.lower(), PASSWORD, display_name=name)
        Grant.objects.create(
            staff=staff,
            role=role.value,
            scope=ScopeKind.ALL.value,
            starts=today - timedelta(days=1),
            ends=today + timedelta(days=300),
        )
    Office.objects.create(code="YEG", name="Yeghegnadzor")
    Office.objects.create(code="VAY", name="Vayk")
    chance = random.Random(7)
    family = ("Sargsyan", "Petrosyan", "Hakobyan", "Grigoryan", "Avagyan", "Mkrtchyan")
    given = ("Anahit", "Gayane", "Lilit", "Davit", "Nune", "Hasmik", "Armen")
    ExchangeRate.objects.bulk_create(
        ExchangeRate(
            from_currency="USD",
            to_currency="AMD",
            rate_date=date(2026, 5, 4) - timedelta(days=3 * n),
            kind="MONTH" if n % 5 == 1 else "SPOT",
            numerator=chance.randrange(10, 120) * 1_000_000,
            source=f"{chance.choice(given)} {chance.choice(family)}",
        )
        for n in range(60)
    )


if __name__ == "__main__":
    django.setup()
    seed()
