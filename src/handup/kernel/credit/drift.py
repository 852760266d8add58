"""How far rounding may carry a schedule at worst: what may pile up in the last instalment.

Every instalment may be off by its rounding, and so may every interest; what the earlier rows take
too much or too little the last one bears. When that can be more than its own part, some loan under
these terms gets a negative row, or a last instalment of more than twice the others.
"""

from fractions import Fraction

from handup.kernel.credit import amortise
from handup.kernel.credit.codes import Method, Repayment, Residue
from handup.kernel.credit.dates import DuePlan, Rates, free_rates, period_rates
from handup.kernel.credit.flat import factors
from handup.kernel.credit.schedule import down_payment
from handup.kernel.credit.terms import Terms
from handup.kernel.errors import Refusal
from handup.kernel.money import Rounding, RoundingMode

_EQUAL = (Repayment.EQUAL_INSTALMENTS, Repayment.EQUAL_PRINCIPAL)


class TermsDrift(Refusal):
    """Rounding may pile up to {drift} in the last instalment, whose own part is {own}."""


def check_drift(terms: Terms, units: int, plan: DuePlan) -> None:
    """Refuse rounding that may carry the last row of a loan of this amount (the smallest) too far.

    Raises TermsDrift.
    """
    balance = units - down_payment(terms, units)
    count = len(plan.due_dates) - terms.grace_principal
    if terms.method is Method.FLAT:
        _check_flat_interest(terms, units, plan)
    if terms.repayment not in _EQUAL or terms.residue is Residue.OPEN_END:
        return
    if terms.method is Method.FLAT:
        _check_flat(terms, balance, count)
    elif terms.repayment is Repayment.EQUAL_PRINCIPAL:
        _hold((count - 1) * _most(terms.principal_rounding), Fraction(balance, count))
    else:
        _check_declining(terms, balance, plan)


def _check_declining(terms: Terms, balance: int, plan: DuePlan) -> None:
    nominal = period_rates(terms, plan.bounds)
    rates = free_rates(nominal, terms.grace_interest_free)
    own = _last_principal(terms, balance, rates, nominal)
    off = _most(terms.instalment_rounding) + _most(terms.interest_rounding)
    drift = Fraction(0)
    for rate in rates.numerators[terms.grace_principal : -1]:
        drift = drift * (1 + Fraction(rate, rates.denominator)) + off
    if terms.total_rounding is not None:
        drift += _most(terms.total_rounding)
    _hold(drift, own)


def _last_principal(terms: Terms, balance: int, rates: Rates, nominal: Rates) -> Fraction:
    """The principal of the last of equal instalments before any rounding."""
    chosen = amortise.annuity_rates(terms, rates, nominal, terms.grace_principal)
    numerator, denominator = amortise.annuity_factor(chosen, rates.denominator)
    instalment = Fraction(balance * numerator, denominator)
    left = Fraction(balance)
    for rate in rates.numerators[terms.grace_principal : -1]:
        left -= instalment - left * Fraction(rate, rates.denominator)
    return left


def _check_flat(terms: Terms, balance: int, count: int) -> None:
    off = _most(terms.principal_rounding)
    if terms.repayment is Repayment.EQUAL_INSTALMENTS and terms.instalment_rounding.unit > 1:
        off = 2 * _most(terms.instalment_rounding) + _most(terms.interest_rounding)
    if terms.residue is not Residue.SPREAD:
        _hold((count - 1) * off, Fraction(balance, count))


def _check_flat_interest(terms: Terms, units: int, plan: DuePlan) -> None:
    of_total, of_row = factors(terms, plan.bounds)
    share = Fraction(units * of_row[0], of_row[1])
    if share:
        charged = len(plan.due_dates) - terms.grace_interest_free
        whole = Fraction(units * of_total[0], of_total[1])
        own = whole - share * (charged - 1)
        _hold(charged * _most(terms.interest_rounding), own)


def _most(rounding: Rounding) -> Fraction:
    """How far one rounding may be off."""
    whole = rounding.mode in (RoundingMode.CEILING, RoundingMode.FLOOR)
    return Fraction(rounding.unit) if whole else Fraction(rounding.unit, 2)


def _hold(drift: Fraction, own: Fraction) -> None:
    if drift >= own > 0 or own < 0:
        raise TermsDrift(field="terms", drift=int(drift), own=int(own))
