"""What lending does when somebody turns out to be registered twice: her loans, savings and
guarantees go with her, no line of the books is touched, what she owes is counted anew (people.md
4.8)."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Count, Model, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from handup.lending.models import (
    Application,
    BorrowerLine,
    CallPayment,
    Collateral,
    CreditPassport,
    EnterpriseGrant,
    Guarantor,
    Loan,
    OldLoan,
    SavingsAccount,
)
from handup.lending.rules.codes import LoanState
from handup.org.web.money import format_money
from handup.people import merging
from handup.people.merging import Merge
from handup.people.rules.merging import MergeLook

OPEN = (LoanState.AGREED.value, LoanState.ACTIVE.value)
GIVEN: tuple[type[Model], ...] = (Loan, Application, EnterpriseGrant, CreditPassport, OldLoan)


def booked(persons: Collection[UUID]) -> set[UUID]:
    """Those of these persons for whom money was booked: a loan of hers, savings, a grant paid or
    handed over to her, or what she paid on a loan she answers for."""
    grants = EnterpriseGrant._base_manager.filter(
        Q(tranches__paid_date__isnull=False) | Q(assets__handed_over_date__isnull=False)
    )
    ways: tuple[tuple[QuerySet[Any, Any], str], ...] = (
        (Loan._base_manager.all(), "person"),
        (SavingsAccount._base_manager.all(), "person"),
        (grants, "person"),
        (CallPayment._base_manager.all(), "call__guarantor__person"),
        (CallPayment._base_manager.all(), "call__member__application__person"),
    )
    found: set[UUID] = set()
    for rows, path in ways:
        ids = rows.filter(**{f"{path}__in": persons}).order_by()
        found |= set(ids.values_list(f"{path}_id", flat=True))
    return found


def move(merge: Merge) -> None:
    """Give her loans, applications, grants, passports, guarantees and pledges to the record that
    stays. Two open loans stay two, and are looked at again by a person."""
    for table in GIVEN:
        merge.give(table)
    _line(merge)
    merge.give(Collateral, "owner")
    merge.give(Guarantor, rows=_not_twice(merge))
    _savings(merge)
    if Loan._base_manager.filter(person=merge.survivor, state__in=OPEN).count() > 1:
        merge.look(MergeLook.TWO_OPEN_LOANS.value)
    own = Q(application__person=merge.survivor) | Q(loan__person=merge.survivor)
    stands = Guarantor._base_manager.filter(person__in=(merge.survivor, merge.merged))
    if stands.filter(own, released_date=None).exists():
        merge.look(MergeLook.GUARANTEES_HERSELF.value)


def _line(merge: Merge) -> None:
    """One line is enough: the one of the record that goes ends where the other has one too."""
    live = BorrowerLine._base_manager.filter(ended_at=None)
    if live.filter(person=merge.survivor).exists():
        merge.change(live.filter(person=merge.merged), ended_at=timezone.now())
    merge.give(BorrowerLine)


def _not_twice(merge: Merge) -> "QuerySet[Guarantor, Guarantor]":
    """Her guarantees, but those for a loan or an application which she guarantees already."""
    hers = Guarantor._base_manager.filter(person=merge.survivor, released_date=None)
    twice = Q(application__in=hers.values("application")) | Q(
        loan__in=hers.exclude(loan=None).values("loan")
    )
    return Guarantor._base_manager.exclude(
        pk__in=Guarantor._base_manager.filter(
            twice, person=merge.merged, released_date=None
        ).values("pk")
    )


def _savings(merge: Merge) -> None:
    """A second account at one lender stays under the id it has; both stand in her name."""
    hers = SavingsAccount._base_manager.filter(person=merge.survivor)
    held = set(hers.values_list("lender_id", "currency"))
    rows = SavingsAccount._base_manager.filter(person=merge.merged)
    twice = [row.pk for row in rows if (row.lender_id, row.currency) in held]
    if twice:
        merge.look(MergeLook.TWO_SAVINGS.value)
    merge.give(SavingsAccount, rows=SavingsAccount._base_manager.exclude(pk__in=twice))


def exposure(person: UUID) -> Iterable[str]:
    """Her open loans by currency, counted anew."""
    rows = Loan._base_manager.filter(person=person, state__in=OPEN).order_by("currency")
    yield from _told(
        rows.values("currency").annotate(loans=Count("pk"), units=Sum("principal_units"))
    )


def _told(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for row in rows:
        yield _("Open loans: %(count)s, together %(amount)s outstanding") % {
            "count": row["loans"],
            "amount": format_money(int(str(row["units"] or 0)), str(row["currency"])),
        }


def register() -> None:
    """Add it to the named lists of people, once."""
    if booked not in merging.in_books:
        merging.in_books.append(booked)
        merging.on_merge.append(move)
        merging.exposure.append(exposure)
