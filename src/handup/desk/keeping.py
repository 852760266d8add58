"""What the import centre keeps for a while only: files that were rejected (people.md PE8,
protection.md 4.6)."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from handup.desk.models import ImportBatch, ImportPair
from handup.desk.rules.imports import BatchState
from handup.org.retention import Rule
from handup.org.services.files import destroy_file

QUARTER = 90


def _held(before: date) -> QuerySet[Any, Any]:
    """Rejected batches of before a day whose file is still here."""
    rows = ImportBatch._base_manager.filter(state=BatchState.REJECTED.value)
    return rows.filter(rejected_at__date__lt=before).exclude(file=None)


def due(before: date) -> int:
    """How many rejected files are still here."""
    return _held(before).count()


def blank(before: date) -> int:
    """Take the files away, and what was read of them; that one was rejected, and why, stays."""
    with transaction.atomic():
        rows = list(_held(before).select_related("file"))
        ids = [row.pk for row in rows]
        ImportPair._base_manager.filter(batch__in=ids).delete()
        ImportBatch._base_manager.filter(pk__in=ids).update(
            file=None, faults="", unknown={}, name="–"
        )
        for row in rows:
            destroy_file(row.file)
    return len(rows)


RULES = (
    Rule(
        "REJECTED_IMPORTS",
        _("Rejected files"),
        _("The file, its faults and whom it was compared with; that it was rejected stays."),
        QUARTER,
        due,
        blank,
    ),
)
