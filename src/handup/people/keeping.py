"""What people keeps for a while only (protection.md 4.6): who asked and did not come, what was said
in complaints, restricted cases, what refused applications were decided by, what was asked about
data, who was in the files given to others.

What a court or a law holds of a person is left as it is until the hold ends.
"""

from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Q, QuerySet, TextField
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.org import triggers
from handup.org.models import StoredFile
from handup.org.retention import Rule
from handup.org.services.files import destroy_file
from handup.people.models import (
    CASE_TABLES,
    CaseDocument,
    Compartment,
    DisclosedPerson,
    Disclosure,
    Enquiry,
    Grievance,
    GrievanceStep,
    Participation,
    SubjectRequest,
)
from handup.people.rules.codes import ParticipationState
from handup.people.rules.grievances import GrievanceState
from handup.people.rules.requests import BY_HAND, ENDED

YEAR = 365
OVER = (GrievanceState.CLOSED.value, GrievanceState.WITHDRAWN.value)
ASKED = ("asker", "details", "answer")
SAID = ("contact", "text", "restricted_text", "tracking")


def _held() -> QuerySet[Any, Any]:
    """Persons of whom a court or a law holds what there is."""
    rows = SubjectRequest._base_manager.filter(hold_reason__in=[one.value for one in BY_HAND])
    rows = rows.filter(Q(held_until=None) | Q(held_until__gte=timezone.localdate()))
    return rows.exclude(person=None).values("person")


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


def _said(before: date) -> QuerySet[Any, Any]:
    """Complaints that were over before a day and still say what was said."""
    rows = Grievance._base_manager.filter(state__in=OVER).exclude(person__in=_held())
    rows = rows.alias(
        last=Coalesce(Max("steps__step_date"), "received_date"),
        **{f"_{name}": Cast(name, TextField()) for name in SAID},
    )
    holding = Q()
    for name in SAID:
        holding |= Q(**{f"_{name}__gt": ""})
    return rows.filter(holding, last__lt=before)


def _said_due(before: date) -> int:
    return len(_said(before).values_list("pk"))


def _said_blank(before: date) -> int:
    """Blank what was said and answered. Of whom stays, so that she is not shown it now."""
    with transaction.atomic():
        found = list(_said(before).values_list("pk", flat=True))
        GrievanceStep._base_manager.filter(grievance__in=found).update(note="", restricted_note="")
        Grievance._base_manager.filter(pk__in=found).update(
            **dict.fromkeys((*SAID, "tracking_hash"), "")
        )
    return len(found)


def _cases(before: date) -> QuerySet[Any, Any]:
    """Restricted cases closed before a day."""
    return Compartment._base_manager.filter(closed_date__lt=before).exclude(person__in=_held())


def _cases_due(before: date) -> int:
    return _cases(before).count()


def _cases_blank(before: date) -> int:
    """Take cases away with all that lies in them: their kind alone would tell."""
    with transaction.atomic():
        found = list(_cases(before).values_list("pk", flat=True))
        papers = CaseDocument._base_manager.filter(compartment__in=found).exclude(file=None)
        files = list(StoredFile.objects.filter(pk__in=papers.values("file")))
        for table in reversed(CASE_TABLES):
            key = "pk__in" if table is Compartment else "compartment__in"
            table._base_manager.filter(**{key: found}).delete()
        for file in files:
            destroy_file(file)
    return len(found)


def _refused(before: date) -> QuerySet[Any, Any]:
    """Applications refused before a day that still hold what they were decided by."""
    rows = Participation._base_manager.filter(
        state=ParticipationState.NOT_ELIGIBLE.value, decided_date__lt=before
    )
    return rows.exclude(decision={}).exclude(person__in=_held())


def _refused_due(before: date) -> int:
    return _refused(before).count()


