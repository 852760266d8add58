"""Money before its time: what is earned to a day, what closes a loan, paying early and paying off.

What is overdue comes from the rows as they stand; the current period is worked out by the terms'
payoff rule, to the day or to the period's end, with the early fee; a flat loan gives interest back
by days or not at all.
"""

from dataclasses import replace
from datetime import date

from handup.kernel.credit.allocation import (
    FEE,
    INTEREST,
    PENALTY,
    PRINCIPAL,
    OpenRow,
    Payment,
    PaymentSplit,
)
from handup.kernel.credit.apart import own_interest
from handup.kernel.credit.codes import (
    AdvanceTo,
    Component,
    EarlyEffect,
    FlatRebate,
    Method,
    PayoffInterest,
    Strategy,
)
from handup.kernel.credit.dates import open_spans
from handup.kernel.credit.payoff import Payoff
from handup.kernel.credit.recalculation import BalancePlan
from handup.kernel.credit.standing import Standing
from handup.kernel.credit.terms import MILLION, Terms
from handup.kernel.money import divide

_ALL = (PENALTY, FEE, INTEREST, PRINCIPAL)


def accrued_interest(loan: Standing, day: date) -> int:
    """Interest earned up to a day, paid or not: that of the rows due and of the days run since."""
    loan = loan.live
    seen = loan.seen_on(day)
    total = sum(row.due[INTEREST] for row in seen.ledger.rows if row.due_date <= day)
    row = _current(loan, day)
    if row is None or loan.stopped:
        return total
    if loan.by_balance is not None:
        return total + loan.by_balance.accrued(day)
    if seen.by_day is not None:
        place = seen.by_day.current(day)
        assert place is not None
        return total + row.paid(INTEREST) + seen.by_day.late_open(place) + seen.by_day.accrued(day)
    before = min(loan.carried.get(row.number, 0), row.due[INTEREST])
    total += before
    elapsed = _interest_days(loan, row.begins, min(day, row.ends))
    if elapsed <= 0:
        return total
    whole = _interest_days(loan, row.begins, row.ends)
    return total + divide((row.due[INTEREST] - before) * elapsed, whole)


def _interest_days(loan: Standing, first: date, end: date) -> int:
    """Days [first, end) on which interest runs."""
    return sum((stop - start).days for start, stop in open_spans(first, end, loan.rests))


def payoff_on(loan: Standing, day: date) -> Payoff:
    """What closes the loan on a day."""
    loan = loan.live
    seen = loan.seen_on(day)
    rows = seen.ledger.rows
    row = _current(seen, day)
    due = [item for item in rows if item.due_date <= day]
    asked = rows if row is None else [*due, row]
    principal = sum(item.open[PRINCIPAL] for item in rows)
    fee = sum(item.open[FEE] for item in asked)
    if row is not None and all(item.ends != day for item in seen.plan_rows()):
        fee += divide(principal * loan.terms.early_fee_ppm, MILLION)
    penalty = sum(item.open[PENALTY] for item in asked)
    return Payoff(principal, _interest_owed(loan, seen, day, due), fee, penalty)


def _interest_owed(loan: Standing, seen: Standing, day: date, due: list[OpenRow]) -> int:
    if loan.terms.method is Method.FLAT and seen.plan_rows():
        return _flat_owed(seen, day)
    if seen.by_day is not None:
        older = sum(row.open[INTEREST] for row in due)
        place = seen.by_day.current(day)
        running = 0 if place is None else seen.by_day.accrued(day) + seen.by_day.late_open(place)
        return older + running
    over = [row for row in seen.ledger.rows if row.due_date <= day or row.ends <= day]
    return sum(row.open[INTEREST] for row in over) + _running(loan, day)


def _flat_owed(seen: Standing, day: date) -> int:
    rows = seen.plan_rows()
    carried = sum(seen.carried.values())
    less = sum(seen.apart.less(row.number) for row in rows)
    total = sum(row.due[INTEREST] for row in rows) + less - carried
    if seen.terms.flat_rebate is FlatRebate.BY_DAYS:
        whole = (rows[-1].ends - rows[0].begins).days
        elapsed = min(max((day - rows[0].begins).days, 0), whole)
        total = divide(total * elapsed, whole)
    return max(carried + total - less - sum(row.paid(INTEREST) for row in rows), 0)


def _running(loan: Standing, day: date) -> int:
    """Interest of the current period to the day, or to its end when the terms say so."""
    probe = loan.copied()
    probe.move_to(day)
    plan = probe.plan_rows()
    row = next((item for item in plan if item.ends > day), None)
    if row is None or row.due_date <= day:
        return 0
    ahead = sum(item.paid(INTEREST) for item in plan if item.ends > day)
    begun = day > row.begins or row is plan[0]
    whole = probe.terms.payoff_interest is PayoffInterest.TO_PERIOD_END and begun
    since = row.begins if whole else day
    balance = probe.by_balance or _on_balance(probe, probe.terms, since)
    if balance.ended:
        return 0
    if whole:
        balance.run_to_end()
    else:
        balance.stop_at(day)
    return max(balance.waiting + balance.counted - balance.let_go - ahead, 0)


