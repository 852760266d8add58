"""From loan events to journal entries, by the ledger's posting rules; mirrors of a bank's book post
nothing.

An entry's source is the event, so a fact posts once. A replay that moves money between the parts of
earlier
payments posts the difference, its source the event that caused it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from handup.kernel.credit.allocation import ORDER
from handup.kernel.credit.codes import Component, FeeKind
from handup.ledger.models import Book, Entry
from handup.ledger.queries import balance
from handup.ledger.services import (
    EntryIn,
    LineIn,
    Part,
    Source,
    fact_lines,
    reverse_entry,
)
from handup.lending.errors import BookMissing
from handup.lending.models import EventEffect, Lender, Loan, LoanEvent, PaymentSplit
from handup.lending.rules.codes import Effect, EventKind, LenderMode, Method, Parked
from handup.lending.rules.loan import Parts
from handup.lending.rules.terms import Taken
from handup.lending.services.funds import in_funds
from handup.lending.services.replaying import Change, Did, stored_did
from handup.org.models import StaffUser

DOMAIN = "lending"
PARKED = {
    Parked.SUSPENSE.value: "SUSPENSE",
    Parked.SAVINGS.value: "COMPULSORY_SAVINGS",
    Parked.INTERBOOK.value: "INTERBOOK",
}
"""Where money that nobody hands over lies in the books."""
PART_NAMES = ("PENALTY", "FEE", "INTEREST", "PRINCIPAL")


def book_of(lender: Lender) -> Book | None:
    """The book a lender's loans post to, None for mirrors. Raises BookMissing."""
    if not lender.posts_loans:
        return None
    if lender.book is None:
        raise BookMissing(lender=lender.name)
    return lender.book


def source_of(event_id: UUID, kind: EventKind, purpose: str = "") -> Source:
    """The source of the entry an event posts."""
    return Source(DOMAIN, kind.value, event_id, purpose)


def money_role(lender: Lender, method: str) -> str:
    """Where the money lies: the till, our bank account, our money at the bank that lends it, or
    suspense or savings, where it lay before; or between two books of ours.
    """
    if method in PARKED:
        return PARKED[method]
    if LenderMode(lender.mode) is LenderMode.BANK_FACILITY and method != Method.CASH:
        return "FACILITY_PLACED"
    return "CASH" if method == Method.CASH else "BANK"


def _entry(
    book: Book,
    loan: Loan,
    event: LoanEvent,
    kind: str,
    lines: list[LineIn],
    *,
    happened: bool,
    into: UUID | None = None,
) -> EntryIn:
    return EntryIn(
        book=book,
        kind=kind,
        source=source_of(event.id, EventKind(event.kind)),
        lines=in_funds(loan, _where_it_lay(book, event, lines), into, _lies_on(event)),
        happened_date=event.received_date,
        branch=loan.office_id,
        already_happened=happened,
    )


def _lies_on(event: LoanEvent) -> str:
    """Where money lies that waited for its loan: in the till it was taken in, or at the bank."""
    return "CASH" if "till" in event.payload else "BANK"


def _where_it_lay(book: Book, event: LoanEvent, lines: list[LineIn]) -> list[LineIn]:
    """Cash of nobody known leaves suspense at the office where it was taken in, whichever office
    has the loan it pays; at the book's own where it was taken in at none.
    """
    if "till" not in event.payload:
        return lines
    office = UUID(event.payload["till"]) if event.payload["till"] else book.office_id
    return [
        line._replace(branch=office) if line.account_role == "SUSPENSE" else line for line in lines
    ]


def disbursement_entry(
    book: Book, loan: Loan, event: LoanEvent, taken: Taken, *, happened: bool
) -> EntryIn:
    """Loans up by what was lent and added; money down by what was handed over, fees kept back or
    added as income or owed on. What pays an old loan off waits for the entry of that one.
    """
    subject = ("loan", loan.id)
    kept = {"FEE_WITHHELD": 0, "INSURANCE_WITHHELD": 0}
    for fee, units in (*taken.withheld, *taken.capitalised):
        name = "INSURANCE_WITHHELD" if fee.kind is FeeKind.INSURANCE else "FEE_WITHHELD"
        kept[name] += units
    refinanced = refinanced_units(event)
    paid_out = event.units - taken.withheld_units - refinanced
    parts = {name: Part(units, subject, subject) for name, units in kept.items() if units}
    parts["PAID_OUT"] = Part(paid_out, subject)
    parts["REFINANCED"] = Part(refinanced, subject, subject)
    lines = fact_lines(
        "LOAN_DISBURSED",
        parts,
        money_role=money_role(loan.lender, event.method),
        currency=loan.currency,
        branch=loan.office_id,
    )
    return _entry(book, loan, event, "LOAN_DISBURSED", lines, happened=happened)


