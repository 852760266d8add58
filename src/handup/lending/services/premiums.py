"""Premiums that were taken with loans are owed to insurers: what is due to whom, put together by
one person and handed on by another.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone

from handup.kernel.credit.codes import FeeKind
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.ledger.models import Book, Entry
from handup.ledger.queries import balances_by_subject
from handup.ledger.services import LineIn, Source, post_entry, reverse_entry
from handup.lending.errors import BeforeItsEvent, BookMissing, FutureDate
from handup.lending.models import (
    EventEffect,
    Lender,
    Loan,
    LoanEvent,
    PremiumInsurer,
    PremiumLine,
    PremiumPayment,
)
from handup.lending.rules.codes import Effect, EventKind, Method
from handup.lending.rules.codes import Source as Door
from handup.lending.rules.premiums import by_fee, still_due
from handup.lending.rules.terms import read_terms
from handup.lending.services.days import check_date
from handup.lending.services.limits import lock_lender
from handup.lending.services.posting import DOMAIN, book_of, money_role
from handup.lending.services.rows import in_chunks, insert_rows
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.duties import ReasonNeeded, require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.web.money import format_money
from handup.projects.models import Organisation

ROLE = "INSURANCE_PAYABLE"
SOURCE_KIND = "PREMIUMS"
PURPOSE = "PREMIUMS"
HANDED_ON = "INSURANCE_HANDED_ON"


class FeeUnknown(Refusal):
    """No loan of {lender} has a premium called {code}."""


class NothingDue(Refusal):
    """Nothing is due to {insurer}."""


class PremiumsChanged(Refusal):
    """What is due to {insurer} is {units} now; look at it again."""


class PremiumsWaiting(Refusal):
    """Premiums for {insurer} already wait to be handed on; hand them on or take them back first."""


class PremiumsOver(Refusal):
    """These premiums are already handed on, or were taken back."""


@dataclass(frozen=True, slots=True)
class Premium:
    """What of one fee of one loan is owed on; `insurer` None while nobody said to whom."""

    loan_id: UUID
    fee_code: str
    units: int
    disbursed_date: date
    insurer: UUID | None


def insurers_of(lender: Lender) -> dict[str, PremiumInsurer]:
    """The insurer of each fee of a lender's loans, as it was named last."""
    rows = PremiumInsurer.objects.filter(lender=lender).select_related("organisation")
    return {row.fee_code: row for row in rows.order_by("recorded_at", "pk")}


def name_insurer(
    *,
    acting_staff: StaffUser,
    lender: Lender,
    fee_code: str,
    insurer: Organisation,
    id: UUID | None = None,
) -> PremiumInsurer:
    """Say to whom the premiums of a fee are owed, those not handed on yet too. Raises NotAllowed,
    OutOfSight, FeeUnknown, SameIdOtherContent.
    """
    require(acting_staff, "lending.name_insurer", lender)
    told = {"lender": lender, "fee_code": fee_code, "organisation": insurer}
    if (known := already_stored(PremiumInsurer, id, acting_staff, **told)) is not None:
        return known
    if fee_code not in fee_codes(lender):
        raise FeeUnknown(field="fee_code", lender=lender.name, code=fee_code)
    with transaction.atomic():
        row = PremiumInsurer.objects.create(id=id or new_id(), named_by=acting_staff, **told)
        audit.record(acting_staff, "lending.name_insurer", row, {"insurer": str(insurer.pk)})
    return row


def fee_codes(lender: Lender) -> list[str]:
    """The fees of a lender's products, and of loans with premiums due, that are premiums."""
    terms = [
        *lender.products.values_list("versions__terms", flat=True),
        *Loan.objects.filter(pk__in=_owing(lender)).values_list("terms", flat=True),
    ]
    return sorted({code for data in terms if data for code in _premium_codes(data)})


def _premium_codes(terms: Any) -> set[str]:
    return {fee.code for fee in read_terms(terms).fees if fee.kind is FeeKind.INSURANCE}


