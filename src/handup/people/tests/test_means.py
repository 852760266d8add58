"""Proxy means tests in use: two tables make a version, a household is scored, each term shown."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import Error, transaction
from django.urls import reverse

from handup.kernel.errors import Faults
from handup.kernel.ids import new_id
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed
from handup.people.models import Household, MeansScore, Person, ProxyMeansTest
from handup.people.rules import codes as c
from handup.people.rules.pmt_table import read_test
from handup.people.services import (
    HouseholdIn,
    MemberIn,
    join_household,
    open_compartment,
    register_household,
    register_person,
)
from handup.people.services.instruments import NoHousehold
from handup.people.services.means import publish_test, score_household
from handup.people.services.scorecards import (
    AssessedBeforeCard,
    CardBeforeLast,
    CardWithoutTitle,
    NotTheNextVersion,
)
from handup.people.tests.conftest import DAY, person_in, signed_in
from handup.projects.models import Programme

TERMS = (
    b"fact,level,use,coefficient,max,equals,aggregate,where_fact,where_op,where_value,empty\n"
    b"members,HOUSEHOLD,VALUE,-1000,,,,,,,\n"
    b"wall,HOUSEHOLD,EQUALS,2500,,BRICK,,,,,\n"
    b"age,MEMBER,VALUE,-500,,,COUNT,age,<,15,\n"
)
LINES = b"area,line_units\nCAPITAL,8000\nOTHER,4000\n"


def content(terms: bytes = TERMS, lines: bytes = LINES, **more: Any) -> Any:
    told: dict[str, Any] = {
        "code": "OWN",
        "version": 1,
        "predicts": "PER_CAPITA_MONTH",
        "constant": "5000",
        "currency": "AMD",
    }
    return read_test(terms, lines, **(told | more))


def publish(staff: StaffUser, on: date = DAY, title: str = "Own test", **more: Any) -> Any:
    return publish_test(acting_staff=staff, title=title, content=content(**more), published_date=on)


@pytest.fixture
def test(manager: StaffUser) -> ProxyMeansTest:
    row: ProxyMeansTest = publish(manager)
    return row


@pytest.fixture
def home(clerk: StaffUser, ani: Person, programme: Programme) -> Household:
    told = HouseholdIn(
        members=(MemberIn(ani, c.HouseholdRole.HEAD),), registered_date=DAY, programme=programme
    )
    return register_household(acting_staff=clerk, household=told).household


def score(staff: StaffUser, person: Person, test: ProxyMeansTest, **more: Any) -> MeansScore:
    told: dict[str, Any] = {"facts": {"wall": "BRICK", "area": "OTHER"}, "scored_date": DAY}
    return score_household(acting_staff=staff, person=person, test=test, **(told | more))


def test_a_version_is_made_of_two_tables_and_never_changed(test: ProxyMeansTest) -> None:
    assert test.content["terms"][2]["where"] == {"fact": "age", "op": "<", "value": "15"}
    assert test.content["line_units_by_area"] == {"CAPITAL": "8000", "OTHER": "4000"}
    test.title = "Another"
    with pytest.raises(Error), transaction.atomic():
        test.save()
    assert AuditLine.objects.filter(action="people.publish_test").count() == 1


def test_what_is_wrong_is_told_at_its_row() -> None:
    wrong = TERMS.replace(b"2500", b"much").replace(b"COUNT", b"")
    with pytest.raises(Faults) as refused:
        content(wrong)
    assert [(f.row, f.column) for f in refused.value.faults] == [
        (3, "coefficient"),
        (4, "aggregate"),
    ]
    with pytest.raises(Faults) as refused:
        content(lines=b"area,line_units\nCAPITAL,\nOTHER,-5\n")
    assert [fault.row for fault in refused.value.faults] == [2, 3]
    with pytest.raises(Faults) as refused:
        content(lines=b"area,line_units\n")
    assert refused.value.faults


def test_versions_follow_each_other(manager: StaffUser, test: ProxyMeansTest) -> None:
    with pytest.raises(NotTheNextVersion):
        publish(manager, DAY + timedelta(1))
    with pytest.raises(CardBeforeLast):
        publish(manager, version=2)
    with pytest.raises(CardWithoutTitle):
        publish(manager, DAY + timedelta(1), title=" ", version=2)
    assert publish(manager, DAY + timedelta(1), version=2).version == 2


def test_only_a_manager_publishes(clerk: StaffUser) -> None:
    with pytest.raises(NotAllowed):
        publish(clerk)
    assert not ProxyMeansTest._base_manager.exists()


def test_a_household_is_scored_with_what_each_term_adds(
    clerk: StaffUser, ani: Person, home: Household, test: ProxyMeansTest
) -> None:
    row = score(clerk, ani, test)
    # 5000 - 1000 x 1 member + 2500 brick - 500 x 0 children
    assert (row.predicted_units, row.targeted, row.household) == (6500, False, home)
    assert [part["contribution"] for part in row.result["terms"]] == ["-1000", "2500", "0"]
    mud = score(clerk, ani, test, facts={"wall": "MUD", "area": "OTHER"})
    assert (mud.predicted_units, mud.targeted) == (4000, True)


def test_a_missing_fact_leaves_it_open_and_a_wrong_one_is_named(
    clerk: StaffUser, ani: Person, home: Household, test: ProxyMeansTest
) -> None:
    row = score(clerk, ani, test, facts={"area": "OTHER"})
    assert (row.status, row.predicted_units, row.targeted) == ("INCOMPLETE", None, None)
    assert row.result["missing"] == ["wall"]
    with pytest.raises(Faults) as refused:
        score(clerk, ani, test, facts={"wall": "MUD", "area": "MOON"})
    assert [fault.place for fault in refused.value.faults] == ["area"]
    assert MeansScore._base_manager.count() == 1


def test_a_score_needs_a_household_and_a_day_of_the_version(
    clerk: StaffUser, ani: Person, test: ProxyMeansTest
) -> None:
    with pytest.raises(NoHousehold):
        score(clerk, ani, test)
    with pytest.raises(AssessedBeforeCard):
        score(clerk, ani, test, scored_date=DAY - timedelta(1))


def test_a_hidden_member_is_not_counted_for_who_may_not_know(
    clerk: StaffUser,
    focal_point: StaffUser,
    ani: Person,
    home: Household,
    test: ProxyMeansTest,
    programme: Programme,
) -> None:
    told = person_in(programme, "Davit", "Sargsyan")
    davit = register_person(acting_staff=clerk, person=told).person
    join_household(acting_staff=clerk, household=home, person=davit, from_date=DAY)
    assert score(clerk, ani, test).facts["household"]["members"] == 2
    open_compartment(
        acting_staff=focal_point,
        person=davit,
        kind=c.CompartmentKind.PERSON,
        team=[focal_point],
        opened_date=DAY,
    )
    after = score(clerk, ani, test)
    assert (after.facts["household"]["members"], len(after.facts["members"])) == (1, 1)


def test_pages_publish_ask_and_show(
    clerk: StaffUser, manager: StaffUser, ani: Person, home: Household
) -> None:
    told = {
        "title": "Own",
        "code": "OWN",
        "predicts": "PER_CAPITA_MONTH",
        "constant": "5000",
        "currency": "AMD",
        "published_date": DAY.isoformat(),
    }
    office = signed_in(manager)
    new = reverse("people:proxymeanstest_new")
    answer = office.post(
        new,
        told
        | {
            "terms": SimpleUploadedFile("t.csv", TERMS.replace(b"2500", b"much")),
            "lines": SimpleUploadedFile("l.csv", LINES),
        },
    )
    assert "terms[1].coefficient" in answer.content.decode()
    answer = office.post(
        new,
        told
        | {
            "terms": SimpleUploadedFile("t.csv", TERMS),
            "lines": SimpleUploadedFile("l.csv", LINES),
        },
    )
    assert "2500" in office.get(answer["Location"]).content.decode()
    test = ProxyMeansTest._base_manager.get()
    desk = signed_in(clerk)
    page = reverse("people:means_new", args=[ani.pk])
    assert "BRICK" in desk.get(page).content.decode()
    asked = {"test": str(test.pk), "scored_date": DAY.isoformat(), "fact_wall": "NONE_OF_THESE"}
    answer = desk.post(page, asked | {"fact_area": "OTHER"})
    row = MeansScore._base_manager.get()
    assert (row.predicted_units, row.targeted) == (4000, True)
    shown = desk.get(answer["Location"]).content.decode()
    assert "-1000" in shown
    listed = desk.get(reverse("people:person_detail", args=[ani.pk])).content.decode()
    assert answer["Location"] in listed


def test_the_interface_publishes_and_scores_once(
    clerk: StaffUser, manager: StaffUser, ani: Person, home: Household
) -> None:
    told = {
        "title": "Own",
        "code": "OWN",
        "predicts": "PER_CAPITA_MONTH",
        "constant": "5000",
        "currency": "AMD",
        "terms": TERMS.decode(),
        "lines": LINES.decode(),
        "published_date": DAY.isoformat(),
    }
    key = {"Idempotency-Key": str(new_id())}
    office = signed_in(manager)
    answers = [
        office.post(
            "/api/v1/people/means-tests", told, content_type="application/json", headers=key
        )
        for _time in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert ProxyMeansTest._base_manager.count() == 1
    asked = {
        "test_id": answers[0].json()["id"],
        "scored_date": DAY.isoformat(),
        "facts": {"wall": "MUD", "area": "CAPITAL"},
    }
    answer = signed_in(clerk).post(
        f"/api/v1/people/persons/{ani.pk}/means-scores",
        asked,
        content_type="application/json",
        headers={"Idempotency-Key": str(new_id())},
    )
    assert (answer.status_code, answer.json()["predicted_units"]) == (201, 4000)
