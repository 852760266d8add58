"""The API door of groups with a trained head."""

from dataclasses import asdict
from datetime import date
from typing import Annotated

from django.utils import timezone
from ninja import Router, Schema
from pydantic import AfterValidator

from handup.groups.trained import trained_heads
from handup.org.interface import StaffRequest
from handup.org.permissions import require

router = Router(tags=["groups"])


def _of_our_time(day: date) -> date:
    if not 1900 <= day.year <= 2200:
        raise ValueError("a day lies between 1900 and 2200")
    return day


class TrainedHeadsOut(Schema):
    """Of one kind: the groups, those with a trained head, the heads, those of them trained."""

    kind: str
    groups: int
    with_trained: int
    heads: int
    trained: int


@router.get("/trained-heads", response=list[TrainedHeadsOut])
def show_trained_heads(
    request: StaffRequest, on: Annotated[date, AfterValidator(_of_our_time)] | None = None
) -> list[dict[str, object]]:
    """Groups with a trained head on a day (today), by kind."""
    require(request.auth_staff, "groups.view_group")
    return [asdict(one) for one in trained_heads(request.auth_staff, on or timezone.localdate())]