def refinanced_units(event: LoanEvent) -> int:
    """What of a loan paid out paid an old one off."""
    return int(event.payload.get("refinanced_units", 0))


def refinanced_lines(loan: Loan, into: UUID, parts: Parts) -> list[LineIn]:
    """What the new loan paid of the old one: it is owed as principal of the new one."""
    old, new = ("loan", loan.id), ("loan", into)
    named = {
        f"OLD_{name}": Part(units, new, old)
        for name, units in zip(PART_NAMES, parts, strict=True)
        if units
    }
    return fact_lines("LOAN_REFINANCED", named, currency=loan.currency, branch=loan.office_id)


TAKEN_OVER = "LOAN_TAKEN_OVER"


def handed_over_lines(loan: Loan, event: LoanEvent, did: Did) -> list[LineIn]:
    """What another lender took on of a loan, against what it owes us for it; within one book, the
    loan that goes on owes it.
    """
    parts = {
        component: units for (what, component), units in did.items() if what is Effect.HANDED_OVER
    }
    lines = _between_lenders("LOAN_HANDED_OVER", loan, loan.id, event.method, parts, event.pk)
    if not event.payload.get("one_book"):
        return lines
    into = UUID(event.payload["into"])
    lines += _between_lenders(TAKEN_OVER, loan, into, event.method, parts, event.pk)
    return [line for line in lines if line.account_role != Parked.INTERBOOK]


def taken_over_entry(
    book: Book, loan: Loan, event: LoanEvent, owed: Parts, pair: UUID
) -> EntryIn | None:
    """What we took on of a loan, against what we owe for it; `pair` joins the two books."""
    parts = dict(zip(ORDER, owed, strict=True))
    lines = _between_lenders(TAKEN_OVER, loan, loan.id, event.method, parts, pair)
    return _entry(book, loan, event, TAKEN_OVER, lines, happened=True) if lines else None


def _between_lenders(
    kind: str,
    loan: Loan,
    of: UUID,
    method: str,
    parts: Mapping[Any, int],
    pair: UUID,
) -> list[LineIn]:
    subject = ("loan", of)
    other = ("pair", pair) if method == Parked.INTERBOOK else None
    named = {
        component.value: Part(units, subject, other)
        if kind == TAKEN_OVER
        else Part(units, other, subject)
        for component, units in parts.items()
        if units and component is not Component.PENALTY
    }
    return fact_lines(
        kind,
        named,
        money_role=money_role(loan.lender, method),
        currency=loan.currency,
        branch=loan.office_id,
    )


def repayment_lines(loan: Loan, method: str, parts: Parts, overpaid: int) -> list[LineIn]:
    """The lines of what a payment settled; negative parts are the same the other way round."""
    subject = ("loan", loan.id)
    paid_from = subject if method == Parked.SAVINGS else None
    named = {
        name: Part(units, paid_from, subject)
        for name, units in zip(PART_NAMES, parts, strict=True)
        if units
    }
    if overpaid:
        named["CREDIT"] = Part(overpaid, paid_from, subject)
    return fact_lines(
        "LOAN_REPAID",
        named,
        money_role=money_role(loan.lender, method),
        currency=loan.currency,
        branch=loan.office_id,
    )


def repayment_entry(
    book: Book, loan: Loan, event: LoanEvent, parts: Parts, overpaid: int
) -> EntryIn:
    """Money up, what it settled down. Cash already taken posts whatever the till says."""
    lines = repayment_lines(loan, event.method, parts, overpaid)
    return _entry(book, loan, event, "LOAN_REPAID", lines, happened=True)


