"""A loan's life beside repayments: paying out, entering an existing book, writing off,
recovering, cancelling.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.groups.models import Group
from handup.kernel.credit.terms import Terms
from handup.kernel.ids import new_id
from handup.ledger.models import Fund
from handup.ledger.services import EntryIn, post_entries
from handup.lending.errors import (
    AmountNotPositive,
    BeforeAgreement,
    FutureDate,
    NotAgreed,
)
from handup.lending.happened import event_of
from handup.lending.models import (
    Lender,
    Loan,
    LoanEvent,
)
from handup.lending.rules.codes import EventKind, LoanState, Method, Source
from handup.lending.rules.loan import State, apply_event, rows_to_json
from handup.lending.rules.schedules import NO_DAYS, Days, planned
from handup.lending.rules.terms import check_offered, read_terms, taken_at, write_terms
from handup.lending.services import never_lent, plans_behind, posting, savings_kept
from handup.lending.services.applications import one_borrower
from handup.lending.services.beside import BehindLoans, behind_loans
from handup.lending.services.conditions import hold_before_pay_out, refuse_stopped
from handup.lending.services.days import EVIDENCED, check_day, earliest_day
from handup.lending.services.funds import check_currency, hold_to_money
from handup.lending.services.limits import hold_to_limits
from handup.lending.services.orders import refuse_ordered
from handup.lending.services.repayments import lock_loans
from handup.lending.services.rows import insert_rows, next_codes
from handup.lending.services.store import Writer, cure_rows, opened_rows, project, refuse_moved
from handup.lending.services.tranches import first_parts, hold_tranches
from handup.org import audit, statements
from handup.org.calendar import Calendar
from handup.org.devices import SameIdOtherContent
from handup.org.duties import require_other_person
from handup.org.models import Office, StaffUser
from handup.org.permissions import require_all
from handup.people.models import Enterprise, Person
from handup.projects.models import Programme

BATCH = 500
PAY_OUT = "lending.disburse_loan"


@dataclass(frozen=True, slots=True)
class PaysOff:
    """An old loan that the new one pays off, and with how much."""

    loan: UUID
    units: int


@dataclass(frozen=True, slots=True)
class DisbursementIn:
    """Money handed to the borrower of one signed loan. id: the new event's, made by the device."""

    loan: UUID
    value_date: date
    method: Method = Method.BANK
    reference: str = ""
    source: Source = Source.WEB
    reason: str = ""
    already_happened: bool = False
    id: UUID | None = None
    pays_off: PaysOff | None = None


def disburse_loan(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    value_date: date,
    method: Method = Method.BANK,
    reference: str = "",
    source: Source = Source.WEB,
    reason: str = "",
    already_happened: bool = False,
    id: UUID | None = None,
    permission: str = PAY_OUT,
) -> LoanEvent:
    """Pay out one loan: the batch form with one. See disburse_loans."""
    item = DisbursementIn(
        loan.pk, value_date, method, reference, source, reason, already_happened, id
    )
    return disburse_loans([item], acting_staff=acting_staff, permission=permission)[0]


def disburse_loans(
    items: Sequence[DisbursementIn],
    *,
    acting_staff: StaffUser,
    by_statement: bool = False,
    permission: str = PAY_OUT,
) -> list[LoanEvent]:
    """Pay out signed loans: rows come into force from that day, the books are posted.

    by_statement: the bank says so in its file, so the permission is that of importing it.
    permission: of the step this is part of.

    Raises NotAllowed, OutOfSight, SamePerson, ReasonNeeded, NotAgreed, BeforeAgreement,
    FutureDate, BackDated, StopRule (facility or guarantee is used up, savings are missing),
    SavingsLent, FundShort, ConditionOpen (one of the decision's), DisbursementStopped (by the
    institution that hands over), SameIdOtherContent and what the
    ledger refuses (no money at the bank, a fund that is not for this).
    """
    made: list[LoanEvent] = []
    for start in range(0, len(items), BATCH):
        with statements.together(), transaction.atomic():
            chunk = items[start : start + BATCH]
            made += _disburse(chunk, acting_staff, by_statement, permission)
    return made


def _hold(behind: BehindLoans, loans: Sequence[Loan]) -> None:
    if behind.held:
        hold_before_pay_out(loans)
    if behind.stopped:
        refuse_stopped(loan.programme_id for loan in loans)


