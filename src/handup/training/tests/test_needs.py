"""What people need to learn, asked before a course: counts and topics, nobody's name."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed
from handup.projects.models import Programme
from handup.training import services
from handup.training.models import Cohort, Course, NeedsAssessment
from handup.training.rules.needs import AskedBy
from handup.training.services import refusals
from handup.training.services.needs import needs_behind
from handup.training.tests.conftest import START
from handup.training.tests.test_api import Caller

ASKED = date(2026, 1, 20)


def record(staff: StaffUser, programme: Programme, **more: Any) -> NeedsAssessment:
    values: dict[str, Any] = {
        "asked_date": ASKED,
        "asked_by": AskedBy.MEETING,
        "women": 20,
        "men": 10,
        "findings": "Few know what their goods cost them.",
        "topics": [services.TopicIn("Cost price", 24)],
    }
    return services.record_needs_assessment(
        acting_staff=staff, programme=programme, **(values | more)
    )


def test_the_latest_asking_before_the_course_stands_behind_it(
    cohort: Cohort, course: Course, programme: Programme, officer: StaffUser
) -> None:
    assert needs_behind(cohort, officer) is None
    topics = [services.TopicIn("Cost price", 24, course), services.TopicIn("Sewing", 30)]
    row = record(officer, programme, topics=topics)
    record(officer, programme, topics=topics, asked_date=ASKED - timedelta(days=30))
    record(officer, programme, topics=topics, asked_date=START + timedelta(days=1))
    record(officer, programme, asked_date=START, topics=[services.TopicIn("Sewing", 1)])
    assert needs_behind(cohort, officer) == row
    assert [(one.topic, one.wanted) for one in row.topics.all()] == [
        ("Sewing", 30),
        ("Cost price", 24),
    ]
    assert AuditLine.objects.filter(action="training.record_needs_assessment").count() == 4


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"women": 0, "men": 0}, refusals.NobodyAsked),
        ({"asked_date": date(2999, 1, 1)}, refusals.AfterToday),
        ({"findings": " "}, refusals.ReasonMissing),
        ({"topics": []}, refusals.ReasonMissing),
        ({"topics": [services.TopicIn("Cost price", 31)]}, refusals.MoreThanWereAsked),
        ({"topics": [services.TopicIn("Cost price", 0)]}, refusals.MoreThanWereAsked),
        (
            {"topics": [services.TopicIn("Sewing", 3), services.TopicIn("SEWING ", 4)]},
            refusals.TopicTwice,
        ),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_stored(
    programme: Programme, officer: StaffUser, more: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        record(officer, programme, **more)
    assert not NeedsAssessment.objects.exists()


def test_sent_twice_it_is_recorded_once_and_an_outsider_records_none(
    programme: Programme, officer: StaffUser, outsider: StaffUser
) -> None:
    id = new_id()
    assert record(officer, programme, id=id) == record(officer, programme, id=id)
    with pytest.raises(SameIdOtherContent):
        record(officer, programme, id=id, women=21)
    with pytest.raises(SameIdOtherContent):
        record(officer, programme, id=id, topics=[services.TopicIn("Cost price", 25)])
    with pytest.raises(NotAllowed):
        record(outsider, programme)
    assert NeedsAssessment.objects.count() == 1


def test_it_is_recorded_on_a_page_and_the_cohort_shows_it(
    cohort: Cohort, course: Course, programme: Programme, officer: StaffUser, client: Client
) -> None:
    client.force_login(officer)
    cohort_page = reverse("training:cohort_detail", args=[cohort.pk])
    assert "nobody was asked before" in client.get(cohort_page).content.decode().lower()
    given = {
        "programme": str(programme.pk),
        "asked_date": ASKED.isoformat(),
        "asked_by": "INTERVIEWS",
        "women": "12",
        "men": "4",
        "findings": "Nobody writes down what she sells.",
        "topics": f"Book-keeping; 10; {course.code}\nSewing; 3",
    }
    new = reverse("training:needs_new")
    assert client.get(new).status_code == 200
    bad = client.post(new, given | {"topics": "Book-keeping; 10; NOT-A-COURSE"})
    assert bad.status_code == 422
    assert "Line 1 needs a topic" in bad.content.decode()
    assert "Nobody writes down what she sells." in bad.content.decode(), "nothing typed is lost"
    sent = client.post(new, given)
    row = NeedsAssessment.objects.get()
    page = reverse("training:needs_detail", args=[row.pk])
    assert sent.headers["location"] == page
    shown = client.get(page).content.decode()
    assert "10 / 16 (62.5" in shown
    assert course.title in shown
    assert page in client.get(cohort_page).content.decode()
    found = client.post(
        reverse("training:needs_list"), {"q": "writes down"}, follow=True
    ).content.decode()
    assert page in found
    assert (
        page
        not in client.post(
            reverse("training:needs_list"), {"q": "x-y"}, follow=True
        ).content.decode()
    )


def test_it_goes_over_the_api(
    programme: Programme, course: Course, officer: StaffUser, outsider: StaffUser
) -> None:
    api = Caller(officer)
    told = {
        "asked_date": timezone.localdate().isoformat(),
        "asked_by": "BUYERS",
        "women": 2,
        "men": 1,
        "findings": "Buyers ask for even quality.",
        "topics": [{"topic": "Grading", "wanted": 3, "course_id": str(course.pk)}],
    }
    status, row = api.post(f"/programmes/{programme.pk}/needs-assessments", **told)
    assert (status, row["topics"][0]["wanted"]) == (201, 3)
    assert [one["id"] for one in api.get("/needs-assessments")[1]["items"]] == [row["id"]]
    assert Caller(outsider).get("/needs-assessments")[0] == 403
