"""Certificates printed ahead of a ceremony: a block of serials, valid only when earned, struck when
not.
"""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from handup.kernel.crypto import is_signed
from handup.org.models import StaffUser
from handup.training import services
from handup.training.badge import may_leave
from handup.training.models import Certificate, Cohort, Enrolment, Session
from handup.training.queries import certified
from handup.training.rules.serials import code_parts
from handup.training.rules.states import CertificateKind, CertificateState, TestKind
from handup.training.services import refusals
from handup.training.tests.conftest import START, MakePerson, attend
from handup.training.tests.test_api import Caller

CEREMONY = date(2026, 3, 27)


@pytest.fixture
def sealed(enrolled: list[Enrolment], officer: StaffUser) -> list[Certificate]:
    """Papers for everybody on the roll, before anything is known."""
    return services.issue_certificates(
        acting_staff=officer,
        items=[
            services.CertificateIn(enrolment=row, issued_date=CEREMONY, sealed=True)
            for row in enrolled
        ],
    )


def close(
    cohort: Cohort, sessions: list[Session], enrolled: list[Enrolment], staff: StaffUser
) -> None:
    """The first two reach the pass mark, the third missed the test."""
    test = services.set_test(
        acting_staff=staff,
        cohort=cohort,
        kind=TestKind.POST,
        title="Last",
        max_score=20,
        test_date=START + timedelta(days=3),
    )
    for row, score in zip(enrolled, (12, 20, None), strict=True):
        for session in sessions:
            attend(staff, row, session, session.minutes_planned)
        services.record_test(
            acting_staff=staff, test=test, enrolment=row, score=score, sat_date=test.test_date
        )
    services.close_cohort(acting_staff=staff, cohort=cohort, closed_date=date(2026, 4, 1))


def test_papers_printed_ahead_stand_in_a_block_and_are_worth_nothing_yet(
    sealed: list[Certificate], enrolled: list[Enrolment], officer: StaffUser, client: Client
) -> None:
    assert [row.serial[:15] for row in sealed] == [
        "MED-2026-000001",
        "MED-2026-000002",
        "MED-2026-000003",
    ]
    persons = [row.person_id for row in enrolled]
    assert certified(person_ids=persons, on=CEREMONY) == set()
    assert not any(may_leave(row, CEREMONY) for row in sealed)
    parts = code_parts(sealed[0].code_text)
    assert parts is not None
    assert parts[1].startswith("1s|MED-2026-000001-")
    assert is_signed(sealed[0].signing_key.public_key, parts[1].encode(), parts[2])
    page = client.get(reverse("training:certificate_verify", args=[sealed[0].address]))
    assert "not valid yet" in page.content.decode()


def test_the_close_makes_valid_what_was_earned_and_the_rest_is_struck(
    sealed: list[Certificate],
    cohort: Cohort,
    sessions: list[Session],
    enrolled: list[Enrolment],
    officer: StaffUser,
    client: Client,
) -> None:
    with pytest.raises(refusals.NotInThisState):
        services.strike_sealed(acting_staff=officer, cohort=cohort, reason="x", on=CEREMONY)
    close(cohort, sessions, enrolled, officer)
    states = [Certificate.objects.get(pk=row.pk).state for row in sealed]
    assert states == ["VALID", "VALID", "SEALED"]
    persons = [row.person_id for row in enrolled]
    assert certified(person_ids=persons, on=CEREMONY) == set(persons[:2])
    with pytest.raises(refusals.ReasonMissing):
        services.strike_sealed(acting_staff=officer, cohort=cohort, reason=" ", on=CEREMONY)
    with pytest.raises(refusals.DateBefore):
        services.strike_sealed(
            acting_staff=officer, cohort=cohort, reason="x", on=date(2026, 3, 31)
        )
    struck: dict[str, Any] = {
        "acting_staff": officer,
        "cohort": cohort,
        "reason": "missed the test",
    }
    assert services.strike_sealed(on=date(2026, 4, 2), **struck) == 1
    assert services.strike_sealed(on=date(2026, 4, 2), **struck) == 0
    last = Certificate.objects.get(pk=sealed[2].pk)
    assert (last.state, last.revoke_reason) == (CertificateState.STRUCK, "missed the test")
    assert certified(person_ids=persons, on=CEREMONY) == set(persons[:2])
    told, earned = (
        client.get(reverse("training:certificate_verify", args=[row.address])).content.decode()
        for row in (last, sealed[0])
    )
    assert "never became valid" in told
    assert last.printed_name not in told
    assert sealed[0].printed_name in earned


