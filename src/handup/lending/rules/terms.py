"""Terms as they are kept: a JSON object of a preset's name and the fields that differ, read back
into `Terms`.
"""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from handup.kernel.credit.codes import (
    Component,
    FeeBase,
    FeeKind,
    FeeTaken,
    FeeWhen,
    PenaltyKind,
    Recalculation,
    Repayment,
    Strategy,
    When,
)
from handup.kernel.credit.fees import FeeDue, at_disbursement
from handup.kernel.credit.presets import DEFAULT, PRESETS, UnknownPreset
from handup.kernel.credit.reading import TermsNotReadable, field_values, terms_data
from handup.kernel.credit.terms import Fee, Terms
from handup.kernel.credit.validity import check, check_loan
from handup.kernel.errors import Refusal
from handup.kernel.jsontext import writer
from handup.lending.rules.premiums import with_instalments

_write = writer(sort_keys=True)
_OF_INTEREST = (FeeBase.INTEREST, FeeBase.PRINCIPAL_AND_INTEREST)


class TermsNotOffered(Refusal):
    """These terms cannot be offered yet: {reason}."""


def read_terms(data: Mapping[str, Any], **over: Any) -> Terms:
    """Build `Terms` from its JSON; `over` replaces fields (e.g. the instalments agreed).

    Raises TermsNotReadable, UnknownPreset, BadTerms.
    """
    return _read(_write({**data, **over} if over else data))


@lru_cache(maxsize=512)
def _read(text: str) -> Terms:
    data: dict[str, Any] = json.loads(text)
    name = data.pop("preset", DEFAULT)
    if name not in PRESETS:
        raise UnknownPreset(name=name)
    given = field_values(data)
    if missing := sorted({"currency", "rate_ppm"} - set(given) - set(PRESETS[name])):
        raise TermsNotReadable(reason=f"missing {', '.join(missing)}")
    return Terms(**{**PRESETS[name], **given})


def write_terms(terms: Terms) -> dict[str, Any]:
    """The JSON of resolved terms: what differs from the defaults, currency, rate and number
    always.
    """
    return terms_data(terms)


def lateness_costs(terms: Terms) -> bool:
    """True when an instalment that is late costs more, which is worked out and never stored."""
    return terms.penalty.kind is not PenaltyKind.NONE or any(
        fee.when is FeeWhen.OVERDUE for fee in terms.fees
    )


def _penalty_first(terms: Terms) -> bool:
    """True when money for a late row pays its penalty before all else."""
    allocation = terms.allocation
    if allocation.strategy is not Strategy.MATRIX:
        return allocation.components[0] is Component.PENALTY
    late = [part for when, part in allocation.cells if when is When.PAST_DUE]
    return late[0] is Component.PENALTY and allocation.cells[0][0] is When.PAST_DUE


def _with_parts(fee: Fee) -> bool:
    """True for a fee that does not change with how much of the loan is paid out already."""
    if fee.when is FeeWhen.DISBURSEMENT:
        return fee.taken is FeeTaken.WITHHELD
    return fee.when is FeeWhen.OVERDUE or not fee.ppm


def _changes_the_share(fee: Fee) -> bool:
    """True for a fee that makes the insurer's share of an instalment's fee another in each row."""
    if fee.when is FeeWhen.INSTALMENT:
        return fee.base in _OF_INTEREST
    return fee.when is FeeWhen.DUE_DATE


_NOT_CARRIED: tuple[tuple[str, Callable[[Terms], bool], str], ...] = (
    (
        "arrears_tolerance_units",
        lambda terms: (
            terms.recalculation is Recalculation.DAILY_RATE and terms.arrears_tolerance_units > 0
        ),
        "by a daily rate every unit that is late earns, and makes late",
    ),
    (
        "fees",
        lambda terms: terms.tranches_max > 1 and not all(map(_with_parts, terms.fees)),
        "of a loan in parts, fees are kept back with the first, or an amount with each instalment",
    ),
    (
        "fees",
        lambda terms: bool(with_instalments(terms)) and any(map(_changes_the_share, terms.fees)),
        "beside a premium with every instalment, fees with it are amounts or shares of the loan,"
        " and none has a day of its own",
    ),
    (
        "allocation",
        lambda terms: lateness_costs(terms) and not _penalty_first(terms),
        "what is late pays its penalty first",
    ),
)
"""What no service carries through: the field, how it is known, and why."""


