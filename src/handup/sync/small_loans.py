"""What an appraiser's phone carries for the smallest loans: the products whose loans are asked for
and appraised on one page, and up to which amount; and of those whose loan its holder appraised
herself before, what was told then, so that the next one asks only what changed (rulings 5). It
carries nobody else: whoever asks is told by the number on her card, and the office looks her up."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone

from handup.kernel.credit.terms import Terms
from handup.lending.models import Loan, ProductVersion
from handup.lending.nameless import named_only
from handup.lending.rules.eligibility import DecisionBand, bands_of
from handup.lending.rules.terms import read_terms
from handup.lending.services.again import AFTER
from handup.org.duties import asks_reason
from handup.org.models import StaffUser
from handup.org.permissions import grants_for
from handup.org.web.money import currency_digits
from handup.people.models import Person

NEEDED = ("lending.apply_for_loan", "lending.appraise_application")
MOST, MOST_BEFORE = 40, 100


def small_loans_of(reader: StaffUser) -> list[dict[str, Any]]:
    """The products whose smallest loans a reader asks for and appraises, by name, each as it is
    offered now: the version that came into force last."""
    told = [_told(row) for row in _offered(reader)]
    return [one for one in told if one is not None][:MOST]


def before_of(reader: StaffUser) -> tuple[list[dict[str, Any]], list[UUID]]:
    """What was told for the last small loan of each borrower whom a reader appraised herself and
    may know by name, where its product is offered on one page now; and the persons it names."""
    offered = {row.product_id: row for row in _offered(reader) if _told(row) is not None}
    if not offered:
        return [], []
    loans = Loan.objects.reached_with(reader, "lending.appraise_application").filter(
        state__in=AFTER,
        person__erased_date=None,
        person__in=Person.objects.visible_to(reader),
        product_version__product__in=offered,
        agreement__application__appraisals__appraiser=reader,
    )
    rows = (
        named_only(loans, reader)
        .select_related("person", "product_version", "agreement__application")
        .prefetch_related("agreement__application__appraisals")
        .order_by("-agreement__application__submitted_date", "-pk")
    )
    last: dict[UUID, Loan] = {}
    for row in rows[: 4 * MOST_BEFORE]:
        if row.person_id is not None:
            last.setdefault(row.person_id, row)
    found = [_before(row, reader, offered) for row in list(last.values())[:MOST_BEFORE]]
    return found, list(last)[:MOST_BEFORE]


def _before(row: Loan, reader: StaffUser, offered: Mapping[UUID, ProductVersion]) -> dict[str, Any]:
    assert row.agreement is not None
    assert row.product_version is not None
    asked = row.agreement.application
    hers = [one for one in asked.appraisals.all() if one.appraiser_id == reader.pk]
    return {
        "person_no": row.person.registration_no if row.person else "",
        "name": str(row.person),
        "version_id": offered[row.product_version.product_id].pk,
        "units": asked.asked_units,
        "instalments": asked.instalments,
        "purpose": asked.purpose,
        "marks": hers[0].scores if hers else {},
    }


def _offered(reader: StaffUser) -> list[ProductVersion]:
    """The products a reader asks for and appraises, by name, each as it is offered now."""
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
    return sorted(offered.values(), key=lambda row: (row.product.name, row.pk))


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
