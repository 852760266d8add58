"""What plans adds to somebody's week: the visits she is to make."""

from datetime import date

from django.urls import reverse

from handup.kernel.named_lists import add_once
from handup.org.models import StaffUser
from handup.plans.models import Visit
from handup.plans.rules.states import VisitState
from handup.training import weeks
from handup.training.weeks import Due


def visits_to_make(staff: StaffUser, on: date, until: date) -> list[Due]:
    """Her planned visits up to a day, of whom she may see."""
    rows = Visit.objects.visible_to(staff).filter(
        visitor=staff, state=VisitState.PLANNED, planned_date__lte=until
    )
    return [
        Due(
            row.planned_date,
            row.get_kind_display(),
            row.person_id,
            str(row.person),
            row.place,
            reverse("plans:visit_detail", args=[row.pk]),
        )
        for row in rows.select_related("person").order_by("planned_date", "pk")
        if row.planned_date is not None
    ]


def register() -> None:
    """Join the week's list."""
    add_once(weeks.sources, ("plans.view_visit", visits_to_make))
