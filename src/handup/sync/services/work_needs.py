"""What a community said it needs, written down at a meeting away from the office."""

from collections.abc import Mapping
from typing import Any

from handup.groups.services import needs
from handup.org.models import StaffUser
from handup.people.forms.fields import areas_for
from handup.sync.errors import NotThatCommunity
from handup.sync.models import WorkFact, WorkState
from handup.sync.needs import programmes_of
from handup.sync.rules.bodies import is_device_id, is_number
from handup.sync.services.work_told import WorkTold, is_word

NAME = "record_needs"
WHAT_MOST, PLACE_MOST = 200, 120


def is_needs(body: Mapping[str, Any]) -> bool:
    """Whether a body says what was named: `programme`, `area`, how many `women` and `men` came,
    `needs` as rows of `what`, `women`, `men`, and perhaps the `place`."""
    rows = body.get("needs")
    return (
        is_device_id(body.get("programme"))
        and is_device_id(body.get("area"))
        and is_word(body.get("place", ""), most=PLACE_MOST, least=0)
        and _counts(body)
        and isinstance(rows, list)
        and 0 < len(rows) <= needs.MOST_NEEDS
        and all(isinstance(row, Mapping) and _is_need(row) for row in rows)
    )


def _is_need(row: Mapping[str, Any]) -> bool:
    return is_word(row.get("what"), most=WHAT_MOST) and _counts(row)


def _counts(told: Mapping[str, Any]) -> bool:
    return all(is_number(told.get(side), 0, needs.MOST_PEOPLE) for side in ("women", "men"))


def record(told: WorkTold, staff: StaffUser, row: WorkFact) -> WorkState:
    """Record it where the officer works. Raises NotThatCommunity, and what `record_needs` does."""
    body = told.body
    programme = programmes_of(staff).filter(pk=body["programme"]).first()
    area = areas_for(staff).filter(pk=body["area"]).first()
    if programme is None or area is None:
        raise NotThatCommunity
    row.office_id = staff.home_office_id
    needs.record_needs(
        acting_staff=staff,
        programme=programme,
        area=area,
        held_date=told.happened_date,
        women=body["women"],
        men=body["men"],
        needs=[needs.NeedIn(one["what"], one["women"], one["men"]) for one in body["needs"]],
        place=body.get("place", ""),
        id=told.id,
    )
    return WorkState.DONE
