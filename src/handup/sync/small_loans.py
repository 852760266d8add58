"""What an appraiser's phone carries for the smallest loans: the products whose loans are asked for
and appraised on one page, and up to which amount. It carries nobody: whoever asks is told by the
number on her card, and the office looks her up."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from handup.kernel.credit.terms import Terms
from handup.lending.models import ProductVersion
from handup.lending.rules.eligibility import DecisionBand, bands_of
from handup.lending.rules.terms import read_terms
from handup.org.duties import asks_reason
from handup.org.models import StaffUser
from handup.org.permissions import grants_for
from handup.org.web.money import currency_digits

NEEDED = ("lending.apply_for_loan", "lending.appraise_application")
MOST = 40


def small_loans_of(reader: StaffUser) -> list[dict[str, Any]]:
    """The products whose smallest loans a reader asks for and appraises, by name, each as it is
    offered now: the version that came into force last."""
    if not all(grants_for(reader, code) for code in NEEDED):
        return []
    rows = ProductVersion.objects.visible_to(reader).filter(
        approved_by__isnull=False,
        effective_date__lte=timezone.localdate(),
        product__active=True,
    )
    offered: dict[UUID, ProductVersion] = {}
    for row in rows.select_related("product").order_by("effective_date", "number"):
        offered[row.product_id] = row
    in_order = sorted(offered.values(), key=lambda row: (row.product.name, row.pk))
    told = [_told(row) for row in in_order]
    return [one for one in told if one is not None][:MOST]


def _told(row: ProductVersion) -> dict[str, Any] | None:
    terms = read_terms(row.terms)
    most = most_on_one_page(bands_of(row.bands), terms)
    if most is None:
        return None
    return {
        "version_id": row.pk,
        "product": row.product.name,
        "currency": terms.currency,
        "currency_digits": currency_digits(terms.currency),
        "least_units": terms.principal_min_units,
        "most_units": most,
        "instalments": terms.instalments,
        "asks_reason": asks_reason("lending.appraise_application", most),
    }


def most_on_one_page(bands: "tuple[DecisionBand, ...]", terms: Terms) -> int | None:
    """The largest amount of a product that is asked for on one page; None where there is none."""
    found = [band.up_to_units for band in bands if band.one_page]
    limits = [units for units in (terms.principal_max_units,) if units]
    if not found:
        return None
    if None not in found:
        limits.append(max(units for units in found if units is not None))
    most = min(limits, default=MOST_UNITS)
    return most if most >= terms.principal_min_units else None


MOST_UNITS = 10**13
