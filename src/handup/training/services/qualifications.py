"""Writes of the register of qualified people: a person, a piece of evidence, an observation, a
step of the ladder.
"""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.models import Office, StaffUser
from handup.org.permissions import require
from handup.projects.models import Organisation
from handup.training.models import (
    Cohort,
    Observation,
    Qualification,
    QualificationProof,
    QualificationStep,
)
from handup.training.qualified import lack_words, ladder_of, proofs_of, scores_of
from handup.training.rules.apprenticeship import same_name
from handup.training.rules.ladder import (
    SCORE_X10,
    VALID_MONTHS,
    Field,
    Level,
    Proof,
    lacks,
    lapsed,
    step_after,
    valid_until,
)
from handup.training.services.common import known, not_before, not_to_come, same, setting
from handup.training.services.refusals import (
    LadderUnmet,
    NoStepLeft,
    NothingToRenew,
    ObserverNotSenior,
    ObservesHerself,
    OwnQualification,
    ProofTwice,
    QualifiedTwice,
    ReasonMissing,
    ScoreNotFromOneToFour,
)

SENIOR = (Level.SENIOR, Level.MASTER)


def register_qualification(
    *,
    acting_staff: StaffUser,
    field: Field,
    name: str = "",
    staff: StaffUser | None = None,
    organisation: Organisation | None = None,
    office: Office | None = None,
    national: bool | None = None,
    id: UUID | None = None,
) -> Qualification:
    """Put somebody on the register of one field, not yet on any step; a name stands there once for
    one organisation. Raises QualifiedTwice.
    """
    require(acting_staff, "training.register_qualification")
    row = Qualification(
        id=id or new_id(),
        field=field,
        staff=staff,
        name=name.strip() or (staff.display_name if staff else ""),
        organisation=organisation,
        office=office,
        national=national,
    )
    if (stored := known(Qualification, [row.pk]).get(row.pk)) is not None:
        return same(stored, row, ("field", "staff_id", "name"))
    if not row.name:
        raise ReasonMissing(field="name")
    _refuse_known(row)
    with transaction.atomic():
        row.save(force_insert=True)
        require(acting_staff, "training.register_qualification", row)
        audit.record(acting_staff, "training.register_qualification", row, {"field": field.value})
    return row


def record_proof(
    *,
    acting_staff: StaffUser,
    qualification: Qualification,
    proof: Proof,
    proof_date: date,
    reference: str,
    cohort: Cohort | None = None,
    id: UUID | None = None,
) -> QualificationProof:
    """Record a piece of evidence; who it is about does not record it herself. A cohort is evidence
    of one kind once, however it is referred to.

    Raises OwnQualification, ProofTwice, AfterToday.
    """
    require(acting_staff, "training.record_proof", qualification)
    _not_her_own(acting_staff, qualification)
    row = QualificationProof(
        id=id or new_id(),
        qualification=qualification,
        proof=proof,
        proof_date=proof_date,
        reference=reference.strip(),
        cohort=cohort,
        recorded_by=acting_staff,
    )
    if (stored := known(QualificationProof, [row.pk]).get(row.pk)) is not None:
        return same(stored, row, ("qualification_id", "proof", "reference"))
    not_to_come(proof_date, field="proof_date")
    with transaction.atomic():
        Qualification.objects.select_for_update().get(pk=qualification.pk)
        _refuse_twice(row)
        row.save(force_insert=True)
        audit.record(acting_staff, "training.record_proof", row, {"proof": proof.value})
    return row


def record_observation(
    *,
    acting_staff: StaffUser,
    qualification: Qualification,
    observer: Qualification,
    observed_date: date,
    score_x10: int,
    cohort: Cohort | None = None,
    remarks: str = "",
    id: UUID | None = None,
) -> Observation:
    """Record that a senior or master of the field watched somebody at work, never herself.

    Raises ObservesHerself, ObserverNotSenior, ScoreNotFromOneToFour, AfterToday.
    """
    require(acting_staff, "training.record_observation", qualification)
    row = Observation(
        id=id or new_id(),
        qualification=qualification,
        observer=observer,
        observed_date=observed_date,
        score_x10=score_x10,
        cohort=cohort,
        remarks=remarks.strip(),
        recorded_by=acting_staff,
    )
    if (stored := known(Observation, [row.pk]).get(row.pk)) is not None:
        return same(stored, row, ("qualification_id", "observer_id", "observed_date", "score_x10"))
    _refuse_observer(acting_staff, qualification, observer, observed_date)
    if score_x10 not in SCORE_X10:
        raise ScoreNotFromOneToFour(field="score_x10")
    not_to_come(observed_date, field="observed_date")
    with transaction.atomic():
        row.save(force_insert=True)
        audit.record(acting_staff, "training.record_observation", row, {"score_x10": score_x10})
    return row


