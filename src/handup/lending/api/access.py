"""What every operation shares: the router, and records seen through the caller's grants."""

from typing import Any, TypeVar
from uuid import UUID

from django.db import models
from ninja import Router

from handup.lending.models import Lender
from handup.org import reads
from handup.org.interface import StaffRequest
from handup.org.permissions import OutOfSight, require
from handup.people.queries.merging import shown

router = Router(tags=["lending"])
M = TypeVar("M", bound=models.Model)


def seen(model: type[M], request: StaffRequest, pk: UUID) -> M:
    """A record the caller may see; a person also by the id of a record that joined hers. Raises
    OutOfSight."""
    found: M = shown(model, request.auth_staff, pk)
    return found


def maybe(model: type[M], request: StaffRequest, pk: UUID | None) -> M | None:
    return None if pk is None else seen(model, request, pk)


def note(request: StaffRequest, rows: list[Any], action: str = "LIST") -> None:
    persons = [row.person_id for row in rows if row.person_id is not None]
    if persons:
        reads.note(request, persons=persons, action=action, highest="P")


def lender_of_file(request: StaffRequest, lender_id: UUID) -> Lender:
    """A lender whose files the caller may bring. Raises NotAllowed, OutOfSight."""
    require(request.auth_staff, "lending.import_bank_file")
    lender = Lender.objects.filter(pk=lender_id).first()
    if lender is None:
        raise OutOfSight
    return lender
