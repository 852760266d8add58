"""The work on lessons, on the desk: those whose review is overdue."""

from datetime import date

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.desk.write_offs import MOST
from handup.org.models import StaffUser
from handup.org.web.lists import Tone
from handup.org.web.money import format_day
from handup.org.web.pages import Task
from handup.projects.models import Lesson
from handup.projects.queries import lessons_overdue


def to_review(staff: StaffUser, today: date) -> list[Task]:
    """Lessons whose review is overdue, her own and those nobody owns, the longest first."""
    mine = Lesson.objects.visible_to(staff).filter(Q(owner=staff) | Q(owner=None))
    return [
        Task(
            row.statement[:80],
            _("Its review was due on %(day)s") % {"day": format_day(row.review_date or today)},
            reverse("projects:lesson_detail", args=[row.pk]),
            tone=Tone.WARN,
            due=row.review_date,
        )
        for row in lessons_overdue(mine, today).order_by("review_date", "id")[:MOST]
    ]
