"""Lenders with their facilities and guarantees; products and the approval of their versions."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from handup.kernel.credit.schedule import Disbursement, build_schedule
from handup.kernel.credit.terms import Terms
from handup.kernel.credit.validity import check_last, sample_plan
from handup.kernel.ids import new_id
from handup.kernel.money import WHOLE_BPS
from handup.ledger.models import Book, Fund
from handup.ledger.rules.words import UNRESTRICTED_ID
from handup.lending.errors import (
    AlreadyApproved,
    AmountNotPositive,
    BookMissing,
    CodeTaken,
    CurrencyMismatch,
)
from handup.lending.models import Facility, Guarantee, Lender, Product, ProductVersion
from handup.lending.rules.bankfile import Profile
from handup.lending.rules.codes import OWN_BOOK_MODES, LenderMode
from handup.lending.rules.eligibility import Grid, Preconditions, bands_of
from handup.lending.rules.terms import check_offered, read_terms, write_terms
from handup.lending.services import guarantee_entries
from handup.lending.services.funds import check_currency
from handup.org import audit
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.duties import require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require, require_over
from handup.projects.models import Organisation, Programme


def open_lender(
    *,
    acting_staff: StaffUser,
    code: str,
    name: str,
    mode: LenderMode,
    currency: str,
    active_from: date,
    organisation: Organisation | None = None,
    programme: Programme | None = None,
    book: Book | None = None,
    fund: Fund | None = None,
    bank_profile: Mapping[str, Any] | None = None,
    id: UUID | None = None,
) -> Lender:
    """Register whose money is lent. DIRECT and BANK_FACILITY lenders post to a book.

    fund: out of which it lends; unrestricted where none is named.

    Raises NotAllowed, CodeTaken, BookMissing, FundNotOfCurrency, ProfileUnknown.
    """
    require_over(
        acting_staff,
        "lending.open_lender",
        programme=programme.pk if programme else None,
        organisation=organisation.pk if organisation else None,
    )
    if (known := already_stored(Lender, id, acting_staff, code=code, name=name)) is not None:
        return known
    if Lender.objects.filter(code=code).exists():
        raise CodeTaken(field="code", code=code)
    if mode in OWN_BOOK_MODES and book is None:
        raise BookMissing(field="book", lender=name)
    check_currency(fund, currency)
    Profile.of(bank_profile or {})
    with transaction.atomic():
        lender = Lender.objects.create(
            id=id or new_id(),
            code=code,
            name=name,
            mode=mode.value,
            currency=currency,
            active_from=active_from,
            organisation=organisation,
            programme=programme,
            book=book,
            fund_id=UNRESTRICTED_ID if fund is None else fund.pk,
            bank_profile=dict(bank_profile or {}),
        )
        audit.record(acting_staff, "lending.open_lender", lender, {"mode": mode.value})
    return lender


def _require_over(staff: StaffUser, code: str, lender: Lender) -> None:
    """A lender belongs to no office: what it lends is agreed over all. Raises NotAllowed."""
    require_over(staff, code, programme=lender.programme_id, organisation=lender.organisation_id)


def place_facility(
    *,
    acting_staff: StaffUser,
    lender: Lender,
    limit_units: int,
    signed_date: date,
    expiry_date: date | None = None,
    revolving: bool = False,
    id: UUID | None = None,
) -> Facility:
    """Agree on money of ours that a bank lends, up to a limit. Raises NotAllowed,
    AmountNotPositive.
    """
    _require_over(acting_staff, "lending.place_facility", lender)
    known = already_stored(
        Facility, id, acting_staff, lender=lender, limit_units=limit_units, signed_date=signed_date
    )
    if known is not None:
        return known
    if limit_units <= 0:
        raise AmountNotPositive(field="limit_units")
    with transaction.atomic():
        facility = Facility.objects.create(
            id=id or new_id(),
            lender=lender,
            currency=lender.currency,
            limit_units=limit_units,
            revolving=revolving,
            signed_date=signed_date,
            expiry_date=expiry_date,
        )
        audit.record(acting_staff, "lending.place_facility", facility, {"limit_units": limit_units})
    return facility


def give_guarantee(
    *,
    acting_staff: StaffUser,
    lender: Lender,
    deposit_units: int,
    signed_date: date,
    cover_bps: int = 5000,
    max_leverage_x100: int = 100,
    call_after_days: int = 90,
    expiry_date: date | None = None,
    book: Book | None = None,
    id: UUID | None = None,
) -> Guarantee:
    """Agree to cover a share of a bank's loans from a deposit; `book`: where the payments of the
    fund are kept, the lender's where none is named; it says beside its accounts for how much the
    guarantee stands. Raises NotAllowed, AmountNotPositive and what the ledger refuses.
    """
    _require_over(acting_staff, "lending.give_guarantee", lender)
    known = already_stored(
        Guarantee,
        id,
        acting_staff,
        lender=lender,
        deposit_units=deposit_units,
        signed_date=signed_date,
    )
    if known is not None:
        return known
    if deposit_units <= 0 or not 0 < cover_bps <= WHOLE_BPS:
        raise AmountNotPositive(field="deposit_units" if deposit_units <= 0 else "cover_bps")
    with transaction.atomic():
        guarantee = Guarantee.objects.create(
            id=id or new_id(),
            lender=lender,
            book=book,
            currency=lender.currency,
            deposit_units=deposit_units,
            cover_bps=cover_bps,
            max_leverage_x100=max_leverage_x100,
            call_after_days=call_after_days,
            signed_date=signed_date,
            expiry_date=expiry_date,
        )
        audit.record(
            acting_staff, "lending.give_guarantee", guarantee, {"deposit_units": deposit_units}
        )
        guarantee_entries.post_given(guarantee, acting_staff)
    return guarantee


def propose_product(
    *,
    acting_staff: StaffUser,
    code: str,
    name: str,
    lender: Lender,
    terms: Mapping[str, Any],
    effective_date: date,
    programme: Programme | None = None,
    eligibility: Mapping[str, Any] | None = None,
    bands: Sequence[Mapping[str, Any]] = (),
    grid: Mapping[str, Any] | None = None,
    id: UUID | None = None,
) -> ProductVersion:
    """Propose a product, or the next version of the one with this code; another person approves it.

    terms: a preset's name and the fields that differ (amounts in smallest units, rates in ppm).
    Raises NotAllowed, CurrencyMismatch, TermsNotReadable, TermsNotOffered, TermsLastTooLarge,
    BadTerms,
    BadPrecondition, WeightsSum and what the schedule of a sample loan refuses.
    """
    require(acting_staff, "lending.propose_product")
    known = already_stored(ProductVersion, id, acting_staff, effective_date=effective_date)
    if known is not None:
        if (known.product.code, known.product.lender_id) != (code, lender.pk):
            raise SameIdOtherContent(field="code")
        return known
    resolved = read_terms(terms)
    check_terms(resolved, effective_date)
    if resolved.currency != lender.currency:
        raise CurrencyMismatch(field="terms", expected=lender.currency, given=resolved.currency)
    Preconditions.of(eligibility or {})
    Grid.of(grid or {})
    bands_of(bands)
    with transaction.atomic():
        product, _made = Product.objects.get_or_create(
            code=code, defaults={"name": name, "lender": lender, "programme": programme}
        )
        if product.lender_id != lender.pk:
            raise CodeTaken(field="code", code=code)
        last = product.versions.aggregate(last=Max("number"))["last"] or 0
        version = ProductVersion.objects.create(
            id=id or new_id(),
            product=product,
            number=last + 1,
            terms=write_terms(resolved),
            eligibility=dict(eligibility or {}),
            bands=[dict(band) for band in bands],
            grid=dict(grid or {}),
            effective_date=effective_date,
            proposed_by=acting_staff,
        )
        audit.record(acting_staff, "lending.propose_product", version, {"number": version.number})
    return version


def check_terms(terms: Terms, on: date) -> None:
    """Refuse terms the engine cannot keep, by making the schedule of the largest loan under
    them.
    """
    check_offered(terms)
    units = terms.principal_max_units or max(terms.principal_min_units, 100_000 * 10**terms.digits)
    schedule = build_schedule(terms, [Disbursement(on, units)], sample_plan(terms, on))
    check_last(terms, [row.due for row in schedule.rows])


def approve_product(
    *, acting_staff: StaffUser, version: ProductVersion, approved_date: date, reason: str = ""
) -> ProductVersion:
    """Approve a proposed version, by another person than its proposer; reason: why one person does
    both, where one is all there is. Raises NotAllowed, SamePerson, ReasonNeeded, AlreadyApproved.
    """
    _require_over(acting_staff, "lending.approve_product", version.product.lender)
    with transaction.atomic():
        locked = ProductVersion.objects.select_for_update().get(pk=version.pk)
        if locked.approved_by_id is not None:
            raise AlreadyApproved()
        require_other_person(
            acting_staff,
            locked.proposed_by_id,
            step="lending.approve_product",
            reason=reason,
            obj=locked,
        )
        locked.approved_by = acting_staff
        locked.approved_date = approved_date
        locked.save(update_fields=("approved_by", "approved_date"))
        audit.record(acting_staff, "lending.approve_product", locked, {"number": locked.number})
    return locked
