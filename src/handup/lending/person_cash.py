"""What is held of a person in cash that was collected: lines of collections, what waits for another
person, cash of nobody known; and how it is blanked.
"""

from collections.abc import Mapping
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from handup.lending.models import CollectionLine, Loan, StrayCash
from handup.lending.models.collections import stray_lines_of
from handup.lending.models.earlier import told_of
from handup.lending.models.stray import words_about
from handup.lending.services import keeping
from handup.org.web.money import format_day, format_money


def held_collected(person_id: UUID) -> Mapping[str, list[Mapping[str, str]]]:
    """What was collected of her, where she was absent, and what waits for another person."""
    rows = CollectionLine._base_manager.filter(loan__person_id=person_id)
    strays = stray_lines_of(_loans_of(person_id)).select_related("collection")
    return {
        _("Lines of collections that named her loan where it was not known"): [
            {
                _("Day"): format_day(row.collection.held_date),
                _("What the sheet says"): row.words,
                _("Paid"): format_money(row.units, row.collection.currency) if row.units else "",
                _("Absent"): _("yes") if row.absent else "",
            }
            for row in strays
        ],
        _("Collections"): [
            {
                _("Loan"): row.loan.code,
                _("Day"): format_day(row.collection.held_date),
                _("Paid"): format_money(row.units, row.loan.currency) if row.units else "",
                _("Absent"): _("yes") if row.absent else "",
            }
            for row in rows.select_related("loan", "collection")
        ],
        _("Of earlier days, for another person to confirm"): [
            {
                _("Day"): format_day(row.value_date),
                _("What"): row.get_kind_display(),
                _("Amount"): format_money(units, row.currency),
                _("Reference"): str(row.payload.get("reference", row.payload.get("receipt", ""))),
                _("Reason"): row.reason,
            }
            for row, units in told_of(person_id)
        ],
    }


def blank_stray(person_id: UUID) -> None:
    """What was said when cash of hers was brought that nobody knew; loan and amount stay."""
    loans = _loans_of(person_id)
    said = set(words_about(loans).values_list("stray", flat=True))
    hers = Q(loan__in=loans) | Q(stray_line__named__in=loans) | Q(pk__in=said)
    keeping.blank_said(StrayCash._base_manager.filter(hers))


def _loans_of(person_id: UUID) -> set[UUID]:
    """Her own loans."""
    return set(Loan._base_manager.filter(person_id=person_id).values_list("pk", flat=True))
