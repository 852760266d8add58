"""One record of each kind the addresses of `desk` name, for the tests that walk every address."""

from datetime import date

from django.db.models import Model

from handup.desk.models import ImportBatch
from handup.org.models import Office, StaffUser
from handup.people.models import Enterprise, Person


def make(staff: StaffUser, office: Office) -> list[Model]:
    """A file that was handed over, a person and an enterprise whose whole ways are shown."""
    return [
        ImportBatch.objects.create(
            profile="intake", name="sample.xlsx", sha256="0" * 64, received_by=staff
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