def _refused_blank(before: date) -> int:
    """Blank what was known of her when she was refused; that she was, and why, stays."""
    with transaction.atomic():
        found = list(_refused(before).values_list("pk", flat=True))
        Participation._base_manager.filter(pk__in=found).update(decision={}, sealed_facts="")
        earlier = Participation.history.model._base_manager
        earlier.filter(id__in=found).update(decision={}, sealed_facts="")
    return len(found)


def _requests(before: date) -> QuerySet[Any, Any]:
    """Requests about data that were over before a day and still say what was asked."""
    rows = SubjectRequest._base_manager.filter(
        state__in=[state.value for state in ENDED], closed_date__lt=before
    )
    rows = rows.exclude(person__in=_held())
    asked = Q()
    for name in ASKED:
        rows = rows.alias(**{f"_{name}": Cast(name, TextField())})
        asked |= Q(**{f"_{name}__gt": ""})
    return rows.filter(asked)


def _requests_due(before: date) -> int:
    return _requests(before).count()


def _requests_blank(before: date) -> int:
    """Blank the words; that she asked, what came of it and the proof of an erasure stay."""
    with transaction.atomic():
        found = list(_requests(before).values_list("pk", flat=True))
        SubjectRequest._base_manager.filter(pk__in=found).update(**dict.fromkeys(ASKED, ""))
    return len(found)


def _disclosures(before: date) -> QuerySet[Any, Any]:
    """Files given before a day, under agreements whose end is proved or that gave nothing since,
    that still name whom they held. One with somebody a court or a law holds waits for her.
    """
    rows = Disclosure._base_manager.filter(made_date__lt=before)
    held = DisclosedPerson._base_manager.filter(person__in=_held())
    rows = rows.exclude(pk__in=held.values("disclosure"))
    over = Q(agreement__proven_date__lt=before) | Q(agreement__destroy_date__lt=before)
    return rows.filter(over).filter(Q(persons__isnull=False) | ~Q(file=None)).distinct()


def _disclosures_due(before: date) -> int:
    return _disclosures(before).count()


def _disclosures_blank(before: date) -> int:
    """Take away who was in the files and any file that is still here; how many persons, which
    fields, the sum and the days stay.
    """
    with transaction.atomic():
        rows = list(_disclosures(before).select_related("file"))
        found = [row.pk for row in rows]
        Disclosure._base_manager.filter(pk__in=found).update(file=None)
        with triggers.may_delete(connection, "people.DisclosedPerson"):
            DisclosedPerson._base_manager.filter(disclosure__in=found).delete()
        for row in rows:
            if row.file is not None:
                destroy_file(row.file)
    return len(rows)


RULES = (
    Rule(
        "SUBJECT_REQUESTS",
        _("What was asked about data"),
        _("The words of who asked and was answered; kind, days and the proof stay."),
        5 * YEAR,
        _requests_due,
        _requests_blank,
    ),
    Rule(
        "DISCLOSURES",
        _("Who was in the files given to others"),
        _("The persons of each file; how many, which fields, its sum and its day stay."),
        5 * YEAR,
        _disclosures_due,
        _disclosures_blank,
        YEAR,
    ),
    Rule(
        "ENQUIRY_NAMES",
        _("Names of enquiries"),
        _("Name, telephone and wish of who asked; that somebody asked stays counted."),
        YEAR,
        due,
        blank,
    ),
    Rule(
        "REFUSED_APPLICATIONS",
        _("What refused applications were decided by"),
        _("The facts the rule saw; that she applied, was refused, and the reason stay."),
        2 * YEAR,
        _refused_due,
        _refused_blank,
    ),
    Rule(
        "CLOSED_COMPLAINTS",
        _("What was said in complaints that are over"),
        _("What was said and answered, and how to reach her; kind, days and states stay."),
        5 * YEAR,
        _said_due,
        _said_blank,
    ),
    Rule(
        "CLOSED_CASES",
        _("Restricted cases that are closed"),
        _("The case with its notes, actions, papers and team. Nothing of it stays."),
        2 * YEAR,
        _cases_due,
        _cases_blank,
    ),
)
