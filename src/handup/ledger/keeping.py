"""How long the papers of the books are kept (protection.md 4.6). The entries themselves stay: they
are codes and amounts, chained, and nothing of them is blanked.
"""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from handup.ledger.models import Draft
from handup.org.retention import Rule
from handup.org.services.files import destroy_file

YEAR = 365
PAPERS_DAYS, LEAST_PAPERS_DAYS = 10 * YEAR, 5 * YEAR
"""Accounting papers; no setting takes them away within five years."""


def _held(before: date) -> QuerySet[Any, Any]:
    """Settled entries by hand of before a day whose paper is still here."""
    rows = Draft._base_manager.filter(happened_date__lt=before, settled_at__date__lt=before)
    return rows.exclude(attachment=None)


def due(before: date) -> int:
    """How many papers are still here."""
    return _held(before).count()


def blank(before: date) -> int:
    """Take the papers away; the entries, and who approved them, stay."""
    with transaction.atomic():
        rows = list(_held(before).select_related("attachment"))
        Draft._base_manager.filter(pk__in=[row.pk for row in rows]).update(attachment=None)
        for row in rows:
            destroy_file(row.attachment)
    return len(rows)


RULES = (
    Rule(
        "ENTRY_PAPERS",
        _("Papers of the books"),
        _("The paper an entry by hand rests on; the entry and who approved it stay."),
        PAPERS_DAYS,
        due,
        blank,
        LEAST_PAPERS_DAYS,
    ),
)
