"""What must not change when a person is erased, and the complaints and cases that keep her."""

from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256
from uuid import UUID

from django.db.models import Count, Sum

from handup.ledger.models import Line
from handup.people.models import Compartment, Grievance
from handup.people.rules.grievances import OVER
from handup.people.rules.requests import Hold, HoldReason


def books(person_id: UUID, on: date) -> Mapping[str, str]:
    """Every account of every book with its lines and sums, as one sum of all of them."""
    rows = (
        Line._base_manager.order_by("entry__book_id", "account_id", "currency")
        .values_list("entry__book_id", "account_id", "currency")
        .annotate(lines=Count("pk"), units=Sum("units"), base=Sum("base_units"))
    )
    summed = sha256()
    for row in rows:
        summed.update("|".join(str(part) for part in row).encode())
    return {"BOOKS": summed.hexdigest()}


def open_complaints(person_id: UUID, on: date) -> Iterable[Hold]:
    """Her complaints that are not over."""
    open_ones = Grievance._base_manager.filter(person_id=person_id).exclude(state__in=OVER)
    if open_ones.exists():
        yield Hold(HoldReason.COMPLAINT)


def open_cases(person_id: UUID, on: date) -> Iterable[Hold]:
    """Her restricted cases that are open: nobody is erased in the middle of one. It is told as a
    complaint, as a restricted one is: who reads the reason learns of no case (protection.md 4.2).
    """
    if Compartment._base_manager.filter(person_id=person_id, closed_date=None).exists():
        yield Hold(HoldReason.COMPLAINT)
