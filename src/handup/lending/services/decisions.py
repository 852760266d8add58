"""Appraisal by another person than the advisor, and the decision of the committee."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from handup.kernel.ids import new_id
from handup.lending.at_work import refuse_lapsed
from handup.lending.errors import (
    AmountNotPositive,
    NotAppraised,
    NotWaitingForThis,
    OtherInstalments,
    OtherThanAppraised,
    QuorumNotMet,
    StopNotWaivable,
    StopRule,
    VotesSayOtherwise,
    WaivedByOne,
)
from handup.lending.models import Application, Appraisal, Decision, Vote
from handup.lending.models.labels import APPLICATION_STATES, OUTCOMES, STOP_LABELS
from handup.lending.rules.codes import ApplicationState, Outcome, Source
from handup.lending.rules.eligibility import (
    Grid,
    Missing,
    Preconditions,
    Stop,
    band_for,
    bands_of,
    check_approved,
    grid_score,
    tally,
)
from handup.lending.rules.loan import ENGINE_VERSION
from handup.lending.rules.terms import check_own, read_terms
from handup.lending.services.applications import Gathered, gather, hold_to_consent, stop_text
from handup.lending.services.beside import beside_applications
from handup.lending.services.conditions import ConditionIn, write_conditions
from handup.lending.services.documents import asked_before_signing, missing_documents
from handup.lending.services.frozen import plain, stop_data
from handup.lending.services.plans_behind import frozen_plan
from handup.lending.services.rows import in_chunks, insert_rows, update_rows
from handup.lending.services.security import refuse_tied
from handup.lending.services.steps import hold_in_time, hold_to_day, standing
from handup.org import audit, statements
from handup.org.devices import already_stored
from handup.org.duties import ReasonNeeded, SamePerson, require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require, require_all
from handup.org.plain import rows_where
from handup.org.prepared import prepared
from handup.org.web.money import format_money

STATE_AFTER = {
    Outcome.APPROVE: ApplicationState.APPROVED,
    Outcome.APPROVE_LESS: ApplicationState.APPROVED,
    Outcome.RETURN: ApplicationState.RETURNED,
    Outcome.DECLINE: ApplicationState.DECLINED,
}
_STATES = dict(APPLICATION_STATES)
APPROVING = frozenset({Outcome.APPROVE, Outcome.APPROVE_LESS})
PLAN_FACTS = ("plan", "plan_checks")
WAIVE = "lending.waive_stop"
WAIVING_VOTES = 2
"""How many votes stand for an approval that sets a stop aside."""


@dataclass(frozen=True, slots=True)
class AppraisalIn:
    """What an appraiser found on one application. anchors: criterion → 0 to 4."""

    application: Application
    appraised_date: date
    recommendation: Outcome
    recommended_units: int | None = None
    anchors: Mapping[str, int] | None = None
    note: str = ""
    overrides: Sequence[Mapping[str, str]] = ()
    reason: str = ""
    id: UUID | None = None


def appraise_application(
    *,
    acting_staff: StaffUser,
    application: Application,
    appraised_date: date,
    recommendation: Outcome,
    recommended_units: int | None = None,
    anchors: Mapping[str, int] | None = None,
    note: str = "",
    overrides: Sequence[Mapping[str, str]] = (),
    reason: str = "",
    id: UUID | None = None,
) -> Appraisal:
    """Appraise one application: the batch form with one. See appraise_applications."""
    item = AppraisalIn(
        application=application,
        appraised_date=appraised_date,
        recommendation=recommendation,
        recommended_units=recommended_units,
        anchors=anchors,
        note=note,
        overrides=overrides,
        reason=reason,
        id=id,
    )
    stored = already_stored(Appraisal, id, acting_staff, **_said(item))
    if stored is not None:
        require(acting_staff, "lending.appraise_application", application)
        return stored
    return appraise_applications([item], acting_staff=acting_staff)[0]


def appraise_applications(
    items: Sequence[AppraisalIn], *, acting_staff: StaffUser, source: Source = Source.WEB
) -> list[Appraisal]:
    """Freeze facts and hard stops, score the grid, recommend; by another person than the advisor,
    the officer who keeps the application, and whoever voted on it. source: the door they came by.

    Raises NotAllowed, OutOfSight, SamePerson, ReasonNeeded, NotWaitingForThis, ScoreOutOfRange,
    CriterionUnknown, AmountNotPositive, FutureDate, BeforeItsStep, ApplicationExpired.
    """
    made: list[Appraisal] = []
    for chunk in in_chunks(items):
        made += _appraise(chunk, acting_staff, source)
    return made


def _appraise(items: Sequence[AppraisalIn], staff: StaffUser, source: Source) -> list[Appraisal]:
    rows = [item.application for item in items]
    require_all(staff, "lending.appraise_application", rows)
    for item in items:
        if item.recommended_units is not None and item.recommended_units <= 0:
            raise AmountNotPositive(field="recommended_units")
        hold_to_day(item.appraised_date, "appraised_date", item.application.submitted_date)
    hold_in_time(((item.application, item.appraised_date) for item in items), source)
    refuse_lapsed(staff, (item.appraised_date for item in items))
    with statements.together(), transaction.atomic():
        lock_waiting(rows, ApplicationState.SUBMITTED, ApplicationState.APPRAISED)
        beside = beside_applications(rows, staff)
        if beside.tied:
            refuse_tied(staff, rows)
        votes = votes_of(rows) if beside.voted else {}
        gathered = gather(rows, joint=beside.joint)
        missing = missing_documents(rows)
        for item in items:
            require_other_person(
                staff,
                item.application.advisor_id,
                item.application.officer_id,
                *(vote.member_id for vote in votes.get(item.application.pk, [])),
                step="lending.appraise_application",
                amount=item.application.asked_units,
                reason=item.reason,
                obj=item.application,
            )
        made = [
            _appraisal(item, gathered[pk := item.application.pk], staff, missing.get(pk))
            for item in items
        ]
        insert_rows(made)
        set_state(rows, ApplicationState.APPRAISED)
        audit.record_many(
            audit.line(staff, "lending.appraise_application", row, {"stops": len(row.stops)})
            for row in made
        )
    return made


def _appraisal(
    item: AppraisalIn, found: Gathered, staff: StaffUser, lacking: Sequence[str] | None
) -> Appraisal:
    """lacking: the documents nobody has seen; None where the product asks for none."""
    asked = {"asked": asdict(found.asked), **frozen_plan(found.plan, found.plan_checks)}
    if lacking is not None:
        asked["documents_missing"] = list(lacking)
    facts = plain({**asdict(found.facts), **asked})
    grid = Grid.of(item.application.product_version.grid)
    score, band = grid_score(grid, item.anchors or {})
    text = json.dumps(facts, sort_keys=True)
    return Appraisal(
        id=item.id or new_id(),
        appraiser=staff,
        engine_version=ENGINE_VERSION,
        inputs_hash=hashlib.sha256(text.encode()).hexdigest(),
        facts=facts,
        score_x10=score if item.anchors else None,
        band=band.value if item.anchors else "",
        stops=[stop_data(missing) for missing in found.missing],
        **_said(item),
    )


def _said(item: AppraisalIn) -> dict[str, Any]:
    """What the appraiser says, as it is stored: told again under one id, it is the same."""
    names = ("application", "appraised_date", "recommended_units", "note")
    said: dict[str, Any] = {name: getattr(item, name) for name in names}
    said |= {"recommendation": item.recommendation.value, "scores": dict(item.anchors or {})}
    return said | {"overrides": [dict(entry) for entry in item.overrides]}


def plan_facts(row: Application, appraisal: Appraisal | None = None) -> dict[str, Any]:
    """The plan behind an application and how the loan fits it: as its appraisal froze them, worked
    out from the version while there is none. Empty without a plan.
    """
    appraisal = appraisal or row.appraisals.order_by("-recorded_at").first()
    if appraisal is not None:
        return {key: appraisal.facts[key] for key in PLAN_FACTS if key in appraisal.facts}
    if row.plan_version_id is None:
        return {}
    found = gather([row])[row.pk]
    facts: dict[str, Any] = plain(frozen_plan(found.plan, found.plan_checks))
    return facts


def wait_for(row: Application, *states: ApplicationState) -> None:
    """Refuse a step on an application that is not waiting for it."""
    if row.state not in states:
        raise NotWaitingForThis(
            code=row.code,
            state=_STATES[row.state],
            needed=" / ".join(str(_STATES[state]) for state in states),
        )


def lock_waiting(rows: Sequence[Application], *states: ApplicationState) -> None:
    """Lock applications until the transaction ends and refuse those not waiting for this step.

    What was read before the lock may be old: the stored state counts, and is put on the rows.
    """
    stored: dict[UUID, str] = dict(_locked([row.pk for row in rows]))
    for row in rows:
        row.state = stored[row.pk]
        wait_for(row, *states)


@prepared
def _locked(ids: list[UUID]) -> QuerySet[Any, Any]:
    rows = Application.objects.select_for_update(of=("self",)).filter(pk__in=ids)
    return rows.order_by("pk").values_list("pk", "state")


def set_state(rows: Sequence[Application], state: ApplicationState) -> None:
    """Put applications into a state, on the rows and in the database."""
    for row in rows:
        row.state = state.value
    update_rows(Application, ("state",), rows)


@dataclass(frozen=True, slots=True)
class DecisionIn:
    """A decision on one application; waived: stops a committee sets aside, with the reason."""

    application: Application
    outcome: Outcome
    decided_date: date
    approved_units: int | None = None
    instalments: int | None = None
    waived: Sequence[Stop] = ()
    reason: str = ""
    conditions: str = ""
    to_meet: Sequence[ConditionIn] = ()
    id: UUID | None = None


def decide_application(
    *,
    acting_staff: StaffUser,
    application: Application,
    outcome: Outcome,
    decided_date: date,
    approved_units: int | None = None,
    instalments: int | None = None,
    waived: Sequence[Stop] = (),
    reason: str = "",
    conditions: str = "",
    to_meet: Sequence[ConditionIn] = (),
    id: UUID | None = None,
) -> Decision:
    """Decide one application: the batch form with one. See decide_applications."""
    told: dict[str, object] = {"outcome": outcome.value, "decided_date": decided_date}
    if approved_units is not None:
        told["approved_units"] = approved_units
    stored = already_stored(Decision, id, acting_staff, application=application, **told)
    if stored is not None:
        require(acting_staff, "lending.decide_application", application)
        return stored
    item = DecisionIn(
        application=application,
        outcome=outcome,
        decided_date=decided_date,
        approved_units=approved_units,
        instalments=instalments,
        waived=waived,
        reason=reason,
        conditions=conditions,
        to_meet=to_meet,
        id=id,
    )
    return decide_applications([item], acting_staff=acting_staff)[0]


def decide_applications(
    items: Sequence[DecisionIn], *, acting_staff: StaffUser, source: Source = Source.WEB
) -> list[Decision]:
    """Decide applications by the votes cast; where one member decides, the act itself is the vote.
    source: the door they came by.

    A document that is missing is a condition before signing. Only votes on the last appraisal
    count. An approval needs every stop waived or gone: only those the product marks waivable, with
    a reason, and by two votes or more; it is for the amount asked, or for less where less is
    approved, and for the term that was appraised. Raises NotAllowed, OutOfSight, NotWaitingForThis,
    NotAppraised, ApplicationExpired, FutureDate, BeforeItsStep, SamePerson, QuorumNotMet,
    VotesSayOtherwise, StopRule, StopNotWaivable, WaivedByOne, ReasonNeeded, AmountAboveApproved,
    OtherAmount, OtherThanAppraised, OtherInstalments.
    """
    made: list[Decision] = []
    for chunk in in_chunks(items):
        made += _decide_all(chunk, acting_staff, source)
    return made


def _decide_all(items: Sequence[DecisionIn], staff: StaffUser, source: Source) -> list[Decision]:
    rows = [item.application for item in items]
    require_all(staff, "lending.decide_application", rows)
    with statements.together(), transaction.atomic():
        lock_waiting(rows, ApplicationState.APPRAISED)
        beside = beside_applications(rows, staff)
        if beside.tied:
            refuse_tied(staff, rows)
        appraisals = appraisals_of(rows)
        votes = votes_of(rows) if beside.voted else {}
        approved = [item for item in items if item.outcome in APPROVING]
        hold_to_consent(
            {item.application.pk: item.decided_date for item in approved},
            [item.application for item in approved],
        )
        made = [
            _decide(item, appraisals.get(row.pk, []), votes.get(row.pk, []), staff)
            for item, row in zip(items, rows, strict=True)
        ]
        hold_in_time(((item.application, item.decided_date) for item in items), source)
        insert_rows(made)
        missing = missing_documents([item.application for item in approved])
        write_conditions(
            (row, asked_before_signing(missing.get(item.application.pk, ()), item.to_meet))
            for row, item in zip(made, items, strict=True)
            if item.outcome in APPROVING
        )
        for outcome in {item.outcome for item in items}:
            decided = [item.application for item in items if item.outcome is outcome]
            set_state(decided, STATE_AFTER[outcome])
        audit.record_many(
            audit.line(
                staff,
                "lending.decide_application",
                item.application,
                {"outcome": item.outcome.value},
            )
            for item in items
        )
    return made


def appraisals_of(rows: Sequence[Application]) -> dict[UUID, list[Appraisal]]:
    """The appraisals of each application, the one a decision rests on last."""
    found: dict[UUID, list[Appraisal]] = {}
    in_time = 'ORDER BY "recorded_at", "id"'
    for row in rows_where(Appraisal, "application_id", [row.pk for row in rows], also=in_time):
        found.setdefault(row.application_id, []).append(row)
    return found


def votes_of(rows: Sequence[Application]) -> dict[UUID, list[Vote]]:
    """The votes cast on each application, on any of its appraisals."""
    found: dict[UUID, list[Vote]] = {}
    for vote in rows_where(Vote, "application_id", [row.pk for row in rows]):
        found.setdefault(vote.application_id, []).append(vote)
    return found


def _decide(
    item: DecisionIn, appraisals: Sequence[Appraisal], votes: Sequence[Vote], staff: StaffUser
) -> Decision:
    row = item.application
    if not appraisals:
        raise NotAppraised(code=row.code)
    appraisal = appraisals[-1]
    votes = standing(votes, appraisals)
    steps = [appraisal.appraised_date, *(vote.voted_date for vote in votes)]
    hold_to_day(item.decided_date, "decided_date", *steps)
    band = band_for(bands_of(row.product_version.bands), row.asked_units)
    approving = item.outcome in APPROVING
    units = item.approved_units or appraisal.recommended_units or row.asked_units
    if approving:
        check_approved(item.outcome, units, row.asked_units)
        terms = row.product_version.terms
        check_own(read_terms(terms, instalments=row.instalments), read_terms(terms), units)
    require_other_person(
        staff,
        row.advisor_id,
        row.officer_id,
        *(each.appraiser_id for each in appraisals),
        step="lending.decide_application",
        amount=row.asked_units,
        reason=item.reason,
        obj=row,
    )
    cast = [Outcome(vote.choice) for vote in votes]
    if band.quorum <= 1 and not cast:
        cast = [item.outcome]
    count = tally(band, cast)
    if count.outcome is None:
        raise QuorumNotMet(cast=len(cast), quorum=band.quorum)
    if count.outcome is not item.outcome:
        raise VotesSayOtherwise(field="outcome", outcome=dict(OUTCOMES)[count.outcome.value])
    if approving:
        _check_voted(item, appraisal, units, votes)
        _check_waivers(item, appraisal)
        if item.waived and count.votes_for < WAIVING_VOTES:
            _waive_alone(item, staff)
    return Decision(
        id=item.id or new_id(),
        application=row,
        outcome=item.outcome.value,
        approved_units=units if approving else None,
        instalments=row.instalments if approving else None,
        decided_by=staff,
        decided_date=item.decided_date,
        votes_for=count.votes_for,
        votes_against=count.votes_against,
        waived_stops=[stop.value for stop in item.waived],
        reason=item.reason,
        conditions=item.conditions,
    )


def _check_voted(item: DecisionIn, appraisal: Appraisal, units: int, votes: Sequence[Vote]) -> None:
    """Refuse another term than was appraised, and another amount than was voted on: votes for less
    are for what the appraisal recommends. One member who decides names the amount herself.

    Raises OtherInstalments, OtherThanAppraised.
    """
    asked = item.application.instalments
    if item.instalments not in (None, asked):
        raise OtherInstalments(field="instalments", instalments=asked)
    if item.outcome is not Outcome.APPROVE_LESS or not votes:
        return
    voted = appraisal.recommended_units
    if units != voted:
        raise OtherThanAppraised(
            field="approved_units",
            units="–" if voted is None else format_money(voted, item.application.currency),
        )


def _waive_alone(item: DecisionIn, staff: StaffUser) -> None:
    """Let one person set a stop aside where the profile has no committee; the exception is logged.
    Raises WaivedByOne, ReasonNeeded.
    """
    row = item.application
    try:
        require_other_person(
            staff, staff, step=WAIVE, amount=row.asked_units, reason=item.reason, obj=row
        )
    except SamePerson as refusal:
        raise WaivedByOne(field="waived", votes=WAIVING_VOTES) from refusal


def _check_waivers(item: DecisionIn, appraisal: Appraisal) -> None:
    pre = Preconditions.of(item.application.product_version.eligibility)
    wrong = [stop for stop in item.waived if stop not in pre.waivable]
    if wrong:
        raise StopNotWaivable(
            field="waived", stops=", ".join(str(STOP_LABELS[stop]) for stop in wrong)
        )
    waived = {stop.value for stop in item.waived}
    if waived and not item.reason.strip():
        raise ReasonNeeded(field="reason")
    left = [
        Missing(Stop(entry["stop"]), entry["needed"], entry["found"], entry["waivable"])
        for entry in appraisal.stops
        if entry["stop"] not in waived
    ]
    if left:
        raise StopRule(
            reasons="; ".join(stop_text(stop, item.application.currency) for stop in left),
            stops=[stop.stop.value for stop in left],
        )
