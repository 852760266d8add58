"""The web door: every page opens for who may see it and for nobody else."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from handup.org.models import ReadEntry, StaffUser
from handup.training import services
from handup.training.models import (
    ApprenticeshipAgreement,
    Cohort,
    Course,
    Curriculum,
    Enrolment,
    Session,
)
from handup.training.tests.conftest import START, MakePerson

ISSUED = date(2026, 4, 10)


@pytest.fixture(autouse=True)
def without_second_factor(settings: Settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


@pytest.fixture
def web(client: Client, officer: StaffUser) -> Client:
    """The training officer's browser."""
    client.force_login(officer)
    return client


def browser(staff: StaffUser) -> Client:
    client = Client()
    client.force_login(staff)
    return client


LISTS = (
    "board",
    "funnel",
    "curriculum_list",
    "course_list",
    "cohort_list",
    "enrolment_list",
    "certificate_list",
    "workshop_list",
    "agreement_list",
    "placement_list",
    "placement_queue",
    "curriculum_new",
    "course_new",
    "cohort_new",
    "workshop_new",
)


@pytest.mark.parametrize("name", LISTS)
def test_every_list_and_empty_form_opens(web: Client, name: str) -> None:
    answer = web.get(reverse(f"training:{name}"))
    assert answer.status_code == 200, name


@pytest.mark.parametrize("name", LISTS)
def test_an_outsider_is_kept_out(outsider: StaffUser, name: str) -> None:
    assert browser(outsider).get(reverse(f"training:{name}")).status_code == 403


def test_full_lists_show_their_rows_and_are_in_the_read_log(
    web: Client,
    completed: list[Enrolment],
    agreements: list[ApprenticeshipAgreement],
    officer: StaffUser,
) -> None:
    services.issue_certificate(acting_staff=officer, enrolment=completed[0], issued_date=ISSUED)
    pages = {
        "cohort_list": "2026-A",
        "enrolment_list": "Anahit Sargsyan",
        "certificate_list": "MED-2026-000001",
        "agreement_list": "carpentry",
        "workshop_list": "Jean Master",
        "curriculum_list": "Start a small business",
        "course_list": "Apprenticeship",
        "board": "APP-1",
    }
    for name, text in pages.items():
        assert text in web.get(reverse(f"training:{name}")).content.decode(), name
    assert ReadEntry.objects.filter(staff_id=officer.pk).count() >= 3
    funnel = web.get(reverse("training:funnel")).content.decode()
    assert "66.7% (2 / 3)" in funnel
    assert 'class="bars"' in funnel


def test_record_pages_open(
    web: Client,
    completed: list[Enrolment],
    curriculum: Curriculum,
    agreements: list[ApprenticeshipAgreement],
    officer: StaffUser,
) -> None:
    certificate = services.issue_certificate(
        acting_staff=officer, enrolment=completed[0], issued_date=ISSUED
    )
    for name, row, text in (
        ("curriculum_detail", curriculum, "Selling price"),
        ("cohort_detail", completed[0].cohort, "Bat Erdene"),
        ("enrolment_detail", completed[0], "MED-2026-000001"),
        ("certificate_detail", certificate, certificate.address),
        ("agreement_detail", agreements[0], "Who pays whom"),
    ):
        answer = web.get(reverse(f"training:{name}", args=[row.pk]))
        assert answer.status_code == 200, name
        assert text in answer.content.decode(), name


def test_who_may_not_see_a_record_finds_none(
    completed: list[Enrolment], trainer: StaffUser
) -> None:
    client = browser(trainer)
    for name, row in (
        ("cohort_detail", completed[0].cohort),
        ("enrolment_detail", completed[0]),
    ):
        assert client.get(reverse(f"training:{name}", args=[row.pk])).status_code == 404


def test_a_trainer_sees_her_cohort_without_targeting_scores(
    cohort: Cohort, enrolled: list[Enrolment], officer: StaffUser, trainer: StaffUser
) -> None:
    services.name_trainer(acting_staff=officer, cohort=cohort, staff=trainer)
    page = browser(trainer).get(reverse("training:enrolment_detail", args=[enrolled[0].pk]))
    assert page.status_code == 200
    assert "Targeting score" not in page.content.decode()
    mine = browser(officer).get(reverse("training:enrolment_detail", args=[enrolled[0].pk]))
    assert "Targeting score" in mine.content.decode()


def test_lists_of_many_cohorts_take_few_statements(
    web: Client,
    sessions: list[Session],
    enrolled: list[Enrolment],
    officer: StaffUser,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(15):
        services.open_cohort(
            acting_staff=officer,
            course=sessions[0].cohort.course,
            programme=sessions[0].cohort.programme,
            code=f"C{number}",
            capacity=5,
            starts_date=START,
            ends_date=START,
        )
    web.get(reverse("training:enrolment_list"))
    for name in ("board", "cohort_list", "enrolment_list"):
        with django_assert_max_num_queries(14):
            web.get(reverse(f"training:{name}"))


def test_people_are_ticked_in_a_list_and_enrolled_together(
    web: Client, officer: StaffUser, outsider: StaffUser, cohort: Cohort, person: MakePerson
) -> None:
    first, second = person(), person()
    address = reverse("training:cohort_choose", args=[cohort.pk])
    page = web.get(address).content.decode()
    assert f'name="person" value="{first.pk}"' in page
    assert f'value="{first.registration_no}"' not in page, "no number stands in an address"
    enrol = reverse("training:cohort_enrol", args=[cohort.pk])
    assert f'formaction="{enrol}"' in page
    nobody, number = "00000000-0000-7000-8000-000000000000", second.registration_no
    ticked = {"person": [str(first.pk), "no id", number, nobody, str(second.pk), str(first.pk)]}
    form = web.get(enrol, ticked).content.decode()
    assert f">\n{first.registration_no}\n{number}</textarea>" in form
    assert not Enrolment.objects.filter(cohort=cohort).exists()  # nothing before it is sent
    sent = {"persons": f"{first.registration_no}\n{number}", "enrolled_date": str(START)}
    assert web.post(enrol, sent).status_code == 302
    assert Enrolment.objects.filter(cohort=cohort).count() == 2
    assert first.registration_no not in web.get(address).content.decode()
    assert browser(outsider).get(address).status_code in (403, 404)


def test_an_empty_choice_says_what_comes_first_and_leads_there(
    web: Client, course: Course, curriculum: Curriculum
) -> None:
    address = reverse("training:cohort_new")
    assert "No courses yet" not in web.get(address).content.decode()
    course.delete()
    page = web.get(address).content.decode()
    assert "No courses yet" in page
    assert f'href="{reverse("training:course_new")}"' in page
