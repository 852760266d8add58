"""What every API door of groups does: find the record that a request names, as far as its sender
may see it."""

from typing import Annotated, TypeVar
from uuid import UUID

from django.db import models
from pydantic import Field

from handup.groups.models import Group, Member
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight

M = TypeVar("M", bound=models.Model)
Amount = Annotated[int, Field(ge=0, lt=2**53)]


def found_one(rows: models.QuerySet[M], pk: UUID | None) -> M:
    """The row of this id. Raises OutOfSight."""
    found = rows.filter(pk=pk).first()
    if found is None:
        raise OutOfSight
    return found


def found_group(staff: StaffUser, pk: UUID) -> Group:
    """The group of this id, with its book. Raises OutOfSight."""
    return found_one(Group.objects.visible_to(staff).select_related("book"), pk)


def found_member(staff: StaffUser, pk: UUID) -> Member:
    """The member of this id, with her group. Raises OutOfSight."""
    rows = Member.objects.visible_to(staff).select_related("group__book", "person", "member_group")
    return found_one(rows, pk)
