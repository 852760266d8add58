"""The smallest loans: asked for and appraised on one page, by whoever visits the borrower (rulings
5: MICRO depth). A product's bands say up to which amount.

The page is one, the persons are as always: whoever the borrower belongs to advised her, another
person appraises and records both, and others decide. Where no other person is found, or she is the
one herself, it is refused unless the profile of the house lets one person do several steps.
"""

from dataclasses import replace
from uuid import UUID

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.lending.models import Application, ProductVersion
from handup.lending.rules.eligibility import band_for, bands_of
from handup.lending.services.applications import ApplicationIn, apply_as_told, officer_of
from handup.lending.services.decisions import appraise_application
from handup.lending.services.taken_over import FoundIn, beside_last
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.web.money import format_money

SEAT = 1
"""An application's id and this make the id of the appraisal that came with it."""


class NotOnOnePage(Refusal):
    """{units} of this product is not asked for and appraised on one page; apply first, and let
    another person appraise it."""


def on_one_page(version: ProductVersion, units: int) -> bool:
    """Whether a loan of this amount is asked for and appraised on one page."""
    return band_for(bands_of(version.bands), units).one_page


def any_on_one_page(versions: "list[ProductVersion]") -> bool:
    """Whether any loan of some products is."""
    return any(band.one_page for version in versions for band in bands_of(version.bands))


def apply_on_one_page(
    *, acting_staff: StaffUser, asked: ApplicationIn, found: FoundIn
) -> Application:
    """Ask for a small loan and appraise it at once, all of it or nothing. The officer the borrower
    belongs to is the advisor where none is named. Told again under one id it is the same. What was
    told for her last loan of this product stands beside it, line by line.

    Raises NotAllowed, NotOnOnePage, SamePerson, ReasonNeeded, and what applying and appraising
    refuse.
    """
    require(acting_staff, "lending.appraise_application")
    terms = asked.product_version.terms
    if not on_one_page(asked.product_version, asked.units):
        money = format_money(asked.units, str(terms["currency"]))
        raise NotOnOnePage(field="units", units=money)
    officer = asked.officer or officer_of(asked.person or asked.group or asked.enterprise)
    told = replace(
        asked,
        officer=officer,
        advisor=asked.advisor or officer or acting_staff,
        told_before=asked.told_before or beside_last(asked, found, acting_staff),
    )
    with transaction.atomic():
        row = apply_as_told(acting_staff=acting_staff, asked=told)
        appraise_application(
            acting_staff=acting_staff,
            application=row,
            appraised_date=told.submitted_date,
            recommendation=found.recommendation,
            recommended_units=found.recommended_units,
            anchors=found.anchors,
            note=found.note,
            reason=found.reason,
            id=UUID(int=row.pk.int ^ SEAT),
        )
        row.refresh_from_db()
    return row
