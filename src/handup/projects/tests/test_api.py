"""The API door of projects: the same services as the pages."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from ninja.responses import NinjaJSONEncoder

from handup.org.models import Area, StaffUser
from handup.projects import beginning
from handup.projects.models import (
    Budget,
    Document,
    Organisation,
    Phase,
    Programme,
    StatedFigure,
)
from handup.projects.tests.conftest import DAY

ROOT = "/api/v1/projects"


class Caller:
    """A signed-in caller who sends JSON."""

    def __init__(self, staff: StaffUser) -> None:
        self.client = Client()
        self.client.force_login(staff)

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(ROOT + path, query)

    def post(self, path: str, told: dict[str, Any], key: Any = None) -> Any:
        return self.client.post(
            ROOT + path,
            json.dumps(told, cls=NinjaJSONEncoder),
            content_type="application/json",
            headers={"Idempotency-Key": str(key or uuid4())},
        )


@pytest.fixture
def api(manager: StaffUser) -> Caller:
    return Caller(manager)


def test_a_programme_is_opened_once_per_key(api: Caller, clerk: StaffUser) -> None:
    key = uuid4()
    told = {"code": "P7", "title": "Seventh", "currency": "USD"}
    assert api.post("/programmes", told, key).json()["id"] == str(key)
    assert api.post("/programmes", told, key).status_code == 201
    assert api.post("/programmes", told | {"title": "Other"}, key).status_code == 409
    assert api.post("/programmes", told).json()["code"] == "CODE_TAKEN"
    assert api.post("/programmes", told | {"currency": "usd"}).status_code == 422
    assert Caller(clerk).post("/programmes", told | {"code": "P8"}).status_code == 403
    assert [item["code"] for item in api.get("/programmes").json()["items"]] == ["P7"]
    assert Programme.objects.count() == 1


def test_a_phase_moves_one_step(
    api: Caller, programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {
        "code": "I",
        "title": "Phase I",
        "start": {"day": "1996-01-01", "precision": "YEAR"},
        "end": {"day": "2004-01-01", "precision": "YEAR"},
    }
    phase = api.post(f"/programmes/{programme.pk}/phases", told).json()
    assert (phase["start_precision"], phase["status"]) == ("YEAR", "PIPELINE")
    address = f"/phases/{phase['id']}/status"
    assert api.post(address, {"status": "CLOSED"}).json()["code"] == "STATUS_JUMP"
    assert api.post(address, {"status": "ACTIVE"}).status_code == 422, "it has no logframe"
    assert Phase.objects.get().status == "PIPELINE"
    monkeypatch.setattr(beginning, "missing", [])
    assert api.post(address, {"status": "ACTIVE"}).json()["status"] == "ACTIVE"
    assert len(api.get("/phases").json()["items"]) == 1


def test_organisations_and_partners(api: Caller, clerk: StaffUser, programme: Programme) -> None:
    told = {"code": "B", "name": "People's Bank", "kinds": ["BANK"]}
    bank = api.post("/organisations", told).json()["id"]
    partner = {"organisation_id": bank, "role": "BANK"}
    address = f"/programmes/{programme.pk}/partners"
    assert api.post(address, partner).json()["role"] == "BANK"
    assert api.post(address, partner).json()["code"] == "PARTNER_NAMED_TWICE"
    assert Caller(clerk).post(address, partner | {"role": "FUNDER"}).status_code == 403
    assert api.get("/organisations").json()["items"][0]["name"] == "People's Bank"
    assert Organisation.objects.count() == 1


def test_a_printed_figure_is_kept_word_for_word(
    api: Caller, clerk: StaffUser, programme: Programme
) -> None:
    told = {
        "subject": "Families",
        "printed": "> 3 400",
        "number": "3400",
        "bound": "OVER",
        "source": "S1",
        "as_of": {"day": "2004-01-01", "precision": "YEAR"},
    }
    address = f"/programmes/{programme.pk}/stated-figures"
    assert api.post(address, told).json()["printed"] == "> 3 400"
    assert api.post(address, told | {"printed": " "}).json()["code"] == "PRINTED_MISSING"
    assert Caller(clerk).post(address, told).status_code == 403
    listed = api.get("/stated-figures", programme_id=programme.pk).json()["items"]
    assert [item["bound"] for item in listed] == ["OVER"]
    assert StatedFigure.objects.count() == 1


def test_a_budget_is_prepared_by_one_and_approved_by_another(
    api: Caller, accountant: StaffUser, clerk: StaffUser, phase: Phase
) -> None:
    line = {
        "code": "C2",
        "title": "Advice",
        "currency": "RWF",
        "amount_units": 3_157_100_000,
        "step_units": 100_000,
        "reporting_units": 636_420_000,
        "reporting_step_units": 10_000,
        "rate": "500",
        "rate_date": "2002-12-31",
        "rate_source": "appraisal report",
    }
    told = {"reporting_currency": "USD", "lines": [line]}
    address = f"/phases/{phase.pk}/budgets"
    assert Caller(clerk).post(address, told).status_code == 403
    prepared = Caller(accountant).post(address, told)
    assert prepared.status_code == 201, prepared.content
    assert prepared.json()["lines"][0]["implied_rate"] == "496.07"
    broken = {"reporting_currency": "USD", "lines": [line | {"rate": None}]}
    problem = Caller(accountant).post(address, broken | {"reason": "x"}).json()
    assert problem["faults"][0]["code"] == "NO_RATE_THEN", "nor has the register one of that day"
    dateless = line | {"rate": None, "rate_date": None}
    problem = Caller(accountant).post(address, broken | {"reason": "x", "lines": [dateless]}).json()
    assert problem["faults"][0]["code"] == "RATE_MISSING"
    approval = f"/budgets/{prepared.json()['id']}/approval"
    day = {"approved_date": DAY}
    assert Caller(clerk).post(approval, day).status_code == 404
    assert api.post(approval, day).json()["state"] == "APPROVED"
    assert Budget.objects.count() == 1


def test_lessons_and_documents(
    api: Caller,
    second_manager: StaffUser,
    funder: StaffUser,
    programme: Programme,
    report: Document,
) -> None:
    documents = f"/programmes/{programme.pk}/documents"
    assert Caller(funder).get(documents).json()["items"] == []
    publication = f"/documents/{report.pk}/publication"
    assert api.post(publication, {}).json()["code"] == "SAME_PERSON"
    assert Caller(second_manager).post(publication, {}).json()["state"] == "FINAL"
    assert len(Caller(funder).get(documents).json()["items"]) == 1
    lesson = api.post(
        f"/programmes/{programme.pk}/lessons",
        {"statement": "Training must continue.", "evidence_id": report.pk},
    ).json()
    base = f"/lessons/{lesson['id']}"
    assert api.post(f"{base}/decision", {"state": "ACCEPTED"}).json()["state"] == "ACCEPTED"
    told = {
        "target_kind": "CURRICULUM",
        "target": "Refresher",
        "what_changed": "A course each year.",
        "applied_date": DAY,
        "decided_by": "Design mission",
    }
    applied = api.post(f"{base}/applications", told)
    assert applied.json()["target"] == "Refresher"
    assert api.post(f"{base}/applications", told | {"target": " "}).status_code == 422
    assert api.get("/lessons").json()["items"][0]["state"] == "APPLIED"


def test_areas_and_financing_are_recorded_through_the_api(
    api: Caller, clerk: StaffUser, programme: Programme, funder_organisation: Organisation
) -> None:
    area = Area.objects.create(code="N", names={"en": "North district"})
    told = {"area_id": area.pk, "reach": "ACTIVITY"}
    answer = api.post(f"/programmes/{programme.pk}/areas", told)
    assert (answer.status_code, answer.json()["reach"]) == (201, "ACTIVITY")
    again = api.post(f"/programmes/{programme.pk}/areas", told)
    assert again.json()["code"] == "AREA_NAMED_TWICE"
    key = uuid4()
    money = {
        "funder_id": funder_organisation.pk,
        "kind": "GRANT",
        "currency": "USD",
        "amount_units": 250_000_00,
    }
    path = f"/programmes/{programme.pk}/financing"
    assert api.post(path, money, key).json()["amount_units"] == 250_000_00
    assert api.post(path, money, key).status_code == 201
    assert api.post(path, money | {"amount_units": -1}).status_code == 422
    assert Caller(clerk).post(path, money).status_code == 403
    assert programme.funding.count() == 1
    assert programme.area_links.count() == 1
