"""The API door: the same services, keys that make a write happen once, refusals as problems."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org.models import ApiToken, StaffUser
from handup.org.services.devices import token_hash
from handup.projects.models import Programme
from handup.training import services
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
    Workshop,
)
from handup.training.rules.states import CohortState, CurriculumState
from handup.training.tests.conftest import START, MakePerson

BASE = "/api/v1/training"


class Caller:
    """A caller with a token."""

    def __init__(self, staff: StaffUser) -> None:
        self.token = f"hu_{staff.username}-token-for-tests"
        self.client = Client()
        ApiToken.objects.create(
            staff=staff,
            label="test",
            key_hash=token_hash(self.token),
            scopes=["*"],
            expires_at=timezone.now() + timedelta(days=1),
            given_by=staff,
        )

    def get(self, path: str) -> tuple[int, Any]:
        answer = self.client.get(BASE + path, headers={"Authorization": f"Bearer {self.token}"})
        return answer.status_code, answer.json()

    def post(self, path: str, key: object = None, /, **told: object) -> tuple[int, Any]:
        answer = self.client.post(
            BASE + path,
            json.dumps(told, default=str),
            content_type="application/json",
            headers={
                "Authorization": f"Bearer {self.token}",
                "Idempotency-Key": str(key or new_id()),
            },
        )
        return answer.status_code, answer.json() if answer.content else {}


@pytest.fixture
def api(officer: StaffUser) -> Caller:
    """The training officer's integration."""
    return Caller(officer)


def test_a_cohort_from_opening_to_a_certificate_over_the_api(
    api: Caller, course: Course, programme: Programme, person: MakePerson
) -> None:
    status, cohort = api.post(
        "/cohorts",
        course_id=course.pk,
        programme_id=programme.pk,
        code="API",
        capacity=5,
        starts_date=START,
        ends_date=START + timedelta(days=9),
    )
    assert status == 201
    here = f"/cohorts/{cohort['id']}"
    assert api.get(here)[1]["state"] == "OPEN"
    she = person("Anahit Sargsyan")
    status, row = api.post(
        f"{here}/enrolments", person_id=she.pk, enrolled_date=START, agrees_to_name=True
    )
    assert (status, row["state"]) == (201, "ENROLLED")
    _status, session = api.post(f"{here}/sessions", session_date=START, minutes_planned=60)
    api.post(f"/sessions/{session['id']}/hold", minutes_held=60, on=START)
    status, mark = api.post(
        f"/sessions/{session['id']}/attendances", enrolment_id=row["id"], minutes=50
    )
    assert (status, mark["minutes"]) == (201, 50)
    status, corrected = api.post(
        f"/attendances/{mark['id']}/corrections", minutes=60, reason="told by the trainer"
    )
    assert corrected["corrects_id"] == mark["id"]
    _status, test = api.post(
        f"{here}/tests", kind="POST", title="Four tasks", max_score=20, test_date=START
    )
    status, result = api.post(
        f"/tests/{test['id']}/results", enrolment_id=row["id"], score=13, sat_date=START
    )
    assert (status, result["missed"]) == (201, False)
    status, figures = api.post(f"{here}/close", day="2026-04-01")
    assert (status, figures["completed"], figures["attended_minutes"]) == (200, 1, 60)
    status, certificate = api.post(
        f"/enrolments/{row['id']}/certificates", issued_date="2026-04-10"
    )
    assert status == 201
    assert str(certificate["serial"]).startswith("MED-2026-000001")
    listed = api.get("/certificates")[1]["items"]
    assert [one["id"] for one in listed] == [certificate["id"]]
    _status, new = api.post(
        f"/certificates/{certificate['id']}/replace",
        issued_date="2026-04-11",
        printed_name="Anahit Sargsian",
    )
    status, revoked = api.post(
        f"/certificates/{new['id']}/revoke", revoked_date="2026-05-01", reason="error"
    )
    assert (status, revoked["state"]) == (200, "REVOKED")
    lines = api.get(f"/programmes/{programme.pk}/funnel")[1]
    assert [line["count"] for line in lines] == [1, 1, 1, 1, 1, 0, 0]


