"""What people keeps for a while only: the names and telephones of who asked (protection.md 4.6)."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from handup.org.retention import Rule
from handup.people.models import Enquiry

YEAR = 365


def _named(before: date) -> QuerySet[Any, Any]:
    """Enquiries of before a day that still say who asked."""
    rows = Enquiry._base_manager.filter(enquiry_date__lt=before)
    return rows.filter(~Q(name="") | ~Q(phone_hash="") | ~Q(wish=""))


def due(before: date) -> int:
    """How many still say who asked."""
    return _named(before).count()


def blank(before: date) -> int:
    """Blank who asked; that somebody asked, when and through what, still counts."""
    return _named(before).update(name="", phone="", phone_hash="", wish="")


RULES = (
    Rule(
        "ENQUIRY_NAMES",
        _("Names of enquiries"),
        _("Name, telephone and wish of who asked; that somebody asked stays counted."),
        YEAR,
        due,
        blank,
    ),
)
