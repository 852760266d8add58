"""Conditions of a decision: written with it, met with a paper or lifted with a reason; the step
each stands before is refused while it is open, by name.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.lending.errors import DisbursementStopped
from handup.lending.models import Application, Decision, DecisionCondition, Loan
from handup.lending.rules.codes import ConditionStep
from handup.lending.services.rows import insert_rows
from handup.org import audit
from handup.org.duties import ReasonNeeded
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.prepared import prepared
from handup.projects.queries import stops_of_disbursement


class ConditionOpen(Refusal):
    """This is still to be met: {conditions}."""


class ConditionSettled(Refusal):
    """This condition is already met or lifted."""


class ConditionBeforeDecision(Refusal):
    """{date} is before the decision of {decided}."""


class DocumentMissing(Refusal):
    """Write which paper shows that it is met."""


class ConditionEmpty(Refusal):
    """A condition says what has to be there."""


@dataclass(frozen=True, slots=True)
class ConditionIn:
    """What has to be there, and before which step."""

    text: str
    before: ConditionStep = ConditionStep.PAY_OUT


def write_conditions(pairs: Iterable[tuple[Decision, Sequence[ConditionIn]]]) -> None:
    """Store the conditions of decisions just taken; the decision's own line is the audit. Raises
    ConditionEmpty.
    """
    rows = []
    for decision, told in pairs:
        for number, item in enumerate(told, start=1):
            if not item.text.strip():
                raise ConditionEmpty(field="conditions")
            rows.append(
                DecisionCondition(
                    id=new_id(),
                    decision=decision,
                    number=number,
                    text=item.text.strip(),
                    before=item.before.value,
                )
            )
    if rows:
        insert_rows(rows)


def meet_condition(
    *, acting_staff: StaffUser, condition: DecisionCondition, met_date: date, document: str
) -> DecisionCondition:
    """Check a condition off: on which day, seen by whom, on which paper.

    Raises NotAllowed, OutOfSight, ConditionSettled, ConditionBeforeDecision, DocumentMissing.
    """
    require(acting_staff, "lending.meet_condition", condition)
    if not document.strip():
        raise DocumentMissing(field="document")
    with transaction.atomic():
        row = _locked(condition, met_date, "met_date")
        row.met_date, row.met_by, row.document = met_date, acting_staff, document.strip()
        row.save(update_fields=("met_date", "met_by", "document"))
        audit.record(
            acting_staff, "lending.meet_condition", row, {"decision": str(row.decision_id)}
        )
    return row


def lift_condition(
    *, acting_staff: StaffUser, condition: DecisionCondition, lifted_date: date, reason: str
) -> DecisionCondition:
    """Lift a condition, as only those may who decide; with the reason.

    Raises NotAllowed, OutOfSight, ConditionSettled, ConditionBeforeDecision, ReasonNeeded.
    """
    require(acting_staff, "lending.decide_application", condition)
    if not reason.strip():
        raise ReasonNeeded(field="reason")
    with transaction.atomic():
        row = _locked(condition, lifted_date, "lifted_date")
        row.lifted_date, row.lifted_by, row.lift_reason = lifted_date, acting_staff, reason.strip()
        row.save(update_fields=("lifted_date", "lifted_by", "lift_reason"))
        audit.record(
            acting_staff, "lending.lift_condition", row, {"decision": str(row.decision_id)}
        )
    return row


def _locked(condition: DecisionCondition, on: date, field: str) -> DecisionCondition:
    rows = DecisionCondition.objects.select_for_update(of=("self",)).select_related("decision")
    row = rows.get(pk=condition.pk)
    if not row.is_open:
        raise ConditionSettled()
    if on < row.decision.decided_date:
        raise ConditionBeforeDecision(field=field, date=on, decided=row.decision.decided_date)
    return row


def lapsed() -> Exists:
    """Whether an application was decided anew since the decision a condition belongs to: it holds
    up nothing any more.
    """
    later = Decision.objects.filter(
        application=OuterRef("decision__application"),
        recorded_at__gt=OuterRef("decision__recorded_at"),
    )
    return Exists(later)


def hold_before_signing(rows: Sequence[Application]) -> None:
    """Refuse to sign while something is open that has to be met before. Raises ConditionOpen."""
    _refuse(_before_signing([row.pk for row in rows]))


@prepared
def _before_signing(applications: list[UUID]) -> QuerySet[Any, Any]:
    rows = DecisionCondition.objects.filter(
        ~lapsed(),
        decision__application_id__in=applications,
        before=ConditionStep.SIGNING.value,
        met_date=None,
        lifted_date=None,
    )
    return rows.order_by("decision_id", "number").values_list("text")


def hold_before_pay_out(loans: Sequence[Loan]) -> None:
    """Refuse to pay out while anything is open. Raises ConditionOpen."""
    agreements = [loan.agreement_id for loan in loans if loan.agreement_id is not None]
    if agreements:
        _refuse(_before_pay_out(agreements))


def refuse_stopped(programmes: Iterable[UUID]) -> None:
    """Refuse to let money go while who hands a programme over has stopped it. Raises
    DisbursementStopped.
    """
    for stop in stops_of_disbursement(set(programmes)):
        raise DisbursementStopped(since=stop.stopped_date, reason=stop.stop_reason)


@prepared
def _before_pay_out(agreements: list[UUID]) -> QuerySet[Any, Any]:
    rows = DecisionCondition.objects.filter(
        ~lapsed(),
        decision__application__agreement__in=agreements,
        met_date=None,
        lifted_date=None,
    )
    return rows.order_by("decision_id", "number").values_list("text")


def _refuse(texts: Sequence[tuple[Any, ...]]) -> None:
    if texts:
        raise ConditionOpen(conditions="; ".join(text for (text,) in texts))
