"""What is due of complaints and praise."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from handup.org.models import StaffUser
from handup.people.models import Grievance
from handup.people.rules.grievances import GrievanceState as S

WAITING = (S.ACKNOWLEDGED.value, S.IN_PROGRESS.value, S.APPEALED.value)


def overdue(rows: QuerySet[Any, Any], on: date) -> QuerySet[Any, Any]:
    """Those whose next step was due before a day."""
    unread = Q(state=S.RECEIVED.value, acknowledge_date__lt=on)
    return rows.filter(unread | Q(state__in=WAITING, resolve_date__lt=on))


def open_grievances(staff: StaffUser) -> QuerySet[Grievance, Grievance]:
    """Those a step is waited for in, as far as she may know of them, the longest due first."""
    rows: QuerySet[Grievance, Grievance] = Grievance.objects.visible_to(staff)
    return rows.filter(state__in=(S.RECEIVED.value, *WAITING)).order_by("acknowledge_date", "id")
