"""The quality of a round's data through the API: what shows, limits, flags, back-checks."""

from typing import Annotated
from uuid import UUID

from ninja import Status
from pydantic import Field

from handup.org import reads
from handup.org.interface import After, PageOut, PageSize, StaffRequest, page
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight, require
from handup.org.scope import hidden_from
from handup.surveys import services
from handup.surveys.api.more_schemas import (
    AgainTold,
    BackCheckOut,
    CheckerTold,
    FlagOut,
    LimitsOut,
    LimitsTold,
    QualityOut,
    SettleTold,
    effects_of,
)
from handup.surveys.api.operations import router, seen
from handup.surveys.models import BackCheck, Flag, Round
from handup.surveys.quality_queries import attrition_of, flags_by_rule, interviewer_lines
from handup.surveys.services.quality import changed_limits

RULE = Field(max_length=20, pattern="^[A-Z_]*$")


@router.get("/rounds/{uuid:round_id}/quality", response=QualityOut)
def show_quality(request: StaffRequest, round_id: UUID) -> dict[str, object]:
    """What the data of a round show: by interviewer, flags that wait by rule, scale questions."""
    staff = request.auth_staff
    require(staff, "surveys.view_submission")
    row = seen(Round, staff, round_id)
    without = hidden_from(staff)
    lost = attrition_of(row, without=without)
    return {
        "looked_at": row.looked_at,
        "interviewers": [
            {
                "interviewer_id": one.interviewer.pk,
                "received": one.received,
                "held": one.held,
                "refused": one.refused,
                "flagged": one.flagged,
                "minutes": one.minutes,
                "unanswered": one.unanswered,
                "answers": one.answers,
                "checks": one.checks,
                "equal": one.agreement.equal if one.agreement else None,
                "compared": one.agreement.compared if one.agreement else None,
                "to_review": one.to_review,
            }
            for one in interviewer_lines(row, without=without)
        ],
        "flags": {rule: waits for rule, waits, _done in flags_by_rule(row, without=without)},
        "effects": effects_of(row.quality),
        "attrition": None
        if lost is None
        else {
            "baseline_round_id": lost.baseline.pk,
            "interviewed": lost.interviewed,
            "ineligible_since": lost.ineligible_since,
            "paired": lost.paired,
            "rate": lost.rate,
        },
    }


def _limits(row: Round) -> dict[str, object]:
    return {"limits": changed_limits(row), "looked_at": row.looked_at}


@router.get("/rounds/{uuid:round_id}/limits", response=LimitsOut)
def show_limits(request: StaffRequest, round_id: UUID) -> dict[str, object]:
    """The thresholds a round's answers are judged by."""
    return _limits(seen(Round, request.auth_staff, round_id))


@router.post("/rounds/{uuid:round_id}/limits", response=LimitsOut)
def set_limits(request: StaffRequest, round_id: UUID, told: LimitsTold) -> dict[str, object]:
    """Set the thresholds of a round; those not named are as usual."""
    staff = request.auth_staff
    row = seen(Round, staff, round_id)
    return _limits(services.set_limits(acting_staff=staff, round=row, limits=told.limits))


@router.post("/rounds/{uuid:round_id}/look", response=LimitsOut)
def look_over_round(request: StaffRequest, round_id: UUID) -> dict[str, object]:
    """Look over all answers of a round now, not only at night."""
    staff = request.auth_staff
    return _limits(services.look_over_round(acting_staff=staff, round=seen(Round, staff, round_id)))


@router.get("/flags", response=PageOut[FlagOut])
def list_flags(
    request: StaffRequest,
    rule: Annotated[str, RULE] = "",
    settled: bool | None = None,
    after: After = None,
    limit: PageSize = 50,
) -> dict[str, object]:
    """Flags on sets of answers, of one rule when named, settled or not."""
    require(request.auth_staff, "surveys.view_submission")
    rows = Flag.objects.visible_to(request.auth_staff).select_related("submission__case")
    if rule:
        rows = rows.filter(rule=rule)
    if settled is not None:
        rows = rows.filter(resolved_by__isnull=not settled)
    items, following = page(rows, after, limit)
    persons = [one.submission.case.person_id for one in items if one.submission.case.person_id]
    reads.note(request, persons=persons, action="LIST", highest="P")
    return {"items": items, "next": following}


@router.post("/flags/{uuid:flag_id}/settle", response=FlagOut)
def settle_flag(request: StaffRequest, flag_id: UUID, told: SettleTold) -> object:
    """Say what was found about a flag."""
    row = seen(Flag, request.auth_staff, flag_id)
    return services.settle_flag(acting_staff=request.auth_staff, flag=row, note=told.note)


@router.get("/back-checks", response=PageOut[BackCheckOut])
def list_back_checks(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Interviews that are asked again; who asks again sees her own."""
    require(request.auth_staff, "surveys.view_back_check")
    rows = BackCheck.objects.visible_to(request.auth_staff).select_related("submission__case")
    items, following = page(rows, after, limit)
    _note(request, items)
    return {"items": items, "next": following}


def _note(request: StaffRequest, checks: list[BackCheck]) -> None:
    persons = [one.submission.case.person_id for one in checks if one.submission.case.person_id]
    reads.note(request, persons=persons, action="LIST", highest="P")


@router.post("/rounds/{uuid:round_id}/back-checks", response={201: list[BackCheckOut]})
def draw_back_checks(request: StaffRequest, round_id: UUID) -> Status[list[BackCheck]]:
    """Draw, among interviews received, those asked again; a later draw adds to it."""
    staff = request.auth_staff
    found = services.draw_back_checks(acting_staff=staff, round=seen(Round, staff, round_id))
    _note(request, found)
    return Status(201, found)


@router.post("/back-checks/{uuid:check_id}/assign", response=BackCheckOut)
def assign_back_check(request: StaffRequest, check_id: UUID, told: CheckerTold) -> BackCheck:
    """Say who asks again: another interviewer."""
    staff = request.auth_staff
    checker = StaffUser.objects.working().filter(pk=told.checker_id).first()
    if checker is None:
        raise OutOfSight
    return services.assign_back_check(
        acting_staff=staff, check=seen(BackCheck, staff, check_id), checker=checker
    )


@router.post("/back-checks/{uuid:check_id}/record", response=BackCheckOut)
def record_back_check(request: StaffRequest, check_id: UUID, told: AgainTold) -> BackCheck:
    """Record what was answered the second time; amounts in the smallest unit."""
    staff = request.auth_staff
    return services.record_back_check(
        acting_staff=staff,
        check=seen(BackCheck, staff, check_id),
        answers=told.answers,
        check_date=told.check_date,
    )