def test_the_same_key_records_once_and_other_content_conflicts(
    api: Caller, sessions: list[Session], enrolled: list[Enrolment]
) -> None:
    key = new_id()
    path = f"/sessions/{sessions[0].pk}/attendances"
    first = api.post(path, key, enrolment_id=enrolled[0].pk, minutes=60)
    again = api.post(path, key, enrolment_id=enrolled[0].pk, minutes=60)
    assert first[0] == again[0] == 201
    assert first[1]["id"] == again[1]["id"] == str(key)
    status, problem = api.post(path, key, enrolment_id=enrolled[0].pk, minutes=61)
    assert (status, problem["code"]) == (409, "SAME_ID_OTHER_CONTENT")
    assert Attendance.objects.count() == 1


def test_a_scanned_card_walks_in_over_the_api(
    api: Caller, sessions: list[Session], person: MakePerson
) -> None:
    status, _row = api.post(
        f"/sessions/{sessions[0].pk}/attendances",
        person_id=person().pk,
        minutes=60,
        method="SCAN",
    )
    assert status == 201
    assert Enrolment.objects.get().walk_in


def test_refusals_are_problems_with_their_field(
    api: Caller, sessions: list[Session], enrolled: list[Enrolment]
) -> None:
    status, problem = api.post(
        f"/sessions/{sessions[1].pk}/attendances", enrolment_id=enrolled[0].pk, minutes=121
    )
    assert (status, problem["code"], problem["field"]) == (422, "TOO_MANY_MINUTES", "minutes")
    assert not Attendance.objects.exists()


def test_who_may_not_is_refused_and_what_is_not_seen_does_not_exist(
    outsider: StaffUser, trainer: StaffUser, cohort: Cohort, person: MakePerson, api: Caller
) -> None:
    bank, teaching = Caller(outsider), Caller(trainer)
    for path in ("/cohorts", "/curricula", "/courses", "/enrolments", "/certificates"):
        assert bank.get(path)[0] == 403
    assert teaching.get("/cohorts")[1]["items"] == []
    assert teaching.get(f"/cohorts/{cohort.pk}")[0] == 404
    status, _problem = teaching.post(
        f"/cohorts/{cohort.pk}/enrolments", person_id=person().pk, enrolled_date=START
    )
    assert status == 404
    status, _problem = api.post(
        f"/cohorts/{cohort.pk}/enrolments", person_id=uuid4(), enrolled_date=START
    )
    assert status == 404
    assert not cohort.enrolments.exists()


def test_a_curriculum_is_drafted_and_approved_over_the_api(api: Caller, second: StaffUser) -> None:
    _status, row = api.post("/curricula", code="LIT", title="Reading", language="rw")
    here = f"/curricula/{row['id']}"
    status, module = api.post(
        f"{here}/modules", title="Letters", plans=[{"title": "A", "minutes": 60}]
    )
    assert (status, module["number"]) == (201, 1)
    assert api.post(f"{here}/submit")[1]["state"] == "REVIEW"
    status, problem = api.post(f"{here}/approve", day=START)
    assert (status, problem["code"]) == (422, "WROTE_IT_HERSELF")
    assert Caller(second).post(f"{here}/approve", day=START)[1]["state"] == "APPROVED"
    status, course = api.post("/courses", curriculum_id=row["id"], code="LIT", title="Reading")
    assert (status, course["threshold_bps"]) == (201, 8000)
    assert Curriculum.objects.get().state == CurriculumState.APPROVED
    assert len(api.get("/curricula")[1]["items"]) == 1
    assert len(api.get("/courses")[1]["items"]) == 1


