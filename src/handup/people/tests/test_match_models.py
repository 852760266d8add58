"""Weights of the duplicate check: estimated, proposed by one, adopted by another, named by every
pair they weighed; outreach figures and a split household through the interface."""

import json
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from handup.kernel.ids import new_id
from handup.org.duties import SamePerson
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role, ScopeKind
from handup.org.tests.staff import staff_with
from handup.people.models import Household, Match, MatchModel, Membership, Person
from handup.people.queries.match_models import model_in_use
from handup.people.rules import codes as c
from handup.people.rules.duplicates import ModelState
from handup.people.rules.matching.engine import NothingToCompareBy
from handup.people.rules.matching.model import FIXED_1
from handup.people.services import HouseholdIn, MemberIn, NameIn, PersonIn, register_household
from handup.people.services import match_models as m
from handup.people.services.protection import open_compartment
from handup.people.services.registration import register_person, register_persons
from handup.people.tests.conftest import DAY, signed_in
from handup.projects.models import Programme

NAMES = ("Anahit", "Gor", "Tigran", "Lilit", "Suren", "Mariam", "Hayk", "Narine")
LAST = ("Sargsyan", "Petrosyan", "Grigoryan", "Hakobyan", "Vardanyan")


@pytest.fixture
def adjudicator(db: None) -> StaffUser:
    return staff_with("adjudicator", Role.ADJUDICATOR)


def people(programme: Programme) -> list[PersonIn]:
    """Forty persons, five of them twice."""
    rows = [
        PersonIn(
            names=(NameIn(NAMES[n % 8], LAST[n % 5]),),
            registered_date=DAY,
            birth_date=date(1960 + n, 1 + n % 12, 2 + n % 26),
            sex=c.Sex.F if n % 2 else c.Sex.M,
            programme=programme,
        )
        for n in range(40)
    ]
    return [*rows, *rows[:5]]


def test_nothing_is_learnt_from_whoever_is_hidden(
    clerk: StaffUser, focal_point: StaffUser, adjudicator: StaffUser, programme: Programme
) -> None:
    register_persons(acting_staff=clerk, items=people(programme))
    before = m.propose_model(acting_staff=adjudicator, on=DAY, random_pairs=2_000)
    extra = people(programme)[3]
    (hidden,) = register_persons(acting_staff=clerk, items=[extra])
    open_compartment(
        acting_staff=focal_point,
        person=hidden,
        kind=c.CompartmentKind.PERSON,
        team=(),
        opened_date=DAY,
    )
    after = m.propose_model(acting_staff=adjudicator, on=DAY, random_pairs=2_000)
    assert (before.records, before.candidates) == (after.records, after.candidates)
    assert after.content == before.content | {"version": "em-2"}


def test_another_person_adopts_what_was_estimated_and_every_pair_names_its_weights(
    clerk: StaffUser, manager: StaffUser, adjudicator: StaffUser, programme: Programme
) -> None:
    with pytest.raises(NothingToCompareBy):
        m.propose_model(acting_staff=adjudicator, on=DAY)
    register_persons(acting_staff=clerk, items=people(programme))
    with pytest.raises(NotAllowed):
        m.propose_model(acting_staff=clerk, on=DAY)
    model = m.propose_model(acting_staff=adjudicator, on=DAY, random_pairs=2_000)
    assert (model.version, model.state, model.records) == ("em-1", "PROPOSED", 45)
    assert model_in_use() == FIXED_1, "a proposal weighs nothing"
    MatchModel._base_manager.update(settled=False)
    with pytest.raises(m.NotSettled):
        m.adopt_model(acting_staff=manager, model=model)
    MatchModel._base_manager.update(settled=True)
    with pytest.raises(SamePerson):
        m.adopt_model(acting_staff=adjudicator, model=model)
    m.adopt_model(acting_staff=manager, model=model)
    with pytest.raises(m.ModelDecided):
        m.adopt_model(acting_staff=manager, model=model, adopted=False)
    assert model_in_use().version == "em-1"
    register_person(acting_staff=clerk, person=people(programme)[7])
    assert set(Match._base_manager.values_list("model", flat=True)) == {"em-1"}
    client = signed_in(adjudicator)
    match = Match._base_manager.all()[0]
    page = client.get(reverse("people:match_detail", args=[match.pk])).content.decode()
    assert "Weighed by em-1" in page
    page = client.get(reverse("people:matchmodel_detail", args=[model.pk])).content.decode()
    assert "Do not use it any more" in page
    assert client.post(reverse("people:matchmodel_retire", args=[model.pk])).status_code == 302
    assert model_in_use() == FIXED_1
    model.refresh_from_db()
    assert model.state == ModelState.RETIRED


