"""Market studies, what they found, opportunities followed to the businesses started."""

from datetime import date
from uuid import UUID

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.markets.models import (
    Commodity,
    Finding,
    Opportunity,
    OpportunityStart,
    Study,
)
from handup.markets.models.labels import OpportunityState, StudyState
from handup.markets.services.chains import DayAhead, NameMissing, currency_of, not_to_come
from handup.markets.services.prices import EndsBeforeItStarts, PriceReasonMissing
from handup.markets.services.store import add, change, held
from handup.org.devices import already_stored
from handup.org.models import Area, Office, StaffUser
from handup.org.permissions import require
from handup.plans.models import Plan
from handup.projects import search
from handup.projects.models import Document, Organisation, Programme


class QuestionMissing(Refusal):
    """Write what the study asks."""


class StudyIsDone(Refusal):
    """This study is done; nothing more is added to it."""


class NothingFound(Refusal):
    """Write what was found before the study is done."""


class NextStepMissing(Refusal):
    """Write the next step, so that the opportunity is followed up."""


class WhoStarted(Refusal):
    """Name the plan or the organisation that started."""


class TracedAlready(Refusal):
    """This start is traced to this opportunity already."""


class OpportunityIsDropped(Refusal):
    """This opportunity was dropped."""


def start_study(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    title: str,
    question: str,
    started_date: date,
    method: str = "",
    sample: str = "",
    office: Office | None = None,
    area: Area | None = None,
    id: UUID | None = None,
) -> Study:
    """Start a market study. Raises NameMissing, QuestionMissing, DayAhead."""
    row = Study(
        id=id or new_id(),
        programme=programme,
        office=office,
        area=area,
        title=title.strip(),
        question=question.strip(),
        method=method,
        sample=sample,
        started_date=started_date,
        led_by=acting_staff,
    )
    require(acting_staff, "markets.start_study", row)
    known = already_stored(Study, id, acting_staff, programme=programme, title=row.title)
    if known is not None:
        return known
    if not row.title:
        raise NameMissing(field="title")
    if not row.question:
        raise QuestionMissing(field="question")
    not_to_come(started_date, field="started_date")
    with transaction.atomic():
        add(acting_staff, "markets.start_study", row)
        search.keep("study", row)
    return row


def record_finding(
    *,
    acting_staff: StaffUser,
    study: Study,
    statement: str,
    evidence: str = "",
    id: UUID | None = None,
) -> Finding:
    """Write down one thing a study found. Raises QuestionMissing, StudyIsDone."""
    require(acting_staff, "markets.start_study", study)
    known = already_stored(Finding, id, acting_staff, study=study, statement=statement.strip())
    if known is not None:
        return known
    if not statement.strip():
        raise NothingFound(field="statement")
    with transaction.atomic():
        _refuse_done(held(study))
        last = study.findings.order_by("-position").first()
        row = Finding(
            id=id or new_id(),
            study=study,
            position=1 if last is None else last.position + 1,
            statement=statement.strip(),
            evidence=evidence,
        )
        add(acting_staff, "markets.record_finding", row, {"study": str(study.pk)})
        search.keep("study", study)
    return row


def _refuse_done(study: Study) -> None:
    if study.state == StudyState.DONE:
        raise StudyIsDone


def finish_study(
    *,
    acting_staff: StaffUser,
    study: Study,
    finished_date: date,
    document: Document | None = None,
) -> Study:
    """Say that a study is done; its opportunities go on. Raises StudyIsDone, NothingFound,
    EndsBeforeItStarts, DayAhead.
    """
    require(acting_staff, "markets.start_study", study)
    not_to_come(finished_date, field="finished_date")
    with transaction.atomic():
        row = held(study)
        _refuse_done(row)
        if finished_date < row.started_date:
            raise EndsBeforeItStarts(field="finished_date")
        if not row.findings.exists():
            raise NothingFound
        change(
            acting_staff,
            "markets.finish_study",
            row,
            state=StudyState.DONE.value,
            finished_date=finished_date,
            document=document or row.document,
        )
        search.keep("study", row)
    return row