def test_applications_endings_and_cancelled_sessions_over_the_api(
    api: Caller, cohort: Cohort, enrolled: list[Enrolment], person: MakePerson
) -> None:
    status, row = api.post(
        f"/cohorts/{cohort.pk}/applications",
        person_id=person().pk,
        applied_date=START,
        open_day_date=START,
    )
    assert (status, row["state"]) == (201, "APPLIED")
    status, ended = api.post(
        f"/enrolments/{enrolled[0].pk}/end",
        state="DROPPED_OUT",
        ended_date=START,
        reason="ILLNESS",
    )
    assert (status, ended["state"]) == (200, "DROPPED_OUT")
    _status, session = api.post(
        f"/cohorts/{cohort.pk}/sessions", session_date=START, minutes_planned=60
    )
    status, cancelled = api.post(f"/sessions/{session['id']}/cancel", reason="flood")
    assert (status, cancelled["state"]) == (200, "CANCELLED")
    items = api.get(f"/cohorts/{cohort.pk}/sessions")[1]["items"]
    assert len(items) == 1
    listed = api.get(f"/enrolments?cohort_id={cohort.pk}")[1]["items"]
    assert len(listed) == 4
    assert (
        api.client.post(
            f"{BASE}/cohorts/{cohort.pk}/trainers?name=Paul",
            headers={"Authorization": f"Bearer {api.token}"},
        ).status_code
        == 204
    )


def test_an_apprenticeship_to_a_verified_job_over_the_api(
    api: Caller, apprentices: list[Enrolment], second: StaffUser, programme: Programme
) -> None:
    _status, shop = api.post(
        "/workshops",
        name="Carpentry",
        trade="carpentry",
        master_name="Jean",
        vetted_date="2026-01-20",
    )
    here = f"/enrolments/{apprentices[0].pk}"
    terms = {
        "workshop_id": shop["id"],
        "trade": "carpentry",
        "start_date": START,
        "signed_date": START,
        "currency": "RWF",
        "stipend_units": 9000,
        "living_cost_units": 12000,
    }
    status, problem = api.post(f"{here}/apprenticeships", **terms)
    assert (status, problem["code"]) == (422, "SHORTFALL_NOT_ACKNOWLEDGED")
    status, row = api.post(f"{here}/apprenticeships", shortfall_acknowledged=True, **terms)
    assert status == 201
    assert api.post(f"/apprenticeships/{row['id']}/start", started_date=START)[0] == 200
    status, done = api.post(
        f"/apprenticeships/{row['id']}/graduate",
        assessed_date="2026-09-10",
        assessor_name="Marie",
        skills=[2, 3],
        log_attended=110,
        log_due=120,
    )
    assert (status, done["state"]) == (200, "GRADUATED")
    status, job = api.post(
        f"{here}/placements",
        kind="WAGE",
        started_date="2026-10-01",
        claimed_date="2026-11-01",
        currency="RWF",
        month=3,
        permanent=True,
    )
    assert (status, job["state"]) == (201, "CLAIMED")
    status, problem = api.post(f"/placements/{job['id']}/verify", verified_date="2026-11-28")
    assert (status, problem["code"]) == (422, "VERIFIER_IS_CLAIMANT")
    status, seen = Caller(second).post(
        f"/placements/{job['id']}/verify", verified_date="2026-11-28"
    )
    assert (status, seen["state"]) == (200, "VERIFIED")
    lines = api.get(f"/programmes/{programme.pk}/funnel?apprenticeships=true&on=2027-01-01")[1]
    assert [line["count"] for line in lines] == [2, 2, 1, 1]
    assert Placement.objects.get().permanent
    assert ApprenticeshipAgreement.objects.count() == 1
    assert Workshop.objects.count() == 1


def test_one_by_one_equals_the_page(
    api: Caller, completed: list[Enrolment], officer: StaffUser
) -> None:
    """The API and the service write equal rows."""
    _status, told = api.post(
        f"/enrolments/{completed[0].pk}/certificates", issued_date="2026-04-10"
    )
    other = services.issue_certificate(
        acting_staff=officer, enrolment=completed[1], issued_date=START.replace(month=4, day=10)
    )
    row = Certificate.objects.get(pk=str(told["id"]))
    for name in ("kind", "state", "issued_date", "valid_to", "issued_by_id", "signing_key_id"):
        assert getattr(row, name) == getattr(other, name)
    assert completed[0].cohort.state == CohortState.CLOSED