def test_weights_are_proposed_and_adopted_through_pages_and_interface(
    clerk: StaffUser, manager: StaffUser, adjudicator: StaffUser, programme: Programme,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("handup.people.services.match_models.RANDOM_PAIRS", 1_000)
    register_persons(acting_staff=clerk, items=people(programme))
    first, other = signed_in(adjudicator), signed_in(manager)
    assert first.post(reverse("people:matchmodel_new")).status_code == 302
    told = first.post("/api/v1/people/match-models")
    assert (told.status_code, told.json()["version"]) == (201, "em-2")
    rows = {row.version: row for row in MatchModel._base_manager.all()}
    adopt = reverse("people:matchmodel_adopt", args=[rows["em-1"].pk])
    assert first.post(adopt, {"adopted": "yes"}).status_code == 422
    assert other.post(adopt, {"adopted": "no"}).status_code == 302
    address = f"/api/v1/people/match-models/{rows['em-2'].pk}/adoption"
    body = json.dumps({"adopted": True})
    assert first.post(address, body, content_type="application/json").status_code == 422
    done = other.post(address, body, content_type="application/json")
    assert (done.status_code, done.json()["state"]) == (201, "ADOPTED")
    listed = other.get("/api/v1/people/match-models").json()["items"]
    assert {row["version"]: row["state"] for row in listed} == {
        "em-1": "REFUSED", "em-2": "ADOPTED",
    }  # fmt: skip
    assert "em-2" in other.get(reverse("people:matchmodel_list")).content.decode()


def test_weights_count_for_everybody_so_one_programme_is_not_enough(
    programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []

    def estimate(records: object, *, version: str, **_more: object) -> Any:
        held.append(len(connection.savepoint_ids))
        return SimpleNamespace(
            model=replace(FIXED_1, version=version), records=5, candidates=5,
            estimate=SimpleNamespace(rounds=3, settled=True),
        )  # fmt: skip

    monkeypatch.setattr(m, "propose", estimate)
    outside = len(connection.savepoint_ids)
    here = ScopeKind.PROJECT
    one = staff_with("one", Role.MANAGER, scope=here, programme_id=programme.pk)
    all_over = staff_with("all", Role.MANAGER)
    with pytest.raises(NotAllowed):
        m.propose_model(acting_staff=one, on=DAY)
    key = new_id()
    model = m.propose_model(acting_staff=all_over, on=DAY, id=key)
    assert m.propose_model(acting_staff=all_over, on=DAY, id=key) == model, "a second click"
    assert held == [outside], "estimated once, and not while the database is held"
    with pytest.raises(NotAllowed):
        m.adopt_model(acting_staff=one, model=model)
    m.adopt_model(acting_staff=staff_with("other", Role.MANAGER), model=model)
    with pytest.raises(NotAllowed):
        m.retire_model(acting_staff=one, model=model)
    assert model_in_use().version == "em-1"


def test_outreach_figures_and_a_split_through_the_interface(
    clerk: StaffUser, programme: Programme
) -> None:
    client = signed_in(clerk)
    figures = client.get("/api/v1/people/outreach-figures").json()
    assert figures["by_campaign"][-1]["cost_an_enquiry"] is None
    assert [row["channel"] for row in figures["by_channel"]] == ["UNKNOWN"]
    members = register_persons(acting_staff=clerk, items=people(programme)[:3])
    home = register_household(
        acting_staff=clerk,
        household=HouseholdIn(
            members=(
                MemberIn(members[0], c.HouseholdRole.HEAD, c.Kinship.SELF),
                *(MemberIn(person) for person in members[1:]),
            ),
            registered_date=DAY,
            programme=programme,
        ),
    ).household
    told = {
        "split_date": "2026-03-20",
        "members": [{"person_id": str(members[1].pk), "role": "HEAD", "relation": "SELF"}],
    }
    address = f"/api/v1/people/households/{home.pk}/split"
    done = client.post(address, json.dumps(told), content_type="application/json")
    assert done.status_code == 201, done.content
    new = Household._base_manager.get(pk=done.json()["id"])
    left = Membership._base_manager.get(household=home, person=members[1])
    assert left.to_date is not None
    assert [row.person_id for row in new.memberships.all()] == [members[1].pk]
    again = client.post(address, json.dumps(told), content_type="application/json")
    assert again.status_code == 422, "she is no member any more"
    assert Person._base_manager.count() == 3
