"""Rounds: planned with their seed, drawn once, opened, closed and locked."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.duties import SamePerson, require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.scope import hidden_from, leave_out
from handup.people.services.days import refuse_to_come
from handup.projects.models import Phase, Programme
from handup.surveys.models import Case, ContactAttempt, Questionnaire, Round
from handup.surveys.models.rounds import OWN_KINDS
from handup.surveys.registers import anchors, kind_of
from handup.surveys.rules import flow, samples
from handup.surveys.rules.codes import (
    Outcome,
    RoundKind,
    RoundState,
    SamplePlan,
    SubjectKind,
    SubmissionState,
    VersionState,
    Way,
)
from handup.surveys.services.numbers import numbers
from handup.surveys.services.refusals import (
    AlreadyDrawn,
    AnchorIncomplete,
    AnchorUnknown,
    CaseFinal,
    ClosesBeforeItOpens,
    LockedItHerself,
    NobodyEligible,
    NoPublishedVersion,
    NotInThisState,
    ReasonMissing,
    RoundNotOpen,
    SampleSizeMissing,
    SubmissionsOpen,
    TooFewAttempts,
    WrongSubject,
)

MOVED = ("state", "locked_at", "locked_by", "reopened_at", "reopen_reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibleIn:
    """A person, household, enterprise or what a domain above registered, that may be drawn, with
    stratum and cluster where the plan uses them.
    """

    subject: Any
    stratum: str = ""
    cluster: str = ""
    interviewer: StaffUser | None = None


def plan_round(
    *,
    acting_staff: StaffUser,
    questionnaire: Questionnaire,
    programme: Programme,
    name: str,
    kind: RoundKind,
    opens_date: date,
    closes_date: date,
    phase: Phase | None = None,
    plan: SamplePlan = SamplePlan.CENSUS,
    sample_size: int | None = None,
    cluster_count: int | None = None,
    seed: str = "",
    anchor: str = "",
    anchor_days: int | None = None,
    id: UUID | None = None,
) -> Round:
    """Plan a round; its seed is stored now, before anybody is drawn.

    `anchor` and `anchor_days`: each case is due so many days after that day of its subject
    (`registers.anchors`), inside the window of the round. Raises ClosesBeforeItOpens,
    NoPublishedVersion, AnchorUnknown, AnchorIncomplete.
    """
    row = Round(
        id=id or new_id(),
        questionnaire=questionnaire,
        programme=programme,
        phase=phase,
        name=name,
        kind=kind,
        opens_date=opens_date,
        closes_date=closes_date,
        plan=plan,
        sample_size=sample_size,
        cluster_count=cluster_count,
        seed=seed or secrets.token_hex(16),
        anchor=anchor,
        anchor_days=anchor_days,
        planned_by=acting_staff,
    )
    require(acting_staff, "surveys.plan_round", row)
    told = {"questionnaire": questionnaire, "programme": programme, "name": name, "kind": kind}
    if (existing := already_stored(Round, id, acting_staff, **told)) is not None:
        return existing
    _refuse_anchor(questionnaire, anchor, anchor_days)
    if closes_date < opens_date:
        raise ClosesBeforeItOpens(field="closes_date")
    if not questionnaire.versions.filter(state=VersionState.PUBLISHED).exists():
        raise NoPublishedVersion(field="questionnaire", title=questionnaire.title)
    with transaction.atomic():
        row.save(force_insert=True)
        audit.record(acting_staff, "surveys.plan_round", row)
    return row


def _refuse_anchor(questionnaire: Questionnaire, anchor: str, days: int | None) -> None:
    if (anchor == "") != (days is None):
        raise AnchorIncomplete(field="anchor_days" if days is None else "anchor")
    known = anchors.get(anchor)
    if anchor and (known is None or questionnaire.subject_kind not in known.kinds):
        raise AnchorUnknown(field="anchor", anchor=anchor)


def draw_sample(
    *, acting_staff: StaffUser, round: Round, eligible: Sequence[EligibleIn]
) -> list[Case]:
    """Draw the cases of a round from those eligible; everybody when few enough.

    The draw depends on seed and ids alone. Raises AlreadyDrawn, NobodyEligible, WrongSubject,
    SampleSizeMissing.
    """
    require(acting_staff, "surveys.draw_sample", round)
    if round.drawn_at is not None:
        raise AlreadyDrawn
    if not eligible:
        raise NobodyEligible(field="eligible")
    refuse_other_kind(SubjectKind(round.questionnaire.subject_kind), eligible)
    by_id = {str(one.subject.pk): one for one in eligible}
    drawn = _drawn(round, by_id)
    cases = [case_of(round, by_id[one.id], one) for one in drawn]
    due_by_anchor(round, cases)
    with transaction.atomic():
        held = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
        if held.drawn_at is not None:  # drawn twice at once
            raise AlreadyDrawn
        Case.objects.bulk_create(cases, batch_size=200)
        round.eligible_count = len(by_id)
        round.drawn_at = timezone.now()
        round.save(update_fields=("eligible_count", "drawn_at"))
        audit.record(
            acting_staff,
            "surveys.draw_sample",
            round,
            {"eligible": len(by_id), "sampled": len(cases)},
        )
    return cases


def _drawn(round: Round, by_id: Mapping[str, EligibleIn]) -> list[samples.Drawn]:
    ids = list(by_id)
    limit = numbers().census_up_to
    if len(ids) <= limit and (round.plan == SamplePlan.CENSUS or round.sample_size is None):
        return samples.simple(ids, round.seed, len(ids))
    if round.sample_size is None:
        raise SampleSizeMissing(field="sample_size", eligible=len(ids), limit=limit)
    if round.plan == SamplePlan.STRATIFIED:
        strata: dict[str, list[str]] = {}
        for one, item in by_id.items():
            strata.setdefault(item.stratum, []).append(one)
        return samples.stratified(strata, round.seed, round.sample_size)
    if round.plan == SamplePlan.CLUSTER:
        clusters: dict[str, list[str]] = {}
        for one, item in by_id.items():
            clusters.setdefault(item.cluster, []).append(one)
        m = round.cluster_count or len(clusters)
        return samples.clustered(clusters, round.seed, m, -(-round.sample_size // m))
    return samples.simple(ids, round.seed, round.sample_size)


def due_by_anchor(round: Round, cases: Sequence[Case]) -> None:
    """Set when each case is due: so many days after the anchor of its subject, inside the window of
    the round; at its end for who has no such day.
    """
    if not round.anchor:
        return
    days = anchors[round.anchor].dates([case.subject_id for case in cases])
    after = timedelta(days=round.anchor_days or 0)
    for case in cases:
        day = days.get(case.subject_id)
        if day is not None:
            case.due_date = min(max(day + after, round.opens_date), round.closes_date)


def refuse_other_kind(kind: SubjectKind, eligible: Sequence[EligibleIn]) -> None:
    """Raise WrongSubject when one of them is not what the questionnaire asks about."""
    for one in eligible:
        if kind_of(one.subject) is not kind:
            raise WrongSubject(field="eligible", kind=kind.value.lower())


def case_of(round: Round, item: EligibleIn, drawn: samples.Drawn) -> Case:
    """The case of one who was drawn, not yet kept."""
    subject = item.subject
    kind = kind_of(subject)
    assert kind is not None
    return Case(
        round=round,
        subject_kind=kind,
        subject_name="" if kind in OWN_KINDS else str(subject)[:160],
        subject_id=subject.pk,
        person=subject if kind is SubjectKind.PERSON else None,
        household=subject if kind is SubjectKind.HOUSEHOLD else None,
        enterprise=subject if kind is SubjectKind.ENTERPRISE else None,
        interviewer=item.interviewer,
        office_id=getattr(subject, "office_id", None),
        area_id=getattr(subject, "area_id", None),
        stratum=item.stratum,
        cluster=item.cluster,
        probability_numerator=drawn.probability.numerator,
        probability_denominator=drawn.probability.denominator,
        due_date=round.closes_date,
    )


def open_round(*, acting_staff: StaffUser, round: Round) -> Round:
    """Open a drawn round for answers. Raises NobodyEligible before the draw."""
    require(acting_staff, "surveys.open_round", round)
    if round.state != RoundState.PLANNED:
        raise NotInThisState(state=round.get_state_display())
    if round.drawn_at is None:
        raise NobodyEligible
    return _move(acting_staff, "surveys.open_round", round, RoundState.OPEN)


def close_round(*, acting_staff: StaffUser, round: Round) -> Round:
    """Close an open round: no more answers are taken, decisions may still be made."""
    require(acting_staff, "surveys.close_round", round)
    if round.state != RoundState.OPEN:
        raise NotInThisState(state=round.get_state_display())
    return _move(acting_staff, "surveys.close_round", round, RoundState.CLOSED)


def lock_round(*, acting_staff: StaffUser, round: Round) -> Round:
    """Lock a closed round: its accepted answers are what reports read. Answers of whom she may not
    know of hold nothing back; who knows of her takes the round a step back to decide on them.

    Raises SubmissionsOpen.
    """
    require(acting_staff, "surveys.lock_round", round)
    if round.state != RoundState.CLOSED:
        raise NotInThisState(state=round.get_state_display())
    states = (SubmissionState.RECEIVED, SubmissionState.HELD)
    rows = round.submissions.filter(state__in=states)
    if waiting := leave_out(rows, hidden_from(acting_staff)).count():
        raise SubmissionsOpen(count=waiting)
    round.locked_at, round.locked_by = timezone.now(), acting_staff
    return _move(acting_staff, "surveys.lock_round", round, RoundState.LOCKED)


def _move(staff: StaffUser, action: str, round: Round, state: RoundState) -> Round:
    with transaction.atomic():
        round.state = state
        round.save(update_fields=MOVED)
        audit.record(staff, action, round)
    return round


def reopen_round(*, acting_staff: StaffUser, round: Round, reason: str) -> Round:
    """Take a round one step back: a locked one is closed again (decisions and corrections may be
    made, results leave it out until it is locked again), a closed one takes answers again.

    A locked round is opened by another person than who locked it. Until it is locked again every
    figure that read it is out of date: `queries.reopened_rounds` names it. Raises ReasonMissing,
    LockedItHerself, NotInThisState.
    """
    require(acting_staff, "surveys.reopen_round", round)
    before = {RoundState.LOCKED: RoundState.CLOSED, RoundState.CLOSED: RoundState.OPEN}
    if not reason.strip():
        raise ReasonMissing(field="reason")
    with transaction.atomic():
        row = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
        if row.state not in before:
            raise NotInThisState(state=row.get_state_display())
        if row.state == RoundState.LOCKED:
            _another_locked(acting_staff, row, reason)
            row.locked_at, row.locked_by = None, None
            row.reopened_at = timezone.now()
        row.reopen_reason = reason.strip()[:300]
        audit.record(acting_staff, "surveys.reopen_round", row, {"from": row.state})
        row.state = before[RoundState(row.state)]
        row.save(update_fields=MOVED)
    return row


def _another_locked(staff: StaffUser, row: Round, reason: str) -> None:
    try:
        require_other_person(
            staff, row.locked_by_id, step="surveys.reopen_round", reason=reason, obj=row
        )
    except SamePerson:
        raise LockedItHerself from None


def record_contact(
    *,
    acting_staff: StaffUser,
    case: Case,
    attempt_date: date,
    way: Way,
    result: str = "",
    id: UUID | None = None,
) -> ContactAttempt:
    """Record one try to reach the subject of a case. Raises DayToCome, RoundNotOpen, CaseFinal."""
    require(acting_staff, "surveys.record_contact", case)
    existing = already_stored(
        ContactAttempt, id, acting_staff, case=case, attempt_date=attempt_date, way=way.value
    )
    if existing is not None:
        return existing
    _refuse_final(case)
    refuse_to_come("attempt_date", attempt_date)
    with transaction.atomic():
        row: ContactAttempt = ContactAttempt.objects.create(
            id=id or new_id(),
            case=case,
            attempt_date=attempt_date,
            way=way,
            result=result,
            recorded_by=acting_staff,
        )
        audit.record(acting_staff, "surveys.record_contact", row)
    return row


def record_outcome(
    *, acting_staff: StaffUser, case: Case, outcome: Outcome, outcome_date: date
) -> Case:
    """End a case without an interview. NOT_FOUND takes some tries.

    Raises TooFewAttempts, CaseFinal, DayToCome.
    """
    require(acting_staff, "surveys.record_outcome", case)
    _refuse_final(case)
    refuse_to_come("outcome_date", outcome_date)
    if outcome is Outcome.INTERVIEWED:
        raise NotInThisState(state=outcome.value)
    if outcome is Outcome.NOT_FOUND:
        days = list(case.attempts.values_list("attempt_date", flat=True))
        least = numbers()
        tries, on_days = len(days), len(set(days))
        if not flow.may_give_up(tries, on_days, needed=least.attempts, needed_days=least.days):
            raise TooFewAttempts(
                field="outcome", attempts=tries, days=on_days, needed=least.attempts,
                needed_days=least.days,
            )  # fmt: skip
    with transaction.atomic():
        case.outcome = outcome
        case.outcome_date = outcome_date
        case.save(update_fields=("outcome", "outcome_date"))
        audit.record(acting_staff, "surveys.record_outcome", case, {"outcome": outcome.value})
    return case


def _refuse_final(case: Case) -> None:
    if case.round.state != RoundState.OPEN:
        raise RoundNotOpen(round=case.round.name)
    if case.outcome in {Outcome.REFUSED, Outcome.INTERVIEWED}:
        raise CaseFinal(outcome=case.get_outcome_display())