def _disburse(
    items: Sequence[DisbursementIn], staff: StaffUser, by_statement: bool, permission: str
) -> list[LoanEvent]:
    loans = lock_loans(item.loan for item in items)
    require_all(staff, "lending.import_bank_file" if by_statement else permission, loans.values())
    behind = behind_loans(loans.values())
    stored = LoanEvent.objects.in_bulk([item.id for item in items if item.id is not None])
    writer = Writer(timezone.now())
    today = timezone.localdate()
    since = earliest_day(today, (i.value_date for i in items if i.source not in EVIDENCED))
    result: list[LoanEvent] = []
    fresh: list[LoanEvent] = []
    entries: list[EntryIn] = []
    hold_to_limits((loans[item.loan].lender, item.value_date) for item in items)
    parts = first_parts(loans.values())
    earliest = min((item.value_date for item in items), default=today)
    calendar = Calendar.of({loan.office_id for loan in loans.values()}, first=earliest)
    if not by_statement:  # what a bank has paid out is a fact
        _hold(behind, [loan for loan in loans.values() if loan.state == LoanState.AGREED])
        hold_tranches(parts.values())
        if behind.ordered:
            refuse_ordered(items)
    for item in items:
        loan = loans[item.loan]
        known_event = stored.get(item.id) if item.id is not None else None
        if known_event is not None:
            _same(known_event, item)
            result.append(known_event)
            continue
        _check_disbursement(item, loan, today, since)
        if not by_statement:
            require_other_person(
                staff,
                *behind.hands.get(loan.pk, ()),
                step=PAY_OUT,
                amount=loan.approved_units,
                reason=item.reason,
                obj=loan,
            )
        first = parts.get(loan.pk)
        days = calendar.closed(loan.office_id, known_at=loan.recorded_at)
        event = _pay_out(writer, loan, item, staff, first.units if first else None, days)
        entries += _posted(loan, event, item)
        result.append(event)
        fresh.append(event)
    writer.flush()
    hold_to_money([] if by_statement else entries)
    if entries:
        post_entries(entries, acting_staff=staff)
    paid = [(loans[event.loan_id], event) for event in fresh]
    savings_kept.put_behind(paid, staff, is_a_fact=by_statement)
    if not by_statement and (behind.savers or any(map(savings_kept.saves, loans.values()))):
        never_lent.refuse_lending_savings(loan for loan, _event in paid)
    if behind.planned:
        plans_behind.mark_paid_out(fresh, staff)
    audit.record_many(
        audit.line(staff, PAY_OUT, event, {"loan": str(event.loan_id)}) for event in fresh
    )
    return result


def _check_disbursement(item: DisbursementIn, loan: Loan, today: date, since: date) -> None:
    if loan.state != LoanState.AGREED:
        raise NotAgreed(code=loan.code, state=loan.get_state_display())
    if item.value_date < loan.agreed_date:
        raise BeforeAgreement(field="value_date", date=item.value_date, signed=loan.agreed_date)
    check_day(item.value_date, today, since, evidenced=item.source in EVIDENCED)


def _same(known: LoanEvent, item: DisbursementIn) -> None:
    held = (known.loan_id, known.value_date, known.method, known.reference)
    if held != (item.loan, item.value_date, item.method.value, item.reference):
        raise SameIdOtherContent(field="id")


def _pay_out(
    writer: Writer,
    loan: Loan,
    item: DisbursementIn,
    staff: StaffUser,
    part: int | None = None,
    closed: Days = NO_DAYS,
) -> LoanEvent:
    """Build the event, put its rows in force, project the loan; `part`: the first of several.
    `closed` as it was when it was signed; loans of an older book keep its days, none is closed.
    """
    refuse_moved(loan)
    terms = read_terms(loan.terms)
    whole = loan.approved_units
    plan = planned(terms, part or whole, item.value_date, closed, whole=whole)
    loan.event_count += 1
    payload: dict[str, Any] = {"rows": rows_to_json(plan.rows)}
    for name, fees in (("withheld", plan.taken.withheld), ("added", plan.taken.capitalised)):
        if fees:
            payload[name] = [{"code": fee.code, "units": units} for fee, units in fees]
    if plan.taken.capitalised:
        payload["capitalised"] = plan.taken.capitalised_units
    if item.pays_off is not None:
        payload["refinances"] = str(item.pays_off.loan)
        payload["restructured"] = item.value_date.isoformat()
        payload["refinanced_units"] = item.pays_off.units
    event = LoanEvent(
        id=item.id or new_id(),
        recorded_at=writer.now,
        received_at=writer.now,
        loan_id=loan.pk,
        kind=EventKind.DISBURSED.value,
        value_date=item.value_date,
        recorded_by_id=staff.pk,
        source=item.source.value,
        seq=loan.event_count,
        units=plan.units,
        method=item.method.value,
        reference=item.reference,
        payload=payload,
    )
    _open(writer, loan, event)
    return event


def _open(writer: Writer, loan: Loan, event: LoanEvent) -> None:
    """Apply the first event that brings rows to a loan that has none."""
    terms = read_terms(loan.terms)
    state = State(terms=terms)
    apply_event(state, event_of(event))
    writer.events.append(event)
    writer.new_dues += opened_rows(loan, state, writer.now)
    if state.restructured:
        writer.new_cures += cure_rows(loan, state, writer.now, terms)
    project(loan, state)
    writer.loans[loan.pk] = loan


def _posted(loan: Loan, event: LoanEvent, item: DisbursementIn) -> list[EntryIn]:
    book = posting.book_of(loan.lender)
    if book is None:
        return []
    taken = taken_at(read_terms(loan.terms), loan.approved_units)
    return [posting.disbursement_entry(book, loan, event, taken, happened=item.already_happened)]


