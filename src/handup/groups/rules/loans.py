"""Loans inside a group and of a group outside: limit, service charge, use of a payment (groups.md
G3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from handup.kernel.errors import Refusal
from handup.kernel.money import round_to


class AboveLimit(Refusal):
    """At most {limit} may be borrowed now."""


class FirstCycle(Refusal):
    """A group borrows outside only after its first share-out."""


class FundNotLendable(Refusal):
    """The constitution does not let the social fund be lent."""


class BoundBy(StrEnum):
    """What holds a limit down."""

    SAVINGS = "SAVINGS"
    FUND_CASH = "FUND_CASH"
    PREVIOUS_SHARE_OUT = "PREVIOUS_SHARE_OUT"
    CORPUS = "CORPUS"
    MINIMUM = "MINIMUM"


@dataclass(frozen=True, slots=True)
class Limit:
    """The most that may be borrowed now, in smallest units, and what binds it."""

    limit: int
    bound_by: BoundBy


def _within(limit: Limit, requested: int | None) -> Limit:
    if requested is not None and requested > limit.limit:
        raise AboveLimit(field="amount", limit=limit.limit, bound_by=limit.bound_by.value)
    return limit


def member_limit(
    *,
    savings: int,
    multiple: Fraction,
    principal_owed: int,
    fund_cash: int,
    requested: int | None = None,
) -> Limit:
    """What a member may borrow: her savings times the multiple less what she owes, and never
    above the box."""
    by_savings = max(0, int(savings * multiple // 1) - principal_owed)
    if by_savings <= fund_cash:
        return _within(Limit(by_savings, BoundBy.SAVINGS), requested)
    return _within(Limit(fund_cash, BoundBy.FUND_CASH), requested)


def require_lendable(fund_is_social: bool, social_lendable: bool) -> None:
    """Refuse a loan from the social fund unless the constitution lends it."""
    if fund_is_social and not social_lendable:
        raise FundNotLendable(field="fund")


def share_out_limit(
    *, cycle: int, previous_share_out: int | None, requested: int | None = None
) -> Limit:
    """What a savings group may borrow outside: nothing in its first cycle, later the last
    share-out."""
    if cycle <= 1 or previous_share_out is None:
        raise FirstCycle
    return _within(Limit(previous_share_out, BoundBy.PREVIOUS_SHARE_OUT), requested)


def outside_room(
    settings: Mapping[str, Any], *, cycle: int, last_share_out: int | None, owed: int
) -> int | None:
    """What a group that shares out may still borrow outside: nothing in its first cycle nor before
    the one it voted, then what it shared out last less what it owes; None where nothing caps it.
    A group that never shares out has no such bound. Raises FirstCycle."""
    if settings["cycle_kind"] != "SHARE_OUT":
        return None
    if cycle < max(2, settings["outside_debt_from_cycle"]):
        raise FirstCycle(field="units")
    if settings["outside_debt_cap"] == "NONE":
        return None
    limit = share_out_limit(cycle=cycle, previous_share_out=last_share_out).limit
    return max(0, limit - owed)


def corpus_limit(
    *, corpus: int, multiple: Fraction, minimum: int, requested: int | None = None
) -> Limit:
    """What a self-help group may borrow from a bank: a multiple of its corpus, at least the
    minimum."""
    product = int(corpus * multiple // 1)
    if product >= minimum:
        return _within(Limit(product, BoundBy.CORPUS), requested)
    return _within(Limit(minimum, BoundBy.MINIMUM), requested)


class ChargeBasis(StrEnum):
    """How the service charge of an internal loan grows."""

    FLAT_ONCE = "FLAT_ONCE"
    FLAT_PER_PERIOD = "FLAT_PER_PERIOD"
    DECLINING = "DECLINING"


class Counting(StrEnum):
    """Whether a begun period counts."""

    COMPLETED = "COMPLETED"
    STARTED = "STARTED"


@dataclass(frozen=True, slots=True)
class InternalTerms:
    """Terms frozen at pay-out: principal in smallest units, rate a period, periods and their
    length in days."""

    principal: int
    rate: Fraction
    basis: ChargeBasis
    term_periods: int
    period_days: int
    counting: Counting


def periods_run(terms: InternalTerms, days: int) -> int:
    """Periods that count after so many days since pay-out, never more than the term."""
    if days <= 0:
        return 0
    whole, rest = divmod(days, terms.period_days)
    started = whole + (1 if rest else 0)
    return min(terms.term_periods, started if terms.counting is Counting.STARTED else whole)


def terms_under(settings: Mapping[str, Any], principal: int, periods: int) -> InternalTerms:
    """The terms a loan of so much for so long gets under the group's settings."""
    return InternalTerms(
        principal=principal,
        rate=Fraction(settings["charge_rate_bps"], 10_000),
        basis=ChargeBasis(settings["charge_basis"]),
        term_periods=periods,
        period_days=settings["charge_period_days"],
        counting=Counting(settings["charge_counting"]),
    )


def charge_to_date(terms: InternalTerms, periods: int) -> int:
    """The service charge after so many periods, rounded once, half up.

    FLAT_ONCE is owed at pay-out; DECLINING runs on the planned balance P(term - k)/term, whatever
    was repaid.
    """
    principal = terms.principal
    if terms.basis is ChargeBasis.FLAT_ONCE:
        exact = principal * terms.rate
    elif terms.basis is ChargeBasis.FLAT_PER_PERIOD:
        exact = principal * terms.rate * periods
    else:
        planned = sum(
            Fraction(principal * (terms.term_periods - k), terms.term_periods)
            for k in range(periods)
        )
        exact = planned * terms.rate
    return round_to(Fraction(exact))


def charge_preview(
    settings: Mapping[str, Any], principal: int, periods: int
) -> dict[ChargeBasis, int]:
    """What a loan of so much for so long costs in the end under each of the three bases, for a
    group to compare before it votes (groups.md 2.2)."""
    return {
        basis: charge_to_date(
            terms_under({**settings, "charge_basis": basis.value}, principal, periods), periods
        )
        for basis in ChargeBasis
    }


@dataclass(frozen=True, slots=True)
class OpenLoan:
    """An internal loan as a payment meets it, oldest first in a list."""

    terms: InternalTerms
    days: int
    paid_before: int


@dataclass(frozen=True, slots=True)
class Applied:
    """What a payment did to one loan; amounts in smallest units."""

    periods: int
    charge: int
    owed: int
    applied: int
    left: int


def apply_payment(loans: Sequence[OpenLoan], payment: int) -> tuple[list[Applied], int]:
    """Use a payment on the loans, the oldest first; return what each took and what can be handed
    back.

    Money beyond what is owed is refundable; it never moves to another loan by itself.
    """
    rest = payment
    refundable = 0
    lines = []
    for loan in loans:
        periods = periods_run(loan.terms, loan.days)
        charge = charge_to_date(loan.terms, periods)
        balance = loan.terms.principal + charge - loan.paid_before
        owed = max(0, balance)
        refundable += max(0, -balance)
        applied = min(rest, owed)
        rest -= applied
        lines.append(Applied(periods, charge, owed, applied, owed - applied))
    return lines, refundable + rest
