"""A person's savings and repayments as her credit passport tells them: her own loans, what she
saves in her groups and what a lender keeps for her, nothing else.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Sum

from handup.groups.models import Member
from handup.groups.queries import memberships_of
from handup.ledger.queries import balances_by_subject
from handup.lending.models import Loan, LoanDue, LoanEvent, SavingsAccount
from handup.lending.rules.codes import EventKind, LoanState
from handup.lending.rules.passport import History, Instalment, punctuality
from handup.lending.services.store import state_as_of
from handup.people.queries.merging import all_ids

TOLD = (
    LoanState.ACTIVE.value,
    LoanState.SETTLED.value,
    LoanState.WRITTEN_OFF.value,
    LoanState.REFINANCED.value,
    LoanState.TRANSFERRED.value,
)


@dataclass(frozen=True, slots=True)
class Move:
    """When a loan moved to another lender, and the loan that goes on there if it is kept here."""

    on: date
    into: UUID | None


def histories_of(person_id: UUID, on: date) -> tuple[History, ...]:
    """What is told of each currency at the end of a day, the most lent first."""
    rows = Loan.objects.filter(person_id=person_id, disbursed_date__lte=on, state__in=TOLD)
    found = list(rows)
    moves = _moves(found)
    to_come = {move.into for move in moves.values() if move.on > on}
    loans: dict[str, list[Loan]] = defaultdict(list)
    for loan in found:
        if loan.pk not in to_come:
            loans[loan.currency].append(loan)
    moves = {pk: move for pk, move in moves.items() if move.on <= on}
    saved = _savings(person_id, on)
    told = [
        _history(currency, loans[currency], moves, saved.get(currency, (0, 0)), on)
        for currency in {*loans, *saved}
    ]
    return tuple(sorted(told, key=lambda row: (-row.lent_units, -row.saved_units, row.currency)))


def _moves(loans: Collection[Loan]) -> dict[UUID, Move]:
    """The moves to other lenders that stand, by the loan that moved."""
    gone = [loan.pk for loan in loans if loan.state == LoanState.TRANSFERRED]
    events = LoanEvent.objects.filter(
        loan__in=gone, kind=EventKind.TRANSFERRED.value, reversed_by=None
    )
    return {
        event.loan_id: Move(
            event.value_date, UUID(event.payload["into"]) if "into" in event.payload else None
        )
        for event in events
    }


def _instalments(loans: Collection[Loan], moves: Mapping[UUID, Move]) -> list[Instalment]:
    """The instalments of loans, each once: what was settled before a loan moved is told of the loan
    it was, the rest of the one that goes on. When instalments were paid before a loan was taken
    over from elsewhere as it stood, nobody told.
    """
    rows = LoanDue.objects.filter(loan__in=loans, replaced_at=None)
    cut = {
        (loan, number)
        for loan, number, until in rows.filter(loan__in=moves, to_date__isnull=False).values_list(
            "loan", "number", "to_date"
        )
        if until == moves[loan].on
    }
    live = [row for row in rows.filter(to_date=None) if (row.loan_id, row.number) not in cut]
    settled: dict[UUID | None, set[int]] = defaultdict(set)
    for row in live:
        if row.loan_id in moves:
            settled[moves[row.loan_id].into].add(row.number)
    came = {move.into for move in moves.values()}
    opened = {loan.pk: loan.opening_date for loan in loans}
    found = []
    for row in live:
        since = opened[row.loan_id]
        before = since is not None and row.due_date <= since
        if before and (row.loan_id not in came or row.number in settled[row.loan_id]):
            continue
        found.append(Instalment(row.due_date, row.settled_date))
    return found


def _history(
    currency: str,
    loans: Collection[Loan],
    moves: Mapping[UUID, Move],
    saved: tuple[int, int],
    on: date,
) -> History:
    due, in_time, worst = punctuality(_instalments(loans, moves), on)
    counted = [loan for loan in loans if loan.pk not in moves or moves[loan.pk].into is None]
    states = [state_as_of(loan, on) for loan in counted]
    return History(
        currency=currency,
        loans=len(counted),
        loans_repaid=sum(state.state is LoanState.SETTLED for state in states),
        lent_units=sum(loan.disbursed_units for loan in counted),
        instalments_due=due,
        instalments_in_time=in_time,
        worst_days=worst,
        owed_units=sum(state.principal for state in states),
        late_days=max((state.arrears_days(on) for state in states), default=0),
        saved_units=saved[0],
        saving_months=saved[1],
    )


def _savings(person_id: UUID, on: date) -> dict[str, tuple[int, int]]:
    """Savings in her groups and on accounts of her own, and for how many months she has saved, by
    currency.
    """
    found: dict[str, tuple[int, int]] = {}
    rows = memberships_of(person_id).filter(joined_date__lte=on, group__practice=False)
    for member in rows.select_related("group__book"):
        _add(found, member.group.book.base_currency, _saved(member, on), member.joined_date, on)
    accounts = SavingsAccount.objects.filter(
        person_id__in=all_ids(person_id), opened_date__lte=on
    ).order_by()
    kept = accounts.filter(moves__value_date__lte=on).values_list("currency", "opened_date")
    for currency, opened, units in kept.annotate(units=Sum("moves__units")):
        _add(found, currency, units, opened, on)
    return found


def _add(
    found: dict[str, tuple[int, int]], currency: str, units: int, since: date, on: date
) -> None:
    if units:
        months = (on.year - since.year) * 12 + on.month - since.month
        before = found.get(currency, (0, 0))
        found[currency] = (before[0] + units, max(before[1], months))


def _saved(member: Member, on: date) -> int:
    book = member.group.book
    return -balances_by_subject(book, "SAVINGS", "member", [member.pk], on).get(member.pk, 0)
