"""The desk tells of lessons whose review is overdue: her own and those nobody owns."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from handup.desk import today as desk
from handup.desk.lessons import to_review
from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.org.tests.staff import staff_with
from handup.projects.models import Lesson, Programme
from handup.projects.rules.states import LessonState


def test_overdue_lessons_stand_on_the_desk_of_who_decides(db: None) -> None:
    today = timezone.localdate()
    programme = Programme.objects.create(code="L1", title="Lessons", currency="XTS")
    manager, other = staff_with("mgr", Role.MANAGER), staff_with("oth", Role.MANAGER)
    clerk = staff_with("clk", Role.CLERK)

    def learned(text: str, days: int, **more: Any) -> Lesson:
        return Lesson.objects.create(
            programme=programme,
            statement=text,
            review_date=today - timedelta(days=days),
            proposed_by=clerk,
            **more,
        )

    mine = learned("Ask the women first.", 9, owner=manager)
    nobodys = learned("Lend in autumn.", 3)
    learned("Another's.", 5, owner=other)
    learned("Today.", 0)
    learned("Looked at.", 5, state=LessonState.REVIEWED.value)
    tasks = to_review(manager, today)
    assert [str(task.title) for task in tasks] == [mine.statement, nobodys.statement]

    def told(staff: StaffUser) -> bool:
        titles = [str(group.title) for group in desk.task_groups(staff, today)]
        return any("Lessons to review" in title for title in titles)

    assert told(manager)
    assert not told(clerk)
