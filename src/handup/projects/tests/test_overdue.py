"""Lessons whose review is overdue, on their list."""

from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.org.models import StaffUser
from handup.projects.models import Lesson, Programme
from handup.projects.rules.states import LessonState


def test_lessons_whose_review_is_overdue_are_listed(
    manager: StaffUser, programme: Programme
) -> None:
    address = reverse("projects:lesson_list")
    today = timezone.localdate()
    browser = Client()
    browser.force_login(manager)
    lesson = Lesson.objects.create(
        programme=programme, statement="A short course is forgotten.", proposed_by=manager
    )

    def listed(query: str = "") -> str:
        return browser.post(address, {"overdue": "1", "q": query}, follow=True).content.decode()

    for days, there in ((0, False), (1, True)):
        Lesson.objects.filter(pk=lesson.pk).update(review_date=today - timedelta(days=days))
        assert (lesson.statement[:20] in listed()) is there
    assert lesson.statement[:20] not in listed("x-nothing")
    Lesson.objects.filter(pk=lesson.pk).update(state=LessonState.REVIEWED.value)
    assert lesson.statement[:20] not in listed()
