"""Signing and paying out: the agreement with its schedule and yearly rate, then the loan's
first events.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.credit.apr import AprMethod, AprUnit, Flow, NoRate, UnitPeriod, apr
from handup.kernel.credit.codes import DayCount, DueUnit
from handup.kernel.credit.codes import Method as TermsMethod
from handup.kernel.credit.terms import Terms
from handup.kernel.ids import new_id
from handup.lending.errors import ApplicationExpired
from handup.lending.models import Application, Decision, Loan, LoanAgreement, LoanEvent
from handup.lending.rules.codes import ApplicationState, EventKind, LoanState, Source
from handup.lending.rules.loan import ENGINE_VERSION, PlannedRow, rows_to_json
from handup.lending.rules.schedules import planned_rows
from handup.lending.rules.terms import read_terms, withheld, write_terms
from handup.lending.services.applications import hold_to_consent, hold_to_joint
from handup.lending.services.conditions import hold_before_signing
from handup.lending.services.decisions import lock_waiting, set_state
from handup.lending.services.limits import hold_to_limits
from handup.lending.services.rows import in_chunks, insert_rows, next_codes
from handup.org import audit
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require, require_all
from handup.org.plain import rows_where

UNITS = {
    DueUnit.DAY: AprUnit.DAY,
    DueUnit.WEEK: AprUnit.WEEK,
    DueUnit.MONTH: AprUnit.MONTH,
    DueUnit.MEETING: AprUnit.WEEK,
}


@dataclass(frozen=True, slots=True)
class Offer:
    """What is printed before anyone signs: the rows, what is kept back, rates and cost."""

    terms: Terms
    units: int
    rows: tuple[PlannedRow, ...]
    withheld_units: int
    apr_ppm: int | None
    flat_apr_ppm: int | None

    @property
    def total_payable_units(self) -> int:
        """Everything the borrower pays."""
        return sum(row.principal + row.interest + row.fee for row in self.rows)

    @property
    def total_cost_units(self) -> int:
        """What the loan costs: all that is paid less what was handed over."""
        return self.total_payable_units - (self.units - self.withheld_units)


def make_offer(terms: Terms, units: int, start: date) -> Offer:
    """Work out schedule, cost and yearly rates, declining and flat side by side (EU 2008/48
    Annex I).
    """
    rows = planned_rows(terms, units, start)
    kept = sum(amount for _fee, amount in withheld(terms, units))
    return Offer(
        terms,
        units,
        rows,
        kept,
        rate_ppm(terms, units - kept, start, rows),
        _other_method(terms, units, kept, start),
    )


def _other_method(terms: Terms, units: int, kept: int, start: date) -> int | None:
    """The yearly rate were the same nominal rate charged flat; None for a loan that is flat,
    or free.
    """
    if terms.method is TermsMethod.FLAT or not terms.rate_ppm:
        return None
    whole = DayCount.WEEKS_52 if terms.unit is DueUnit.WEEK else DayCount.MONTHS_12
    count = whole if terms.unit in (DueUnit.WEEK, DueUnit.MONTH) else terms.day_count
    flat = replace(terms, method=TermsMethod.FLAT, day_count=count)
    return rate_ppm(terms, units - kept, start, planned_rows(flat, units, start))


def rate_ppm(
    terms: Terms, handed_units: int, start: date, rows: Sequence[PlannedRow]
) -> int | None:
    """The yearly percentage rate in parts per million, four decimals of a percent; None when
    there is none.
    """
    flows = [Flow(start, -handed_units)]
    flows += [Flow(row.due_date, row.principal + row.interest + row.fee) for row in rows]
    try:
        found = apr(
            AprMethod.EU_2008_48, flows, UnitPeriod(UNITS[terms.unit], terms.every), decimals=4
        )
    except NoRate:
        return None
    return int(found.percent * Decimal(10_000))


@dataclass(frozen=True, slots=True)
class AgreementIn:
    """One agreement to be signed; start: the day the money is meant to be paid out."""

    application: Application
    signed_date: date
    start_date: date | None = None
    language: str = "en"
    agreement_id: UUID | None = None
    id: UUID | None = None


def sign_agreement(
    *,
    acting_staff: StaffUser,
    application: Application,
    signed_date: date,
    start_date: date | None = None,
    language: str = "en",
    id: UUID | None = None,
) -> Loan:
    """Sign one agreement: the batch form with one. See sign_agreements. `id` is the new loan's."""
    stored = already_stored(Loan, id, agreed_date=signed_date)
    if stored is not None:
        require(acting_staff, "lending.sign_agreement", application)
        if stored.agreement is None or stored.agreement.application_id != application.pk:
            raise SameIdOtherContent(field="application")
        return stored
    item = AgreementIn(application, signed_date, start_date, language, id=id)
    return sign_agreements([item], acting_staff=acting_staff)[0]


