"""Who works inside knows every programme; she writes only where a grant of hers reaches it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handup.org.models import AuditLine, Office, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight, may
from handup.org.rules.access import Role, ScopeKind
from handup.org.tests.staff import staff_with
from handup.projects.models import (
    Document,
    Lesson,
    Organisation,
    Partner,
    Phase,
    Programme,
    StatedFigure,
)
from handup.projects.rules.states import PhaseStatus
from handup.projects.services import (
    StatedFigureIn,
    change_phase_status,
    open_programme,
    prepare_budget,
    record_stated_figures,
)
from handup.projects.tests.test_api import Caller

FIGURE = {"subject": "Loans", "printed": "about 900", "source": "Report", "number": "900"}
PHASE = {"code": "III", "title": "Phase III"}


@pytest.fixture
def elsewhere(db: None) -> StaffUser:
    """Every role, over one office which the programme does not lie in."""
    office = Office.objects.create(code="there", name="There")
    return staff_with("elsewhere", *Role, scope=ScopeKind.OFFICE, office=office)


def insider(programme: Programme) -> StaffUser:
    """Every role over one programme."""
    return staff_with("insider", *Role, scope=ScopeKind.PROJECT, programme_id=programme.pk)


def writes(programme: Programme, phase: Phase, organisation: Organisation) -> Any:
    """Every address that writes to a programme, with what is told."""
    at = f"/programmes/{programme.pk}"
    return [
        (f"{at}/phases", PHASE),
        (f"{at}/partners", {"organisation_id": organisation.pk, "role": "FUNDER"}),
        (f"{at}/stated-figures", FIGURE),
        (f"/phases/{phase.pk}/status", {"status": "SUSPENDED"}),
    ]


def test_another_offices_staff_reads_a_programme_and_writes_nothing_to_it(
    elsewhere: StaffUser,
    programme: Programme,
    phase: Phase,
    report: Document,
    funder_organisation: Organisation,
) -> None:
    api, lines = Caller(elsewhere), AuditLine.objects.count()
    assert [row["code"] for row in api.get("/programmes").json()["items"]] == ["P1"]
    assert len(api.get("/phases").json()["items"]) == 1
    for address, told in writes(programme, phase, funder_organisation):
        assert api.post(address, told).status_code == 404, address
    assert api.post(f"/documents/{report.pk}/publication", {}).status_code == 404
    report.refresh_from_db()
    phase.refresh_from_db()
    assert (report.state, phase.status) == ("DRAFT", "ACTIVE")
    assert not Partner.objects.exists()
    assert not StatedFigure.objects.exists()
    assert (programme.phases.count(), AuditLine.objects.count()) == (1, lines)


def test_a_grant_over_the_programme_writes_to_it_and_to_no_other(
    programme: Programme,
    other_programme: Programme,
    phase: Phase,
    report: Document,
    funder_organisation: Organisation,
) -> None:
    staff = insider(programme)
    api = Caller(staff)
    for address, told in writes(programme, phase, funder_organisation):
        assert api.post(address, told).status_code in {200, 201}, address
    assert api.post(f"/documents/{report.pk}/publication", {}).json()["state"] == "FINAL"
    figures = [
        StatedFigureIn(programme=row, subject="Loans", printed="9", source="Report")
        for row in (programme, other_programme)
    ]
    with pytest.raises(OutOfSight):
        record_stated_figures(acting_staff=staff, figures=figures)
    assert StatedFigure.objects.count() == 1


def test_a_phase_and_its_budget_are_written_from_their_own_programme(
    elsewhere: StaffUser, phase: Phase
) -> None:
    with pytest.raises(OutOfSight):
        change_phase_status(acting_staff=elsewhere, phase=phase, status=PhaseStatus.SUSPENDED)
    with pytest.raises(OutOfSight):
        prepare_budget(acting_staff=elsewhere, phase=phase, reporting_currency="RWF", lines=[])
    phase.refresh_from_db()
    assert phase.status == "ACTIVE"
    assert not phase.budgets.exists()


def test_a_programme_is_opened_only_over_everything(elsewhere: StaffUser) -> None:
    with pytest.raises(NotAllowed):
        open_programme(acting_staff=elsewhere, code="P9", title="Ninth", currency="USD")
    assert not Programme.objects.exists()


def test_anyone_who_works_inside_proposes_a_lesson_but_does_not_decide_it(
    elsewhere: StaffUser, programme: Programme
) -> None:
    api = Caller(elsewhere)
    told = {"statement": "Meet before the season."}
    made = api.post(f"/programmes/{programme.pk}/lessons", told)
    assert made.status_code == 201
    decided = {"state": "NOT_APPLIED", "reason": "Later."}
    assert api.post(f"/lessons/{made.json()['id']}/decision", decided).status_code == 404
    assert Lesson.objects.get().state == "PROPOSED"


def test_pages_offer_another_offices_staff_no_form_she_may_not_send(
    client: Client, elsewhere: StaffUser, programme: Programme, phase: Phase
) -> None:
    client.force_login(elsewhere)
    page = client.get(reverse("projects:programme_detail", args=[programme.pk]))
    form = reverse("projects:phase_new", args=[programme.pk])
    assert page.status_code == 200
    assert form not in page.content.decode()
    assert reverse("projects:lesson_new", args=[programme.pk]) in page.content.decode()
    assert client.get(form).status_code == 404
    assert client.get(reverse("projects:phase_status", args=[phase.pk])).status_code == 404
    assert may(elsewhere, "projects.view_programme", programme)
    assert not may(elsewhere, "results.choose_indicators", programme)
    assert not may(elsewhere, "plans.set_segments", programme)