def grant_level(
    *,
    acting_staff: StaffUser,
    qualification: Qualification,
    granted_date: date,
    reason: str = "",
    renew: bool = False,
    id: UUID | None = None,
) -> QualificationStep:
    """Grant the next step of the ladder, or with `renew` the one held for another term.

    Evidence and observations count up to the day of the grant. A renewal asks for the observations
    of its step again, made since it was granted. A master is appointed by the quality body, with
    its reason. Raises OwnQualification, NoStepLeft, NothingToRenew, LadderUnmet, ReasonMissing,
    DateBefore, AfterToday.
    """
    require(acting_staff, "training.grant_level", qualification)
    _not_her_own(acting_staff, qualification)
    not_to_come(granted_date, field="granted_date")
    with transaction.atomic():
        held: Qualification = Qualification.objects.select_for_update().get(pk=qualification.pk)
        if (stored := _step_of(id)) is not None:
            return same(stored, _told(stored, held, granted_date), ("qualification_id",))
        not_before(granted_date, held.granted_date, field="granted_date")
        level = _level_to_grant(held, renew, reason, granted_date)
        months = int(setting("training.qualification_months", VALID_MONTHS))
        row = QualificationStep(
            id=id or new_id(),
            qualification=held,
            level=level,
            granted_date=granted_date,
            valid_to=valid_until(granted_date, months),
            granted_by=acting_staff,
            reason=reason.strip(),
        )
        row.save(force_insert=True)
        held.level, held.granted_date, held.valid_to = level, granted_date, row.valid_to
        held.save(update_fields=("level", "granted_date", "valid_to"))
        audit.record(acting_staff, "training.grant_level", row, {"level": level.value})
    return row


def _refuse_known(row: Qualification) -> None:
    """Refuse who stands on the register of the field: as the same staff, or by the same name for
    the same organisation or where one of both names none.
    """
    there = Qualification.objects.filter(field=row.field, active=True)
    if row.staff_id is not None and there.filter(staff_id=row.staff_id).exists():
        raise QualifiedTwice(field="staff", name=row.name)
    for other in there.only("name", "staff_id", "organisation_id"):
        both_staff = row.staff_id is not None and other.staff_id is not None
        apart = None not in {row.organisation_id, other.organisation_id}
        apart = apart and row.organisation_id != other.organisation_id
        if not both_staff and not apart and same_name(other.name, row.name):
            raise QualifiedTwice(field="name", name=row.name)


def _refuse_twice(row: QualificationProof) -> None:
    there = row.qualification.proofs.filter(proof=row.proof)
    if there.filter(reference=row.reference).exists():
        raise ProofTwice(field="reference", reference=row.reference)
    if row.cohort is not None and there.filter(cohort=row.cohort).exists():
        raise ProofTwice(field="cohort", reference=str(row.cohort))


def _step_of(id: UUID | None) -> QualificationStep | None:
    return None if id is None else known(QualificationStep, [id]).get(id)


def _told(stored: QualificationStep, held: Qualification, on: date) -> QualificationStep:
    return QualificationStep(id=stored.pk, qualification=held, granted_date=on)


def _level_to_grant(held: Qualification, renew: bool, reason: str, on: date) -> Level:
    """The level that may be granted now; refuses, naming what is missing."""
    steps = ladder_of(Field(held.field))
    now = Level(held.level) if held.level else None
    if renew and now is None:
        raise NothingToRenew(field="renew", name=held.name)
    if renew:
        (step,) = [one for one in steps if one.level is now]
    else:
        following = step_after(steps, now)
        if following is None:
            raise NoStepLeft(field="qualification", level=held.get_level_display())
        step = following
    if step.appointed and not reason.strip():
        raise ReasonMissing(field="reason")
    proofs: Any = proofs_of([held], on).get(held.pk, {})
    watched_after = held.granted_date if renew else None
    missing = lacks(step, proofs, scores_of(held, watched_after, on))
    if missing:
        raise LadderUnmet(
            field="qualification",
            missing="; ".join(f"{lack_words(one)} {one.have}/{one.need}" for one in missing),
        )
    return step.level


def _refuse_observer(
    acting: StaffUser, qualification: Qualification, observer: Qualification, on: date
) -> None:
    same_staff = observer.staff_id is not None and observer.staff_id == qualification.staff_id
    if observer.pk == qualification.pk or same_staff or _is_hers(acting, qualification):
        raise ObservesHerself(field="observer")
    held: QualificationStep | None = (
        observer.steps.filter(granted_date__lte=on).order_by("granted_date", "recorded_at").last()
    )
    stands = held is not None and held.level in SENIOR and not lapsed(held.valid_to, on)
    if observer.field != qualification.field or not stands or not observer.active:
        raise ObserverNotSenior(field="observer", name=observer.name)


def _not_her_own(acting: StaffUser, qualification: Qualification) -> None:
    if _is_hers(acting, qualification):
        raise OwnQualification(field="qualification")


def _is_hers(acting: StaffUser, qualification: Qualification) -> bool:
    """Whether it is her own; who stands on the register by a name alone is known by it."""
    if qualification.staff_id is not None:
        return bool(qualification.staff_id == acting.pk)
    return same_name(qualification.name, acting.display_name)
