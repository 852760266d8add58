"""A person's savings and repayments as her credit passport tells them: her own loans and what she
saves in her groups, nothing else.
"""

from collections import defaultdict
from datetime import date
from uuid import UUID

from django.db.models import F

from handup.groups.models import Member
from handup.groups.queries import memberships_of
from handup.ledger.queries import balances_by_subject
from handup.lending.models import Loan, LoanDue
from handup.lending.rules.codes import LoanState
from handup.lending.rules.passport import History, Instalment, punctuality
from handup.lending.services.store import state_as_of

TOLD = (
    LoanState.ACTIVE.value,
    LoanState.SETTLED.value,
    LoanState.WRITTEN_OFF.value,
    LoanState.REFINANCED.value,
)


def histories_of(person_id: UUID, on: date) -> tuple[History, ...]:
    """What is told of each currency at the end of a day, the most lent first."""
    loans: dict[str, list[Loan]] = defaultdict(list)
    for loan in Loan.objects.filter(person_id=person_id, disbursed_date__lte=on, state__in=TOLD):
        loans[loan.currency].append(loan)
    saved = _savings(person_id, on)
    found = [
        _history(currency, loans[currency], saved.get(currency, (0, 0)), on)
        for currency in {*loans, *saved}
    ]
    return tuple(sorted(found, key=lambda row: (-row.lent_units, -row.saved_units, row.currency)))


def _history(currency: str, loans: list[Loan], saved: tuple[int, int], on: date) -> History:
    dues = LoanDue.objects.filter(loan__in=loans, replaced_at=None, to_date=None)
    # When instalments were paid before a loan was taken over as it stood, nobody told.
    dues = dues.exclude(loan__opening_date__gte=F("due_date"))
    days = dues.values_list("due_date", "settled_date")
    rows = [Instalment(due, settled) for due, settled in days]
    due, in_time, worst = punctuality(rows, on)
    states = [state_as_of(loan, on) for loan in loans]
    return History(
        currency=currency,
        loans=len(loans),
        loans_repaid=sum(state.state is LoanState.SETTLED for state in states),
        lent_units=sum(loan.disbursed_units for loan in loans),
        instalments_due=due,
        instalments_in_time=in_time,
        worst_days=worst,
        owed_units=sum(state.principal for state in states),
        late_days=max((state.arrears_days(on) for state in states), default=0),
        saved_units=saved[0],
        saving_months=saved[1],
    )


def _savings(person_id: UUID, on: date) -> dict[str, tuple[int, int]]:
    """Savings in her groups and for how many months she has been a member, by currency."""
    found: dict[str, tuple[int, int]] = {}
    rows = memberships_of(person_id).filter(joined_date__lte=on, group__practice=False)
    for member in rows.select_related("group__book"):
        units = _saved(member, on)
        if not units:
            continue
        months = (on.year - member.joined_date.year) * 12 + on.month - member.joined_date.month
        before = found.get(member.group.book.base_currency, (0, 0))
        found[member.group.book.base_currency] = (before[0] + units, max(before[1], months))
    return found


def _saved(member: Member, on: date) -> int:
    book = member.group.book
    return -balances_by_subject(book, "SAVINGS", "member", [member.pk], on).get(member.pk, 0)
