"""The API door to providers paid on results: terms, claims and their steps."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Schema, Status
from pydantic import Field

from handup.ledger.models import Book, Fund
from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, page
from handup.org.permissions import require
from handup.projects.models import Organisation, Programme
from handup.training import services
from handup.training.api.base import Code, Day, Reason, router, seen, seen_or_none
from handup.training.models import Course, ProviderClaim, ProviderTerms
from handup.training.rules.provider_pay import ClaimBack, ClaimRefusal, ProviderResult
from handup.training.rules.support import SupportMethod

Money = Annotated[int, Field(ge=1, lt=2**40)]


class ProviderTermsTold(Schema):
    """What a provider is paid for each person, in smallest units of the programme's currency."""

    provider_id: UUID
    course_id: UUID | None = None
    result: ProviderResult
    month: Annotated[int, Field(ge=3, le=24)] | None = None
    amount_units: Money
    starts: Day
    ends: Day


class ProviderTermsOut(Schema):
    """Terms of a provider."""

    id: UUID
    programme_id: UUID
    provider_id: UUID
    course_id: UUID | None
    result: str
    month: int | None
    amount_units: int
    starts: date
    ends: date


class ClaimTold(Schema):
    """The last day whose results count."""

    until: Day


class ClaimOut(Schema):
    """A claim: how many persons, how much, where it stands."""

    id: UUID
    terms_id: UUID
    until: date
    persons: int
    amount_units: int
    currency: str
    state: str
    paid_date: date | None
    receipt: str
    taken_date: date | None
    back_reason: str


class ClaimApprovedTold(Schema):
    """The approval of a claim."""

    approved_date: Day
    reason: Reason = ""


class ClaimRefusedTold(Schema):
    """Why a claim is not paid."""

    refused_date: Day
    refusal: ClaimRefusal


class ClaimPaidTold(Schema):
    """How it was paid."""

    paid_date: Day
    method: SupportMethod
    receipt: Code
    book_id: UUID | None = None
    fund_id: UUID | None = None
    reason: Reason = ""


class ClaimTakenBackTold(Schema):
    """Why a claim that was paid is taken back."""

    taken_date: Day
    back_reason: ClaimBack
    reason: Reason = ""


@router.post("/programmes/{uuid:programme_id}/provider-terms", response={201: ProviderTermsOut})
def set_provider_terms(
    request: StaffRequest, programme_id: UUID, key: IdempotencyKey, told: ProviderTermsTold
) -> Status[ProviderTerms]:
    """Say what a provider is paid for each person who reached a result."""
    staff, values = request.auth_staff, told.dict()
    row = services.set_provider_terms(
        acting_staff=staff,
        programme=seen(Programme, staff, programme_id),
        provider=seen(Organisation, staff, values.pop("provider_id")),
        course=seen_or_none(Course, staff, values.pop("course_id")),
        id=key,
        **values,
    )
    return Status(201, row)


@router.get("/provider-terms", response=PageOut[ProviderTermsOut])
def list_provider_terms(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Terms of providers the caller may see."""
    require(request.auth_staff, "training.view_provider_claim")
    items, following = page(ProviderTerms.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.get("/provider-claims", response=PageOut[ClaimOut])
def list_provider_claims(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Claims of providers the caller may see."""
    require(request.auth_staff, "training.view_provider_claim")
    items, following = page(ProviderClaim.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/provider-terms/{uuid:terms_id}/claims", response={201: ClaimOut})
def draw_up_claim(
    request: StaffRequest, terms_id: UUID, key: IdempotencyKey, told: ClaimTold
) -> Status[ProviderClaim]:
    """Count who reached the result by a day and was not paid for before."""
    terms = seen(ProviderTerms, request.auth_staff, terms_id)
    row = services.draw_up_claim(
        acting_staff=request.auth_staff, terms=terms, until=told.until, id=key
    )
    return Status(201, row)


@router.post("/provider-claims/{uuid:claim_id}/approve", response=ClaimOut)
def approve_claim(request: StaffRequest, claim_id: UUID, told: ClaimApprovedTold) -> ProviderClaim:
    """Approve a claim, by another person than who counted it."""
    row = seen(ProviderClaim, request.auth_staff, claim_id)
    return services.approve_claim(acting_staff=request.auth_staff, claim=row, **told.dict())


@router.post("/provider-claims/{uuid:claim_id}/refuse", response=ClaimOut)
def refuse_claim(request: StaffRequest, claim_id: UUID, told: ClaimRefusedTold) -> ProviderClaim:
    """Refuse a claim, saying why."""
    row = seen(ProviderClaim, request.auth_staff, claim_id)
    return services.refuse_claim(acting_staff=request.auth_staff, claim=row, **told.dict())


@router.post("/provider-claims/{uuid:claim_id}/pay", response=ClaimOut)
def pay_claim(request: StaffRequest, claim_id: UUID, told: ClaimPaidTold) -> ProviderClaim:
    """Pay an approved claim against a receipt; posted in the programme's book."""
    staff, values = request.auth_staff, told.dict()
    return services.pay_claim(
        acting_staff=staff,
        claim=seen(ProviderClaim, staff, claim_id),
        book=seen_or_none(Book, staff, values.pop("book_id")),
        fund=seen_or_none(Fund, staff, values.pop("fund_id")),
        **values,
    )


@router.post("/provider-claims/{uuid:claim_id}/take-back", response=ClaimOut)
def take_back_claim(
    request: StaffRequest, claim_id: UUID, told: ClaimTakenBackTold
) -> ProviderClaim:
    """Take back a claim that was paid: its entry is reversed, its persons may be claimed again."""
    row = seen(ProviderClaim, request.auth_staff, claim_id)
    return services.take_back_claim(acting_staff=request.auth_staff, claim=row, **told.dict())
