"""The API door to an apprentice's months: card, log, visits, what is offered after graduation."""

from datetime import date
from typing import Annotated
from uuid import UUID

from django.utils import timezone
from ninja import Schema, Status
from pydantic import AfterValidator, Field

from handup.org import reads
from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, page
from handup.org.permissions import require
from handup.training import services
from handup.training.api.base import Day, Name, Reason, no_nul, router, seen, seen_or_none
from handup.training.apprentice_queries import latest_levels, visits_due
from handup.training.models import (
    ApprenticeshipAgreement,
    ApprenticeVisit,
    Cohort,
    GraduateOffer,
    LogDay,
    SkillLevel,
    TradeSkill,
)
from handup.training.rules.apprentices import Body, Judged, Picture

Trade = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(no_nul)]
Words = Annotated[str, Field(max_length=1000), AfterValidator(no_nul)]
Level = Annotated[int, Field(ge=0, le=3)]
Skip = Annotated[int, Field(ge=0, le=1_000_000)]


class TradeSkillOut(Schema):
    """A skill of a trade."""

    id: UUID
    trade: str
    name: str
    picture: str
    required: bool
    place: int


class TradeSkillTold(Schema):
    """A skill to add to the card of a trade."""

    trade: Trade
    name: Name
    picture: Picture = Picture.TOOL
    required: bool = True


class LevelTold(Schema):
    """How well a skill is held."""

    skill_id: UUID
    level: Level


class SkillsTold(Schema):
    """Levels judged on a day."""

    judged_date: Day
    judge_name: Annotated[str, Field(max_length=120), AfterValidator(no_nul)] = ""
    levels: Annotated[list[LevelTold], Field(min_length=1, max_length=60)]


class SkillLevelOut(Schema):
    """A line of the card."""

    id: UUID
    agreement_id: UUID
    skill_id: UUID
    level: int
    judged_date: date
    final: bool


class CardLineOut(Schema):
    """The level of a skill that counts."""

    skill: UUID
    level: int
    on: date


class LogTold(Schema):
    """A day of the log; `skill_ids` are the skills she worked at."""

    day: Day
    came: bool = True
    skill_ids: Annotated[list[UUID], Field(max_length=60)] = []
    reason: Reason = ""


class LogOut(Schema):
    """A day of the log as told."""

    id: UUID
    agreement_id: UUID
    day: date
    came: bool


class VisitTold(Schema):
    """A visit to an apprentice."""

    visit_date: Day
    body: Body
    visitor_name: Name
    visitor_is_woman: bool = False
    woman_offered: bool = False
    found: Words = ""
    agreed: Words = ""


class VisitOut(Schema):
    """A visit as recorded; its words are not given out."""

    id: UUID
    agreement_id: UUID
    visit_date: date
    body: str
    woman_offered: bool


class VisitDueOut(Schema):
    """The next visit an agreement calls for."""

    agreement_id: UUID
    due_date: date
    late_days: int
    another_body: bool


class VisitsDueOut(Schema):
    """Some of the visits due, and how many there are in all."""

    items: list[VisitDueOut]
    of: int


class OfferOut(Schema):
    """An offer to a graduate."""

    id: UUID
    agreement_id: UUID
    kind: str
    state: str
    offered_date: date
    answered_date: date | None
    cohort_id: UUID | None


class AnswerTold(Schema):
    """What a graduate answered; the cohort she applies for."""

    accepted: bool
    answered_date: Day
    cohort_id: UUID | None = None


