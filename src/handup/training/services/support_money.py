"""Paying support: against attendance, with a receipt, each payment posted in the programme's book;
a payment that was wrong is taken back and waits again.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger.errors import DayToCome
from handup.ledger.models import Book, Entry, Fund
from handup.ledger.rules.words import UNRESTRICTED_ID
from handup.ledger.services import (
    EntryIn,
    Part,
    Source,
    fact_lines,
    post_entries,
    reverse_entry,
)
from handup.org import audit
from handup.org.models import StaffUser
from handup.training.models import SupportPayment
from handup.training.rules.support import SupportBack, SupportMethod, SupportState
from handup.training.services.books import paying_book
from handup.training.services.common import another_person, not_before, require_each
from handup.training.services.refusals import (
    NotInThisState,
    ReasonMissing,
    SupportPayerDecided,
    SupportReceiptMissing,
)
from handup.training.services.support import hold_to_attendance, locked

DOMAIN = "training"
KIND = "SUPPORT_PAID"
PURPOSE = "SUPPORT"
OF_A_PAYMENT = (
    "state",
    "paid_by",
    "paid_date",
    "method",
    "receipt",
    "book",
    "fund",
    "payment",
)


def pay_support(
    *,
    acting_staff: StaffUser,
    payments: Sequence[SupportPayment],
    paid_date: date,
    method: SupportMethod,
    receipt: str,
    book: Book | None = None,
    fund: Fund | None = None,
    reason: str = "",
) -> list[SupportPayment]:
    """Pay approved support by another person than who drew it up or approved it.

    receipt: the number of the receipt, or of the list they signed; each person's line of a list is
    added to it. book: where it is posted; without one the programme's only open book; a programme
    that keeps no book at all here is paid without posting. fund: unrestricted if none.

    Raises NotAllowed, SupportPayerDecided, SupportReceiptMissing, SupportNotDue, NotInThisState,
    SupportBookUnclear, SupportBookElsewhere, DateBefore, DayToCome and what the ledger refuses.
    """
    cohorts = {row.session.cohort_id: row.session.cohort for row in payments}
    require_each(acting_staff, "training.pay_support", list(cohorts.values()))
    number = receipt.strip()
    if not number:
        raise SupportReceiptMissing(field="receipt")
    if paid_date > timezone.localdate():
        raise DayToCome(field="paid_date")
    with transaction.atomic():
        rows = sorted(locked(payments), key=_as_on_the_list)
        for row in rows:
            if row.state != SupportState.APPROVED:
                raise NotInThisState(state=row.get_state_display())
            not_before(paid_date, row.session.session_date, field="paid_date")
        hold_to_attendance(rows)
        _other_hands(acting_staff, rows, reason)
        for place, row in enumerate(rows, 1):
            row.state, row.paid_by, row.paid_date = SupportState.PAID, acting_staff, paid_date
            row.method = method.value
            row.receipt = number if len(rows) == 1 else f"{number}/{place}"
            row.book, row.fund, row.payment = _book_of(row, book), fund, new_id()
            row.save(update_fields=OF_A_PAYMENT)
        post_entries(
            [_entry(row, row.book) for row in rows if row.book is not None],
            acting_staff=acting_staff,
        )
        audit.record_many(
            audit.line(acting_staff, "training.pay_support", row, {"receipt": row.receipt})
            for row in rows
        )
    return rows


def take_back_support(
    *, acting_staff: StaffUser, payment: SupportPayment, taken_date: date, reason: SupportBack | str
) -> SupportPayment:
    """Take back a payment that was wrong: its entry is reversed, and it is approved, not paid.

    Raises NotAllowed, ReasonMissing, NotInThisState, DateBefore, DayToCome and what the ledger
    refuses.
    """
    require_each(acting_staff, "training.take_back_support", [payment.session.cohort])
    if not reason:
        raise ReasonMissing(field="reason")
    if taken_date > timezone.localdate():
        raise DayToCome(field="taken_date")
    with transaction.atomic():
        row = locked([payment])[0]
        if row.state != SupportState.PAID or row.payment is None:
            raise NotInThisState(state=row.get_state_display())
        not_before(taken_date, row.paid_date, field="taken_date")
        entry = Entry.objects.filter(
            source_domain=DOMAIN, source_id=row.payment, source_purpose=PURPOSE
        ).first()
        if entry is not None:
            reverse_entry(
                acting_staff=acting_staff,
                entry=entry,
                happened_date=taken_date,
                source=Source(DOMAIN, KIND, row.payment, f"{PURPOSE}_BACK"),
                already_happened=True,
            )
        told = {"receipt": row.receipt}
        row.back_reason = SupportBack(reason).value
        row.state, row.paid_by, row.paid_date = SupportState.APPROVED, None, None
        row.method = row.receipt = ""
        row.payment = row.book = row.fund = None
        row.save(update_fields=(*OF_A_PAYMENT, "back_reason"))
        audit.record(acting_staff, "training.take_back_support", row, told)
    return row


def _as_on_the_list(row: SupportPayment) -> tuple[str, date, str, UUID]:
    person = row.enrolment.person
    return person.sort_key, row.session.session_date, row.kind, row.pk


def _other_hands(staff: StaffUser, rows: Sequence[SupportPayment], reason: str) -> None:
    hands = {(row.drawn_by_id, row.approved_by_id): row for row in rows}
    for (drawer, approver), one in hands.items():
        another_person(
            staff,
            drawer,
            approver,
            step="training.pay_support",
            refusal=SupportPayerDecided,
            reason=reason,
            obj=one,
        )


def _book_of(row: SupportPayment, book: Book | None) -> Book | None:
    return paying_book(row.session.cohort.programme, row.currency, book)


def _entry(row: SupportPayment, book: Book) -> EntryIn:
    assert row.payment is not None
    assert row.paid_date is not None
    office = row.session.cohort.office_id
    lines = fact_lines(
        KIND,
        {"AMOUNT": Part(row.amount_units)},
        money_role=row.method,
        currency=row.currency,
        fund=row.fund_id or UNRESTRICTED_ID,
        branch=office,
    )
    return EntryIn(
        book=book,
        kind=KIND,
        source=Source(DOMAIN, KIND, row.payment, PURPOSE),
        lines=lines,
        happened_date=row.paid_date,
        branch=office,
    )
