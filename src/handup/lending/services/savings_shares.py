"""What of a payment is saved, worked out for all payments of a batch at once."""

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol
from uuid import UUID

from django.db.models import Q, Sum

from handup.kernel.credit import savings as rules
from handup.lending.models import Loan, LoanDue, SavingsMove
from handup.lending.rules.codes import EventKind, SavingsMoveKind
from handup.lending.rules.terms import read_terms
from handup.lending.services.savings_kept import saves


class Payment(Protocol):
    """Money that came in for a loan."""

    @property
    def loan(self) -> UUID: ...
    @property
    def value_date(self) -> date: ...
    @property
    def units(self) -> int: ...
    @property
    def kind(self) -> EventKind: ...
    @property
    def id(self) -> UUID | None: ...


def shares(
    loans: Mapping[UUID, Loan], payments: Sequence[Payment], stored: Container[UUID | None]
) -> dict[int, int]:
    """What is saved of each payment of a batch, by its place; nothing for loans that do not save,
    and for payments that are stored already.
    """
    saving = {pk: loan for pk, loan in loans.items() if saves(loan)}
    if not saving:
        return {}
    order = [
        (item.value_date, place)
        for place, item in enumerate(payments)
        if item.loan in saving and item.kind is EventKind.REPAID and item.id not in stored
    ]
    standings = _standings(saving[pk] for pk in {payments[place].loan for _day, place in order})
    found: dict[int, int] = {}
    for _day, place in sorted(order):
        payment = payments[place]
        standing = standings.get(payment.loan)
        units = standing.share(payment.units, payment.value_date) if standing is not None else 0
        if units:
            found[place] = units
    return found


def _standings(loans: Iterable[Loan]) -> dict[UUID, rules.Saving]:
    """What each of some loans asks for with its instalments, in two statements; those that ask for
    nothing are left out.
    """
    found: dict[UUID, rules.Saving] = {}
    rows: dict[UUID, list[rules.Owed]] = {}
    for loan in loans:
        terms = read_terms(loan.terms)
        each = rules.with_instalment(terms, loan.disbursed_units)
        if each:
            owed = rows[loan.pk] = []
            found[loan.pk] = rules.Saving(terms, owed, each, paid_out=loan.disbursed_date)
    if not found:
        return {}
    live = LoanDue.objects.filter(loan__in=found, replaced_at=None, to_date=None)
    for row in live.order_by("due_date", "number"):
        rows[row.loan_id].append(rules.Owed(row.due_date, row.due_units - row.paid_units))
    for pk, units in saved_with(found).items():
        found[pk].saved = units
    return found


def saved_with(loans: Iterable[UUID]) -> dict[UUID, int]:
    """What was saved with the instalments of loans, here or in the older book, less what was taken
    back.
    """
    kinds = (SavingsMoveKind.SAVED.value, SavingsMoveKind.TAKEN_OVER.value)
    saved = Q(kind__in=kinds) | Q(reverses__kind__in=kinds)
    moves = SavingsMove.objects.filter(saved, loan__in=list(loans)).order_by()
    return dict(moves.values_list("loan").annotate(n=Sum("units")))
