"""What keeps a borrower or a saver from being erased (protection.md 4.8)."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, Sum

from handup.lending.models import Application, Guarantor, Loan, SavingsAccount
from handup.lending.rules.codes import ApplicationState, LoanState
from handup.people import subject
from handup.people.rules.requests import Hold, HoldReason

WAITING = frozenset(
    {
        ApplicationState.SUBMITTED,
        ApplicationState.APPRAISED,
        ApplicationState.APPROVED,
        ApplicationState.RETURNED,
    }
)
OPEN = (LoanState.AGREED.value, LoanState.ACTIVE.value)


def holds(person_id: UUID, on: date) -> Iterable[Hold]:
    """Her open loans, those of others she answers for, and money that lies at a lender for her."""
    answered = Guarantor._base_manager.filter(person_id=person_id, released_date=None)
    mine = Q(person_id=person_id) | Q(pk__in=answered.values("loan_id"))
    for last in Loan._base_manager.filter(mine, state__in=OPEN).values_list(
        "last_due_date", flat=True
    ):
        yield Hold(HoldReason.LOAN, last if last is not None and last >= on else None)
    waiting = Application._base_manager.filter(person_id=person_id)
    if any(row.state_on(on) in WAITING for row in waiting):
        yield Hold(HoldReason.LOAN)
    saved = SavingsAccount._base_manager.filter(person_id=person_id).annotate(
        held=Sum("moves__units")
    )
    if any(row.held for row in saved):
        yield Hold(HoldReason.SAVINGS)


def held_by_money(person: str, on: date) -> Q:
    """Rows whose person has what `holds` looks for, asked of many at once. person: the path from a
    row to her id.
    """
    hers = OuterRef(person)
    open_loans = Loan._base_manager.filter(state__in=OPEN)
    answered = Guarantor._base_manager.filter(
        person_id=hers, released_date=None, loan__in=open_loans
    )
    waiting = Application._base_manager.filter(
        person_id=hers, state__in=[state.value for state in WAITING], expires_date__gte=on
    )
    saved = SavingsAccount._base_manager.filter(person_id=hers).annotate(held=Sum("moves__units"))
    return (
        Q(Exists(open_loans.filter(person_id=hers)))
        | Q(Exists(answered))
        | Q(Exists(waiting))
        | Q(Exists(saved.exclude(held=None).exclude(held=0)))
    )


def served() -> Iterable[UUID]:
    """Who has an open loan, answers for one, or has money at a lender."""
    loans = Loan._base_manager.filter(state__in=OPEN)
    yield from loans.exclude(person=None).values_list("person_id", flat=True)
    answering = Guarantor._base_manager.filter(released_date=None, loan__in=loans)
    yield from answering.exclude(person=None).values_list("person_id", flat=True)
    saved = SavingsAccount._base_manager.exclude(person=None).annotate(held=Sum("moves__units"))
    yield from saved.filter(held__gt=0).values_list("person_id", flat=True)


def register() -> None:
    """Add both to the named lists of people, once."""
    if holds not in subject.holds:
        subject.holds.append(holds)
        subject.serving.append(served)
