"""What the operations of markets share: the record the caller may see, texts and days that fit."""

from datetime import date
from typing import Annotated, TypeVar
from uuid import UUID

from django.db.models import Model
from pydantic import Field

from handup.org.interface import Text
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight
from handup.org.scope import ScopedQuerySet

M = TypeVar("M", bound=Model)
Code = Annotated[Text, Field(max_length=40, min_length=1)]
Name = Annotated[Text, Field(max_length=120, min_length=1)]
Line = Annotated[Text, Field(max_length=200)]
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2200, 12, 31))]
Units = Annotated[int, Field(ge=0, lt=2**53)]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]


def found(model: type[M], staff: StaffUser, pk: UUID) -> M:
    """Return the record the caller may see. Raises OutOfSight, as for one that does not exist."""
    rows: ScopedQuerySet[M] = ScopedQuerySet(model)
    row: M | None = rows.visible_to(staff).filter(pk=pk).first()
    if row is None:
        raise OutOfSight
    return row


def named(model: type[M], staff: StaffUser, pk: UUID | None) -> M | None:
    """The same for a reference that may be left out."""
    return None if pk is None else found(model, staff, pk)