EFFECT_RULES: dict[tuple[Effect, Component | None], tuple[str, str]] = {
    (Effect.CHARGED, Component.FEE): ("FEE_CHARGED", "AMOUNT"),
    (Effect.WAIVED, Component.FEE): ("FEE_WAIVED", "AMOUNT"),
    (Effect.CAPITALISED, Component.INTEREST): ("LOAN_CAPITALISED", "INTEREST"),
    (Effect.CAPITALISED, Component.FEE): ("LOAN_CAPITALISED", "FEE"),
    (Effect.CAPITALISED, Component.PENALTY): ("LOAN_CAPITALISED", "PENALTY"),
    (Effect.REFUNDED, None): ("LOAN_CREDIT_REFUNDED", "AMOUNT"),
    (Effect.LENT, None): ("LOAN_CREDIT_REFUNDED", "LENT"),
    (Effect.WRITTEN_OFF, Component.FEE): ("LOAN_WRITTEN_OFF", "FEE"),
    (Effect.FEE_BACK, None): ("LOAN_FEES_RETURNED", "FEE"),
    (Effect.PREMIUM_BACK, None): ("LOAN_FEES_RETURNED", "INSURANCE"),
    (Effect.PREMIUM, None): ("PREMIUM_TAKEN", "AMOUNT"),
}
_HANDS_OUT = ("LOAN_CREDIT_REFUNDED", "LOAN_FEES_RETURNED")
"""What an event did, and the posting rule of it. Penalties are income when they are paid; interest
that is waived is earned no more, which the next accrual run takes back.
"""


def effect_lines(loan: Loan, method: str, did: Did) -> list[LineIn]:
    """The lines of what an event did besides settling rows; negative units the other way round."""
    subject = ("loan", loan.id)
    parts: dict[str, dict[str, Part]] = defaultdict(dict)
    for key, units in did.items():
        if units and key in EFFECT_RULES:
            kind, part = EFFECT_RULES[key]
            other = None if kind in _HANDS_OUT else subject
            parts[kind][part] = Part(units, subject, other)
    return [
        line
        for kind, named in parts.items()
        for line in fact_lines(
            kind,
            named,
            money_role=money_role(loan.lender, method),
            currency=loan.currency,
            branch=loan.office_id,
        )
    ]


def event_entry(
    book: Book, loan: Loan, event: LoanEvent, parts: Parts, overpaid: int, did: Did
) -> EntryIn | None:
    """What one event settled and did; None where the books have nothing of it."""
    kind, into = "LOAN_REPAID", None
    if event.kind == EventKind.REFINANCED:
        kind, into = "LOAN_REFINANCED", UUID(event.payload["into"])
        lines = refinanced_lines(loan, into, parts)
    elif event.kind == EventKind.TRANSFERRED:
        kind = "LOAN_HANDED_OVER"
        lines = handed_over_lines(loan, event, did)
        if event.payload.get("one_book"):
            into = UUID(event.payload["into"])
    else:
        lines = repayment_lines(loan, event.method, parts, overpaid)
    if not lines:
        kind = next((EFFECT_RULES[key][0] for key in did if key in EFFECT_RULES), kind)
    lines += effect_lines(loan, event.method, did)
    if not lines:
        return None
    return _entry(book, loan, event, kind, lines, happened=True, into=into)


def _sums(changes: Iterable[Change]) -> tuple[list[int], int, Did]:
    sums = [0, 0, 0, 0]
    overpaid = 0
    did: Did = Counter()
    for change in changes:
        for place in range(4):
            sums[place] += change.after[place] - change.before[place]
        overpaid += change.after_overpaid - change.before_overpaid
        did.update(change.did_after)
        did.subtract(change.did_before)
    return sums, overpaid, did


def moved_entry(
    book: Book, loan: Loan, event: LoanEvent, changes: Iterable[Change]
) -> EntryIn | None:
    """The difference between what earlier events settled and did before and after a replay; None
    for none.
    """
    sums, overpaid, did = _sums(changes)
    return _moved(book, loan, event, event, sums, overpaid, did)


def moved_after_reversal(
    book: Book, loan: Loan, target: LoanEvent, reversal: LoanEvent, changes: Iterable[Change]
) -> EntryIn | None:
    """What is still to be posted after the reversed payment's own entry was mirrored.

    The mirror took back what the event settled and did when it was posted; replays since then may
    have moved that, so the difference is counted from there.
    """
    sums, overpaid, did = _sums(changes)
    at_first = {"event": target, "received_at": target.received_at}
    did.update(stored_did(EventEffect.objects.filter(**at_first)))
    for split in PaymentSplit.objects.filter(**at_first):
        sums[0] += split.penalty_units
        sums[1] += split.fee_units
        sums[2] += split.interest_units
        sums[3] += split.principal_units
        overpaid += split.overpaid_units
    return _moved(book, loan, reversal, target, sums, overpaid, did)


