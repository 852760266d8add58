"""Which fees a borrower who withdraws gets back: those that the terms call refundable, as far as
they were paid.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from handup.kernel.credit.codes import FeeKind, FeeTaken, FeeWhen
from handup.kernel.credit.fees import rounded_fee
from handup.kernel.credit.terms import Fee, Terms
from handup.kernel.money import round_to
from handup.lending.rules.premiums import owed_on
from handup.lending.rules.state import DueRow

FEE_PLACE = 1


class GivenBack(NamedTuple):
    """Fees that were our income, and premiums that are owed to an insurer."""

    fee: int = 0
    premium: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return self.fee + self.premium


NOTHING_BACK = GivenBack()


def given_back(
    terms: Terms, first: Mapping[str, Any], units: int, start: date, rows: Iterable[DueRow]
) -> GivenBack:
    """What comes back. first: what the pay-out of `start` says (its rows, the fees kept back and
    added); units: the whole loan; rows: as they stand before the withdrawal. Of a row in part paid,
    what comes back counts as paid first.
    """
    back = {fee.code: fee for fee in terms.fees if fee.refundable}
    if not back:
        return NOTHING_BACK
    fee = premium = 0
    for item in (*first.get("withheld", ()), *first.get("added", ())):
        found = back.get(item["code"])
        if found is not None and found.kind is FeeKind.INSURANCE:
            premium += item["units"]
        elif found is not None:
            fee += item["units"]
    interest = sum(row["interest"] for row in first.get("rows", ()))
    at_once = _sum(terms, (item for item in back.values() if _in_cash(item)), units, interest)
    each = [item for item in back.values() if item.when is FeeWhen.INSTALMENT]
    with_each = _sum(terms, each, units, interest)
    share = owed_on(replace(terms, fees=tuple(each)), units)
    for row in rows:
        paid = min(row.paid[FEE_PLACE], at_once if row.due_date == start else with_each)
        insured = 0 if row.due_date == start else round_to(paid * share)
        fee += paid - insured
        premium += insured
    return GivenBack(fee, premium)


def _in_cash(fee: Fee) -> bool:
    return fee.when is FeeWhen.DISBURSEMENT and fee.taken is FeeTaken.CASH


def _sum(terms: Terms, fees: Iterable[Fee], units: int, interest: int) -> int:
    return sum(rounded_fee(terms, fee, units, interest) for fee in fees)
