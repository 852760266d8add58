"""The API door of people: the same services, keys once, problems, nothing secret given back."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from ninja.responses import NinjaJSONEncoder

from handup.org.models import ReadEntry, StaffUser
from handup.people.models import (
    Campaign,
    ConsentNotice,
    EligibilityRule,
    Enquiry,
    Enterprise,
    Household,
    Participation,
    Person,
)
from handup.people.tests.conftest import DAY
from handup.projects.models import Programme

ROOT = "/api/v1/people"


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
def api(clerk: StaffUser) -> Caller:
    return Caller(clerk)


def told(programme: Programme, notice: ConsentNotice, **more: Any) -> dict[str, Any]:
    return {
        "names": [{"first_name": "Ani", "last_name": "Sargsyan"}],
        "registered_date": DAY,
        "sex": "F",
        "birth_date": "1985-05-06",
        "programme_id": programme.pk,
        "phone": "+37491123456",
        "papers": [{"kind": "PASSPORT", "number": "ZZ998877"}],
        "statuses": [{"status": "REFUGEE", "from_date": DAY}],
        "vulnerabilities": [{"kind": "WIDOWED", "from_date": DAY}],
        "consents": [
            {
                "purpose": "SERVICE",
                "notice_id": notice.pk,
                "method": "MARK",
                "given_date": DAY,
            }
        ],
    } | more


def test_a_registration_is_stored_once_per_key_and_gives_no_secret_back(
    api: Caller, programme: Programme, notice: ConsentNotice
) -> None:
    key = uuid4()
    first = api.post("/persons", told(programme, notice), key)
    assert first.status_code == 201, first.content
    assert first.json()["person"]["id"] == str(key)
    assert first.json()["possible_duplicates"] == []
    for secret in ("37491123456", "ZZ998877"):
        assert secret not in first.content.decode()
    assert api.post("/persons", told(programme, notice), key).status_code == 201
    other = told(programme, notice, names=[{"first_name": "Nare"}])
    assert api.post("/persons", other, key).status_code == 409
    assert Person._base_manager.count() == 1
    again = api.post("/persons", told(programme, notice))
    hint = again.json()["possible_duplicates"][0]
    assert hint["person_id"] == str(key)
    assert (hint["verdict"], hint["probability"] > 0.99) == ("LIKELY", True)
    equal = {part["field"] for part in hint["parts"] if part["fitting"] == "EQUAL"}
    assert equal >= {"first_name", "last_name", "birth_date", "phone", "document"}
    assert sum(part["bits"] for part in hint["parts"]) == pytest.approx(hint["bits"], abs=0.5)


def test_a_refusal_is_a_problem_with_its_field(
    api: Caller, programme: Programme, notice: ConsentNotice
) -> None:
    answer = api.post("/persons", told(programme, notice, birth_date="2027-01-01"))
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.json()["code"], answer.json()["field"]) == ("BIRTH_DATE_IN_FUTURE", "birth_date")
    assert not Person._base_manager.exists()


def test_persons_are_found_in_any_script_and_every_read_is_noted(api: Caller, ani: Person) -> None:
    answer = api.post("/persons/search", {"text": "Սարգս"})
    assert [item["id"] for item in answer.json()["items"]] == [str(ani.pk)]
    assert api.post("/persons/search", {"text": "nobody"}).json()["items"] == []
    refused = api.get("/persons", q="Սարգս")
    assert (refused.status_code, refused.json()["code"]) == (422, "WORDS_GO_INTO_THE_BODY")
    assert "Sargsyan" not in refused.content.decode()
    assert api.get("/persons").json()["items"][0]["display_name"] == "Ani Sargsyan"
    shown = api.get(f"/persons/{ani.pk}")
    assert shown.json()["registration_no"] == ani.registration_no
    entry = ReadEntry.objects.order_by("-number").first()
    assert entry is not None
    assert (entry.action, entry.door) == ("VIEW", "API")


def test_for_an_outsider_and_a_trainer_the_doors_stay_closed(
    outsider: StaffUser,
    trainer: StaffUser,
    ani: Person,
    programme: Programme,
    notice: ConsentNotice,
) -> None:
    assert Caller(outsider).get(f"/persons/{ani.pk}").status_code == 404
    assert Caller(outsider).get("/persons").json()["items"] == []
    assert Caller(trainer).post("/persons", told(programme, notice)).status_code == 403
    consent = ani.consents.get()
    day = {"withdrawn_date": "2026-06-01"}
    assert Caller(outsider).post(f"/consents/{consent.pk}/withdrawal", day).status_code == 404
    assert Client().get(f"{ROOT}/persons").status_code == 401


def test_what_is_told_later_is_recorded(api: Caller, ani: Person, notice: ConsentNotice) -> None:
    base = f"/persons/{ani.pk}"
    status = {"status": "IDP", "from_date": DAY}
    assert api.post(f"{base}/statuses", status).status_code == 201
    assert api.post(f"{base}/statuses", status).status_code == 422
    told_of = {"kind": "LANDLESS", "from_date": DAY}
    assert api.post(f"{base}/vulnerabilities", told_of).json()["kind"] == "LANDLESS"
    name = {"first_name": "Anush", "kind": "ALIAS"}
    assert api.post(f"{base}/names", name).json()["first_name"] == "Anush"
    paper = {"kind": "PASSPORT", "number": "AB12", "seen_date": DAY}
    assert api.post(f"{base}/documents", paper).status_code == 201
    consent = {
        "purpose": "SHARE_BANK",
        "notice_id": notice.pk,
        "method": "VOICE",
        "given_date": DAY,
    }
    given = api.post(f"{base}/consents", consent)
    assert given.status_code == 201
    ending = f"/consents/{given.json()['id']}/withdrawal"
    day = {"withdrawn_date": "2026-06-01"}
    assert api.post(ending, day).json()["how"] == "WITHDRAWN"
    assert api.post(ending, day).json()["code"] == "CONSENT_ENDED"
    unread = consent | {"purpose": "RESEARCH"}
    assert api.post(f"{base}/consents", unread).json()["code"] == "PURPOSE_NOT_IN_NOTICE"


def test_a_household_and_an_enterprise_are_registered(
    api: Caller, ani: Person, programme: Programme, notice: ConsentNotice
) -> None:
    son = api.post(
        "/persons", told(programme, notice, names=[{"first_name": "Aram"}], papers=[])
    ).json()["person"]["id"]
    home = api.post(
        "/households",
        {
            "members": [
                {"person_id": ani.pk, "role": "HEAD"},
                {"person_id": son, "relation": "CHILD"},
            ],
            "registered_date": DAY,
            "programme_id": programme.pk,
            "fact": {
                "fact_date": DAY,
                "children": 3,
                "monthly_income_units": 5,
                "currency": "AMD",
            },
        },
    )
    assert home.status_code == 201, home.content
    address = f"/households/{home.json()['id']}"
    assert api.get(address).json()["code"].startswith("H")
    fact = {"fact_date": "2026-04-01", "monthly_income_units": 9}
    assert api.post(f"{address}/facts", fact).json()["code"] == "CURRENCY_MISSING"
    fact = fact | {"currency": "AMD"}
    assert api.post(f"{address}/facts", fact).status_code == 201
    head = {"person_id": son, "change_date": "2026-05-01"}
    assert api.post(f"{address}/head", head).json()["role"] == "HEAD"
    left = {"person_id": ani.pk, "last_date": "2026-05-02"}
    assert api.post(f"{address}/leave", left).json()["to_date"] == "2026-05-02"
    back = {"person_id": ani.pk, "from_date": "2026-06-01", "relation": "PARENT"}
    assert api.post(f"{address}/members", back).json()["relation"] == "PARENT"
    two = [{"person_id": ani.pk, "role": "HEAD"}, {"person_id": son, "role": "HEAD"}]
    wrong = api.post("/households", {"members": two, "registered_date": DAY})
    assert wrong.status_code in {404, 422}
    assert Household._base_manager.count() == 1
    enterprise = {
        "trade": "bakery",
        "owners": [{"person_id": ani.pk, "share_bps": 6000}],
        "registered_date": DAY,
        "workers_family": 1,
        "workers_women": 1,
        "programme_id": programme.pk,
    }
    assert api.post("/enterprises", enterprise).status_code == 201
    assert api.get("/enterprises").json()["items"][0]["trade"] == "bakery"
    many = enterprise | {"workers_women": 2}
    assert api.post("/enterprises", many).json()["code"] == "WOMEN_OVER_WORKERS"
    assert Enterprise._base_manager.count() == 1


def test_from_the_campaign_to_the_enquiry(api: Caller, programme: Programme) -> None:
    campaign = api.post(
        "/campaigns",
        {
            "programme_id": programme.pk,
            "code": "R1",
            "title": "Radio",
            "channel": "MEDIA",
            "language": "hy",
            "start_date": DAY,
            "cost_units": 100,
            "currency": "AMD",
        },
    )
    assert campaign.status_code == 201, campaign.content
    number = campaign.json()["id"]
    event = {"title": "Open day", "event_date": DAY, "heads": {"F": {"15-24": 4}}}
    assert api.post(f"/campaigns/{number}/events", event).json()["heads"] == {"F": {"15-24": 4}}
    assert api.get("/campaigns").json()["items"][0]["code"] == "R1"
    enquiry = api.post(
        "/enquiries",
        {
            "programme_id": programme.pk,
            "campaign_id": number,
            "enquiry_date": DAY,
            "phone": "+37491000000",
        },
    )
    assert "37491000000" not in enquiry.content.decode()
    assert api.get("/enquiries", state="OPEN").json()["items"][0]["due_date"] == "2026-03-09"
    closing = f"/enquiries/{enquiry.json()['id']}/closing"
    assert api.post(closing, {"reason": " ", "closed_date": DAY}).status_code == 422
    done = api.post(closing, {"reason": "Not reached", "closed_date": DAY})
    assert done.json()["state"] == "CLOSED"
    assert api.get("/enquiries", state="OPEN").json()["items"] == []
    assert Campaign._base_manager.count() == Enquiry._base_manager.count() == 1


def test_from_the_application_to_taking_part(
    api: Caller,
    targeting: StaffUser,
    ani: Person,
    programme: Programme,
    rule: EligibilityRule,
) -> None:
    status = {"status": "REFUGEE", "from_date": DAY}
    api.post(f"/persons/{ani.pk}/statuses", status)
    application = {"person_id": ani.pk, "programme_id": programme.pk, "applied_date": DAY}
    applied = api.post("/participations", application)
    assert applied.status_code == 201, applied.content
    base = f"/participations/{applied.json()['id']}"
    day = {"decided_date": DAY}
    assert api.post(f"{base}/decision", day).status_code == 403
    assert Caller(targeting).post(f"{base}/decision", day).status_code == 200
    decided = Caller(targeting).get("/participations", state="ELIGIBLE").json()["items"]
    assert decided[0]["decision"]["result"] == "ELIGIBLE"
    step = {"to_state": "ACTIVE", "reason": "PLACE_FOUND", "on": "2026-03-10"}
    moved = Caller(targeting).post(f"{base}/moves", step)
    assert moved.json()["started_date"] == "2026-03-10"
    assert Caller(targeting).post(f"{base}/moves", step).json()["code"] == "MOVE_NOT_ALLOWED"
    listed = api.get("/participations", programme_id=programme.pk).json()["items"]
    assert listed[0]["state"] == "ACTIVE"
    assert Participation._base_manager.count() == 1


def test_rules_and_notices_are_published_by_those_who_may(
    api: Caller, manager: StaffUser, programme: Programme, notice: ConsentNotice
) -> None:
    leaf = {"fact": "age_years", "op": ">=", "value": 18, "reason": "UNDER_AGE"}
    rule = {"programme_id": programme.pk, "title": "Grown up", "tree": leaf, "valid_from": DAY}
    assert api.post("/rules", rule).status_code == 403
    may = Caller(manager)
    assert may.post("/rules", rule).json()["version"] == 1
    restricted = rule | {"tree": {**leaf, "fact": "trafficking"}, "valid_from": "2026-04-01"}
    problem = may.post("/rules", restricted).json()
    assert problem["faults"][0]["place"] == "rule"
    assert api.get("/rules").json()["items"][0]["tree"] == leaf
    text = {
        "version": "2",
        "language": "hy",
        "text": "Կարդացեք",
        "purposes": ["SERVICE"],
        "valid_from": DAY,
    }
    assert api.post("/notices", text).status_code == 403
    assert may.post("/notices", text).status_code == 201
    assert may.post("/notices", text).json()["code"] == "NOTICE_VERSION_TAKEN"
    assert len(api.get("/notices").json()["items"]) == 2
