"""What the house keeps for a while only: edited lists whose review nobody ended, who read what, and
copies of everything (protection.md 4.6).
"""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.org import copies, reads
from handup.org.jobs import job
from handup.org.models import EditedCell, EditedList
from handup.org.retention import LEAST_DAYS, Rule

QUARTER, YEAR = 90, 365


def _held(before: date) -> QuerySet[Any, Any]:
    """Reviews that began before a day and still hold what was read of the file."""
    rows = EditedList._base_manager.filter(recorded_at__date__lt=before)
    return rows.exclude(name="–")


def due(before: date) -> int:
    """How many reviews still hold what was read."""
    return _held(before).count()


def blank(before: date) -> int:
    """End them and take away what was read; that a list was loaded, and how much of it was taken,
    stays.
    """
    with transaction.atomic():
        ids = list(_held(before).values_list("pk", flat=True))
        EditedCell._base_manager.filter(edited__in=ids).delete()
        EditedList._base_manager.filter(pk__in=ids).update(name="–", faults="")
        EditedList._base_manager.filter(pk__in=ids, ended_at=None).update(ended_at=timezone.now())
    return len(ids)


@job
def cut_reads(before: str) -> None:
    """The job that cuts the read log; before: a day, as YYYY-MM-DD."""
    reads.cut_chain(date.fromisoformat(before))


def cut_read_log(before: date) -> int:
    """Have the entries from before a day taken away, in pieces, by a job: no page can be shown
    while one goes. How many are due.
    """
    cut_reads.enqueue(before.isoformat())
    return reads.old_entries(before)


RULES = (
    Rule(
        "EDITED_LISTS",
        _("Edited lists"),
        _("The changed cells of a list that was loaded again; that it was loaded stays."),
        LEAST_DAYS,
        due,
        blank,
    ),
    Rule(
        "READ_LOG",
        _("Who read what"),
        _("The oldest entries of the read log; the rest proves that nothing else is missing."),
        5 * YEAR,
        reads.old_entries,
        cut_read_log,
        5 * YEAR,
    ),
    Rule(
        "BACKUPS",
        _("Backups in the folder of this house"),
        _("Whole copies; the newest stays. Copies carried elsewhere are not reached."),
        QUARTER,
        copies.due,
        copies.remove,
    ),
)
