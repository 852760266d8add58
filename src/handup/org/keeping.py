"""What the house keeps for a while only: edited lists whose review nobody ended, who read what, and
copies of everything; what went wrong, and on which devices one worked (protection.md 4.6).
"""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.org import copies, reads
from handup.org.jobs import job
from handup.org.models import ApiToken, Device, EditedCell, EditedList, Incident, Trip
from handup.org.retention import LEAST_DAYS, Rule
from handup.org.rules.incidents import IncidentState

QUARTER, YEAR = 90, 365
BLANKED = "\u2013"
INCIDENT_WORDS = ("what", "assessment", "told", "lesson")


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


def _incidents(before: date) -> QuerySet[Any, Any]:
    """Incidents closed before a day that still say what happened, and to whom."""
    closed = Incident._base_manager.filter(
        state=IncidentState.CLOSED.value, closed_at__date__lt=before
    )
    said = Q()
    for name in INCIDENT_WORDS:
        closed = closed.alias(**{f"_{name}": Cast(name, TextField())})
        said |= Q(**{f"_{name}__gt": ""})
    return closed.filter(said | ~Q(persons=[]) | ~Q(about=""))


def _incidents_due(before: date) -> int:
    return _incidents(before).count()


def _incidents_blank(before: date) -> int:
    """Blank the words and whom it touched; that it happened, its risk and its days stay."""
    with transaction.atomic():
        ids = list(_incidents(before).values_list("pk", flat=True))
        Incident._base_manager.filter(pk__in=ids).update(
            persons=[], about="", **dict.fromkeys(INCIDENT_WORDS, "")
        )
    return len(ids)


def _devices(before: date) -> QuerySet[Any, Any]:
    """Devices that ended before a day and still say what they were called and where they went."""
    rows = Device._base_manager.filter(ended_at__date__lt=before)
    told = ~Q(label=BLANKED) | Q(trips__isnull=False) | Q(tokens__isnull=False)
    return rows.filter(told).distinct()


def _devices_due(before: date) -> int:
    return _devices(before).count()


def _devices_blank(before: date) -> int:
    """Blank their names, and take their trips and dead tokens away. What was recorded on them
    stays, and so does the device it names.
    """
    with transaction.atomic():
        ids = list(_devices(before).values_list("pk", flat=True))
        Trip._base_manager.filter(device__in=ids).delete()
        ApiToken._base_manager.filter(device__in=ids).delete()
        Device._base_manager.filter(pk__in=ids).update(label=BLANKED)
    return len(ids)


RULES = (
    Rule(
        "INCIDENTS",
        _("What went wrong with personal data"),
        _("The words of closed incidents and whom they touched; kind, risk and days stay."),
        5 * YEAR,
        _incidents_due,
        _incidents_blank,
    ),
    Rule(
        "DEVICES",
        _("Devices that are not used any more"),
        _("What they were called, where they were taken, their tokens; what they recorded stays."),
        2 * YEAR,
        _devices_due,
        _devices_blank,
    ),
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
