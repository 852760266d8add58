"""The loans of the credit programme before anything is stored: who, how much, when, and how they
are repaid."""

from dataclasses import dataclass
from datetime import date, timedelta

from handup.demo.chance import chosen, number
from handup.demo.profiles import CreditSize
from handup.kernel.dates import add_months
from handup.kernel.money import split

AS_OF = date(2005, 6, 30)
FIRST_LOAN = date(1998, 3, 2)
LAST_ENDED = date(2004, 6, 1)
FIRST_RUNNING = date(2004, 9, 1)
TERMS = (6, 8, 9, 10, 12)
RUNNING_TERM = 12
UNIT = 1_000


@dataclass(frozen=True, slots=True)
class PlannedLoan:
    """One demonstration loan; `paid_instalments` counts those paid by AS_OF, `days_late` shifts
    each payment."""

    number: int
    family: int
    cycle: int
    amount_units: int
    disbursed: date
    term_months: int
    paid_instalments: int
    days_late: int
    is_past_final_due: bool
    is_written_off: bool


def plan_loans(size: CreditSize) -> list[PlannedLoan]:
    """Spread the loans over families, years and amounts so that the counts and the sum come out
    exactly."""
    amounts = _amounts(size)
    unpaid = chosen("unpaid", size.past_final_due, size.past_final_due - size.repaid)
    written_off = sorted(unpaid)[: size.written_off]
    repaid = [place for place in range(size.past_final_due) if place not in unpaid]
    loans = []
    for place in range(size.loans):
        past = place < size.past_final_due
        term = TERMS[number("term", place, len(TERMS))] if past else RUNNING_TERM
        disbursed = _day(place, size) if past else _running_day(place)
        paid = _paid(place, term, disbursed, past=past, unpaid=place in unpaid)
        again = place >= size.families_with_loan
        loans.append(
            PlannedLoan(
                number=place + 1,
                family=repaid[place - size.families_with_loan] if again else place,
                cycle=2 if again else 1,
                amount_units=amounts[place],
                disbursed=disbursed,
                term_months=term,
                paid_instalments=paid,
                days_late=0 if number("late", place, 4) else number("days", place, 21),
                is_past_final_due=past,
                is_written_off=place in written_off,
            )
        )
    return loans


def _amounts(size: CreditSize) -> tuple[int, ...]:
    floor = 200_00
    weights = [1 + number("amount", place, 12) for place in range(size.loans)]
    parts = split(size.lent_units - floor * size.loans, weights, UNIT)
    amounts = [floor + part for part in parts.parts]
    amounts[0] += parts.leftover
    return tuple(amounts)


def _weekday(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def _day(place: int, size: CreditSize) -> date:
    span = (LAST_ENDED - FIRST_LOAN).days
    return _weekday(FIRST_LOAN + timedelta(days=span * place // max(1, size.past_final_due)))


def _running_day(place: int) -> date:
    return _weekday(FIRST_RUNNING + timedelta(days=number("running", place, 240)))


def _paid(place: int, term: int, disbursed: date, *, past: bool, unpaid: bool) -> int:
    if past:
        return number("stopped", place, term - 1) + 1 if unpaid else term
    due = sum(
        1 for k in range(1, term + 1) if add_months(disbursed, k) < AS_OF - timedelta(days=25)
    )
    behind = number("behind", place, 12) == 0
    return max(0, min(due, term - 1) - (2 if behind else 0))
