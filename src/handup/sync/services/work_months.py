"""How a month of a plan went, as it was told at a visit away from the office."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from handup.org.models import StaffUser
from handup.org.scope import without_opened
from handup.plans.models import Plan, Visit
from handup.plans.services import MonthIn, record_actual_month
from handup.plans.services.visits import MAY_BE_NEGATIVE
from handup.sync.errors import NotThatPlan, NotThatVisit
from handup.sync.models import WorkFact, WorkState
from handup.sync.rules.bodies import is_day, is_device_id, is_number
from handup.sync.services.work_people import known
from handup.sync.services.work_told import WorkTold

NAME = "record_actual_month"
COUNTS = {"workers": 9_999, "working_days": 31}
FIELDS = tuple(MonthIn.__dataclass_fields__)


def is_month(body: Mapping[str, Any]) -> bool:
    """Whether a body tells of a month: `person`, `plan`, `visit` or none, `month` (its first day),
    and each figure that is known, one at least, under the name the office keeps it by."""
    told = [name for name in FIELDS if name in body]
    return (
        is_device_id(body.get("person"))
        and is_device_id(body.get("plan"))
        and (body.get("visit") is None or is_device_id(body["visit"]))
        and is_day(body.get("month"))
        and bool(told)
        and all(_is_figure(name, body[name]) for name in told)
    )


def _is_figure(name: str, value: object) -> bool:
    if name in COUNTS:
        return is_number(value, most=COUNTS[name])
    if name in MAY_BE_NEGATIVE and type(value) is int:
        return is_number(abs(value))
    return is_number(value)


def tell(told: WorkTold, staff: StaffUser, row: WorkFact) -> WorkState:
    """Record the month; nothing of whoever was erased since. Raises NotThatPerson, NotThatPlan,
    NotThatVisit and what `record_actual_month` refuses."""
    body = told.body
    person = known(staff, body["person"])
    if person.erased_date is not None:
        return WorkState.LEFT_OUT
    plans = Plan.objects.visible_to(without_opened(staff)).filter(person=person)
    plan = plans.filter(pk=body["plan"]).first()
    if plan is None:
        raise NotThatPlan
    visit: Visit | None = None
    if body.get("visit"):
        visits = Visit.objects.visible_to(without_opened(staff)).filter(person=person)
        if (visit := visits.filter(pk=body["visit"]).first()) is None:
            raise NotThatVisit
    row.office_id = plan.office_id or person.office_id
    record_actual_month(
        acting_staff=staff,
        plan=plan,
        month=date.fromisoformat(body["month"]),
        told=MonthIn(**{name: body[name] for name in FIELDS if name in body}),
        visit=visit,
        id=told.id,
    )
    return WorkState.DONE
