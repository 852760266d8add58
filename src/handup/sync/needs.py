"""What an officer carries who writes down what communities need: her programmes and settlements."""

from typing import Any

from django.db.models import QuerySet

from handup.groups.services.needs import RECORD
from handup.org.models import StaffUser
from handup.org.permissions import grants_for
from handup.projects.models import Programme
from handup.sync.caseload import MOST_AREAS, areas_carried


def programmes_of(reader: StaffUser) -> QuerySet[Programme]:
    """The programmes of which she may write down needs."""
    return Programme.objects.reached_with(reader, RECORD).order_by("code")


def needs_of(reader: StaffUser) -> dict[str, Any] | None:
    """Where she may hold such a meeting; None where she holds none."""
    if not grants_for(reader, RECORD):
        return None
    areas, _left = areas_carried(reader)
    return {
        "programmes": [
            {"id": row.pk, "name": row.title} for row in programmes_of(reader)[:MOST_AREAS]
        ],
        "areas": [{"id": row.pk, "name": str(row)} for row in areas],
    }
