"""What the figures of a book hold of loans a reader may not know of: ratios over the book are told
without it, so that they are the same to her as if those loans had never been.

A book is posted to by loan events, one entry each, and by runs, which keep what each loan came to.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet, Sum

from handup.ledger.models import AccountRole, Book, Line, Run, RunDetail
from handup.ledger.rules.sustainability import IMPAIRMENT_ROLES, LOAN_INCOME_ROLES
from handup.ledger.rules.words import RunKind
from handup.ledger.runs import last_run
from handup.lending.models import Loan, LoanEvent
from handup.lending.models.statements import hidden_loans
from handup.lending.portfolio import Loans
from handup.lending.rules.codes import OWN_MODES
from handup.org.models import StaffUser

ALLOWANCE = "ALLOWANCE"
DOMAIN = "lending"


@dataclass(frozen=True, slots=True)
class Parts:
    """Of some loans in a book: income and impairment of a period, allowance at its end, in units of
    the book's currency, each as a reader expects its sign.
    """

    income: int = 0
    impairment: int = 0
    allowance: int = 0


def unknown_to(staff: StaffUser, loans: Loans, books: Sequence[Book]) -> frozenset[UUID]:
    """The own loans of these books that are of persons hidden from a reader, without those among
    `loans`: what she opened in an emergency is known to her.
    """
    hidden = hidden_loans(staff)
    if not hidden or not books:
        return frozenset()
    own = Loan.objects.filter(
        pk__in=hidden, lender__mode__in=OWN_MODES, lender__book__in=[book.pk for book in books]
    )
    seen = set(loans.filter(pk__in=hidden).order_by().values_list("pk", flat=True))
    return frozenset(own.values_list("pk", flat=True)) - seen


def parts_of(book: Book, loans: Collection[UUID], since: date, on: date) -> Parts:
    """What some loans brought to a book between two days, and what it set aside for them."""
    if not loans:
        return Parts()
    events = list(LoanEvent.objects.filter(loan__in=loans).values_list("pk", flat=True))
    lines = Line.objects.filter(
        entry__book=book, entry__source_domain=DOMAIN, entry__source_id__in=events
    )
    of_period = lines.filter(entry__entry_date__gte=since, entry__entry_date__lte=on)
    runs = RunDetail.objects.filter(
        book=book,
        subject_id__in=loans,
        kind__in=(RunKind.ACCRUAL, RunKind.FEES),
        through__gte=since,
        through__lte=on,
    )
    earned = runs.aggregate(n=Sum(F("target_units") - F("before_units")))["n"] or 0
    at_end = _allowance(book, loans, lines, on)
    at_start = _allowance(book, loans, lines, since - timedelta(days=1))
    used_up = _units(book, of_period, {ALLOWANCE})
    return Parts(
        income=earned - _units(book, of_period, LOAN_INCOME_ROLES),
        impairment=at_end - at_start + used_up + _units(book, of_period, IMPAIRMENT_ROLES),
        allowance=at_end,
    )


def _allowance(book: Book, loans: Collection[UUID], lines: QuerySet[Line], on: date) -> int:
    """What a book has set aside for loans at the end of a day: the targets of the last run, less
    what was used up since, as the next one would find it.
    """
    run: Run | None = last_run(book, RunKind.PROVISION, on)
    if run is None:
        return -_units(book, lines.filter(entry__entry_date__lte=on), {ALLOWANCE})
    details = RunDetail.objects.filter(
        book=book, kind=RunKind.PROVISION, subject_id__in=loans, through__lte=on
    )
    in_order = details.order_by("through", "run_no").values_list("subject_id", "target_units")
    targets: dict[UUID, int] = dict(in_order)  # the last of each counts
    counted = Q(entry__entry_date__lte=run.through, entry__seq__lte=run.last_seq)
    since = lines.filter(entry__entry_date__lte=on).exclude(counted)
    return sum(targets.values()) - _units(book, since, {ALLOWANCE})


def _units(book: Book, lines: QuerySet[Line], roles: Collection[str]) -> int:
    """What lines come to on the accounts of these roles, debit positive."""
    accounts = AccountRole.objects.filter(book=book, role__in=roles).values("account")
    total: int | None = lines.filter(account__in=accounts).aggregate(n=Sum("base_units"))["n"]
    return total or 0
