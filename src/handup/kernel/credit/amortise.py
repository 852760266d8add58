"""The arithmetic of a declining balance in integers: annuities and how a balance is paid down.

Rates come as numerators over one denominator D, so a growth factor is (D + n) / D and everything up
to the named rounding is exact.
"""

from collections.abc import Sequence

from handup.kernel.credit.codes import Annuity, Repayment, Smoothing
from handup.kernel.credit.dates import Rates
from handup.kernel.credit.terms import Terms
from handup.kernel.errors import Refusal
from handup.kernel.money import Rounding, RoundingMode, divide, round_ratio

Part = tuple[int, int]
"""Principal and interest of one row."""


class InstalmentBelowInterest(Refusal):
    """The instalment does not cover the interest, so the loan would never end."""


def annuity(balance: int, rates: Sequence[int], denominator: int, rounding: Rounding) -> int:
    """The equal instalment that pays a balance off over periods with these rates.

    balance · Π(1 + r_j) / F with F_1 = 1, F_j = 1 + F_(j−1) · (1 + r_j); balance / m when r = 0.
    """
    numerator, factor = annuity_factor(rates, denominator)
    return round_ratio(balance * numerator, factor, rounding)


def annuity_factor(rates: Sequence[int], denominator: int) -> tuple[int, int]:
    """The exact annuity of one unit of money as numerator and denominator."""
    count = len(rates)
    first = rates[0]
    if rates.count(first) == count:
        if not first:
            return 1, count
        growth = (denominator + first) ** count
        whole = denominator**count
        return first * growth, denominator * (growth - whole)
    product = denominator + first
    series = power = 1
    for rate in rates[1:]:
        factor = denominator + rate
        power *= denominator
        series = power + series * factor
        product *= factor
    return product, denominator * series


def pay_down(
    balance: int,
    instalment: int,
    interests: Sequence[int | None],
    rates: Rates,
    first: int,
    rounding: Rounding,
) -> list[Part]:
    """Rows of one equal instalment from row `first` on; the last takes what is left.

    `interests[k]` is given where the interest of a row is not balance × rate.
    """
    unit, mode, denominator = rounding.unit, rounding.mode, rates.denominator
    plain = unit == 1 and mode is RoundingMode.HALF_UP
    twice = 2 * denominator
    parts: list[Part] = []
    last = len(rates.numerators) - 1
    for place in range(first, last + 1):
        given = interests[place]
        if given is not None:
            interest = given
        elif plain and balance >= 0:  # divide() spelt out: the loop that schedules live in
            interest = (2 * balance * rates.numerators[place] + denominator) // twice
        else:
            interest = divide(balance * rates.numerators[place], denominator * unit, mode) * unit
        principal = balance if place == last else instalment - interest
        parts.append((principal, interest))
        balance -= principal
    return parts


def equal_instalments(
    terms: Terms,
    balance: int,
    rates: Rates,
    first: int,
    interests: Sequence[int | None],
    annuity_rates: Sequence[int],
) -> list[Part]:
    """Equal instalments over rows first..n, smoothed once when the terms say so."""
    return _fixed_once(terms, balance, rates, first, interests, annuity_rates)[1]


def instalment(
    terms: Terms,
    balance: int,
    rates: Rates,
    first: int,
    interests: Sequence[int | None],
    annuity_rates: Sequence[int],
) -> int:
    """The equal instalment of rows first..n, smoothed once when the terms say so."""
    if terms.smoothing is Smoothing.NONE:
        return annuity(balance, annuity_rates, rates.denominator, terms.instalment_rounding)
    return _fixed_once(terms, balance, rates, first, interests, annuity_rates)[0]


def _fixed_once(
    terms: Terms,
    balance: int,
    rates: Rates,
    first: int,
    interests: Sequence[int | None],
    annuity_rates: Sequence[int],
) -> tuple[int, list[Part]]:
    count = len(rates.numerators) - first
    fixed = annuity(balance, annuity_rates, rates.denominator, terms.instalment_rounding)
    rounding = terms.interest_rounding
    parts = pay_down(balance, fixed, interests, rates, first, rounding)
    if terms.smoothing is Smoothing.NONE or count < 2:
        return fixed, parts
    gap = sum(parts[-1]) - sum(parts[-2])
    if abs(gap) <= count // 2:
        return fixed, parts
    wanted = fixed + divide(gap, count, RoundingMode.HALF_EVEN)
    tried = round_ratio(wanted, 1, terms.instalment_rounding)
    smoothed = pay_down(balance, tried, interests, rates, first, rounding)
    if abs(sum(smoothed[-1]) - sum(smoothed[-2])) < abs(gap):
        return tried, smoothed
    return fixed, parts


def open_end(terms: Terms, balance: int, rates: Rates, nominal: Rates) -> list[Part]:
    """As many equal rows as agreed, and one more for what they leave; fewer when nothing is left.

    The rates hold one period more than there are instalments. Raises InstalmentBelowInterest.
    """
    count = len(rates.numerators) - 1
    planned = Rates(rates.numerators[:count], rates.denominator)
    grace = terms.grace_principal
    fixed = None
    if terms.repayment is Repayment.EQUAL_INSTALMENTS:
        chosen = annuity_rates(terms, planned, nominal, grace)
        fixed = annuity(balance, chosen, rates.denominator, terms.instalment_rounding)
    part = round_ratio(balance, count - grace, terms.principal_rounding)
    parts: list[Part] = []
    for place, rate in enumerate(rates.numerators):
        interest = round_ratio(balance * rate, rates.denominator, terms.interest_rounding)
        principal = part if fixed is None else fixed - interest
        if place == count:
            principal = balance
        elif place < grace:
            principal = 0
        elif principal <= 0:
            raise InstalmentBelowInterest()
        principal = min(principal, balance)
        parts.append((principal, interest))
        balance -= principal
        if not balance:
            break
    return parts


def annuity_rates(terms: Terms, rates: Rates, nominal: Rates, first: int) -> Sequence[int]:
    """The rates the annuity of rows first..n is worked out with."""
    count = len(rates.numerators) - first
    if terms.annuity is Annuity.FIRST_PERIOD_RATE:
        return (nominal.numerators[0],) * count
    return rates.numerators[first:]