def renewed_entry(
    book: Book, loan: Loan, source: Source, on: date, changes: Iterable[Change]
) -> EntryIn | None:
    """The difference between what a loan's events settled and did by an older engine and by this
    one; None for none.
    """
    (penalty, fee, interest, principal), overpaid, did = _sums(changes)
    lines = repayment_lines(loan, "", (penalty, fee, interest, principal), overpaid)
    lines += effect_lines(loan, "", did)
    if not lines:
        return None
    return EntryIn(
        book=book,
        kind="LOAN_REPAID",
        source=source,
        lines=in_funds(loan, lines),
        happened_date=on,
        branch=loan.office_id,
        already_happened=True,
    )


def _moved(
    book: Book,
    loan: Loan,
    event: LoanEvent,
    paid: LoanEvent,
    sums: list[int],
    overpaid: int,
    did: Did,
) -> EntryIn | None:
    """`event` moved it; `paid` is the one whose money it is."""
    lines = repayment_lines(loan, paid.method, (sums[0], sums[1], sums[2], sums[3]), overpaid)
    lines += effect_lines(loan, paid.method, did)
    if not lines:
        return None
    return EntryIn(
        book=book,
        kind="LOAN_REPAID",
        source=source_of(event.id, EventKind(event.kind), "MOVED"),
        lines=in_funds(loan, _where_it_lay(book, paid, lines), money=_lies_on(paid)),
        happened_date=event.received_date,
        branch=loan.office_id,
        already_happened=True,
    )


def reverse_posting(
    book: Book, target: LoanEvent, reversal: LoanEvent, *, acting_staff: StaffUser
) -> None:
    """Reverse the entry of an event that is reversed; one that posted nothing leaves nothing
    to do.
    """
    entry = Entry.objects.filter(
        book=book,
        source_domain=DOMAIN,
        source_kind=target.kind,
        source_id=target.id,
        source_purpose="",
    ).first()
    if entry is not None:
        reverse_entry(
            acting_staff=acting_staff,
            entry=entry,
            happened_date=reversal.value_date,
            source=source_of(reversal.id, EventKind.REVERSED),
            already_happened=True,
        )


def allowance_left(book: Book, loan: Loan, on: date | None = None) -> int:
    """How far the allowance for losses of loans of its fund and currency reaches for a write-off of
    that day: as it stood then, and as far as it has not been used up since.
    """
    left = -balance(book, "ALLOWANCE", currency=loan.currency, fund=loan.fund_id)
    if on is not None and left > 0:
        then = balance(book, "ALLOWANCE", on=on, currency=loan.currency, fund=loan.fund_id)
        left = min(left, -then)
    return max(0, left)


def write_off_entry(
    book: Book, loan: Loan, event: LoanEvent, allowance: int, did: Did | None = None
) -> EntryIn:
    """Loans down against the allowance as far as it reaches, the rest straight to impairment; fees
    that were charged and not paid are income no more.
    """
    subject = ("loan", loan.id)
    covered = min(allowance, event.units)
    parts = {
        "PRINCIPAL_COVERED": Part(covered, None, subject),
        "PRINCIPAL_SHORT": Part(event.units - covered, None, subject),
    }
    lines = fact_lines(
        "LOAN_WRITTEN_OFF",
        {name: part for name, part in parts.items() if part.units},
        currency=loan.currency,
        branch=loan.office_id,
    )
    lines += effect_lines(loan, event.method, did or Counter())
    return _entry(book, loan, event, "LOAN_WRITTEN_OFF", lines, happened=True)


def recovery_entry(book: Book, loan: Loan, event: LoanEvent) -> EntryIn:
    """Money up, recovery income."""
    lines = fact_lines(
        "LOAN_RECOVERED",
        {"AMOUNT": Part(event.units, None, ("loan", loan.id))},
        money_role=money_role(loan.lender, event.method),
        currency=loan.currency,
        branch=loan.office_id,
    )
    return _entry(book, loan, event, "LOAN_RECOVERED", lines, happened=True)
