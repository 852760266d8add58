"""Signing and paying out: the agreement with its schedule and yearly rate, then the loan's
first events.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.ahead import Ahead
from handup.kernel.credit.schedule import Disbursement
from handup.kernel.credit.terms import Terms
from handup.kernel.ids import new_id
from handup.lending.models import Application, Decision, Loan, LoanAgreement, LoanEvent
from handup.lending.rules.codes import ApplicationState, EventKind, LoanState, Source
from handup.lending.rules.loan import ENGINE_VERSION, rows_to_json
from handup.lending.rules.offer import Asked, Offer, offer_of
from handup.lending.rules.schedules import NO_DAYS, Days
from handup.lending.rules.seasons import check_agreed
from handup.lending.rules.terms import read_terms, write_terms
from handup.lending.rules.tranches import TrancheIn, check_tranches
from handup.lending.services.applications import hold_to_consent, hold_to_joint
from handup.lending.services.beside import beside_applications
from handup.lending.services.conditions import hold_before_signing
from handup.lending.services.decisions import lock_waiting, set_state
from handup.lending.services.funds import fund_of_product
from handup.lending.services.limits import hold_to_limits
from handup.lending.services.plans_behind import refuse_taken_since
from handup.lending.services.rows import in_chunks, insert_rows, next_codes
from handup.lending.services.steps import hold_in_time, hold_to_day
from handup.lending.services.tranches import write_tranches
from handup.org import audit, statements
from handup.org.calendar import Calendar
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require, require_all
from handup.org.plain import rows_where

_offers = Ahead(offer_of)


def make_offer(
    terms: Terms,
    units: int,
    start: date,
    tranches: Sequence[TrancheIn] = (),
    closed: Days = NO_DAYS,
) -> Offer:
    """Work out what is printed before anyone signs: schedule, cost and yearly rates."""
    later = tuple(Disbursement(part.planned_date, part.units) for part in tranches[1:])
    return _offers(Asked(terms, units, start, closed, later))


def make_offers_ahead(pool: Executor, asked: Iterable[Asked]) -> None:
    """Let another process work offers out before they are asked for."""
    _offers.begin(pool, asked)


@dataclass(frozen=True, slots=True)
class AgreementIn:
    """One agreement to be signed; start: the day the money is meant to be paid out; tranches: the
    parts it is paid out in, none for one sum; due_dates and shares_bps: what is agreed with this
    borrower, none for the product's own.
    """

    application: Application
    signed_date: date
    start_date: date | None = None
    language: str = "en"
    agreement_id: UUID | None = None
    id: UUID | None = None
    tranches: Sequence[TrancheIn] = ()
    due_dates: Sequence[date] = ()
    shares_bps: Sequence[int] = ()


def sign_agreement(
    *,
    acting_staff: StaffUser,
    application: Application,
    signed_date: date,
    start_date: date | None = None,
    language: str = "en",
    tranches: Sequence[TrancheIn] = (),
    due_dates: Sequence[date] = (),
    shares_bps: Sequence[int] = (),
    id: UUID | None = None,
) -> Loan:
    """Sign one agreement: the batch form with one. See sign_agreements. `id` is the new loan's."""
    stored = already_stored(Loan, id, acting_staff, agreed_date=signed_date)
    if stored is not None:
        require(acting_staff, "lending.sign_agreement", application)
        if stored.agreement is None or stored.agreement.application_id != application.pk:
            raise SameIdOtherContent(field="application")
        return stored
    item = AgreementIn(
        application, signed_date, start_date, language, None, id, tranches, due_dates, shares_bps
    )
    return sign_agreements([item], acting_staff=acting_staff)[0]


def sign_agreements(
    items: Sequence[AgreementIn], *, acting_staff: StaffUser, source: Source = Source.WEB
) -> list[Loan]:
    """Sign approved applications: store terms, schedule, rates, and open each loan with its AGREED
    event. source: the door they came by.

    Raises NotAllowed, OutOfSight, NotWaitingForThis, ApplicationExpired, PlanTaken (by another,
    since it expired), FutureDate (signed on a day to come), BeforeItsStep (signed before it was
    decided), StopRule (facility or guarantee is used up, consent is taken back), TranchesSum,
    TooManyTranches, TranchesNotRising, TrancheOfNothing and what the schedule refuses.
    """
    loans: list[Loan] = []
    for chunk in in_chunks(items):
        loans += _sign(chunk, acting_staff, source)
    return loans


def _sign(items: Sequence[AgreementIn], staff: StaffUser, source: Source) -> list[Loan]:
    require_all(staff, "lending.sign_agreement", [item.application for item in items])
    rows = [item.application for item in items]
    with statements.together(), transaction.atomic():
        lock_waiting(rows, ApplicationState.APPROVED)
        hold_in_time(((item.application, item.signed_date) for item in items), source)
        refuse_taken_since((item.application, item.signed_date) for item in items)
        days = {item.application.pk: item.signed_date for item in items}
        hold_to_consent(days, rows)
        beside = beside_applications(rows, staff)
        if beside.joint:
            hold_to_joint(rows, days)
        if beside.held:
            hold_before_signing(rows)
        decisions = _decisions(rows)
        for item in items:
            decided = decisions[item.application.pk].decided_date
            hold_to_day(item.signed_date, "signed_date", decided)
        first = min(item.start_date or item.signed_date for item in items)
        calendar = Calendar.of({row.office_id for row in rows}, first=first)
        now = timezone.now()
        codes = next_codes("LOAN", len(items))
        agreements: list[LoanAgreement] = []
        loans: list[Loan] = []
        for item, code in zip(items, codes, strict=True):
            decision = decisions[item.application.pk]
            closed = calendar.closed(item.application.office_id)
            agreement = _agreement(item, decision, staff, closed)
            loan = _loan(item, decision, agreement, code)
            loan.last_recorded_at = now
            agreements.append(agreement)
            loans.append(loan)
        insert_rows(agreements)
        insert_rows(loans)
        insert_rows([_agreed(loan, staff, now) for loan in loans])
        insert_rows(
            [
                row
                for item, loan in zip(items, loans, strict=True)
                for row in write_tranches(loan, item.tranches)
            ]
        )
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


def _agreement(
    item: AgreementIn, decision: Decision, staff: StaffUser, closed: Days
) -> LoanAgreement:
    version = item.application.product_version
    own: dict[str, Any] = {"instalments": decision.instalments}
    if item.due_dates:
        own["due_dates"] = [day.isoformat() for day in item.due_dates]
    if item.shares_bps:
        own["shares_bps"] = list(item.shares_bps)
    terms = read_terms(version.terms, **own)
    check_agreed(terms, read_terms(version.terms))
    assert decision.approved_units is not None
    start = item.start_date or item.signed_date
    parts = check_tranches(terms, decision.approved_units, start, item.tranches)
    offer = make_offer(terms, decision.approved_units, start, parts, closed)
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
        start_date=start,
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
        fund_id=fund_of_product(row.product_version.product),
        office_id=row.office_id,
        officer_id=row.officer_id,
        product_version=row.product_version,
        person_id=row.person_id,
        enterprise_id=row.enterprise_id,
        group_id=row.group_id,
        terms=agreement.terms,
        currency=row.currency,
        arrears_tolerance_units=read_terms(agreement.terms).arrears_tolerance_units,
        approved_units=decision.approved_units,
        agreed_date=item.signed_date,
        state=LoanState.AGREED.value,
        last_value_date=item.signed_date,
        event_count=1,
        engine_version=ENGINE_VERSION,
    )
