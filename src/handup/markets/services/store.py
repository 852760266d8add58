"""Write one row with its audit line in one transaction, and hold a row while it is changed."""

from typing import TypeVar

from django.db import transaction

from handup.org import audit
from handup.org.models import House, StaffUser

M = TypeVar("M", bound=House)


def add(staff: StaffUser, action: str, row: House, facts: audit.Facts | None = None) -> None:
    """Store a new row and the line that says who did it."""
    with transaction.atomic():
        row.save(force_insert=True)
        audit.record(staff, action, row, facts)


def change(staff: StaffUser, action: str, row: House, **values: object) -> None:
    """Set some fields of a stored row and say who did it, naming codes only."""
    with transaction.atomic():
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=list(values))
        audit.record(staff, action, row, {"fields": " ".join(sorted(values))})


def held(row: M) -> M:
    """Return the row as it is stored now, kept from others until the transaction ends."""
    found: M = type(row)._base_manager.select_for_update().get(pk=row.pk)
    return found
