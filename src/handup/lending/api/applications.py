"""Applications through the API."""

from uuid import UUID

from django.utils import timezone
from ninja import Status

from handup.groups.models import Group
from handup.lending import services
from handup.lending.api import schemas
from handup.lending.api.access import maybe, note, router, seen
from handup.lending.api.asking import AgainNew, ApplicationNew
from handup.lending.api.loan_shown import LoanOut
from handup.lending.models import (
    Application,
    Appraisal,
    Decision,
    Loan,
    ProductVersion,
    Vote,
)
from handup.lending.rules.tranches import TrancheIn
from handup.lending.services import ApplicationIn
from handup.lending.services.again import ASK, next_loan
from handup.lending.services.conditions import ConditionIn
from handup.lending.services.decisions import plan_facts
from handup.lending.services.taken_over import FoundAgain
from handup.lending.waiting import open_steps, votes_needed
from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, page
from handup.org.permissions import require
from handup.people.models import Enterprise, Person
from handup.plans.models import PlanVersion
from handup.projects.models import Programme


@router.get("/applications", response=PageOut[schemas.ApplicationOut])
def list_applications(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Applications she may see."""
    require(request.auth_staff, "lending.view_application")
    items, following = page(Application.objects.visible_to(request.auth_staff), after, limit)
    note(request, items)
    return {"items": items, "next": following}


@router.post("/applications", response={201: schemas.ApplicationOut})
def apply_for_loan(
    request: StaffRequest, key: IdempotencyKey, told: ApplicationNew
) -> Status[Application]:
    """Ask for a loan; what the product asks for and is missing is refused by name. A small one may
    be appraised with it, by another person than its advisor.
    """
    require(request.auth_staff, "lending.apply_for_loan")
    asked = ApplicationIn(
        id=key,
        programme=seen(Programme, request, told.programme_id),
        product_version=seen(ProductVersion, request, told.product_version_id),
        person=maybe(Person, request, told.person_id),
        enterprise=maybe(Enterprise, request, told.enterprise_id),
        group=maybe(Group, request, told.group_id),
        plan_version=maybe(PlanVersion, request, told.plan_version_id),
        advisor=request.auth_staff if told.found is None else None,
        units=told.units,
        instalments=told.instalments,
        purpose=told.purpose,
        submitted_date=told.submitted_date,
        savings_units=told.savings_units,
    )
    if told.found is not None:
        found = services.FoundIn(**told.found.dict())
        row = services.apply_on_one_page(acting_staff=request.auth_staff, asked=asked, found=found)
        return Status(201, row)
    return Status(201, services.apply_as_told(acting_staff=request.auth_staff, asked=asked))


@router.get("/applications/{uuid:application_id}", response=schemas.ApplicationWithPlan)
def show_application(request: StaffRequest, application_id: UUID) -> Application:
    """One application, its plan, how the loan fits it, and what it waits for."""
    row = seen(Application, request, application_id)
    note(request, [row], "VIEW")
    facts = plan_facts(row)
    cast, needed = votes_needed(row)
    told = {
        "plan": facts.get("plan"),
        "plan_checks": facts.get("plan_checks", []),
        "votes_cast": cast,
        "votes_needed": needed,
        "open_steps": open_steps(row, request.auth_staff, timezone.localdate()),
    }
    for name, value in told.items():
        setattr(row, name, value)
    return row


@router.post("/applications/{uuid:application_id}/appraisals", response={201: schemas.AppraisalOut})
def appraise_application(
    request: StaffRequest, application_id: UUID, key: IdempotencyKey, told: schemas.AppraisalNew
) -> Status[Appraisal]:
    """Appraise as another person than the advisor."""
    row = seen(Application, request, application_id)
    made = services.appraise_application(
        acting_staff=request.auth_staff, application=row, id=key, **told.dict()
    )
    return Status(201, made)


@router.post("/applications/{uuid:application_id}/votes", response={201: schemas.IdOut})
def cast_vote(
    request: StaffRequest, application_id: UUID, key: IdempotencyKey, told: schemas.VoteNew
) -> Status[Vote]:
    """Vote as a member of the committee."""
    row = seen(Application, request, application_id)
    made = services.cast_vote(
        acting_staff=request.auth_staff, application=row, id=key, **told.dict()
    )
    return Status(201, made)


@router.post("/applications/{uuid:application_id}/decision", response={201: schemas.DecisionOut})
def decide_application(
    request: StaffRequest, application_id: UUID, key: IdempotencyKey, told: schemas.DecisionNew
) -> Status[Decision]:
    """Decide by the votes cast."""
    row = seen(Application, request, application_id)
    values = {**told.dict(), "to_meet": [ConditionIn(**item.dict()) for item in told.to_meet]}
    made = services.decide_application(
        acting_staff=request.auth_staff, application=row, id=key, **values
    )
    return Status(201, made)


@router.post("/applications/{uuid:application_id}/agreement", response={201: LoanOut})
def sign_agreement(
    request: StaffRequest, application_id: UUID, key: IdempotencyKey, told: schemas.AgreementNew
) -> Status[Loan]:
    """Sign; the key becomes the loan's id."""
    row = seen(Application, request, application_id)
    loan = services.sign_agreement(
        acting_staff=request.auth_staff,
        application=row,
        id=key,
        signed_date=told.signed_date,
        start_date=told.start_date,
        tranches=[TrancheIn(**part.dict()) for part in told.tranches],
        due_dates=told.due_dates,
        shares_bps=told.shares_bps,
    )
    return Status(201, loan)


@router.get("/loans/{uuid:loan_id}/next", response=schemas.NextLoanOut)
def show_next_loan(request: StaffRequest, loan_id: UUID, as_of: schemas.Day) -> schemas.NextLoanOut:
    """What the borrower's next loan of the same product may be, on a day."""
    loan = seen(Loan, request, loan_id)
    require(request.auth_staff, ASK, loan)
    note(request, [loan], "VIEW")
    found = next_loan(loan, as_of)
    return schemas.NextLoanOut(
        number=found.number,
        product_version_id=found.version.pk,
        most_units=found.most_units,
        most_instalments=found.most_instalments,
    )


@router.post("/loans/{uuid:loan_id}/next", response={201: schemas.ApplicationOut})
def apply_again(
    request: StaffRequest, loan_id: UUID, key: IdempotencyKey, told: AgainNew
) -> Status[Application]:
    """Ask for the next loan by what changed; the same key twice counts once."""
    loan = seen(Loan, request, loan_id)
    asked = told.dict(exclude={"found"})
    found = None if told.found is None else FoundAgain(**told.found.dict())
    made = services.apply_again(
        acting_staff=request.auth_staff, loan=loan, id=key, found=found, **asked
    )
    return Status(201, made)
