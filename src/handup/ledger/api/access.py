"""What every operation shares: the router, days, and records seen through the caller's grants."""

from datetime import date
from typing import Annotated, Any, TypeVar
from uuid import UUID

from django.db import models
from ninja import Query, Router
from pydantic import Field

from handup.ledger.rules.journal import FIRST_YEAR, LAST_YEAR
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight

router = Router(tags=["ledger"])
M = TypeVar("M", bound=models.Model)
Day = Annotated[date, Field(ge=date(FIRST_YEAR, 1, 1), le=date(LAST_YEAR, 12, 31))]
DayAsked = Annotated[Day | None, Query(None)]
BookAsked = Annotated[UUID | None, Query(None)]


def seen(model: type[M], staff: StaffUser, pk: UUID) -> M:
    """A record the caller may see. Raises OutOfSight."""
    rows: Any = model._default_manager
    row: M | None = rows.visible_to(staff).filter(pk=pk).first()
    if row is None:
        raise OutOfSight
    return row
