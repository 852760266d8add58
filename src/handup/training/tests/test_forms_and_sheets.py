"""The web door: forms call one service each, sheets keep what was typed beside its fault."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.people.models import Person
from handup.training import services
from handup.training.forms.courses import ModuleForm
from handup.training.models import (
    ApprenticeshipAgreement,
    Attendance,
    Certificate,
    Cohort,
    Course,
    Curriculum,
    Enrolment,
    Placement,
    Session,
    TestResult,
    Workshop,
)
from handup.training.rules.states import (
    ApprenticeshipState,
    CohortState,
    CurriculumState,
    EnrolmentState,
    PlacementKind,
    PlacementState,
    TestKind,
)
from handup.training.tests.conftest import START, MakePerson, member_of_staff

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


def post(client: Client, page: str, pk: object = None, /, **values: object) -> object:
    url = reverse(f"training:{page}", args=[pk] if pk else [])
    return client.post(url, {key: str(value) for key, value in values.items()})


def test_a_curriculum_is_drafted_filled_and_approved_on_the_web(
    web: Client, second: StaffUser
) -> None:
    post(web, "curriculum_new", title="Reading", code="LIT", version="1", language="rw")
    row = Curriculum.objects.get(code="LIT")
    bad = post(web, "module_new", row.pk, title="Letters", plans="A\nB; 60")
    assert bad.status_code == 422  # type: ignore[attr-defined]
    assert not row.modules.exists()
    post(web, "module_new", row.pk, title="Letters", plans="A; 45\nB\t60")
    assert [plan.minutes for plan in row.modules.get().session_plans.all()] == [45, 60]
    post(web, "curriculum_submit", row.pk)
    own = post(web, "curriculum_approve", row.pk, day=START)
    assert "Ask another person" in own.content.decode()  # type: ignore[attr-defined]
    row.refresh_from_db()
    assert row.state == CurriculumState.REVIEW
    post(browser(second), "curriculum_approve", row.pk, day=START)
    row.refresh_from_db()
    assert row.state == CurriculumState.APPROVED
    post(
        web,
        "course_new",
        curriculum=row.pk,
        code="LIT",
        title="Reading course",
        type="LITERACY",
        pass_rule="ATTENDANCE_ONLY",
        threshold_percent=75,
        pass_mark_percent=60,
    )
    assert Course.objects.get(code="LIT").threshold_bps == 7500


def _teach(web: Client, cohort: Cohort, people: list[Person]) -> None:
    """Enrol, hold a session, take the roster, test."""
    numbers = "\n".join(one.registration_no for one in people)
    wrong = post(
        web, "cohort_enrol", cohort.pk, persons=numbers + "\n99999999", enrolled_date=START
    )
    assert "99999999" in wrong.content.decode()  # type: ignore[attr-defined]
    assert not cohort.enrolments.exists()
    post(
        web,
        "cohort_enrol",
        cohort.pk,
        persons=numbers,
        enrolled_date=START,
        agrees_to_name="on",
    )
    post(web, "session_new", cohort.pk, session_date=START, minutes_planned=120)
    session = cohort.sessions.get()
    post(web, "session_hold", session.pk, minutes_held=100)
    rows = list(cohort.enrolments.order_by("person__sort_key"))
    post(
        web,
        "roster",
        session.pk,
        **{f"cell-{rows[0].pk}": "100", f"cell-{rows[1].pk}": "E"},
    )
    assert sorted(Attendance.objects.values_list("minutes", "mark")) == [
        (0, "EXCUSED"),
        (100, "PRESENT"),
    ]
    post(
        web,
        "test_new",
        cohort.pk,
        title="Four tasks",
        kind="POST",
        form="PRACTICAL",
        max_score=20,
        test_date=START,
    )
    test = cohort.tests.get()
    post(web, "test_sheet", test.pk, **{f"cell-{rows[0].pk}": "15", f"cell-{rows[1].pk}": "m"})
    assert sorted(TestResult.objects.values_list("score", "missed"), key=str) == [
        (15, False),
        (None, True),
    ]


def test_a_cohort_from_opening_to_certificates_on_the_web(
    web: Client,
    course: Course,
    programme: object,
    person: MakePerson,
    trainer: StaffUser,
    officer: StaffUser,
) -> None:
    """The whole journey as an officer clicks it."""
    post(
        web,
        "cohort_new",
        course=course.pk,
        programme=programme.pk,  # type: ignore[attr-defined]
        code="WEB",
        starts_date=START,
        ends_date=START + timedelta(days=9),
        capacity=10,
    )
    cohort = Cohort.objects.get(code="WEB")
    unknown = post(web, "trainer_new", cohort.pk, username="nobody")
    assert "no such user" in unknown.content.decode()  # type: ignore[attr-defined]
    post(web, "trainer_new", cohort.pk, username="trainer", leads="on")
    assert cohort.trainers.get().staff == trainer
    _teach(web, cohort, [person(), person()])
    page = web.get(reverse("training:cohort_detail", args=[cohort.pk])).content.decode()
    assert "100.0" in page
    closed = web.post(
        reverse("training:cohort_close", args=[cohort.pk]),
        {"closed_date": "2026-04-01"},
        follow=True,
    )
    assert "1 of 2 completed the course" in closed.content.decode()
    post(web, "certificates_issue", cohort.pk, issued_date=ISSUED)
    certificate = Certificate.objects.get()
    pdf = web.get(reverse("training:certificate_pdf", args=[certificate.pk]))
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")
    cohort.refresh_from_db()
    assert cohort.state == CohortState.CLOSED


def test_a_refused_enrolment_is_told_beside_the_form(
    web: Client, cohort: Cohort, person: MakePerson
) -> None:
    Cohort.objects.filter(pk=cohort.pk).update(capacity=1)
    numbers = " ".join(person().registration_no for _ in range(2))
    answer = post(web, "cohort_enrol", cohort.pk, persons=numbers, enrolled_date=START)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "1 places" in answer.content.decode()  # type: ignore[attr-defined]
    assert not cohort.enrolments.exists()


def test_the_roster_stores_nothing_when_one_cell_is_wrong(
    web: Client, sessions: list[Session], enrolled: list[Enrolment]
) -> None:
    answer = post(
        web,
        "roster",
        sessions[1].pk,
        **{
            f"cell-{enrolled[0].pk}": "120",
            f"cell-{enrolled[1].pk}": "121",
            f"cell-{enrolled[2].pk}": "often",
        },
    )
    page = answer.content.decode()  # type: ignore[attr-defined]
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "lasted 120 minutes; 121" in page
    assert "Write minutes, a or e." in page
    assert 'value="often"' in page
    assert not Attendance.objects.exists()


def test_the_roster_corrects_with_a_reason_only(
    web: Client, sessions: list[Session], enrolled: list[Enrolment]
) -> None:
    cell = f"cell-{enrolled[0].pk}"
    post(web, "roster", sessions[0].pk, **{cell: "180"})
    post(web, "roster", sessions[0].pk, **{cell: "180"})
    assert Attendance.objects.count() == 1
    without = post(web, "roster", sessions[0].pk, **{cell: "90"})
    assert "A reason is needed" in without.content.decode()  # type: ignore[attr-defined]
    assert Attendance.objects.count() == 1
    post(web, "roster", sessions[0].pk, **{cell: "90", "reason": "left at noon"})
    assert Attendance.objects.order_by("id").last().reason == "left at noon"  # type: ignore[union-attr]
    emptied = post(web, "roster", sessions[0].pk, **{cell: "", "reason": "x"})
    assert "cannot be emptied" in emptied.content.decode()  # type: ignore[attr-defined]
    page = web.get(reverse("training:roster", args=[sessions[0].pk])).content.decode()
    assert 'value="90"' in page


def test_who_may_not_see_the_cohort_sees_no_roster(
    trainer: StaffUser, sessions: list[Session], enrolled: list[Enrolment]
) -> None:
    client = browser(trainer)
    url = reverse("training:roster", args=[sessions[0].pk])
    assert client.get(url).status_code == 404
    assert client.post(url, {f"cell-{enrolled[0].pk}": "10"}).status_code == 404
    books = browser(member_of_staff("books", Role.ACCOUNTANT))
    assert books.get(url).status_code == 403
    reader = browser(member_of_staff("reader", Role.ME_OFFICER))
    assert reader.get(url).status_code == 200
    assert reader.post(url, {f"cell-{enrolled[0].pk}": "10"}).status_code == 403
    assert not Attendance.objects.exists()


def test_points_beyond_the_test_are_marked_in_their_cell(
    web: Client, cohort: Cohort, enrolled: list[Enrolment], officer: StaffUser
) -> None:
    test = services.set_test(
        acting_staff=officer,
        cohort=cohort,
        kind=TestKind.POST,
        title="T",
        max_score=20,
        test_date=START,
    )
    answer = post(
        web,
        "test_sheet",
        test.pk,
        **{f"cell-{enrolled[0].pk}": "21", f"cell-{enrolled[1].pk}": "x"},
    )
    page = answer.content.decode()  # type: ignore[attr-defined]
    assert "The test has 20 points." in page
    assert "Write points, or m for missed." in page
    assert not TestResult.objects.exists()


def test_applications_are_recorded_and_the_first_in_order_is_invited(
    web: Client, cohort: Cohort, person: MakePerson, officer: StaffUser
) -> None:
    numbers = " ".join(person().registration_no for _ in range(2))
    post(
        web,
        "cohort_apply",
        cohort.pk,
        persons=numbers,
        applied_date=START,
        open_day_date=START,
    )
    rows = list(cohort.enrolments.all())
    assert {row.open_day_date for row in rows} == {START}
    services.decide_application(
        acting_staff=officer, enrolments=rows, eligible=True, decided_date=START
    )
    assert (
        "Waiting list"
        in web.get(reverse("training:cohort_detail", args=[cohort.pk])).content.decode()
    )
    post(web, "cohort_invite", cohort.pk, day=START)
    assert cohort.enrolments.filter(state=EnrolmentState.INVITED).count() == 1


def test_sessions_are_cancelled_and_people_leave_on_the_web(
    web: Client, cohort: Cohort, enrolled: list[Enrolment]
) -> None:
    post(web, "session_new", cohort.pk, session_date=START, minutes_planned=60)
    session = cohort.sessions.get()
    post(web, "session_cancel", session.pk, reason="flood")
    session.refresh_from_db()
    assert session.cancel_reason == "flood"
    refused = post(web, "enrolment_end", enrolled[0].pk, state="DROPPED_OUT", ended_date=START)
    assert refused.status_code == 422  # type: ignore[attr-defined]
    post(
        web,
        "enrolment_end",
        enrolled[0].pk,
        state="DROPPED_OUT",
        ended_date=START,
        reason="ILLNESS",
    )
    enrolled[0].refresh_from_db()
    assert enrolled[0].state == EnrolmentState.DROPPED_OUT


def test_a_closed_cohort_is_opened_for_correction_by_a_manager(
    completed: list[Enrolment], manager: StaffUser, web: Client
) -> None:
    cohort = completed[0].cohort
    assert post(web, "cohort_correct", cohort.pk, reason="x").status_code == 403  # type: ignore[attr-defined]
    post(browser(manager), "cohort_correct", cohort.pk, reason="a paper was found")
    cohort.refresh_from_db()
    assert cohort.state == CohortState.RUNNING


def test_certificates_are_issued_corrected_and_revoked_on_the_web(
    web: Client, completed: list[Enrolment]
) -> None:
    refused = post(web, "certificate_new", completed[2].pk, issued_date=ISSUED, kind="COMPLETION")
    assert "has not completed" in refused.content.decode()  # type: ignore[attr-defined]
    post(web, "certificate_new", completed[0].pk, issued_date=ISSUED, kind="COMPLETION")
    first = Certificate.objects.get()
    post(
        web,
        "certificate_replace",
        first.pk,
        printed_name="Anahit Sargsian",
        issued_date=ISSUED,
    )
    new = Certificate.objects.get(replaces=first)
    post(web, "certificate_revoke", new.pk, revoked_date=date(2026, 5, 1), reason="error")
    new.refresh_from_db()
    assert new.state == "REVOKED"


def _graduate_and_place(web: Client, row: ApprenticeshipAgreement, checker: Client) -> None:
    """The final assessment, the job, and its check by another person."""
    bad = post(
        web,
        "agreement_graduate",
        row.pk,
        assessed_date="2026-09-10",
        assessor_name="Marie",
        skills="2 5",
        log_attended=110,
        log_due=120,
    )
    assert bad.status_code == 422  # type: ignore[attr-defined]
    post(
        web,
        "agreement_graduate",
        row.pk,
        assessed_date="2026-09-10",
        assessor_name="Marie",
        skills="2 3",
        log_attended=110,
        log_due=120,
    )
    row.refresh_from_db()
    assert row.state == ApprenticeshipState.GRADUATED
    post(
        web,
        "placement_new",
        row.enrolment_id,
        kind="WAGE",
        employer="Workshop",
        started_date="2026-10-01",
        claimed_date="2026-11-01",
        month=6,
        income_units="40000",
        permanent="on",
    )
    placement = Placement.objects.get()
    assert placement.kind == PlacementKind.WAGE
    own = web.get(reverse("training:placement_queue")).content.decode()
    assert "Nothing to verify" in own
    assert "Workshop" in checker.get(reverse("training:placement_queue")).content.decode()
    post(checker, "placement_verify", placement.pk, verified_date="2027-03-01", rejected=0)
    placement.refresh_from_db()
    assert placement.state == PlacementState.VERIFIED


@pytest.mark.usefixtures("years_later")
def test_an_apprenticeship_from_signing_to_a_verified_job_on_the_web(
    web: Client, apprentices: list[Enrolment], workshop: Workshop, second: StaffUser
) -> None:
    terms = {
        "workshop": workshop.pk,
        "trade": "carpentry",
        "start_date": START,
        "term_months": 6,
        "programme_fee_units": "30000",
        "stipend_units": "9000",
        "living_cost_units": "12000",
        "signed_date": START,
        "form": "WRITTEN",
    }
    read_back = post(web, "agreement_new", apprentices[0].pk, **terms)
    assert "Read it back" in read_back.content.decode()  # type: ignore[attr-defined]
    assert not ApprenticeshipAgreement.objects.exists()
    refused = post(web, "agreement_new", apprentices[0].pk, _read_back=1, **terms)
    assert "must know this" in refused.content.decode()  # type: ignore[attr-defined]
    post(
        web,
        "agreement_new",
        apprentices[0].pk,
        _read_back=1,
        shortfall_acknowledged="on",
        **terms,
    )
    row = ApprenticeshipAgreement.objects.get()
    assert row.stipend_units < row.living_cost_units
    assert (
        "below transport"
        in web.get(reverse("training:agreement_detail", args=[row.pk])).content.decode()
    )
    post(web, "agreement_start", row.pk, day=START)
    _graduate_and_place(web, row, browser(second))


def test_an_apprenticeship_ends_early_and_a_placement_is_rejected_on_the_web(
    web: Client,
    agreements: list[ApprenticeshipAgreement],
    completed: list[Enrolment],
    second: StaffUser,
) -> None:
    post(web, "agreement_end", agreements[0].pk, revoked_date="2026-05-01", reason="moved")
    agreements[0].refresh_from_db()
    assert agreements[0].state == ApprenticeshipState.TERMINATED
    post(
        web,
        "placement_new",
        completed[0].pk,
        kind="OWN_BUSINESS",
        started_date="2026-05-01",
        claimed_date="2026-06-01",
        month=3,
    )
    row = Placement.objects.get()
    checker = browser(second)
    refused = post(checker, "placement_verify", row.pk, verified_date="2026-07-01", rejected=1)
    assert "A reason is needed" in refused.content.decode()  # type: ignore[attr-defined]
    post(
        checker,
        "placement_verify",
        row.pk,
        verified_date="2026-07-01",
        rejected=1,
        reason="no shop there",
    )
    row.refresh_from_db()
    assert row.state == PlacementState.REJECTED


def test_a_workshop_is_registered_on_the_web(web: Client) -> None:
    post(
        web,
        "workshop_new",
        name="Bakery",
        trade="baking",
        master_name="Paul",
        vetted_date=START,
        max_apprentices=2,
    )
    row = Workshop.objects.get()
    assert (row.max_apprentices, row.vetted_date) == (2, START)


@pytest.mark.parametrize("minutes", ["9" * 5_000, "10000", "0", "ten"])
def test_minutes_no_session_has_are_refused_beside_the_field(minutes: str) -> None:
    form = ModuleForm({"title": "Costing", "plans": f"What a day costs;{minutes}"})
    assert not form.is_valid()
    assert "plans" in form.errors