def check_offered(terms: Terms, *, for_import: bool = False) -> None:
    """Refuse terms that do not hold as a whole, and those that the way from signature to books
    does not carry yet, each with what and why. `for_import`: terms of loans moved in from another
    system. Raises Faults, TermsNotOffered.
    """
    check(terms, for_import=for_import)
    for field, wrong, reason in _NOT_CARRIED:
        if wrong(terms):
            raise TermsNotOffered(field=field, reason=reason)
    for fee in terms.fees:
        reason = _fee_not_carried(fee)
        if reason:
            raise TermsNotOffered(field="fees", reason=f"{fee.code}: {reason}")


def check_own(terms: Terms, product: Terms, units: int) -> None:
    """Refuse a loan whose number of instalments, or whose amount below the product's smallest, no
    sound schedule can be made of; the product itself was tried when it was proposed. Raises
    TermsLastTooLarge, TermsDrift and what the schedule refuses.
    """
    fixed = terms.repayment is Repayment.FIXED_INSTALMENT
    as_tried = terms.instalments == product.instalments and units >= product.principal_min_units
    if fixed or as_tried:
        return
    try:
        _check_loan(terms, units)
    except Refusal as refusal:
        refusal.field = "instalments"
        raise


_check_loan = lru_cache(maxsize=512)(check_loan)


def _fee_not_carried(fee: Fee) -> str:
    """Why a fee cannot be kept yet, in a few words; empty when it can."""
    if fee.when is FeeWhen.DUE_DATE:
        if fee.kind is FeeKind.INSURANCE:
            return "a premium is taken when the loan is paid out or with every instalment"
        if fee.refundable:
            return "a fee on a day of its own is not paid yet when a borrower withdraws"
    if fee.when is FeeWhen.OVERDUE and fee.kind is not FeeKind.PENALTY:
        return "what lateness costs is a penalty in the books: mark it as one"
    if fee.when is FeeWhen.DISBURSEMENT:
        if fee.taken is not FeeTaken.CASH and fee.base in _OF_INTEREST:
            return "a share of the interest is known on the day itself: the borrower pays it then"
        if fee.kind is FeeKind.INSURANCE and fee.taken is FeeTaken.CASH:
            return "a premium is kept back from the loan or added to it, to be owed on"
    return ""


def interest_is_planned(terms: Terms) -> bool:
    """True when interest is that of the schedule, whenever money comes."""
    return terms.recalculation is Recalculation.NONE


def rows_say_all(terms: Terms) -> bool:
    """True when a loan can be gone on with from its rows alone: interest follows the schedule,
    lateness costs nothing, and no payment holds an insurer's money.
    """
    plain = interest_is_planned(terms) and not lateness_costs(terms)
    return plain and not with_instalments(terms)


def sends_ahead(terms: Terms) -> bool:
    """True when a payment may say which instalments to come it settles: they are served by a
    matrix, and interest follows the schedule.
    """
    return interest_is_planned(terms) and terms.allocation.strategy is Strategy.MATRIX


class Taken(NamedTuple):
    """The fees of paying a loan out by how they are taken, each with its amount."""

    withheld: tuple[FeeDue, ...]
    cash: tuple[FeeDue, ...]
    capitalised: tuple[FeeDue, ...]

    @property
    def withheld_units(self) -> int:
        """What the borrower is not handed."""
        return sum(item.units for item in self.withheld)

    @property
    def cash_units(self) -> int:
        """What the borrower pays on the day."""
        return sum(item.units for item in self.cash)

    @property
    def capitalised_units(self) -> int:
        """What is added to the principal."""
        return sum(item.units for item in self.capitalised)


NOTHING_TAKEN = Taken((), (), ())


def taken_at(terms: Terms, principal: int, interest: int = 0) -> Taken:
    """The fees of paying out; `interest` is the whole interest of the schedule."""
    due = at_disbursement(terms, principal, interest)
    withheld, cash, capitalised = (
        tuple(item for item in due if item.fee.taken is how)
        for how in (FeeTaken.WITHHELD, FeeTaken.CASH, FeeTaken.CAPITALISED)
    )
    return Taken(withheld, cash, capitalised)
