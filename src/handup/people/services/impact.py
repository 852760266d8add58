"""Data protection impact assessments: drafted, advised on, decided by another, looked at again
(rulings 32). Decided, they are not changed any more: a new version takes their place.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit, duties, safety
from handup.org.devices import already_stored
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import require
from handup.people.models import ImpactAssessment, ImpactRisk
from handup.people.models.labels import IMPACT_STATE
from handup.people.rules import impact as i
from handup.people.services.days import DayToCome, StepBefore
from handup.people.services.registration import registration_numbers
from handup.people.services.store import change, insert
from handup.projects.models import Programme

VIEW = "people.view_impact"
DRAFT = "people.draft_impact"
ADVISE = "people.advise_impact"
DECIDE = "people.decide_impact"
REVIEW_SETTING = "protection.impact_review_days"
TEXTS = ("title", "what", "necessity", "asked", "consulted")


class ImpactWordsMissing(Refusal):
    """Write it down in words."""


class ImpactNotThere(Refusal):
    """This assessment is {state}; that cannot be done with it now."""


class MeasureMissing(Refusal):
    """Say what is done about it: a risk that is not low, or is to become lower, has a measure."""


class RiskGrew(Refusal):
    """A measure leaves no more of a risk than there was."""


class NoRiskFound(Refusal):
    """Write what may happen to the persons first."""


class NobodyAsked(Refusal):
    """Write which persons were asked and what they said, or why nobody could be."""


class NoAdvice(Refusal):
    """The data protection officer has not advised yet."""


class RiskTooHigh(Refusal):
    """A high risk is left. Ask the authority first and write down its answer, or stop."""


class MeasuresOpen(Refusal):
    """Not every measure is in place. Decide to go on with measures, or record that they are."""


class MeasuresUndated(Refusal):
    """Say of each measure that is not in place who sees to it, and by when."""


class ReviewTooLate(Refusal):
    """It is looked at again by {last} at the latest."""


class ReviewTooSoon(Refusal):
    """The day of the next look lies before the decision."""


class MeasureDone(Refusal):
    """This measure is in place already, or there is none."""


LACKING: dict[i.Lacking, tuple[type[Refusal], str]] = {
    i.Lacking.NO_RISK: (NoRiskFound, ""),
    i.Lacking.NOBODY_ASKED: (NobodyAsked, ""),
    i.Lacking.NO_ADVICE: (NoAdvice, ""),
    i.Lacking.TOO_HIGH: (RiskTooHigh, "decision"),
    i.Lacking.OPEN_MEASURES: (MeasuresOpen, "decision"),
    i.Lacking.UNDATED_MEASURES: (MeasuresUndated, "decision"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpactIn:
    """What is assessed, in words; programme: None for the whole house."""

    title: str
    what: str
    necessity: str
    asked: str = ""
    consulted: str = ""

    def texts(self) -> dict[str, str]:
        """The words without what surrounds them. Raises ImpactWordsMissing."""
        found = {name: str(getattr(self, name)).strip() for name in TEXTS}
        for name in ("title", "what", "necessity"):
            if not found[name]:
                raise ImpactWordsMissing(field=name)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskIn:
    """What may happen to persons and what is done about it; grades 1 to 3."""

    risk: str
    likelihood: int
    severity: int
    left_likelihood: int
    left_severity: int
    measure: str = ""
    owner: StaffUser | None = None
    due_date: date | None = None

    def values(self) -> dict[str, Any]:
        """The fields of a row. Raises ImpactWordsMissing, RiskGrew, MeasureMissing."""
        measure = self.measure.strip()
        told = i.Risk(self.likelihood, self.severity, self.left_likelihood, self.left_severity)
        if not self.risk.strip():
            raise ImpactWordsMissing(field="risk")
        if told.grew:
            raise RiskGrew(field="left_likelihood")
        if not measure and (told.lowered or told.level is not i.Level.LOW):
            raise MeasureMissing(field="measure")
        return {
            "risk": self.risk.strip(),
            "likelihood": self.likelihood,
            "severity": self.severity,
            "left_likelihood": self.left_likelihood,
            "left_severity": self.left_severity,
            "measure": measure,
            "owner": self.owner,
            "due_date": self.due_date,
        }


def start_impact_assessment(
    *,
    acting_staff: StaffUser,
    told: ImpactIn,
    programme: Programme | None = None,
    id: UUID | None = None,
) -> ImpactAssessment:
    """Start an assessment. Raises ImpactWordsMissing, OutOfSight, SameIdOtherContent."""
    require(acting_staff, DRAFT)
    texts = told.texts()
    known = already_stored(
        ImpactAssessment, id, acting_staff, programme=programme, started_by=acting_staff
    )
    if known is not None:
        return known
    (code,) = registration_numbers(1, ImpactAssessment, "P")
    row = ImpactAssessment(
        id=id or new_id(),
        code=code,
        programme=programme,
        started_by=acting_staff,
        started_date=timezone.localdate(),
        **texts,
    )
    require(acting_staff, DRAFT, row)
    with transaction.atomic():
        insert([row], acting_staff)
        audit.record(acting_staff, DRAFT, row, {"step": "start"})
    return row


def change_impact_assessment(
    *, acting_staff: StaffUser, assessment: ImpactAssessment, told: ImpactIn
) -> ImpactAssessment:
    """Write a draft's words anew; advice is asked for again. Raises ImpactWordsMissing,
    ImpactNotThere.
    """
    require(acting_staff, DRAFT, assessment)
    texts = told.texts()
    with transaction.atomic():
        row = _draft(assessment)
        change(row, acting_staff, **texts)
        _unadvised(row, acting_staff)
        audit.record(acting_staff, DRAFT, row, {"step": "change"})
    return row


def _unadvised(row: ImpactAssessment, staff: StaffUser) -> None:
    """What was advised was about other words: it is asked for again."""
    if row.advised_date is not None:
        change(row, staff, advised_by=None, advised_date=None)


def _draft(assessment: ImpactAssessment) -> ImpactAssessment:
    return _locked(assessment, i.ImpactState.DRAFT)


def _locked(assessment: ImpactAssessment, wanted: i.ImpactState) -> ImpactAssessment:
    rows = ImpactAssessment._base_manager.select_for_update(of=("self",))
    row: ImpactAssessment = rows.get(pk=assessment.pk)
    if row.state != wanted.value:
        raise ImpactNotThere(state=IMPACT_STATE[i.ImpactState(row.state)])
    return row


def add_impact_risk(
    *,
    acting_staff: StaffUser,
    assessment: ImpactAssessment,
    told: RiskIn,
    id: UUID | None = None,
) -> ImpactRisk:
    """Add what may happen to persons. Raises ImpactWordsMissing, RiskGrew, MeasureMissing,
    ImpactNotThere, SameIdOtherContent.
    """
    require(acting_staff, DRAFT, assessment)
    values = told.values()
    known = already_stored(ImpactRisk, id, acting_staff, assessment=assessment, risk=values["risk"])
    if known is not None:
        return known
    with transaction.atomic():
        row = _draft(assessment)
        last = row.risks.aggregate(last=Max("number"))["last"] or 0
        risk = ImpactRisk(id=id or new_id(), assessment=row, number=last + 1, **values)
        insert([risk], acting_staff)
        _unadvised(row, acting_staff)
        audit.record(acting_staff, DRAFT, risk, {"step": "risk"})
    return risk


def change_impact_risk(*, acting_staff: StaffUser, risk: ImpactRisk, told: RiskIn) -> ImpactRisk:
    """Write a risk of a draft anew; another measure is not in place yet. Raises as
    add_impact_risk.
    """
    require(acting_staff, DRAFT, risk)
    values = told.values()
    with transaction.atomic():
        _unadvised(_draft(risk.assessment), acting_staff)
        row: ImpactRisk = ImpactRisk._base_manager.select_for_update(of=("self",)).get(pk=risk.pk)
        if values["measure"] != row.measure:
            values["done_date"] = None  # what is in place is the other measure
        change(row, acting_staff, **values)
        audit.record(acting_staff, DRAFT, row, {"step": "change"})
    return row


def record_measure_done(*, acting_staff: StaffUser, risk: ImpactRisk, on: date) -> ImpactRisk:
    """Record that a measure is in place, while it is drafted or after it was decided.

    Raises MeasureDone, DayToCome, ImpactNotThere.
    """
    require(acting_staff, DRAFT, risk)
    if on > timezone.localdate():
        raise DayToCome(field="on", date=on)
    with transaction.atomic():
        row: ImpactRisk = ImpactRisk._base_manager.select_for_update(of=("self",)).get(pk=risk.pk)
        if row.assessment.state == i.ImpactState.REPLACED.value:
            raise ImpactNotThere(state=IMPACT_STATE[i.ImpactState.REPLACED])
        if not row.measure or row.done_date is not None:
            raise MeasureDone
        change(row, acting_staff, done_date=on)
        audit.record(acting_staff, DRAFT, row, {"step": "done", "on": on.isoformat()})
    return row


def advise_on_impact(
    *, acting_staff: StaffUser, assessment: ImpactAssessment, advice: str
) -> ImpactAssessment:
    """Advise on a draft (GDPR Article 35 (2)). Raises ImpactWordsMissing, ImpactNotThere."""
    require(acting_staff, ADVISE, assessment)
    if not advice.strip():
        raise ImpactWordsMissing(field="advice")
    with transaction.atomic():
        row = _draft(assessment)
        change(
            row,
            acting_staff,
            advice=advice.strip(),
            advised_by=acting_staff,
            advised_date=timezone.localdate(),
        )
        audit.record(acting_staff, ADVISE, row)
    return row


def decide_on_impact(
    *,
    acting_staff: StaffUser,
    assessment: ImpactAssessment,
    decision: i.ImpactDecision,
    because: str,
    on: date,
    review_date: date | None = None,
    reason: str = "",
) -> ImpactAssessment:
    """Decide whether it may be done, by nobody who wrote of it or advised on it; the version before
    is replaced. reason: why one person does both, where only one is there.

    Raises ImpactWordsMissing, ImpactNotThere, DayToCome, StepBefore, ReviewTooSoon, ReviewTooLate,
    SamePerson, ReasonNeeded, and what is lacking by name.
    """
    require(acting_staff, DECIDE, assessment)
    if not because.strip():
        raise ImpactWordsMissing(field="because")
    if on > timezone.localdate():
        raise DayToCome(field="on", date=on)
    last = i.review_by(on, safety.value(REVIEW_SETTING))
    review = review_date or last
    if review <= on:
        raise ReviewTooSoon(field="review_date")
    if review > last:
        raise ReviewTooLate(field="review_date", last=last.isoformat())
    with transaction.atomic():
        row = _draft(assessment)
        if on < row.started_date:
            raise StepBefore(field="on", date=on, last=row.started_date)
        _refuse_lacking(row, decision)
        if row.advised_date is not None and on < row.advised_date:
            raise StepBefore(field="on", date=on, last=row.advised_date)
        duties.require_other_person(acting_staff, *_hands(row), step=DECIDE, reason=reason, obj=row)
        change(
            row,
            acting_staff,
            state=i.ImpactState.DECIDED.value,
            decision=decision.value,
            reason=because.strip(),
            decided_by=acting_staff,
            decided_date=on,
            review_date=review,
        )
        if row.previous is not None:
            change(row.previous, acting_staff, state=i.ImpactState.REPLACED.value)
        audit.record(acting_staff, DECIDE, row, {"decision": decision.value})
    return row


def _hands(row: ImpactAssessment) -> set[UUID]:
    """Who started it, wrote words or risks of it, or advised on it (GDPR Article 38 (6))."""
    written = [str(row.pk), *(str(pk) for pk in row.risks.values_list("pk", flat=True))]
    lines = AuditLine.objects.filter(action=DRAFT, object_id__in=written)
    hands = {line.staff_id for line in lines if line.facts.get("step") != "done"}
    hands.add(row.started_by_id)
    if row.advised_by_id is not None:
        hands.add(row.advised_by_id)
    return hands


def _refuse_lacking(row: ImpactAssessment, decision: i.ImpactDecision) -> None:
    lacks = i.lacking(
        decision,
        [risk.told for risk in row.risks.all()],
        asked=row.asked,
        advice=row.advice if row.advised_date is not None else "",
        consulted=row.consulted,
    )
    if lacks is not None:
        refusal, field = LACKING[lacks]
        raise refusal(field=field or None)


def renew_impact_assessment(
    *, acting_staff: StaffUser, assessment: ImpactAssessment, id: UUID | None = None
) -> ImpactAssessment:
    """Look at a decided one again: a draft of the next version with its words and risks, without
    advice, answer and decision. The one there is stays in force until the next is decided; asked
    again, the draft there is comes back. Raises ImpactNotThere.
    """
    require(acting_staff, DRAFT, assessment)
    with transaction.atomic():
        old = _locked(assessment, i.ImpactState.DECIDED)
        begun = ImpactAssessment._base_manager.filter(
            code=old.code, state=i.ImpactState.DRAFT.value
        ).first()
        if begun is not None:
            found: ImpactAssessment = begun
            return found
        row = ImpactAssessment(
            id=id or new_id(),
            code=old.code,
            version=old.version + 1,
            programme=old.programme,
            title=old.title,
            what=old.what,
            necessity=old.necessity,
            asked=old.asked,
            started_by=acting_staff,
            started_date=timezone.localdate(),
            previous=old,
        )
        insert([row], acting_staff)
        insert([_copied(risk, row) for risk in old.risks.all()], acting_staff)
        audit.record(acting_staff, DRAFT, row, {"step": "renew", "version": row.version})
    return row


def _copied(risk: ImpactRisk, row: ImpactAssessment) -> ImpactRisk:
    return ImpactRisk(
        id=new_id(),
        assessment=row,
        number=risk.number,
        risk=risk.risk,
        likelihood=risk.likelihood,
        severity=risk.severity,
        measure=risk.measure,
        owner=risk.owner,
        due_date=risk.due_date,
        done_date=risk.done_date,
        left_likelihood=risk.left_likelihood,
        left_severity=risk.left_severity,
    )
