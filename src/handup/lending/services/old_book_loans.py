"""Loans of an old portfolio made in one go: events, rows, splits, projections, nothing posted but
the one opening journal; and all of it taken back.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger.models import Book, Entry
from handup.ledger.rules.words import UNRESTRICTED_ID
from handup.ledger.services import EntryIn, LineIn, Source, post_entries
from handup.ledger.services.taken_over import Standing
from handup.lending.happened import events_of
from handup.lending.models import Loan, LoanEvent, OldBook, OldLoan
from handup.lending.rules.codes import EventKind, LoanState, Method
from handup.lending.rules.codes import Source as Door
from handup.lending.rules.events import rows_to_json
from handup.lending.rules.old_book import Told, Way
from handup.lending.rules.terms import write_terms
from handup.lending.services import posting
from handup.lending.services.funds import OF_NO_DONOR
from handup.lending.services.old_book_facts import position_data, told_events
from handup.lending.services.replaying import replay
from handup.lending.services.rows import insert_rows, next_codes
from handup.lending.services.store import Writer, new_event
from handup.org.models import StaffUser

ENTRY_KIND = "LOANS_TAKEN_OVER"
SOURCE_KIND = "OLD_BOOK"
PURPOSE = "OPENING"


def make_loans(book: OldBook, rows: Sequence[OldLoan], staff: StaffUser) -> list[Loan]:
    """Store the loans of some lines with their whole history; nothing of it is posted."""
    writer = Writer(timezone.now())
    codes = iter(next_codes("LOAN", len(rows)))
    loans: list[Loan] = []
    for row in rows:
        terms, told = told_events(book, row, Way(row.way))
        loan = _loan(book, row, next(codes), write_terms(terms), writer)
        writer.events.append(_agreed(loan, row, staff, writer))
        writer.events += [_event(loan, item, staff, writer) for item in told]
        loans.append(loan)
    insert_rows(loans)
    writer.flush_events()
    found = events_of(loan.pk for loan in loans)
    for loan in loans:
        replay(writer, loan, found[loan.pk])
    writer.flush()
    for row, loan in zip(rows, loans, strict=True):
        row.loan = loan
    return loans


def _loan(book: OldBook, row: OldLoan, code: str, terms: dict[str, Any], writer: Writer) -> Loan:
    as_it_stands = row.way == Way.OPENING
    return Loan(
        id=new_id(),
        recorded_at=writer.now,
        code=code,
        programme=book.programme,
        lender=book.lender,
        fund_id=row.fund_id or book.lender.fund_id,
        office=book.office,
        officer=book.officer,
        person_id=row.person_id,
        group_id=row.group_id,
        terms=terms,
        currency=book.currency,
        approved_units=row.units,
        agreed_date=row.disbursed_date,
        opening_date=book.cutover_date if as_it_stands else None,
        external_reference=row.key,
        stated_status=row.status,
        stated_date=book.cutover_date,
    )


def _agreed(loan: Loan, row: OldLoan, staff: StaffUser, writer: Writer) -> LoanEvent:
    event = new_event(
        loan, EventKind.AGREED, staff, writer.now, row.disbursed_date, row.units, None
    )
    event.source = Door.OLD_BOOK.value
    return event


def _event(loan: Loan, told: Told, staff: StaffUser, writer: Writer) -> LoanEvent:
    event = new_event(
        loan,
        told.kind,
        staff,
        writer.now,
        told.value_date,
        told.units,
        None,
        method=Method.BANK.value,
        reference=told.reference,
    )
    event.source = Door.OLD_BOOK.value
    if told.rows:
        event.payload = {"rows": rows_to_json(told.rows)}
    if told.since is not None:
        event.payload["since"] = told.since.isoformat()
    return event


def opening_lines(book: OldBook, rows: Sequence[OldLoan]) -> list[LineIn]:
    """The lines of the opening journal: what each loan owes, against what they were lent from."""
    lines: list[LineIn] = []
    totals: dict[UUID, int] = defaultdict(int)
    funds = funds_of(book)
    for row in rows:
        assert row.loan_id is not None
        found = position_data(row)
        for role, units in (
            ("LOANS", found.principal),
            ("INTEREST_DUE", found.interest),
            ("FEES_DUE", found.fees),
            ("BORROWER_CREDIT", -found.overpaid),
            ("COMPULSORY_SAVINGS", -row.told.get("saved", 0)),
        ):
            if units:
                fund = UNRESTRICTED_ID if role in OF_NO_DONOR else funds[row.loan_id]
                totals[fund] += units
                lines.append(
                    LineIn(
                        units=units,
                        account_role=role,
                        currency=book.currency,
                        subject=("loan", row.loan_id),
                        fund=fund,
                        branch=book.office_id,
                    )
                )
    return lines + [
        LineIn(
            units=-total,
            account_role=book.contra_role,
            currency=book.currency,
            fund=fund,
            branch=book.office_id,
        )
        for fund, total in totals.items()
        if total
    ]


def funds_of(book: OldBook) -> dict[UUID, UUID]:
    """The fund of each loan of an old book, by the loan."""
    return dict(Loan.objects.filter(old_loan__book=book).values_list("pk", "fund_id"))


def source_of(book: OldBook, purpose: str = PURPOSE) -> Source:
    """The fact the opening journal tells of, and its reversal."""
    return Source(posting.DOMAIN, SOURCE_KIND, book.pk, purpose)


def post_opening(
    book: OldBook, ledger: Book, rows: Sequence[OldLoan], staff: StaffUser
) -> Entry | None:
    """Post the one opening journal; None where nothing is owed."""
    lines = opening_lines(book, rows)
    if not lines:
        return None
    entry = EntryIn(
        book=ledger,
        kind=ENTRY_KIND,
        source=source_of(book),
        lines=lines,
        happened_date=book.cutover_date,
        branch=book.office_id,
        already_happened=True,
    )
    return post_entries([entry], acting_staff=staff)[0]


def standings(book: OldBook, rows: Sequence[OldLoan]) -> list[Standing]:
    """What each loan has earned by the day, so that the next run of the books goes on from it."""
    found = []
    funds = funds_of(book)
    for row in rows:
        at = position_data(row)
        assert row.loan_id is not None
        earned = at.received + at.interest
        if earned:
            of = (row.loan_id, book.office_id, book.currency, earned, at.stopped)
            found.append(Standing(*of, fund=funds[row.loan_id]))
    return found


def fee_standings(book: OldBook, rows: Sequence[OldLoan]) -> list[Standing]:
    """What fees each loan was asked by the day."""
    found = []
    funds = funds_of(book)
    for row in rows:
        at = position_data(row)
        assert row.loan_id is not None
        if asked := at.fees_received + at.fees:
            of = (row.loan_id, book.office_id, book.currency, asked)
            found.append(Standing(*of, fund=funds[row.loan_id]))
    return found


def has_moved(loans: Sequence[Loan]) -> list[str]:
    """The numbers of loans on which something happened since they were taken over."""
    ids = {loan.pk: loan.code for loan in loans}
    found: set[UUID] = set()
    listed = list(ids)
    for start in range(0, len(listed), 500):
        later = LoanEvent.objects.filter(loan__in=listed[start : start + 500])
        later = later.exclude(source=Door.OLD_BOOK.value)
        found |= set(later.order_by().values_list("loan_id", flat=True))
    return sorted(ids[pk] for pk in found)


def take_back_loans(
    loans: Sequence[Loan], staff: StaffUser, on: date, reason: str, mark: str
) -> None:
    """Reverse every event of loans nothing has happened to since, and cancel them; their numbers
    there become free again.
    """
    writer = Writer(timezone.now())
    for event in _events(loans):
        loan = event.loan
        reversal = new_event(
            loan, EventKind.REVERSED, staff, writer.now, on, event.units, None, reason, event.method
        )
        reversal.reverses_id = event.pk
        reversal.source = Door.OLD_BOOK.value
        writer.events.append(reversal)
    for loan in loans:
        cancelled = new_event(loan, EventKind.CANCELLED, staff, writer.now, on, 0, None, reason)
        cancelled.source = Door.OLD_BOOK.value
        writer.events.append(cancelled)
    writer.flush_events()
    found = events_of(loan.pk for loan in loans)
    for loan in loans:
        state, _changes = replay(writer, loan, found[loan.pk])
        assert state.state is LoanState.CANCELLED
    writer.flush()
    for loan in loans:
        loan.external_reference = f"{loan.external_reference}{mark}"[:60]
    Loan.objects.bulk_update(loans, ("external_reference",), batch_size=500)


def _events(loans: Sequence[Loan]) -> list[LoanEvent]:
    by_id = {loan.pk: loan for loan in loans}
    rows = LoanEvent.objects.filter(loan__in=by_id).exclude(kind=EventKind.AGREED.value)
    found = list(rows.order_by("seq"))
    for event in found:
        event.loan = by_id[event.loan_id]
    return found
