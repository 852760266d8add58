"""Writes about an apprentice's months: skills of the trade, her card, her log, visits, and what
she is offered after graduating.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID, uuid5

from django.db import transaction

from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.people.rules.codes import Sex
from handup.training.models import (
    ApprenticeshipAgreement,
    ApprenticeVisit,
    Cohort,
    GraduateOffer,
    LogDay,
    LogTask,
    SkillLevel,
    TradeSkill,
)
from handup.training.rules.apprentices import (
    Body,
    Offer,
    OfferState,
    Picture,
    days_that_count,
    woman_is_offered,
)
from handup.training.rules.states import ApprenticeshipState
from handup.training.services.applications import record_application
from handup.training.services.common import known, not_before, not_to_come, same
from handup.training.services.judging import log_of, skills_of
from handup.training.services.places import existing
from handup.training.services.refusals import (
    DayLogged,
    NotInThisState,
    OtherTrade,
    SkillTwice,
    VisitorMissing,
    WomanVisitorNotOffered,
)

BEGUN = (ApprenticeshipState.ACTIVE, ApprenticeshipState.GRADUATED, ApprenticeshipState.TERMINATED)


def set_trade_skill(
    *,
    acting_staff: StaffUser,
    trade: str,
    name: str,
    picture: Picture = Picture.TOOL,
    required: bool = True,
    id: UUID | None = None,
) -> TradeSkill:
    """Add a skill to the card of a trade; it comes last. Raises SkillTwice."""
    require(acting_staff, "training.set_trade_skill")
    with transaction.atomic():
        list(TradeSkill.objects.select_for_update().order_by("pk"))  # one adds after the other
        there = skills_of(trade)
        row = TradeSkill(
            id=id or new_id(),
            trade=there[0].trade if there else trade.strip(),
            name=name.strip(),
            picture=picture,
            required=required,
            place=max((skill.place for skill in there), default=0) + 1,
        )
        if (stored := known(TradeSkill, [row.pk]).get(row.pk)) is not None:
            return same(stored, row, ("trade", "name"))
        if any(skill.name.casefold() == row.name.casefold() for skill in there):
            raise SkillTwice(field="name", trade=row.trade)
        row.save(force_insert=True)
        audit.record(acting_staff, "training.set_trade_skill", row)
    return row


def record_skills(
    *,
    acting_staff: StaffUser,
    agreement: ApprenticeshipAgreement,
    levels: dict[UUID, int],
    judged_date: date,
    judge_name: str = "",
    id: UUID | None = None,
) -> list[SkillLevel]:
    """Write the levels of some skills of the trade on an apprentice's card, all or none.

    The rows of one telling hang on `id`: told twice nothing is added. Raises NotInThisState,
    OtherTrade, DateBefore, AfterToday.
    """
    require(acting_staff, "training.record_skill", agreement)
    telling = id or new_id()
    rows = [
        SkillLevel(
            id=uuid5(telling, str(skill)),
            agreement=agreement,
            skill_id=skill,
            level=level,
            judged_date=judged_date,
            judge_name=judge_name.strip(),
            recorded_by=acting_staff,
        )
        for skill, level in levels.items()
    ]
    before = known(SkillLevel, [row.pk for row in rows])
    fresh = [row for row in rows if row.pk not in before]
    if fresh:
        _in_workshop(agreement, judged_date, "judged_date")
        own = {skill.pk for skill in skills_of(agreement.trade)}
        if any(row.skill_id not in own for row in fresh):
            raise OtherTrade(field="levels", trade=agreement.trade)
    with transaction.atomic():
        SkillLevel.objects.bulk_create(fresh)
        audit.record_many(
            audit.line(acting_staff, "training.record_skill", row, {"level": row.level})
            for row in fresh
        )
    told = ("agreement_id", "skill_id", "level", "judged_date")
    return [same(before[row.pk], row, told) if row.pk in before else row for row in rows]


def log_day(
    *,
    acting_staff: StaffUser,
    agreement: ApprenticeshipAgreement,
    day: date,
    came: bool = True,
    skills: Iterable[TradeSkill] = (),
    reason: str = "",
    id: UUID | None = None,
) -> LogDay:
    """Tell one day of an apprentice's log; a day told before needs the reason why it is told again.

    Raises NotInThisState, DateBefore, AfterToday, DayLogged, OtherTrade.
    """
    require(acting_staff, "training.log_day", agreement)
    chosen = list(skills) if came else []
    row = LogDay(
        id=id or new_id(),
        agreement=agreement,
        day=day,
        came=came,
        reason=reason.strip(),
        recorded_by=acting_staff,
    )
    if (stored := known(LogDay, [row.pk]).get(row.pk)) is not None:
        _same_tasks(stored, chosen)
        return same(stored, row, ("agreement_id", "day", "came", "reason"))
    _in_workshop(agreement, day, "day")
    own = {skill.pk for skill in skills_of(agreement.trade)}
    if any(skill.pk not in own for skill in chosen):
        raise OtherTrade(field="skills", trade=agreement.trade)
    with transaction.atomic():
        ApprenticeshipAgreement.objects.select_for_update().get(pk=agreement.pk)
        if day in days_that_count(log_of(agreement)) and not row.reason:
            raise DayLogged(field="reason", date=day)
        row.save(force_insert=True)
        LogTask.objects.bulk_create([LogTask(log_day=row, skill=skill) for skill in chosen])
        audit.record(acting_staff, "training.log_day", row, {"came": came})
    return row


def record_apprentice_visit(
    *,
    acting_staff: StaffUser,
    agreement: ApprenticeshipAgreement,
    visit_date: date,
    body: Body,
    visitor_name: str,
    visitor_is_woman: bool = False,
    woman_offered: bool = False,
    found: str = "",
    agreed: str = "",
    id: UUID | None = None,
) -> ApprenticeVisit:
    """Record a visit to an apprentice in the workshop; a woman apprentice is offered a woman.

    Raises NotInThisState, VisitorMissing, WomanVisitorNotOffered, DateBefore, AfterToday.
    """
    require(acting_staff, "training.record_apprentice_visit", agreement)
    row = ApprenticeVisit(
        id=id or new_id(),
        agreement=agreement,
        visit_date=visit_date,
        body=body,
        visitor_name=visitor_name.strip(),
        visitor_is_woman=visitor_is_woman,
        woman_offered=woman_offered or visitor_is_woman,
        found=found.strip(),
        agreed=agreed.strip(),
        recorded_by=acting_staff,
    )
    if (stored := known(ApprenticeVisit, [row.pk]).get(row.pk)) is not None:
        return same(stored, row, ("agreement_id", "visit_date", "body", "visitor_name"))
    _in_workshop(agreement, visit_date, "visit_date")
    if not row.visitor_name:
        raise VisitorMissing(field="visitor_name")
    if not woman_is_offered(
        apprentice_is_woman=agreement.enrolment.person.sex == Sex.F,
        visitor_is_woman=visitor_is_woman,
        offered=woman_offered,
    ):
        raise WomanVisitorNotOffered(field="woman_offered")
    with transaction.atomic():
        row.save(force_insert=True)
        audit.record(acting_staff, "training.record_apprentice_visit", row, {"body": body.value})
    return row


def offer_to_graduates(
    staff: StaffUser, agreements: Sequence[ApprenticeshipAgreement], on: date
) -> list[GraduateOffer]:
    """Offer every graduate management training, skills of associations and a referral for credit;
    called where she graduates, in the same transaction.
    """
    rows = [
        GraduateOffer(agreement=row, kind=kind, offered_date=on)
        for row in agreements
        for kind in Offer
    ]
    GraduateOffer.objects.bulk_create(rows, batch_size=200)
    audit.record_many(
        audit.line(staff, "training.offer_to_graduate", row, {"kind": row.kind}) for row in rows
    )
    return rows


def answer_offer(
    *,
    acting_staff: StaffUser,
    offer: GraduateOffer,
    accepted: bool,
    answered_date: date,
    cohort: Cohort | None = None,
) -> GraduateOffer:
    """Record what a graduate answered, once however often it is sent; who wants a course applies
    for the cohort named.

    Raises NotInThisState, DateBefore, AfterToday, CohortClosed.
    """
    require(acting_staff, "training.answer_offer", offer)
    not_before(answered_date, offer.offered_date, field="answered_date")
    not_to_come(answered_date, field="answered_date")
    with transaction.atomic():
        row: GraduateOffer = GraduateOffer.objects.select_for_update().get(pk=offer.pk)
        answer = OfferState.ACCEPTED if accepted else OfferState.DECLINED
        wanted = cohort if accepted and row.kind != Offer.CREDIT_REFERRAL else None
        kept = (row.state, row.answered_date, row.answered_to, row.cohort)
        if kept == (answer, answered_date, acting_staff, wanted):
            return row  # the same answer, sent again
        if row.state != OfferState.OFFERED:
            raise NotInThisState(state=row.get_state_display())
        row.state = answer
        row.answered_date, row.answered_to = answered_date, acting_staff
        row.cohort = wanted
        row.save()
        person = row.agreement.enrolment.person
        if row.cohort is not None and not existing([(row.cohort.pk, person.pk)]):
            record_application(
                acting_staff=acting_staff,
                cohort=row.cohort,
                person=person,
                applied_date=answered_date,
                referral_source="graduate",
            )
        audit.record(acting_staff, "training.answer_offer", row, {"state": row.state})
    return row


def _in_workshop(agreement: ApprenticeshipAgreement, day: date, field: str) -> None:
    """Refuse what cannot have happened in the workshop on a day."""
    if agreement.state not in BEGUN:
        raise NotInThisState(state=agreement.get_state_display())
    not_before(day, agreement.started_date, field=field)
    not_to_come(day, field=field)
    if agreement.ended_date is not None and day > agreement.ended_date:
        raise NotInThisState(field=field, state=agreement.get_state_display())


def _same_tasks(stored: LogDay, told: Iterable[TradeSkill]) -> None:
    kept = set(LogTask.objects.filter(log_day=stored).values_list("skill_id", flat=True))
    if kept != {skill.pk for skill in told}:
        raise SameIdOtherContent(field="skills")