def record_opportunity(
    *,
    acting_staff: StaffUser,
    study: Study,
    product: str,
    buyers: str,
    next_action: str,
    owner: StaffUser | None = None,
    commodity: Commodity | None = None,
    volume: str = "",
    price_units: int | None = None,
    currency: str = "",
    price_per: str = "",
    season: str = "",
    requirements: str = "",
    due_date: date | None = None,
    id: UUID | None = None,
) -> Opportunity:
    """Record a product somebody would buy; without an owner it is followed up by whoever records
    it. Raises NameMissing, NextStepMissing, CurrencyUnreadable.
    """
    require(acting_staff, "markets.record_opportunity", study)
    known = already_stored(Opportunity, id, acting_staff, study=study, product=product.strip())
    if known is not None:
        return known
    if not product.strip() or not buyers.strip():
        raise NameMissing(field="buyers" if product.strip() else "product")
    if not next_action.strip():
        raise NextStepMissing(field="next_action")
    row = Opportunity(
        id=id or new_id(),
        study=study,
        commodity=commodity,
        product=product.strip(),
        buyers=buyers.strip(),
        volume=volume,
        currency=currency_of(currency or study.programme.currency),
        price_units=price_units,
        price_per=price_per,
        season=season,
        requirements=requirements,
        next_action=next_action.strip(),
        owner=owner or acting_staff,
        due_date=due_date,
    )
    with transaction.atomic():
        add(acting_staff, "markets.record_opportunity", row, {"study": str(study.pk)})
        search.keep("study", study)
    return row


def follow_opportunity(
    *,
    acting_staff: StaffUser,
    opportunity: Opportunity,
    state: OpportunityState,
    next_action: str = "",
    due_date: date | None = None,
    reason: str = "",
) -> Opportunity:
    """Say what becomes of an opportunity: an open one has a next step, a dropped one a reason.

    Raises NextStepMissing, PriceReasonMissing.
    """
    require(acting_staff, "markets.record_opportunity", opportunity)
    if state is OpportunityState.OPEN and not next_action.strip():
        raise NextStepMissing(field="next_action")
    if state is OpportunityState.DROPPED and not reason.strip():
        raise PriceReasonMissing(field="reason")
    change(
        acting_staff,
        "markets.follow_opportunity",
        opportunity,
        state=state.value,
        next_action=next_action.strip() or opportunity.next_action,
        due_date=due_date,
        reason=reason.strip(),
    )
    return opportunity


def trace_start(
    *,
    acting_staff: StaffUser,
    opportunity: Opportunity,
    started_date: date,
    today: date,
    plan: Plan | None = None,
    organisation: Organisation | None = None,
    remark: str = "",
    id: UUID | None = None,
) -> OpportunityStart:
    """Trace a business that was started to the opportunity it took up, which is then taken up.

    Whoever traces a plan may read it. Raises WhoStarted, DayAhead, TracedAlready,
    OpportunityIsDropped.
    """
    require(acting_staff, "markets.trace_start", opportunity)
    known = already_stored(OpportunityStart, id, acting_staff, opportunity=opportunity, plan=plan)
    if known is not None:
        return known
    if plan is None and organisation is None:
        raise WhoStarted(field="plan_number")
    if plan is not None:
        require(acting_staff, "plans.view_plan", plan)
    if started_date > today:
        raise DayAhead(field="started_date")
    row = OpportunityStart(
        id=id or new_id(),
        opportunity=opportunity,
        plan=plan,
        person_id=plan.person_id if plan else None,
        enterprise_id=plan.enterprise_id if plan else None,
        organisation_id=plan.organisation_id if plan else organisation.pk if organisation else None,
        started_date=started_date,
        remark=remark,
        told_by=acting_staff,
    )
    with transaction.atomic():
        now = held(opportunity)
        if now.state == OpportunityState.DROPPED:
            raise OpportunityIsDropped
        same = (
            now.starts.filter(plan=plan) if plan else now.starts.filter(organisation=organisation)
        )
        if same.exists():
            raise TracedAlready
        add(acting_staff, "markets.trace_start", row)
        if now.state != OpportunityState.TAKEN_UP:
            state = OpportunityState.TAKEN_UP.value
            change(acting_staff, "markets.follow_opportunity", now, state=state)
    return row
