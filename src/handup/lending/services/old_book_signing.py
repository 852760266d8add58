"""An old portfolio is signed: its totals equal the old trial balance, two persons say so, its loans
come in with one opening journal; and it is taken back while nothing has happened since.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _now

from handup.kernel.errors import Fault, Faults, Refusal
from handup.ledger.models import Entry
from handup.ledger.rules.words import RunKind
from handup.ledger.services import reverse_entry
from handup.ledger.services.taken_over import Standing, is_closed, others_ran, take_over_accrual
from handup.lending.models import Loan, OldBook, OldLoan
from handup.lending.models.old_books import AGEING_LABELS, TOTAL_LABELS
from handup.lending.rules.old_book import BUCKETS, TOTALS, OldBookState, Position, ageing
from handup.lending.services import posting
from handup.lending.services.old_book_facts import position_data
from handup.lending.services.old_book_loans import (
    fee_standings,
    has_moved,
    make_loans,
    post_opening,
    source_of,
    standings,
    take_back_loans,
)
from handup.lending.services.old_book_savings import take_back_savings, take_over_savings
from handup.lending.services.old_books import AlreadySigned, LoanEnteredBefore, locked_open, present
from handup.org import audit
from handup.org.duties import ReasonNeeded, require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require, require_all
from handup.org.web.money import format_money, format_number

BATCH = 200
UNTOLD = {"savings": 0}
LABELS = {**TOTAL_LABELS, **AGEING_LABELS}
STEP = "lending.sign_old_book"


class ControlSum(Faults):
    """{count} totals differ from the old trial balance; nothing was signed."""

    code = "CONTROL_SUM"


class ControlsMissing(Refusal):
    """Write the totals of the old trial balance first."""


class WayMissing(Refusal):
    """{count} loans have no way to come in yet, the first is {key}."""


class NothingSigned(Refusal):
    """The first signature is not given."""


class LoansMoved(Refusal):
    """Something happened since to {count} loans: {codes}. Take that back first."""


class InterestEarnedSince(Refusal):
    """The books have counted interest of these loans since; they stay."""


class NotTakenOver(Refusal):
    """The portfolio is {state}; there is nothing to take back."""


def totals_of(book: OldBook) -> dict[str, Any]:
    """The totals of the loans that come in, as a trial balance of the day shows them."""
    return _totals(_decided(book))


def _decided(book: OldBook) -> list[OldLoan]:
    return list(book.loans.exclude(way="").order_by("place"))


def _totals(rows: Sequence[OldLoan]) -> dict[str, Any]:
    positions: list[Position] = [position_data(row) for row in rows]
    return {
        "number": len(rows),
        "disbursed": sum(row.units for row in rows),
        "principal": sum(item.principal for item in positions),
        "interest": sum(item.interest for item in positions),
        "fees": sum(item.fees for item in positions),
        "savings": sum(row.told.get("saved", 0) for row in rows),
        "ageing": ageing(positions),
    }


def differences(found: Mapping[str, Any], told: Mapping[str, Any], currency: str) -> list[Fault]:
    """Every total that is not the old trial balance's, with both amounts. An ageing that is not
    told is not compared.
    """
    pairs = [(name, found[name], told.get(name, UNTOLD.get(name))) for name in TOTALS]
    if told.get("ageing"):
        pairs += [(name, found["ageing"][name], told["ageing"].get(name, 0)) for name in BUCKETS]
    return [
        Fault(
            "CONTROL_SUM",
            _now("%(total)s: %(ours)s here, %(theirs)s there.")
            % {
                "total": LABELS[name],
                "ours": _shown(name, ours, currency),
                "theirs": _shown(name, theirs, currency),
            },
            place=name,
            value=str(theirs),
        )
        for name, ours, theirs in pairs
        if ours != theirs
    ]


def _shown(name: str, units: int | None, currency: str) -> str:
    if units is None:
        return "–"
    return format_number(units) if name == "number" else format_money(units, currency)


def state_controls(
    *, acting_staff: StaffUser, book: OldBook, controls: Mapping[str, Any]
) -> OldBook:
    """Write down what the old trial balance says: number, disbursed, principal, interest, fees,
    savings where there are any, and the ageing where it is known (principal by days late).

    Raises NotAllowed, OutOfSight, AlreadySigned, FirstSignatureGiven.
    """
    require(acting_staff, "lending.take_over_book", book)
    with transaction.atomic():
        row = locked_open(book)
        row.controls = {
            **{name: int({**UNTOLD, **controls}[name]) for name in TOTALS},
            "ageing": {name: int(units) for name, units in controls.get("ageing", {}).items()},
        }
        row.save(update_fields=("controls",))
        audit.record(
            acting_staff, "lending.state_old_controls", row, {"number": row.controls["number"]}
        )
    return row


def propose_old_book(*, acting_staff: StaffUser, book: OldBook, proposed_date: date) -> OldBook:
    """Give the first signature: every loan has its way, and every total is the old trial balance's.

    Raises NotAllowed, OutOfSight, AlreadySigned, FirstSignatureGiven, ControlsMissing, WayMissing,
    LoanEnteredBefore, ControlSum.
    """
    require(acting_staff, STEP, book)
    with transaction.atomic():
        row = locked_open(book)
        _hold(row)
        row.state = OldBookState.PROPOSED.value
        row.proposed_by, row.proposed_date = acting_staff, proposed_date
        row.save(update_fields=("state", "proposed_by", "proposed_date"))
        audit.record(acting_staff, "lending.propose_old_book", row)
    return row


def _hold(book: OldBook) -> list[OldLoan]:
    """The loans that come in, once nothing speaks against it."""
    if not book.controls:
        raise ControlsMissing()
    open_loans = book.loans.filter(way="").order_by("place")
    if (first := open_loans.first()) is not None:
        raise WayMissing(count=open_loans.count(), key=first.key)
    rows = _decided(book)
    for code in present(book, [row.key for row in rows]).values():
        raise LoanEnteredBefore(code=code)
    faults = differences(_totals(rows), book.controls, book.currency)
    if faults:
        raise ControlSum(faults)
    return rows


def withdraw_proposal(*, acting_staff: StaffUser, book: OldBook) -> OldBook:
    """Take the first signature back, so that the portfolio can change again. Raises NotAllowed,
    OutOfSight, NothingSigned.
    """
    require(acting_staff, STEP, book)
    with transaction.atomic():
        row = _locked(book)
        if row.state != OldBookState.PROPOSED:
            raise NothingSigned()
        row.state, row.proposed_by, row.proposed_date = OldBookState.OPEN.value, None, None
        row.save(update_fields=("state", "proposed_by", "proposed_date"))
        audit.record(acting_staff, "lending.withdraw_old_book", row)
    return row


def _locked(book: OldBook) -> OldBook:
    rows = OldBook.objects.select_for_update(of=("self",))
    return rows.select_related("lender__book", "programme", "office", "officer").get(pk=book.pk)


def sign_old_book(
    *, acting_staff: StaffUser, book: OldBook, signed_date: date, reason: str = ""
) -> OldBook:
    """Give the second signature: the loans come in and one opening journal is posted, in one
    transaction. A portfolio signed before comes back unchanged.

    Raises NotAllowed, OutOfSight, SamePerson, ReasonNeeded, NothingSigned, AlreadySigned (taken
    back), LoanEnteredBefore (since the lists came), ControlSum, BookMissing, PeriodClosed,
    LaterRunPosted and what the ledger refuses.
    """
    require(acting_staff, STEP, book)
    with transaction.atomic():
        row = _locked(book)
        if row.state == OldBookState.SIGNED:
            return row
        if row.state == OldBookState.OPEN:
            raise NothingSigned()
        if row.state == OldBookState.UNDONE:
            raise AlreadySigned(name=row.name, state=row.get_state_display())
        require_other_person(acting_staff, row.proposed_by_id, step=STEP, reason=reason, obj=row)
        rows = _hold(row)
        ledger = posting.book_of(row.lender)
        made: list[Loan] = []
        for start in range(0, len(rows), BATCH):
            made += make_loans(row, rows[start : start + BATCH], acting_staff)
        require_all(acting_staff, "lending.enter_loan", made)
        OldLoan.objects.bulk_update(rows, ("loan",), batch_size=500)
        take_over_savings(row, rows, acting_staff)
        if ledger is not None:
            entry = post_opening(row, ledger, rows, acting_staff)
            row.entry = None if entry is None else entry.pk
            for kind, stood in _standings(row, rows):
                take_over_accrual(
                    acting_staff=acting_staff,
                    book=ledger,
                    through=row.cutover_date,
                    subject_kind="loan",
                    standings=stood,
                    kind=kind,
                )
        row.state = OldBookState.SIGNED.value
        row.signed_by, row.signed_date = acting_staff, signed_date
        row.save(update_fields=("state", "signed_by", "signed_date", "entry"))
        audit.record_many(
            audit.line(acting_staff, "lending.enter_loan", loan, {"units": loan.approved_units})
            for loan in made
        )
        audit.record(acting_staff, STEP, row, {"loans": len(made)})
    return row


def undo_old_book(
    *, acting_staff: StaffUser, book: OldBook, undone_date: date, reason: str
) -> OldBook:
    """Take a portfolio back: its journal is reversed, every event of its loans too; only while
    nothing has happened to them since and no run of the books has counted them.

    Raises NotAllowed, OutOfSight, ReasonNeeded, NotTakenOver, LoansMoved, InterestEarnedSince,
    SavingsGone.
    """
    require(acting_staff, "lending.undo_old_book", book)
    if not reason.strip():
        raise ReasonNeeded(field="reason")
    with transaction.atomic():
        row = _locked(book)
        if row.state != OldBookState.SIGNED:
            raise NotTakenOver(state=row.get_state_display())
        loans = list(
            Loan.objects.select_for_update(of=("self",)).filter(old_loan__book=row).order_by("pk")
        )
        if moved := has_moved(loans):
            raise LoansMoved(count=len(moved), codes=", ".join(moved[:10]))
        take_back_savings(loans, acting_staff, undone_date, reason.strip())
        _take_back_interest(row, loans, acting_staff, undone_date)
        for start in range(0, len(loans), BATCH):
            part = loans[start : start + BATCH]
            take_back_loans(part, acting_staff, undone_date, reason.strip(), f" ({row.code})")
        if row.entry is not None:
            reverse_entry(
                acting_staff=acting_staff,
                entry=Entry.objects.get(pk=row.entry),
                happened_date=undone_date,
                source=source_of(row, "UNDONE"),
                already_happened=True,
            )
        row.state = OldBookState.UNDONE.value
        row.undone_by, row.undone_date = acting_staff, undone_date
        row.undo_reason = reason.strip()
        row.save(update_fields=("state", "undone_by", "undone_date", "undo_reason"))
        audit.record(acting_staff, "lending.undo_old_book", row, {"loans": len(loans)})
    return row


def _take_back_interest(book: OldBook, loans: Sequence[Loan], staff: StaffUser, on: date) -> None:
    """State that the loans have earned nothing; refused once a run has counted them."""
    ledger = posting.book_of(book.lender)
    if ledger is None:
        return
    if others_ran([loan.pk for loan in loans], ledger):
        raise InterestEarnedSince()
    closed = is_closed(ledger, book.cutover_date)
    for kind, stood in _standings(book, _decided(book)):
        take_over_accrual(
            acting_staff=staff,
            book=ledger,
            through=on if closed else book.cutover_date,
            subject_kind="loan",
            standings=[
                Standing(
                    item.subject_id,
                    item.branch,
                    item.currency,
                    0,
                    before_units=item.target_units,
                    fund=item.fund,
                )
                for item in stood
            ],
            kind=kind,
        )


def _standings(book: OldBook, rows: Sequence[OldLoan]) -> list[tuple[RunKind, list[Standing]]]:
    """What the loans had earned and been asked in fees by the day, where they had anything."""
    both = [
        (RunKind.ACCRUAL, standings(book, rows)),
        (RunKind.FEES, fee_standings(book, rows)),
    ]
    return [(kind, stood) for kind, stood in both if stood]