def _owing(lender: Lender) -> list[UUID]:
    """Loans of a lender for which its book owes an insurer something, or the other way round."""
    book = book_of(lender)
    if book is None:
        return []
    held = balances_by_subject(book, ROLE, "loan", currency=lender.currency)
    mine = Loan.objects.filter(lender=lender).order_by()
    return [
        pk
        for chunk in in_chunks(list(held))
        for pk in mine.filter(pk__in=chunk).values_list("pk", flat=True)
    ]


def premiums_due(
    lender: Lender, through: date | None = None, but: PremiumPayment | None = None
) -> list[Premium]:
    """What is owed on of a lender's loans, paid out until a day; what waits to be handed on is due
    no more, save that of one payment (`but`). Raises BookMissing.
    """
    found: list[Premium] = []
    named = {code: row.organisation_id for code, row in insurers_of(lender).items()}
    waiting = Q(payment__taken_back_date=None) & ~Q(payment=but)
    loans = Loan.objects.filter(pk__in=_owing(lender), disbursed_date__isnull=False)
    if through is not None:
        loans = loans.filter(disbursed_date__lte=through)
    for chunk in in_chunks(list(loans.order_by("disbursed_date", "code"))):
        left = left_of(chunk, PremiumLine.objects.filter(waiting), through)
        for loan in chunk:
            assert loan.disbursed_date is not None
            found += [
                Premium(loan.pk, code, units, loan.disbursed_date, named.get(code))
                for code, units in left[loan.pk].items()
            ]
    return found


def left_of(
    loans: Sequence[Loan], lines: Any, through: date | None = None
) -> dict[UUID, dict[str, int]]:
    """What is still owed on of each of some loans, by fee, after these lines of payments; through:
    without premiums that borrowers paid with instalments after that day; what was handed on of
    those already is not owed back.
    """
    if through is not None:
        whole, until = left_of(loans, lines), _left(loans, lines, through)
        return {
            pk: {
                code: least
                for code, units in parts.items()
                if (least := max(units, min(whole[pk].get(code, 0), 0)))
            }
            for pk, parts in until.items()
        }
    return _left(loans, lines, None)


def _left(loans: Sequence[Loan], lines: Any, through: date | None) -> dict[UUID, dict[str, int]]:
    ids = [loan.pk for loan in loans]
    handed: dict[UUID, dict[str, int]] = defaultdict(dict)
    rows = lines.filter(loan__in=ids).order_by().values_list("loan_id", "fee_code")
    for pk, code, units in rows.annotate(n=Sum("units")):
        handed[pk][code] = units
    taken = _taken(ids, {loan.pk: _premium_codes(loan.terms) for loan in loans})
    _add_collected(loans, taken, through)
    back_rows = EventEffect.objects.filter(
        loan__in=ids, what=Effect.PREMIUM_BACK.value, replaced_at=None
    ).order_by()
    back = dict(back_rows.values_list("loan_id").annotate(n=Sum("units")))
    return {
        loan.pk: still_due(
            taken[loan.pk], handed[loan.pk], back.get(loan.pk, 0), _refundable(loan.terms)
        )
        for loan in loans
    }


def _refundable(terms: Any) -> set[str]:
    fees = read_terms(terms).fees
    return {fee.code for fee in fees if fee.kind is FeeKind.INSURANCE and fee.refundable}


def _taken(ids: Collection[UUID], codes: dict[UUID, set[str]]) -> dict[UUID, dict[str, int]]:
    """The premiums kept back from each loan or added to it, by fee."""
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    events = LoanEvent.objects.filter(
        loan__in=ids, kind=EventKind.DISBURSED.value, reversed_by=None
    ).order_by()
    for pk, payload in events.values_list("loan_id", "payload"):
        for item in (*payload.get("withheld", ()), *payload.get("added", ())):
            if item["code"] in codes[pk]:
                found[pk][item["code"]] = found[pk].get(item["code"], 0) + item["units"]
    return found