def test_only_who_is_in_a_running_course_and_agreed_gets_a_paper_ahead(
    enrolled: list[Enrolment], officer: StaffUser, cohort: Cohort
) -> None:
    row = enrolled[0]

    def ahead(**more: Any) -> Certificate:
        return services.issue_certificate(
            acting_staff=officer,
            enrolment=row,
            issued_date=CEREMONY,
            sealed=True,
            **more,
        )

    with pytest.raises(refusals.NotSealable):
        ahead(kind=CertificateKind.SKILL)
    Enrolment.objects.filter(pk=row.pk).update(name_consent_date=None)
    row.refresh_from_db()
    with pytest.raises(refusals.NameConsentMissing):
        ahead()
    services.agree_to_name(acting_staff=officer, enrolment=row, on=CEREMONY)
    ahead()
    with pytest.raises(refusals.AlreadyCertified):
        ahead()
    assert Certificate.objects.count() == 1


def test_papers_ahead_on_the_web_and_what_is_left_is_offered_for_striking(
    client: Client,
    cohort: Cohort,
    sessions: list[Session],
    enrolled: list[Enrolment],
    officer: StaffUser,
    settings: Settings,
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    client.force_login(officer)
    seal = reverse("training:certificates_seal", args=[cohort.pk])
    for _twice in range(2):
        answer = client.post(seal, {"issued_date": CEREMONY.isoformat()}, follow=True)
        assert answer.status_code == 200
    assert Certificate.objects.filter(state=CertificateState.SEALED).count() == 3
    assert "MED-2026-000003" in answer.content.decode()
    one = Certificate.objects.all()[0]
    paper = client.get(reverse("training:certificate_pdf", args=[one.pk]))
    assert paper.content.startswith(b"%PDF")
    strike = reverse("training:certificates_strike", args=[cohort.pk])
    page = reverse("training:cohort_detail", args=[cohort.pk])
    assert strike not in client.get(page).content.decode()
    close(cohort, sessions, enrolled, officer)
    assert strike in client.get(page).content.decode()
    day = timezone.localdate().isoformat()
    client.post(strike, {"on": day, "reason": "did not complete"})
    assert Certificate.objects.get(state=CertificateState.STRUCK).enrolment == enrolled[2]
    assert strike not in client.get(page).content.decode()


def test_papers_ahead_over_the_api_once(
    cohort: Cohort,
    sessions: list[Session],
    enrolled: list[Enrolment],
    officer: StaffUser,
    outsider: StaffUser,
    person: MakePerson,
) -> None:
    api, key = Caller(officer), uuid4()
    path = f"/enrolments/{enrolled[2].pk}/certificates"
    told = {"issued_date": CEREMONY, "sealed": True}
    status, row = api.post(path, key, **told)
    assert (status, row["state"]) == (201, "SEALED")
    assert api.post(path, key, **told)[1]["serial"] == row["serial"]
    strike = f"/cohorts/{cohort.pk}/sealed-certificates/strike"
    assert api.post(strike, day="2026-04-02", reason="missed")[0] == 422
    close(cohort, sessions, enrolled, officer)
    assert Caller(outsider).post(strike, day="2026-04-02", reason="missed")[0] in (403, 404)
    assert api.post(strike, day="2026-04-02", reason="missed") == (200, {"struck": 1})
