"""What leaves the house and what comes after a course: certificates checked without us, badges,
refreshers, applications decided, what it cost.
"""

import base64
import json
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.test import Client
from django.urls import reverse
from tests import source

from handup.org.models import StaffUser
from handup.projects.models import Programme
from handup.training import services
from handup.training.badge import badge
from handup.training.models import Cohort, CostLine, Course, Curriculum, Enrolment
from handup.training.refresher_queries import refreshers_open
from handup.training.rules.refreshers import RefresherState, calendar
from handup.training.rules.states import CourseType, EnrolmentState
from handup.training.tests.conftest import MakePerson, attend
from handup.training.tests.test_api import Caller

ISSUED = date(2026, 4, 10)
DONE = date(2026, 4, 1)


def seen(staff: StaffUser, settings: Any) -> Client:
    settings.SECOND_FACTOR_REQUIRED = False
    client = Client()
    client.force_login(staff)
    return client


def plain(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_the_documented_way_checks_a_certificate_in_a_program_of_its_own(
    completed: list[Enrolment], officer: StaffUser
) -> None:
    """The lines of docs/certificate.md in another process, which knows nothing of ours: it gets the
    text of the code and the keys on the public page, and has no network.
    """
    row = services.issue_certificate(
        acting_staff=officer, enrolment=completed[0], issued_date=ISSUED
    )
    keys = Client().get(reverse("training:signing_keys")).json()["keys"]
    known = {str(key["number"]): key["ed25519"] for key in keys}
    text = (source.ROOT / "docs" / "certificate.md").read_text(encoding="utf-8")
    lines = text.split("```python")[1].split("```")[0]
    forged = row.code_text.replace("Anahit", "Ashots")
    assert forged != row.code_text
    asked = [[row.code_text, known], [forged, known], [row.code_text, {}], ["", known]]
    program = lines + "\nimport json, sys\nassert not any('handup' in name for name in sys.modules)"
    program += "\nprint(json.dumps([checked(*one) for one in json.load(sys.stdin)]))"
    ran = subprocess.run(
        [sys.executable, "-I", "-c", program],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    genuine = ["1", row.serial, "BUS", "260410", "", "1", "Anahit Sargsyan"]
    assert json.loads(ran.stdout) == [genuine, None, None, None]


def test_a_valid_certificate_leaves_as_an_open_badge_any_wallet_checks(
    completed: list[Enrolment], officer: StaffUser, settings: Any
) -> None:
    row = services.issue_certificate(
        acting_staff=officer, enrolment=completed[0], issued_date=ISSUED
    )
    head, body, signature = badge(row).split(".")
    header, told = json.loads(plain(head)), json.loads(plain(body))
    assert (header["alg"], header["kid"]) == ("EdDSA", "1")
    assert header["jwk"]["x"] == row.signing_key.public_key
    key = Ed25519PublicKey.from_public_bytes(plain(header["jwk"]["x"]))
    key.verify(plain(signature), f"{head}.{body}".encode())
    assert told["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert told["id"] == told["jti"] == row.code_text.partition("#")[0]
    assert told["validFrom"] == "2026-04-10T00:00:00Z"
    assert told["nbf"] == 1_775_779_200
    subject = told["credentialSubject"]
    assert subject["identifier"][0]["identityHash"] == "Anahit Sargsyan"
    assert subject["achievement"]["humanCode"] == row.serial
    assert "Small enterprises" not in plain(body).decode()
    address = reverse("training:certificate_badge", args=[row.pk])
    answer = seen(officer, settings).get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/vc+jwt")
    assert Caller(officer).get(f"/certificates/{row.pk}/open-badge")[1]["jwt"].startswith(head)
    services.revoke_certificate(
        acting_staff=officer, certificate=row, reason="Copied test", revoked_date=ISSUED
    )
    assert seen(officer, settings).get(address).status_code == 404


def test_refreshers_come_after_three_six_and_twelve_months() -> None:
    """A day attended ends one refresher only; the window is thirty days to each side."""
    came = [date(2026, 4, 20), date(2026, 6, 15), date(2026, 11, 1)]
    found = calendar(date(2026, 4, 1), came)
    assert [(one.months, one.due_date, one.done_date) for one in found] == [
        (3, date(2026, 7, 1), date(2026, 6, 15)),
        (6, date(2026, 10, 1), None),
        (12, date(2027, 4, 1), None),
    ]
    six = found[1]
    edges = (
        (six.opens - timedelta(days=1), RefresherState.LATER),
        (date(2026, 9, 1), RefresherState.OPEN),
        (date(2026, 10, 31), RefresherState.OPEN),
        (date(2026, 11, 1), RefresherState.MISSED),
    )
    assert [six.state(on) for on, _expected in edges] == [expected for _on, expected in edges]
    assert found[0].state(date(2026, 6, 14)) is RefresherState.OPEN
    assert found[0].state(date(2026, 6, 15)) is RefresherState.DONE


def test_a_completion_makes_its_refreshers_and_attending_one_ends_it(
    completed: list[Enrolment],
    curriculum: Curriculum,
    programme: Programme,
    officer: StaffUser,
    outsider: StaffUser,
    settings: Any,
) -> None:
    on = date(2026, 7, 1)
    assert refreshers_open(officer, DONE + timedelta(days=5)) == []
    due = refreshers_open(officer, on)
    assert {line.enrolment.pk for line in due} == {row.pk for row in completed[:2]}
    assert {line.refresher.months for line in due} == {3}
    assert refreshers_open(outsider, on) == []
    course = services.offer_course(
        acting_staff=officer,
        curriculum=curriculum,
        code="AGAIN",
        title="Refresher",
        type=CourseType.REFRESHER,
    )
    cohort = services.open_cohort(
        acting_staff=officer,
        course=course,
        programme=programme,
        code="AGAIN-1",
        capacity=5,
        starts_date=on,
        ends_date=on,
    )
    session = services.schedule_session(
        acting_staff=officer, cohort=cohort, session_date=on, minutes_planned=60
    )
    services.hold_session(acting_staff=officer, session=session, minutes_held=60, on=on)
    again = services.enrol_persons(
        acting_staff=officer,
        items=[services.EnrolmentIn(cohort=cohort, person=completed[0].person, enrolled_date=on)],
    )[0]
    attend(officer, again, session, 60)
    assert [line.enrolment.pk for line in refreshers_open(officer, on)] == [completed[1].pk]
    web = seen(officer, settings)
    assert web.get(reverse("training:refreshers")).status_code == 200
    shown = web.get(reverse("training:enrolment_detail", args=[completed[0].pk]))
    assert "Refreshers" in shown.content.decode()
    status, rows = Caller(officer).get("/refreshers?on=2026-07-01")
    assert (status, [row["enrolment_id"] for row in rows]) == (200, [str(completed[1].pk)])


def test_applications_are_decided_on_the_web_and_each_place_has_its_reason(
    cohort: Cohort, person: MakePerson, officer: StaffUser, settings: Any
) -> None:
    scores = (Decimal(70), Decimal(90), Decimal(70), None)
    rows = services.record_applications(
        acting_staff=officer,
        items=[
            services.ApplicationIn(
                cohort=cohort,
                person=person(f"Applicant {place}"),
                applied_date=date(2026, 2, 1) + timedelta(days=place),
                targeting_score=score,
            )
            for place, score in enumerate(scores)
        ],
    )
    web = seen(officer, settings)
    page = reverse("training:cohort_detail", args=[cohort.pk])
    decide = reverse("training:cohort_decide", args=[cohort.pk])
    assert decide in web.get(page).content.decode()
    told = {"enrolments": [str(rows[0].pk)], "eligible": "0", "decided_date": "2026-02-10"}
    assert web.post(decide, told).status_code == 422
    told |= {"enrolments": [str(row.pk) for row in rows[:3]], "eligible": "1"}
    assert web.post(decide, told).status_code == 302
    shown = web.get(page).content.decode()
    assert shown.index("Applicant 1") < shown.index("Applicant 0") < shown.index("Applicant 2")
    assert "next highest score" in shown
    assert "same score as the one before" in shown
    status, row = Caller(officer).post(
        f"/enrolments/{rows[3].pk}/decide", eligible=True, decided_date="2026-02-10"
    )
    assert (status, row["state"]) == (200, EnrolmentState.WAITING)
    last = web.get(page).content.decode()
    assert "no score: after all who have one" in last
    assert decide not in last


@pytest.mark.usefixtures("completed")
def test_the_page_of_costs_shows_each_figure_with_its_counts(
    cohort: Cohort, course: Course, programme: Programme, officer: StaffUser, settings: Any
) -> None:
    """2,200.00 of a cohort and a pool of 411.11: three started, two completed, nobody placed."""
    web = seen(officer, settings)
    address = reverse("training:costs")
    assert "No cost of training is recorded yet" in web.get(address).content.decode()
    told = {
        "programme": str(programme.pk),
        "cohort": str(cohort.pk),
        "title": "Trainers",
        "cost_date": "2026-04-01",
        "currency": "AMD",
        "amount_units": "2200.00",
        "_new_id": str(uuid4()),
    }
    new = reverse("training:cost_new")
    assert web.post(new, told).status_code == 302
    assert web.post(new, told).status_code == 302
    assert CostLine.objects.count() == 1
    other = {**told, "amount_units": "2300.00"}
    assert web.post(new, other).status_code == 422
    foreign = {**told, "currency": "USD", "amount_units": "10", "_new_id": str(uuid4())}
    assert web.post(new, foreign).status_code == 422
    api = Caller(officer)
    status, _row = api.post(
        f"/programmes/{programme.pk}/costs",
        title="Curriculum",
        cost_date="2026-04-01",
        amount_units=41_111,
        currency="AMD",
        pool="COMMON",
    )
    assert status == 201
    status, cost = api.get(f"/programmes/{programme.pk}/costs?on=2026-05-01")
    assert (status, cost["direct_units"], cost["shared_units"]) == (200, 220_000, 41_111)
    heads = (cost["per_participant"], cost["per_graduate"], cost["per_placed"])
    assert heads == (87_037, 130_556, None)
    shown = web.get(address).content.decode()
    assert "For each graduate" in shown
    assert "not defined" in shown
    assert "divided by attended minutes" in shown
