"""A course taken on a learning platform: its address, and results kept from the platform's file."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from handup.kernel.errors import Faults
from handup.kernel.ids import new_id
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.org.web.forms import NEW_ID
from handup.training import services
from handup.training.models import Cohort, Course, CourseLink, Enrolment, PlatformResult
from handup.training.services import refusals as r
from handup.training.tests.conftest import member_of_staff
from handup.training.tests.test_api import Caller
from handup.training.tests.test_hidden_in_training import hide

ADDRESS = "https://learn.example.org/course/12"
DONE = date(2026, 3, 20)


@pytest.fixture
def link(course: Course, officer: StaffUser) -> CourseLink:
    return services.link_course(
        acting_staff=officer, course=course, title="Cost price, in the evening", address=ADDRESS
    )


def csv(*rows: str) -> bytes:
    return "\n".join(("Number,Completed on,Result in percent", *rows, "")).encode()


def take(staff: StaffUser, link: CourseLink, cohort: Cohort, *rows: str) -> list[PlatformResult]:
    return services.take_platform_results(
        acting_staff=staff, link=link, cohort=cohort, content=csv(*rows)
    )


def numbers(enrolled: list[Enrolment]) -> list[str]:
    return [row.person.registration_no for row in enrolled]


@pytest.mark.parametrize(
    "address", ["http://a.example", "javascript:x", "https://", "https://u:p@a.b", "https://[", "x"]
)
def test_only_an_address_that_opens_safely_is_linked(
    course: Course, officer: StaffUser, address: str
) -> None:
    with pytest.raises(r.AddressNotOpen):
        services.link_course(acting_staff=officer, course=course, title="T", address=address)
    assert not CourseLink.objects.exists()


def test_results_are_kept_once_and_the_whole_file_or_nothing(
    link: CourseLink, cohort: Cohort, enrolled: list[Enrolment], officer: StaffUser
) -> None:
    one, two, three = numbers(enrolled)
    made = take(officer, link, cohort, f"{one},2026-03-20,82.5", f"{two},2026-03-20,")
    assert [(row.completed_date, row.score_bps) for row in made] == [(DONE, 8250), (DONE, None)]
    assert take(officer, link, cohort, f"{one},2026-03-20,82.5") == []
    before = AuditLine.objects.count()
    with pytest.raises(Faults) as refused:
        take(
            officer, link, cohort,
            f"{three},2026-03-20,90", f"{three},2026-03-21,90", "99999999,2026-03-20,5",
            f"{one},2999-01-01,5", f"{two},2026-03-20,101",
        )  # fmt: skip
    assert sorted(fault.row or 0 for fault in refused.value.faults) == [3, 4, 5, 6]
    with pytest.raises(Faults) as other:
        take(officer, link, cohort, f"{one},2026-03-20,83", f"{three},2026-03-20,90")
    assert [fault.code for fault in other.value.faults] == ["RESULT_TOLD_OTHERWISE"]
    assert (PlatformResult.objects.count(), AuditLine.objects.count()) == (2, before)
    take(officer, link, cohort, f"{one.lstrip('0')},2026-03-25,90", f"{three},2026-03-20,90")
    assert PlatformResult.objects.count() == 4, "another day is another result"


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        ("Number,Completed on\n{one},2026-03-20\n", 1),
        ("Completed on,Result in percent\n2026-03-20,5\n", None),
        ("Number,Result in percent\n{one},5\n", None),
        ("Number,Completed on\n{one},half\n", None),
        ("Number,Completed on,Result in percent\n{one},2026-03-20,1e999\n", None),
    ],
)
def test_a_file_without_a_column_or_with_a_strange_cell_is_kept_or_refused(
    link: CourseLink, cohort: Cohort, enrolled: list[Enrolment], officer: StaffUser, content: str,
    kept: int | None,
) -> None:  # fmt: skip
    body = content.format(one=numbers(enrolled)[0]).encode()
    if kept is None:
        with pytest.raises(Faults):
            services.take_platform_results(
                acting_staff=officer, link=link, cohort=cohort, content=body
            )
    else:
        services.take_platform_results(acting_staff=officer, link=link, cohort=cohort, content=body)
    assert PlatformResult.objects.count() == (kept or 0)


def test_results_come_by_an_open_link_of_the_same_course_and_by_who_may(
    link: CourseLink, cohort: Cohort, enrolled: list[Enrolment], officer: StaffUser, course: Course
) -> None:
    row = f"{numbers(enrolled)[0]},2026-03-20,50"
    other = services.offer_course(
        acting_staff=officer, curriculum=course.curriculum, code="OTHER", title="Other"
    )
    elsewhere = services.link_course(
        acting_staff=officer, course=other, title="Other", address=ADDRESS
    )
    with pytest.raises(r.LinkOfAnotherCourse):
        take(officer, elsewhere, cohort, row)
    auditor = member_of_staff("reader", Role.AUDITOR)
    with pytest.raises(NotAllowed):
        take(auditor, link, cohort, row)
    ended = services.end_course_link(acting_staff=officer, link=link)
    assert services.end_course_link(acting_staff=officer, link=link).ended_date == ended.ended_date
    with pytest.raises(r.LinkEnded):
        take(officer, ended, cohort, row)
    assert not PlatformResult.objects.exists()


def test_whom_a_reader_may_not_know_of_is_in_no_cohort_and_on_no_page(
    client: Client, settings: Any, link: CourseLink, cohort: Cohort, enrolled: list[Enrolment],
    officer: StaffUser,
) -> None:  # fmt: skip
    settings.SECOND_FACTOR_REQUIRED = False
    one, two, _three = numbers(enrolled)
    take(officer, link, cohort, f"{one},2026-03-20,83", f"{two},2026-03-20,71")
    hide(enrolled[0].person)
    told = []
    for number in (one, "99999999"):
        with pytest.raises(Faults) as refused:
            take(officer, link, cohort, f"{number},2026-03-20,1")
        told.append(refused.value.faults[0].message.replace(number, ""))
    assert told[0] == told[1]
    client.force_login(officer)
    page = client.get(reverse("training:course_link_detail", args=[link.pk])).content.decode()
    assert ("Bat Erdene" in page, "Anahit Sargsyan" in page) == (True, False)


def test_a_link_and_its_results_on_their_pages(
    client: Client, settings: Any, cohort: Cohort, enrolled: list[Enrolment], officer: StaffUser,
    course: Course,
) -> None:  # fmt: skip
    settings.SECOND_FACTOR_REQUIRED = False
    client.force_login(officer)
    told = {"course": str(course.pk), "title": "Evenings", "address": ADDRESS}
    new = reverse("training:course_link_new")
    wrong = client.post(new, {**told, "address": "http://a.example/x", NEW_ID: str(new_id())})
    assert wrong.status_code == 422
    client.post(new, {**told, NEW_ID: str(new_id())})
    link = CourseLink.objects.get()
    listed = reverse("training:course_link_list")
    assert "Evenings" in client.post(listed, {"q": "evening"}, follow=True).content.decode()
    assert "Evenings" not in client.post(listed, {"q": "morning"}, follow=True).content.decode()
    bring = reverse("training:platform_results", args=[link.pk])
    bad, good = (
        SimpleUploadedFile("r.csv", csv(f"{number},2026-03-20,64"))
        for number in ("99999999", numbers(enrolled)[0])
    )
    refused = client.post(bring, {"cohort": str(cohort.pk), "file": bad})
    assert (refused.status_code, "99999999" in refused.content.decode()) == (422, True)
    client.post(bring, {"cohort": str(cohort.pk), "file": good})
    page = client.get(reverse("training:course_link_detail", args=[link.pk])).content.decode()
    assert "64" in page
    assert "Anahit Sargsyan" in page
    client.post(reverse("training:course_link_end", args=[link.pk]), {})
    link.refresh_from_db()
    assert link.ended_date is not None


def test_a_link_and_its_results_over_the_api(
    cohort: Cohort, enrolled: list[Enrolment], officer: StaffUser, course: Course
) -> None:
    api = Caller(officer)
    status, made = api.post(
        "/course-links", course_id=str(course.pk), title="Evenings", address=ADDRESS
    )
    assert (status, made["address"]) == (201, ADDRESS)
    headers = {"Authorization": f"Bearer {api.token}", "Idempotency-Key": str(new_id())}
    path = f"/api/v1/training/course-links/{made['id']}"
    answer = api.client.post(
        f"{path}/results",
        {
            "cohort_id": str(cohort.pk),
            "file": SimpleUploadedFile("r.csv", csv(f"{numbers(enrolled)[1]},2026-03-20,64")),
        },
        headers=headers,
    )
    assert answer.status_code == 201, answer.content
    assert [row["score_bps"] for row in answer.json()] == [6400]
    status, items = api.get("/course-links")
    assert [row["title"] for row in items["items"]] == ["Evenings"]
    assert api.post(f"/course-links/{made['id']}/end")[1]["ended_date"] is not None
