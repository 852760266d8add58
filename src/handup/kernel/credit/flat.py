"""Flat interest: charged on all that was disbursed, whatever has been paid back."""

from collections.abc import Sequence
from datetime import date
from math import gcd

from handup.kernel.credit.amortise import Part
from handup.kernel.credit.codes import DayCount, RatePer, Repayment, Residue
from handup.kernel.credit.dates import period_rates, period_rates_from
from handup.kernel.credit.terms import Terms
from handup.kernel.money import divide, round_ratio

_BY_PERIOD = (DayCount.MONTHS_12, DayCount.WEEKS_52)


def interests(terms: Terms, disbursed: int, bounds: Sequence[date]) -> list[int]:
    """Interest of each row: its rounded share of a total rounded once, the last one the rest."""
    count = len(bounds) - 1
    free = terms.grace_interest_free
    charged = count - free
    of_total, of_row = factors(terms, bounds)
    rounding = terms.interest_rounding
    total = round_ratio(disbursed * of_total[0], of_total[1], rounding)
    share = round_ratio(disbursed * of_row[0], of_row[1], rounding)
    return [0] * free + [share] * (charged - 1) + [total - share * (charged - 1)]


def factors(terms: Terms, bounds: Sequence[date]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Interest of the whole loan and of one row on one unit of money, as exact ratios."""
    charged = len(bounds) - 1 - terms.grace_interest_free
    if terms.day_count in _BY_PERIOD and terms.rate_per is not RatePer.DAY:
        rates = period_rates(terms, bounds[:2])
        numerator, denominator = rates.numerators[0], rates.denominator
        return (numerator * charged, denominator), (numerator, denominator)
    rates = period_rates_from(terms, bounds[0], bounds[0], bounds[-1])
    shared = gcd(rates.numerators[0], rates.denominator)
    numerator, denominator = rates.numerators[0] // shared, rates.denominator // shared
    return (numerator, denominator), (numerator, denominator * charged)


def principals(terms: Terms, principal: int, count: int) -> list[int] | None:
    """Principal of each row for equal instalments; None when the plan of principal rules."""
    if terms.repayment is not Repayment.EQUAL_INSTALMENTS or terms.residue is Residue.SPREAD:
        return None
    paying = count - terms.grace_principal
    part = round_ratio(principal, paying, terms.principal_rounding)
    regular = [0] * terms.grace_principal + [part] * (paying - 1)
    return [*regular, principal - part * (paying - 1)]


def join(
    terms: Terms, principal: int, planned: Sequence[int], interest: Sequence[int]
) -> list[Part]:
    """Rows of both parts; equal instalments on a coarse unit round each part and add them."""
    unit = terms.instalment_rounding.unit
    if terms.repayment is not Repayment.EQUAL_INSTALMENTS or unit == 1:
        return list(zip(planned, interest, strict=True))
    paying = len(planned) - terms.grace_principal
    coarse = round_ratio(principal, paying, terms.instalment_rounding)
    parts: list[Part] = []
    left = principal
    for place, charge in enumerate(interest):
        if place < terms.grace_principal:
            parts.append((0, charge))
            continue
        whole = coarse + divide(charge, unit, terms.instalment_rounding.mode) * unit
        part = left if place == len(planned) - 1 else whole - charge
        parts.append((part, charge))
        left -= part
    return parts