def sign_agreements(items: Sequence[AgreementIn], *, acting_staff: StaffUser) -> list[Loan]:
    """Sign approved applications: store terms, schedule, rates, and open each loan with its AGREED
    event.

    Raises NotAllowed, OutOfSight, NotWaitingForThis, ApplicationExpired, StopRule (facility or
    guarantee is used up, consent is taken back) and what the schedule refuses.
    """
    loans: list[Loan] = []
    for chunk in in_chunks(items):
        loans += _sign(chunk, acting_staff)
    return loans


def _sign(items: Sequence[AgreementIn], staff: StaffUser) -> list[Loan]:
    require_all(staff, "lending.sign_agreement", [item.application for item in items])
    rows = [item.application for item in items]
    with transaction.atomic():
        lock_waiting(rows, ApplicationState.APPROVED)
        for item in items:
            if item.signed_date > item.application.expires_date:
                raise ApplicationExpired(date=item.application.expires_date)
        days = {item.application.pk: item.signed_date for item in items}
        hold_to_consent(days, rows)
        hold_to_joint(rows, days)
        hold_before_signing(rows)
        decisions = _decisions(rows)
        now = timezone.now()
        codes = next_codes("LOAN", "L", len(items))
        agreements: list[LoanAgreement] = []
        loans: list[Loan] = []
        for item, code in zip(items, codes, strict=True):
            decision = decisions[item.application.pk]
            agreement = _agreement(item, decision, staff)
            loan = _loan(item, decision, agreement, code)
            loan.last_recorded_at = now
            agreements.append(agreement)
            loans.append(loan)
        insert_rows(agreements)
        insert_rows(loans)
        insert_rows([_agreed(loan, staff, now) for loan in loans])
        hold_to_limits((loan.lender, loan.agreed_date) for loan in loans)
        set_state(rows, ApplicationState.SIGNED)
        audit.record_many(
            audit.line(staff, "lending.sign_agreement", loan, {"units": loan.approved_units})
            for loan in loans
        )
    return loans


def _agreed(loan: Loan, staff: StaffUser, now: datetime) -> LoanEvent:
    return LoanEvent(
        id=new_id(),
        recorded_at=now,
        received_at=now,
        loan_id=loan.pk,
        kind=EventKind.AGREED.value,
        value_date=loan.agreed_date,
        recorded_by_id=staff.pk,
        source=Source.WEB.value,
        seq=1,
        units=loan.approved_units,
    )


def _decisions(rows: Sequence[Application]) -> dict[UUID, Decision]:
    found: dict[UUID, Decision] = {}
    in_time = 'ORDER BY "recorded_at", "id"'
    for row in rows_where(Decision, "application_id", [row.pk for row in rows], also=in_time):
        found[row.application_id] = row
    return found


def _agreement(item: AgreementIn, decision: Decision, staff: StaffUser) -> LoanAgreement:
    version = item.application.product_version
    terms = read_terms(version.terms, instalments=decision.instalments)
    assert decision.approved_units is not None
    offer = make_offer(terms, decision.approved_units, item.start_date or item.signed_date)
    return LoanAgreement(
        id=item.agreement_id or new_id(),
        application=item.application,
        terms=write_terms(terms),
        schedule=rows_to_json(offer.rows),
        apr_ppm=offer.apr_ppm,
        flat_apr_ppm=offer.flat_apr_ppm,
        total_payable_units=offer.total_payable_units,
        total_cost_units=offer.total_cost_units,
        language=item.language,
        signed_date=item.signed_date,
        signed_by=staff,
    )


def _loan(item: AgreementIn, decision: Decision, agreement: LoanAgreement, code: str) -> Loan:
    row = item.application
    assert decision.approved_units is not None
    return Loan(
        id=item.id or new_id(),
        code=code,
        agreement=agreement,
        programme_id=row.programme_id,
        lender=row.product_version.product.lender,
        office_id=row.office_id,
        officer_id=row.officer_id,
        product_version=row.product_version,
        person_id=row.person_id,
        enterprise_id=row.enterprise_id,
        group_id=row.group_id,
        terms=agreement.terms,
        currency=row.currency,
        approved_units=decision.approved_units,
        agreed_date=item.signed_date,
        state=LoanState.AGREED.value,
        last_value_date=item.signed_date,
        event_count=1,
        engine_version=ENGINE_VERSION,
    )
