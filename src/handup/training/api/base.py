"""What the API modules of training share: the router, bounded types, and how a record is found."""

from datetime import date
from typing import Annotated, TypeVar
from uuid import UUID

from ninja import Router
from pydantic import AfterValidator, Field

from handup.org.models import House, StaffUser
from handup.people.queries.merging import shown
from handup.training.services.refusals import NobodySignsIn

router = Router(tags=["training"])
R = TypeVar("R", bound=House)


def no_nul(text: str) -> str:
    """Refuse a NUL sign, which no column takes."""
    if "\x00" in text:
        raise ValueError("a text holds no NUL sign")
    return text


def _of_our_time(day: date) -> date:
    if not 1900 <= day.year <= 2200:
        raise ValueError("a day lies between 1900 and 2200")
    return day


Title = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(no_nul)]
Name = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(no_nul)]
Code = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(no_nul)]
ShortCode = Annotated[str, Field(min_length=1, max_length=12), AfterValidator(no_nul)]
Reason = Annotated[str, Field(max_length=200), AfterValidator(no_nul)]
Minutes = Annotated[int, Field(ge=1, le=1440)]
Count = Annotated[int, Field(ge=0, le=10_000)]
Day = Annotated[date, AfterValidator(_of_our_time)]


def seen(model: type[R], staff: StaffUser, pk: UUID) -> R:
    """Return a record the caller may see; a person also by the id of a record that joined hers.
    Raises OutOfSight, which answers 404."""
    row: R = shown(model, staff, pk)
    return row


def who_signs_in(username: str) -> StaffUser | None:
    """Return who works here under a sign-in name, None when none is told. Raises NobodySignsIn."""
    if not username:
        return None
    found: StaffUser | None = StaffUser.objects.filter(username=username, is_active=True).first()
    if found is None:
        raise NobodySignsIn(field="username", name=username)
    return found


def seen_or_none(model: type[R], staff: StaffUser, pk: UUID | None) -> R | None:
    """Return a record the caller may see, None when none is named. Raises OutOfSight."""
    return None if pk is None else seen(model, staff, pk)
