"""Terms as they are kept: a JSON object of a preset's name and the fields that differ, read back
into `Terms`.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from handup.kernel.credit.codes import (
    Component,
    FeeBase,
    FeeTaken,
    FeeWhen,
    PenaltyKind,
    Recalculation,
    Strategy,
    When,
)
from handup.kernel.credit.fees import at_disbursement
from handup.kernel.credit.presets import DEFAULT, PRESETS, UnknownPreset
from handup.kernel.credit.reading import TermsNotReadable, field_values, terms_data
from handup.kernel.credit.terms import Fee, Terms
from handup.kernel.credit.validity import check
from handup.kernel.errors import Refusal

_OF_INTEREST = (FeeBase.INTEREST, FeeBase.PRINCIPAL_AND_INTEREST)


class TermsNotOffered(Refusal):
    """These terms cannot be offered yet: {reason}."""


def read_terms(data: Mapping[str, Any], **over: Any) -> Terms:
    """Build `Terms` from its JSON; `over` replaces fields (e.g. the instalments agreed).

    Raises TermsNotReadable, UnknownPreset, BadTerms.
    """
    return _read(json.dumps({**data, **over}, sort_keys=True))


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


def check_offered(terms: Terms) -> None:
    """Refuse terms that do not hold as a whole, and those that the way from signature to books
    does not carry yet: a loan made on them could not be paid out or accrued. Raises Faults,
    TermsNotOffered.
    """
    check(terms)
    if terms.recalculation is not Recalculation.NONE:
        raise TermsNotOffered(field="terms", reason="the books accrue interest by the schedule")
    if terms.tranches_max > 1 or terms.down_payment_ppm:
        raise TermsNotOffered(field="terms", reason="a loan is paid out in one sum")
    if terms.penalty.kind is not PenaltyKind.NONE and not _penalty_first(terms):
        raise TermsNotOffered(field="terms", reason="what is late pays its penalty first")
    for fee in terms.fees:
        if (
            fee.when is not FeeWhen.DISBURSEMENT
            or fee.taken is not FeeTaken.WITHHELD
            or fee.base in _OF_INTEREST
        ):
            raise TermsNotOffered(
                field="terms",
                reason="fees are kept back when the loan is paid out, as an amount or share of it",
            )


def _penalty_first(terms: Terms) -> bool:
    """True when money for a late row pays its penalty before all else."""
    allocation = terms.allocation
    if allocation.strategy is not Strategy.MATRIX:
        return allocation.components[0] is Component.PENALTY
    late = [part for when, part in allocation.cells if when is When.PAST_DUE]
    return late[0] is Component.PENALTY and allocation.cells[0][0] is When.PAST_DUE


def rows_say_all(terms: Terms) -> bool:
    """True when a loan can be gone on with from its rows alone: interest follows the schedule and
    lateness costs nothing.
    """
    return (
        terms.recalculation is Recalculation.NONE
        and terms.penalty.kind is PenaltyKind.NONE
        and all(fee.when is not FeeWhen.OVERDUE for fee in terms.fees)
    )


def withheld(terms: Terms, principal: int) -> list[tuple[Fee, int]]:
    """Fees kept back at disbursement with their amounts, each rounded once."""
    return [
        (item.fee, item.units)
        for item in at_disbursement(terms, principal)
        if item.fee.taken is FeeTaken.WITHHELD
    ]
