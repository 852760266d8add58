"""Lenders and products through the API."""

from uuid import UUID

from ninja import Status

from handup.ledger.models import Book, Fund
from handup.lending import services
from handup.lending.api import schemas
from handup.lending.api.access import maybe, router, seen
from handup.lending.models import (
    Facility,
    Guarantee,
    Lender,
    Product,
    ProductVersion,
)
from handup.lending.rules.offer import Asked, offer_of
from handup.lending.rules.terms import check_offered, read_terms
from handup.lending.services import funds
from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, page
from handup.org.permissions import require
from handup.org.web.money import currency_digits
from handup.projects.models import Organisation, Programme


@router.get("/lenders", response=PageOut[schemas.LenderOut])
def list_lenders(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Lenders she may see."""
    require(request.auth_staff, "lending.view_lender")
    items, following = page(Lender.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/lenders", response={201: schemas.LenderOut})
def open_lender(
    request: StaffRequest, key: IdempotencyKey, told: schemas.LenderNew
) -> Status[Lender]:
    """Register a lender."""
    require(request.auth_staff, "lending.open_lender")
    lender = services.open_lender(
        acting_staff=request.auth_staff,
        id=key,
        code=told.code,
        name=told.name,
        mode=told.mode,
        currency=told.currency,
        active_from=told.active_from,
        organisation=maybe(Organisation, request, told.organisation_id),
        programme=maybe(Programme, request, told.programme_id),
        book=maybe(Book, request, told.book_id),
        fund=maybe(Fund, request, told.fund_id),
    )
    return Status(201, lender)


@router.put("/lenders/{uuid:lender_id}/fund", response=schemas.LenderOut)
def name_fund(request: StaffRequest, lender_id: UUID, told: schemas.FundNamed) -> Lender:
    """Say out of which fund it lends from now on."""
    return funds.name_fund(
        acting_staff=request.auth_staff,
        lender=seen(Lender, request, lender_id),
        fund=seen(Fund, request, told.fund_id),
        product=maybe(Product, request, told.product_id),
    )


@router.post("/lenders/{uuid:lender_id}/facilities", response={201: schemas.IdOut})
def place_facility(
    request: StaffRequest, lender_id: UUID, key: IdempotencyKey, told: schemas.FacilityNew
) -> Status[Facility]:
    """Agree on a facility."""
    lender = seen(Lender, request, lender_id)
    made = services.place_facility(
        acting_staff=request.auth_staff, lender=lender, id=key, **told.dict()
    )
    return Status(201, made)


@router.post("/lenders/{uuid:lender_id}/guarantees", response={201: schemas.IdOut})
def give_guarantee(
    request: StaffRequest, lender_id: UUID, key: IdempotencyKey, told: schemas.GuaranteeNew
) -> Status[Guarantee]:
    """Agree on a guarantee."""
    lender = seen(Lender, request, lender_id)
    fields = told.dict()
    made = services.give_guarantee(
        acting_staff=request.auth_staff,
        lender=lender,
        id=key,
        book=maybe(Book, request, fields.pop("book_id")),
        **fields,
    )
    return Status(201, made)


@router.get("/products", response=PageOut[schemas.ProductOut])
def list_products(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Versions of products."""
    require(request.auth_staff, "lending.view_product")
    items, following = page(ProductVersion.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/products", response={201: schemas.ProductOut})
def propose_product(
    request: StaffRequest, key: IdempotencyKey, told: schemas.ProductNew
) -> Status[ProductVersion]:
    """Propose a product or its next version."""
    require(request.auth_staff, "lending.propose_product")
    lender = seen(Lender, request, told.lender_id)
    version = services.propose_product(
        acting_staff=request.auth_staff,
        id=key,
        code=told.code,
        name=told.name,
        lender=lender,
        programme=lender.programme,
        terms={
            "preset": told.preset,
            "currency": lender.currency,
            "digits": currency_digits(lender.currency),
            "rate_ppm": told.rate_ppm,
            "instalments": told.instalments,
            "principal_min_units": told.principal_min_units,
            "principal_max_units": told.principal_max_units,
            **told.terms.differing(),
        },
        effective_date=told.effective_date,
        eligibility={
            "certificate_required": told.certificate_required,
            "savings_ppm": told.savings_ppm,
            "plan_required": told.plan_required,
            "waivable": [stop.value for stop in told.waivable],
            "age_min": told.age_min,
            "dscr_min_x100": told.dscr_min_x100,
            "indebtedness_max_x100": told.indebtedness_max_x100,
            "expires_after_days": told.expires_after_days,
            "instalments_min": told.instalments_min,
            "instalments_max": told.instalments_max,
            **({"documents": told.documents} if told.documents else {}),
            **({"steps": [step.dict() for step in told.steps]} if told.steps else {}),
        },
        grid={
            "weights": told.weights,
            "discuss_from": told.discuss_from,
            "favour_from": told.favour_from,
        },
        bands=[{"members": told.committee_members, "quorum": told.committee_members // 2 + 1}],
    )
    return Status(201, version)


@router.post("/products/{uuid:version_id}/approval", response={201: schemas.ProductOut})
def approve_product(
    request: StaffRequest, version_id: UUID, key: IdempotencyKey, told: schemas.ProductApproval
) -> Status[ProductVersion]:
    """Approve a proposed version."""
    version = seen(ProductVersion, request, version_id)
    done = services.approve_product(
        acting_staff=request.auth_staff,
        version=version,
        approved_date=told.value_date,
        reason=told.reason,
    )
    return Status(201, done)


@router.post("/offers", response=schemas.OfferOut)
def try_terms(request: StaffRequest, told: schemas.OfferNew) -> schemas.OfferOut:
    """What one loan comes to under terms, nothing stored: schedule, EU and US rate, cost."""
    require(request.auth_staff, "lending.view_product")
    terms = read_terms(
        {
            "preset": told.preset,
            "currency": told.currency,
            "digits": currency_digits(told.currency),
            "rate_ppm": told.rate_ppm,
            "instalments": told.instalments,
            **told.terms.differing(),
        }
    )
    check_offered(terms)
    offer = offer_of(Asked(terms, told.units, told.start_date))
    return schemas.OfferOut(
        rows=[
            schemas.OfferRow(
                number=row.number,
                due_date=row.due_date,
                principal=row.principal,
                interest=row.interest,
                fee=row.fee,
            )
            for row in offer.rows
        ],
        handed_units=offer.plan.handed_units,
        withheld_units=offer.withheld_units,
        apr_ppm=offer.apr_ppm,
        apr_with_savings_ppm=offer.apr_with_savings_ppm,
        us_apr_ppm=offer.us_apr_ppm,
        flat_apr_ppm=offer.flat_apr_ppm,
        total_payable_units=offer.total_payable_units,
        total_cost_units=offer.total_cost_units,
    )