def _add_collected(
    loans: Sequence[Loan], taken: dict[UUID, dict[str, int]], through: date | None
) -> None:
    """The premiums borrowers paid with their instalments, here and not in an old book."""
    of_loans = {"loan__in": [loan.pk for loan in loans], "what": Effect.PREMIUM.value}
    rows = EventEffect.objects.filter(**of_loans, replaced_at=None).order_by()
    rows = rows.exclude(event__source=Door.OLD_BOOK)
    if through is not None:
        rows = rows.filter(value_date__lte=through)
    paid = dict(rows.values_list("loan_id").annotate(n=Sum("units")))
    for loan in loans:
        parts = by_fee(read_terms(loan.terms), loan.approved_units, paid.get(loan.pk, 0))
        for code, units in parts.items():
            taken[loan.pk][code] = taken[loan.pk].get(code, 0) + units


def due_to(premiums: Iterable[Premium], insurer: UUID) -> list[Premium]:
    """Those that are owed to one insurer."""
    return [item for item in premiums if item.insurer == insurer]


def prepare_premiums(
    *,
    acting_staff: StaffUser,
    lender: Lender,
    insurer: Organisation,
    through_date: date,
    units: int,
    id: UUID | None = None,
) -> PremiumPayment:
    """Put together what is due to an insurer of the loans paid out until a day, for another person
    to hand on; units: what it came to when it was looked at.

    Raises NotAllowed, OutOfSight, FutureDate, BookMissing, NothingDue, PremiumsChanged,
    PremiumsWaiting, SameIdOtherContent.
    """
    require(acting_staff, "lending.prepare_premiums", lender)
    told: dict[str, Any] = {"lender": lender, "insurer": insurer, "through_date": through_date}
    if (known := already_stored(PremiumPayment, id, acting_staff, **told, units=units)) is not None:
        return known
    today = timezone.localdate()
    if through_date > today:
        raise FutureDate(field="through_date", date=through_date)
    with transaction.atomic():
        locked = lock_lender(lender.pk)
        open_rows = PremiumPayment.objects.filter(paid_date=None, taken_back_date=None)
        if open_rows.filter(lender=locked, insurer=insurer).exists():
            raise PremiumsWaiting(insurer=insurer.name)
        due = due_to(premiums_due(locked, through_date), insurer.pk)
        total = sum(item.units for item in due)
        if total <= 0:
            raise NothingDue(field="insurer", insurer=insurer.name)
        if total != units:
            shown = format_money(total, locked.currency)
            raise PremiumsChanged(field="units", insurer=insurer.name, units=shown)
        row = PremiumPayment.objects.create(
            id=id or new_id(),
            currency=locked.currency,
            units=total,
            prepared_by=acting_staff,
            prepared_date=today,
            **told,
        )
        insert_rows(
            [
                PremiumLine(
                    payment=row, loan_id=item.loan_id, fee_code=item.fee_code, units=item.units
                )
                for item in due
            ]
        )
        audit.record(acting_staff, "lending.prepare_premiums", row, {"units": total})
    return row


def pay_premiums(
    *,
    acting_staff: StaffUser,
    payment: PremiumPayment,
    value_date: date,
    method: Method = Method.BANK,
    reference: str = "",
    reason: str = "",
) -> PremiumPayment:
    """Hand premiums on to their insurer, by another person than put them together. reason: why one
    person does both, where one is all there is.

    Raises NotAllowed, OutOfSight, SamePerson, ReasonNeeded, PremiumsOver, PremiumsChanged (a loan
    was reversed or withdrawn from since), FutureDate, BackDated and what the ledger refuses.
    """
    require(acting_staff, "lending.pay_premiums", payment.lender)
    with transaction.atomic():
        row = _hold(payment)
        told = (value_date, method.value, reference.strip())
        if row.taken_back_date is None and (row.paid_date, row.method, row.reference) == told:
            return row
        if row.paid_date is not None or row.taken_back_date is not None:
            raise PremiumsOver()
        check_date(value_date, timezone.localdate())
        require_other_person(
            acting_staff,
            row.prepared_by_id,
            step="lending.pay_premiums",
            amount=row.units,
            reason=reason,
            obj=row.lender,
        )
        lines = list(row.lines.order_by("loan__code", "fee_code"))
        _still_due(row, lines)
        row.paid_by, row.paid_date = acting_staff, value_date
        row.method, row.reference = told[1:]
        row.save(update_fields=("paid_by", "paid_date", "method", "reference"))
        _post(row, lines, acting_staff)
        audit.record(acting_staff, "lending.pay_premiums", row, {"units": row.units})
    return row


