"""Terms as they are kept: a JSON object of a preset's name and the fields that differ, read back
into `Terms`.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from handup.kernel.credit.codes import (
    FeeTaken,
    FeeWhen,
    PenaltyKind,
    Recalculation,
)
from handup.kernel.credit.fees import at_disbursement
from handup.kernel.credit.presets import DEFAULT, PRESETS, UnknownPreset
from handup.kernel.credit.reading import TermsNotReadable, field_values, terms_data
from handup.kernel.credit.terms import Fee, Terms
from handup.kernel.errors import Refusal


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
    """Refuse what the engine does not calculate yet, so that no loan is made on it. Raises
    TermsNotOffered.
    """
    if terms.recalculation is not Recalculation.NONE:
        raise TermsNotOffered(field="terms", reason="interest follows the schedule only")
    if terms.penalty.kind is not PenaltyKind.NONE:
        raise TermsNotOffered(field="terms", reason="no penalty for lateness")
    if terms.tranches_max > 1:
        raise TermsNotOffered(field="terms", reason="one payment to the borrower")
    if terms.down_payment_ppm:
        raise TermsNotOffered(field="terms", reason="no down payment")
    for fee in terms.fees:
        if fee.when is not FeeWhen.DISBURSEMENT or fee.taken is not FeeTaken.WITHHELD:
            raise TermsNotOffered(
                field="terms", reason="fees are kept back when the loan is paid out"
            )


def withheld(terms: Terms, principal: int) -> list[tuple[Fee, int]]:
    """Fees kept back at disbursement with their amounts, each rounded once."""
    return [
        (item.fee, item.units)
        for item in at_disbursement(terms, principal)
        if item.fee.taken is FeeTaken.WITHHELD
    ]
