"""One record of each kind the addresses of `desk` name, for the tests that walk every address."""

from datetime import date

from django.db.models import Model

from handup.desk.models import ImportBatch, ImportPair
from handup.org.models import Office, StaffUser
from handup.people.models import Enterprise, Person


def make(staff: StaffUser, office: Office) -> list[Model]:
    """A file that was handed over, a person and an enterprise whose whole ways are shown."""
    batch = ImportBatch.objects.create(
        profile="intake", name="sample.xlsx", sha256="0" * 64, received_by=staff
    )
    return [
        batch,
        ImportPair.objects.create(
            batch=batch,
            key="P1",
            other_key="P2",
            verdict="POSSIBLE",
            bits_milli=900,
            chance_ppm=650_000,
            model="fixed-1",
        ),
        Person.objects.create(
            registration_no="1234567806",
            display_name="Sample Person",
            sort_key="person sample",
            office=office,
            registered_date=date(2026, 3, 2),
            registered_by=staff,
        ),
        Enterprise.objects.create(
            code="E1234567806",
            trade="bakery",
            office=office,
            registered_date=date(2026, 3, 2),
            registered_by=staff,
        ),
    ]