def _hold(payment: PremiumPayment) -> PremiumPayment:
    """Lock the lender of a payment, then read the payment anew."""
    lock_lender(payment.lender_id)
    rows = PremiumPayment.objects.select_related("lender__book", "insurer")
    return rows.get(pk=payment.pk)


def _still_due(row: PremiumPayment, lines: Sequence[PremiumLine]) -> None:
    due = due_to(premiums_due(row.lender, row.through_date, but=row), row.insurer_id)
    left = {(item.loan_id, item.fee_code): item.units for item in due}
    if any(left.get((line.loan_id, line.fee_code)) != line.units for line in lines):
        units = format_money(sum(left.values()), row.currency)
        raise PremiumsChanged(insurer=row.insurer.name, units=units)


def _book(lender: Lender) -> Book:
    book = book_of(lender)
    if book is None:
        raise BookMissing(lender=lender.name)
    return book


def _post(row: PremiumPayment, lines: Sequence[PremiumLine], staff: StaffUser) -> None:
    """What is owed to the insurer down, loan by loan; money down by the whole of each fund."""
    assert row.paid_date is not None
    loans = Loan.objects.filter(premium_lines__payment=row).only("office_id", "fund_id")
    of = {loan.pk: loan for loan in loans}
    by_fund: dict[UUID | None, int] = defaultdict(int)
    for line in lines:
        by_fund[of[line.loan_id].fund_id] += line.units
    parts = [
        LineIn(
            units=line.units,
            account_role=ROLE,
            currency=row.currency,
            subject=("loan", line.loan_id),
            branch=of[line.loan_id].office_id,
            fund=of[line.loan_id].fund_id,
        )
        for line in lines
    ]
    role = money_role(row.lender, row.method)
    money = [
        LineIn(units=-units, account_role=role, currency=row.currency, fund=fund)
        for fund, units in by_fund.items()
    ]
    post_entry(
        acting_staff=staff,
        book=_book(row.lender),
        kind=HANDED_ON,
        source=Source(DOMAIN, SOURCE_KIND, row.pk, PURPOSE),
        lines=[*parts, *money],
        happened_date=row.paid_date,
        owed_before=True,  # the fund took them in for the insurer with the loans it paid out
    )


def take_back_premiums(
    *, acting_staff: StaffUser, payment: PremiumPayment, value_date: date, reason: str
) -> PremiumPayment:
    """Take back premiums that were put together or handed on wrongly: they are due again.

    Raises NotAllowed, OutOfSight, ReasonNeeded, PremiumsOver, FutureDate, BackDated,
    BeforeItsEvent and what the ledger refuses.
    """
    code = "lending.prepare_premiums" if payment.paid_date is None else "lending.pay_premiums"
    require(acting_staff, code, payment.lender)
    if not reason.strip():
        raise ReasonNeeded(field="reason")
    with transaction.atomic():
        row = _hold(payment)
        if row.taken_back_date is not None:
            raise PremiumsOver()
        check_date(value_date, timezone.localdate())
        if row.paid_date is not None and value_date < row.paid_date:
            raise BeforeItsEvent(field="value_date", date=value_date, event=row.paid_date)
        row.taken_back_by, row.taken_back_date = acting_staff, value_date
        row.reason = reason.strip()
        row.save(update_fields=("taken_back_by", "taken_back_date", "reason"))
        if row.paid_date is not None:
            entry = Entry.objects.get(
                source_domain=DOMAIN, source_id=row.pk, source_purpose=PURPOSE, reverses=None
            )
            reverse_entry(
                acting_staff=acting_staff,
                entry=entry,
                happened_date=value_date,
                source=Source(DOMAIN, SOURCE_KIND, row.pk, f"{PURPOSE}_BACK"),
                already_happened=True,
            )
        audit.record(acting_staff, "lending.take_back_premiums", row)
    return row