def _on_balance(loan: Standing, terms: Terms, day: date) -> BalancePlan:
    """The rows to come of a loan by its schedule, following the balance from a day on."""
    rows, apart = loan.plan_rows(), loan.apart
    own = [own_interest(loan, row) for row in rows]
    gone = [row for row in rows if row.ends <= day]
    balance = BalancePlan.take_over(
        terms,
        loan.ledger,
        rows,
        day,
        loan.rests,
        own=own,
        waiting=apart.waiting(gone),
        periods=apart.periods(rows),
    )
    balance.less = {row.number: apart.less(row.number) for row in rows[len(gone) :]}
    if len(gone) < len(rows):
        balance.waiting += loan.carried.get(rows[len(gone)].number, 0)
    return balance


def pay_early(
    loan: Standing, key: str, day: date, units: int, effect: EarlyEffect | None = None
) -> PaymentSplit:
    """Pay ahead as was asked and signed: the plan changes from that day on by the early effect.

    A flat loan settles its last instalments first; its interest stays.
    """
    loan.move_to(day)
    terms = loan.terms
    payment = Payment(key, day, units, terms.advance_to)
    if loan.by_balance is not None:
        split = loan.by_balance.pay(payment, effect)
    elif loan.by_day is not None:
        loan.book_late(day)
        split = loan.by_day.pay(payment)
    elif terms.method is Method.FLAT or not _to_come(loan, day):
        last = loan.ledger.allocation.strategy is Strategy.MATRIX
        to = AdvanceTo.LAST_INSTALMENT if last else AdvanceTo.NEXT_INSTALMENT
        split = loan.ledger.pay(payment._replace(advance_to=to))
    else:
        split = _through_balance(loan, payment, effect or terms.early_effect)
    loan.note(split, units)
    return split


def _through_balance(loan: Standing, payment: Payment, effect: EarlyEffect) -> PaymentSplit:
    """Let the rows to come follow the balance once, then stand again."""
    day = payment.date
    rows = loan.plan_rows()
    for row in rows:
        if row.ends >= day:
            loan.supersede(row, day)
    balance = _on_balance(loan, replace(loan.terms, early_effect=effect), day)
    split = balance.pay(payment)
    balance.keep(day)
    loan.apart.renew(balance.earned)
    for row in rows[balance.current :]:
        loan.drop(row, day)
    return split


def pay_off(loan: Standing, key: str, day: date, units: int) -> PaymentSplit:
    """Close the loan by its payoff of the day; less money than that is money paid early."""
    quote = payoff_on(loan, day)
    if units < quote.total:
        return pay_early(loan, key, day, units)
    loan.settle_plan(day)
    return _close(loan, key, day, units, quote)


def withdrawal_on(loan: Standing, day: date) -> Payoff:
    """What a borrower pays back who withdraws from the loan: principal and the interest to the day,
    whatever is asked of who pays off early; no fee, no penalty.
    """
    probe = loan.live.copied()
    probe.terms = replace(
        probe.terms,
        payoff_interest=PayoffInterest.TO_THE_DAY,
        early_fee_ppm=0,
        flat_rebate=FlatRebate.BY_DAYS,
    )
    return payoff_on(probe, day)._replace(fee=0, penalty=0)


def withdraw(loan: Standing, key: str, day: date, units: int) -> PaymentSplit:
    """Close a loan its borrower withdraws from: fees and penalties not paid are let go. Less money
    than that is money paid early.
    """
    quote = withdrawal_on(loan, day)
    if units < quote.total:
        return pay_early(loan, key, day, units)
    loan.settle_plan(day)
    current = _current(loan, day)
    asked = [row for row in loan.ledger.rows if row.due_date <= day or row is current]
    for component, place in ((Component.PENALTY, PENALTY), (Component.FEE, FEE)):
        loan.waive(component, day, sum(row.open[place] for row in asked))
    return _close(loan, key, day, units, quote)


def _close(loan: Standing, key: str, day: date, units: int, quote: Payoff) -> PaymentSplit:
    row = _current(loan, day)
    if row is not None:
        _gather(loan, row, day, quote)
    ledger = loan.ledger
    ledger.begin(day, units)
    for item in list(ledger.rows):
        ledger.settle(item, _ALL)
    split = ledger.finish(key)
    loan.note(split, units)
    return split


def _gather(loan: Standing, row: OpenRow, day: date, quote: Payoff) -> None:
    """Bring what the quote asks onto the rows due and the current one; the later ones fall away."""
    rows = loan.ledger.rows
    later = [item for item in rows if item.due_date > day and item is not row]
    for item in (row, *later):
        loan.supersede(item, day)
    principal = sum(item.open[PRINCIPAL] for item in later)
    for item in later:
        loan.fees_dropped += loan.charged_open(item)
        for place in (PENALTY, FEE):
            item.add(place, -item.open[place])
        loan.drop(item, day)
    row.add(PRINCIPAL, principal)
    due = [item for item in rows if item.due_date <= day]
    missing = quote.interest - sum(item.open[INTEREST] for item in due)
    row.add(INTEREST, max(missing, 0) - row.open[INTEREST])
    for item in reversed(due):
        less = min(item.open[INTEREST], -missing)
        if less > 0:
            loan.supersede(item, day)
            item.add(INTEREST, -less)
            missing += less
    fee = sum(item.open[FEE] for item in (*due, row))
    row.add(FEE, quote.fee - fee)
    loan.early_fees += quote.fee - fee


def _current(loan: Standing, day: date) -> OpenRow | None:
    """The instalment whose period a day lies in."""
    return next((row for row in loan.plan_rows() if row.due_date > day), None)


def _to_come(loan: Standing, day: date) -> bool:
    return any(row.ends >= day for row in loan.plan_rows())