@dataclass(frozen=True, slots=True)
class ExistingLoanIn:
    """A loan that was lent before, or elsewhere: terms, day and amount, with what the lender
    says of it.
    """

    lender: Lender
    programme: Programme
    terms: Mapping[str, Any]
    units: int
    disbursed_date: date
    officer: StaffUser
    person: Person | None = None
    enterprise: Enterprise | None = None
    group: Group | None = None
    office: Office | None = None
    external_reference: str = ""
    stated_status: str = ""
    stated_date: date | None = None
    method: Method = Method.BANK
    id: UUID | None = None
    fund: Fund | None = None


def enter_loans(
    items: Sequence[ExistingLoanIn],
    *,
    acting_staff: StaffUser,
    source: Source = Source.IMPORT,
) -> list[Loan]:
    """Enter loans of an existing book with their disbursement; their status is kept as stated by
    the lender.

    A loan whose (lender, reference) is already here is returned unchanged. Raises NotAllowed,
    OutOfSight, FutureDate, OneBorrower, AmountNotPositive, FundNotOfCurrency, TermsNotReadable,
    BadTerms, Faults (terms that do not hold as a whole), TermsNotOffered, BookMissing.
    """
    made: list[Loan] = []
    for start in range(0, len(items), BATCH):
        with transaction.atomic():
            made += _enter(items[start : start + BATCH], acting_staff, source)
    return made


def _enter(items: Sequence[ExistingLoanIn], staff: StaffUser, source: Source) -> list[Loan]:
    today = timezone.localdate()
    for item in items:
        if item.disbursed_date > today:
            raise FutureDate(field="disbursed_date", date=item.disbursed_date)
    present = _present(items)
    writer = Writer(timezone.now())
    result: list[Loan] = []
    new: list[Loan] = []
    entries: list[EntryIn] = []
    codes = iter(next_codes("LOAN", _new_of(items, present)))
    for item in items:
        known_loan = present.get((item.lender.pk, item.external_reference))
        if known_loan is not None:
            result.append(known_loan)
            continue
        loan = _existing(item, next(codes), writer.now)
        writer.events.append(_agreed(loan, item, staff, writer.now, source))
        disbursement = DisbursementIn(
            loan.pk,
            item.disbursed_date,
            item.method,
            item.external_reference,
            source,
            already_happened=True,
        )
        event = _pay_out(writer, loan, disbursement, staff)
        entries += _posted(loan, event, disbursement)
        new.append(loan)
        result.append(loan)
        if item.external_reference:
            present[item.lender.pk, item.external_reference] = loan
    insert_rows(new)
    require_all(staff, "lending.enter_loan", new)
    writer.loans = {}
    writer.flush()
    if entries:
        post_entries(entries, acting_staff=staff)
    audit.record_many(
        audit.line(staff, "lending.enter_loan", loan, {"units": loan.approved_units})
        for loan in new
    )
    return result


@lru_cache(maxsize=512)
def check_carried(terms: Terms) -> None:
    """Refuse terms of an old loan that do not hold as a whole, or that the books cannot carry: a
    batch asks once for each. Raises Faults, TermsNotOffered.
    """
    check_offered(terms, for_import=True)


def _new_of(items: Sequence[ExistingLoanIn], present: Mapping[tuple[UUID, str], Loan]) -> int:
    """How many loans are entered: a reference that stands twice is one loan."""
    keys = [(item.lender.pk, item.external_reference) for item in items]
    named = {key for key in keys if key[1] and key not in present}
    return len(named) + sum(1 for key in keys if not key[1])


def _present(items: Sequence[ExistingLoanIn]) -> dict[tuple[UUID, str], Loan]:
    references = [item.external_reference for item in items if item.external_reference]
    rows = Loan.objects.filter(
        lender__in={item.lender.pk for item in items}, external_reference__in=references
    )
    return {(loan.lender_id, loan.external_reference): loan for loan in rows}


def _existing(item: ExistingLoanIn, code: str, now: datetime) -> Loan:
    one_borrower(item.person, item.enterprise, item.group)
    if item.units <= 0:
        raise AmountNotPositive(field="units")
    terms = read_terms(item.terms)
    check_carried(terms)
    check_currency(item.fund, terms.currency)
    return Loan(
        id=item.id or new_id(),
        recorded_at=now,
        code=code,
        programme=item.programme,
        lender=item.lender,
        fund_id=item.lender.fund_id if item.fund is None else item.fund.pk,
        office=item.office,
        officer=item.officer,
        person=item.person,
        enterprise=item.enterprise,
        group=item.group,
        terms=write_terms(terms),
        currency=terms.currency,
        approved_units=item.units,
        agreed_date=item.disbursed_date,
        external_reference=item.external_reference,
        stated_status=item.stated_status,
        stated_date=item.stated_date,
        event_count=1,
    )


def _agreed(
    loan: Loan, item: ExistingLoanIn, staff: StaffUser, now: datetime, source: Source
) -> LoanEvent:
    return LoanEvent(
        id=new_id(),
        recorded_at=now,
        received_at=now,
        loan_id=loan.pk,
        kind=EventKind.AGREED.value,
        value_date=item.disbursed_date,
        recorded_by_id=staff.pk,
        source=source.value,
        seq=1,
        units=item.units,
    )