@router.get("/trade-skills", response=PageOut[TradeSkillOut])
def list_trade_skills(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Skills of trades."""
    require(request.auth_staff, "training.view_curriculum")
    items, following = page(TradeSkill.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/trade-skills", response={201: TradeSkillOut})
def set_trade_skill(
    request: StaffRequest, key: IdempotencyKey, told: TradeSkillTold
) -> Status[TradeSkill]:
    """Add a skill to the card of a trade."""
    row = services.set_trade_skill(acting_staff=request.auth_staff, id=key, **told.dict())
    return Status(201, row)


@router.get("/apprenticeships/{uuid:agreement_id}/card", response=list[CardLineOut])
def show_card(request: StaffRequest, agreement_id: UUID) -> list[Judged]:
    """The skills card: the last level of each skill."""
    row = seen(ApprenticeshipAgreement, request.auth_staff, agreement_id)
    reads.note(request, persons=[row.enrolment.person_id], action="VIEW", highest="P")
    return list(latest_levels(row).values())


@router.post("/apprenticeships/{uuid:agreement_id}/skills", response={201: list[SkillLevelOut]})
def record_skills(
    request: StaffRequest, agreement_id: UUID, key: IdempotencyKey, told: SkillsTold
) -> Status[list[SkillLevel]]:
    """Write levels on the card, all or none."""
    rows = services.record_skills(
        acting_staff=request.auth_staff,
        agreement=seen(ApprenticeshipAgreement, request.auth_staff, agreement_id),
        levels={one.skill_id: one.level for one in told.levels},
        judged_date=told.judged_date,
        judge_name=told.judge_name,
        id=key,
    )
    return Status(201, rows)


@router.post("/apprenticeships/{uuid:agreement_id}/log", response={201: LogOut})
def log_day(
    request: StaffRequest, agreement_id: UUID, key: IdempotencyKey, told: LogTold
) -> Status[LogDay]:
    """Write a day into the log."""
    staff = request.auth_staff
    row = services.log_day(
        acting_staff=staff,
        agreement=seen(ApprenticeshipAgreement, staff, agreement_id),
        day=told.day,
        came=told.came,
        skills=[seen(TradeSkill, staff, pk) for pk in dict.fromkeys(told.skill_ids)],
        reason=told.reason,
        id=key,
    )
    return Status(201, row)


@router.post("/apprenticeships/{uuid:agreement_id}/visits", response={201: VisitOut})
def record_apprentice_visit(
    request: StaffRequest, agreement_id: UUID, key: IdempotencyKey, told: VisitTold
) -> Status[ApprenticeVisit]:
    """Record a visit to an apprentice in the workshop."""
    row = services.record_apprentice_visit(
        acting_staff=request.auth_staff,
        agreement=seen(ApprenticeshipAgreement, request.auth_staff, agreement_id),
        id=key,
        **told.dict(),
    )
    return Status(201, row)


@router.get("/apprentice-visits-due", response=VisitsDueOut)
def list_visits_due(
    request: StaffRequest, on: Day | None = None, skip: Skip = 0, limit: PageSize = 50
) -> dict[str, object]:
    """Visits the agreements call for by a day (today), the most overdue first; `of` says how many
    there are in all, `skip` leaves out those already read.
    """
    require(request.auth_staff, "training.view_apprentice_visit")
    found = visits_due(request.auth_staff, on or timezone.localdate())
    lines = found[skip : skip + limit]
    persons = [line.agreement.enrolment.person_id for line in lines]
    reads.note(request, persons=persons, action="LIST", highest="P")
    items = [
        {
            "agreement_id": line.agreement.pk,
            "due_date": line.calls.due_date,
            "late_days": line.calls.late_days,
            "another_body": line.calls.another_body,
        }
        for line in lines
    ]
    return {"items": items, "of": len(found)}


@router.get("/graduate-offers", response=PageOut[OfferOut])
def list_offers(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Offers to graduates the caller may see."""
    require(request.auth_staff, "training.view_apprentice_visit")
    rows = GraduateOffer.objects.visible_to(request.auth_staff)
    items, following = page(rows.select_related("agreement__enrolment"), after, limit)
    persons = [row.agreement.enrolment.person_id for row in items]
    reads.note(request, persons=persons, action="LIST", highest="P")
    return {"items": items, "next": following}


@router.post("/graduate-offers/{uuid:offer_id}/answer", response=OfferOut)
def answer_offer(request: StaffRequest, offer_id: UUID, told: AnswerTold) -> GraduateOffer:
    """Record what a graduate answered; the same answer sent again changes nothing."""
    return services.answer_offer(
        acting_staff=request.auth_staff,
        offer=seen(GraduateOffer, request.auth_staff, offer_id),
        accepted=told.accepted,
        answered_date=told.answered_date,
        cohort=seen_or_none(Cohort, request.auth_staff, told.cohort_id),
    )
