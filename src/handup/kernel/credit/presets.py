"""Named sets of terms as data: what differs from the default, so that portfolios of other systems
move in cent for cent. A product copies one and may tighten it.

Each line is written as terms are stored: codes as text, a rounding as unit and mode.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from handup.kernel.credit.reading import field_values
from handup.kernel.credit.terms import Terms
from handup.kernel.errors import Refusal

DEFAULT = "handup-declining"

_HALF_EVEN: Mapping[str, Any] = {
    f"{place}_rounding": {"unit": 1, "mode": "HALF_EVEN"}
    for place in ("interest", "principal", "fee", "instalment")
}
_PER_LOAN: Mapping[str, Any] = {
    "annuity": "FIRST_PERIOD_RATE",
    "total_rounding": {"unit": 1, "mode": "HALF_UP"},
}
_CUMULATIVE: Mapping[str, Any] = {**_HALF_EVEN, "annuity": "FIRST_PERIOD_RATE"}
_PROGRESSIVE: Mapping[str, Any] = {**_HALF_EVEN, "smoothing": "ONCE"}

DATA: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "handup-declining": {},
        "handup-flat": {"method": "FLAT", "day_count": "MONTHS_12"},
        "handup-weekly": {"unit": "WEEK", "off_day_rule": "NEXT_MEETING"},
        "handup-seasonal": {"repayment": "PRINCIPAL_SHARES"},
        "handup-interest-free": {
            "rate_ppm": 0,
            "repayment": "EQUAL_PRINCIPAL",
            "residue": "SPREAD",
        },
        "mifos-classic-flat": {**_PER_LOAN, "method": "FLAT", "day_count": "MONTHS_12"},
        "mifos-classic-declining": {**_PER_LOAN, "day_count": "MONTHS_12"},
        "mifos-classic-principal": {
            **_PER_LOAN,
            "repayment": "EQUAL_PRINCIPAL",
            "day_count": "MONTHS_12",
        },
        "fineract-cumulative-months": {**_CUMULATIVE, "day_count": "MONTHS_12"},
        "fineract-cumulative-days": {**_CUMULATIVE, "day_count": "DAYS_365"},
        "fineract-cumulative-flat": {**_CUMULATIVE, "method": "FLAT", "day_count": "MONTHS_12"},
        "fineract-progressive-months": {**_PROGRESSIVE, "day_count": "MONTHS_12"},
        "fineract-progressive-weeks": {**_PROGRESSIVE, "unit": "WEEK", "day_count": "WEEKS_52"},
        "fineract-progressive-days": {**_PROGRESSIVE, "day_count": "DAYS_365"},
        "fineract-progressive-actual": {**_PROGRESSIVE, "day_count": "ACTUAL_ACTUAL"},
        "frappe-term": {
            "annuity": "FIRST_PERIOD_RATE",
            "day_count": "MONTHS_12",
            "interest_rounding": {"unit": 1, "mode": "HALF_EVEN"},
            "instalment_rounding": {"unit": 100, "mode": "CEILING"},
        },
        "mifos-daily": {"rate_per": "DAY", "recalculation": "DAILY_RATE"},
    }
)


class UnknownPreset(Refusal):
    """There is no set of terms called {name}."""


PRESETS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {name: MappingProxyType(field_values(fields)) for name, fields in DATA.items()}
)
"""The same with each value in the type of its field."""


def preset(name: str, **fields: Any) -> Terms:
    """The terms of a preset with a product's own fields over it. Raises UnknownPreset, BadTerms."""
    if name not in PRESETS:
        raise UnknownPreset(name=name)
    return Terms(**{**PRESETS[name], **fields})


def is_legacy(name: str) -> bool:
    """True for another system's convention: it may carry loans moved in, also where a product of
    our own would be refused. Raises UnknownPreset.
    """
    if name not in PRESETS:
        raise UnknownPreset(name=name)
    return not name.startswith("handup-")


def tightened(terms: Terms, **fields: Any) -> Terms:
    """The same terms with some fields changed. Raises BadTerms."""
    return replace(terms, **fields)
