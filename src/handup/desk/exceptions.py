"""Steps one person did alone last month that were drawn for somebody else to look at."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.org import duties
from handup.org.models import DutyException, StaffUser
from handup.org.web.acts import spoken
from handup.org.web.columns import Tone
from handup.org.web.money import format_day
from handup.org.web.pages import Action, Task
from handup.org.web.settings.duties import last_month


def to_review(staff: StaffUser, today: date) -> list[Task]:
    """Those of the sample nobody has looked at and she had no hand in."""
    rows: Any = DutyException.objects.visible_to(staff).filter(
        pk__in=duties.monthly_sample(last_month()), reviewed_at=None
    )
    return [
        Task(
            spoken(row.step),
            f"{row.staff}, {format_day(timezone.localdate(row.recorded_at))}. {row.reason}",
            reverse("org:duty_review", args=[row.pk]),
            Action(_("Look at it"), "org:duty_review", "org.review_duty", args=(row.pk,)),
            Tone.WARN,
        )
        for row in rows.select_related("staff")
        if str(staff.pk) not in {str(row.staff_id), *row.others}
    ]
