"""The last figures on a phone of one's own: those of the results page its holder reads, with their
day, counted without whoever is hidden, and nothing of anybody.
"""

import json
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from handup.org.models import Grant, ReadEntry, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role, ScopeKind
from handup.org.scope import hidden_changed
from handup.people.models import Compartment, Participation
from handup.projects.models import Programme
from handup.results.services import choose_indicators, set_reporting_day
from handup.sync import figures_carried, services
from handup.sync.tests.work.test_attendance import own_phone
from handup.sync.work_queries import work_of
from handup.training.models import Enrolment
from handup.training.tests.conftest import member_of_staff

DAY, BEGAN = date(2026, 3, 31), date(2026, 3, 2)
DOOR = "/api/v1/sync/work/figures"


@pytest.fixture
def manager(db: None) -> StaffUser:
    """Who chooses the figures."""
    return member_of_staff("manager", Role.MANAGER)


@pytest.fixture
def counted(programme: Programme, enrolled: list[Enrolment], manager: StaffUser) -> list[Enrolment]:
    """Three persons take part, the first only since after the day the figures are shown for."""
    for place, one in enumerate(enrolled):
        Participation.objects.create(
            person=one.person,
            programme=programme,
            state="ACTIVE",
            applied_date=BEGAN,
            started_date=BEGAN if place else date(2026, 4, 1),
        )
    codes = ["MED-OUT-01", "MED-FIN-05a", "MED-FIN-01v"]
    choose_indicators(acting_staff=manager, programme=programme, codes=codes)
    set_reporting_day(acting_staff=manager, programme=programme, day=DAY)
    return enrolled


def fetched(reader: StaffUser) -> dict[str, Any]:
    """What a new phone of the reader's own fetches."""
    headers = {"Authorization": f"Bearer {own_phone(reader).token}"}
    answer = Client().get(DOOR, headers=headers)
    assert answer.status_code == 200, answer.content
    told: dict[str, Any] = answer.json()
    return told


def test_a_phone_carries_the_figures_of_the_page_with_their_day(
    manager: StaffUser, programme: Programme, counted: list[Enrolment]
) -> None:
    assert work_of(manager)[0]["figures"] is True
    told = fetched(manager)
    assert told["worked_out"] == timezone.localdate().isoformat()
    assert told["programmes_left"] == 0
    [report] = told["programmes"]
    assert (report["code"], report["title"]) == ("MED", "Small enterprises")
    assert report["as_of"] == "2026-03-31", "two were served by then, the third a day later"
    shown = [(one["code"], one["name"], one["value"], one["unit"]) for one in report["figures"]]
    assert shown == [
        ("MED-OUT-01", "Persons reached", "2", "persons"),
        ("MED-FIN-05a", "Loans repaid, by number", "not defined", ""),
        ("MED-FIN-01v", "Loans disbursed, value", "0", ""),
    ]
    assert report["figures"][1]["counts"] == "0 of 0"
    entry = ReadEntry.objects.filter(staff=manager).latest("id")
    assert (entry.action, entry.persons) == ("EXPORT", [])


def test_nothing_of_a_person_is_in_it_and_who_is_hidden_is_not_counted(
    manager: StaffUser, counted: list[Enrolment]
) -> None:
    text = json.dumps(fetched(manager))
    for one in counted:
        assert str(one.person_id) not in text
        assert one.person.display_name not in text
    Compartment.objects.create(
        person=counted[1].person, kind="PERSON", opened_by=manager, opened_date=DAY
    )
    hidden_changed()
    [report] = fetched(manager)["programmes"]
    assert report["figures"][0]["value"] == "1"


def test_only_programmes_she_reads_are_told_and_how_many_more_there_are(
    counted: list[Enrolment], programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Programme.objects.create(code="ZZZ", title="Elsewhere", currency="XTS")
    everywhere = member_of_staff("everywhere", Role.FIELD_OFFICER)
    assert [one["code"] for one in fetched(everywhere)["programmes"]] == ["MED", "ZZZ"]
    here = member_of_staff("here", Role.ME_OFFICER)
    Grant.objects.filter(staff=here).update(scope=ScopeKind.PROJECT, programme_id=other.pk)
    assert [one["code"] for one in fetched(here)["programmes"]] == ["ZZZ"]
    monkeypatch.setattr(figures_carried, "MOST_PROGRAMMES", 1)
    told = fetched(everywhere)
    assert ([one["code"] for one in told["programmes"]], told["programmes_left"]) == (["MED"], 1)


def test_they_come_by_a_phone_of_ones_own_alone(
    manager: StaffUser, counted: list[Enrolment]
) -> None:
    browser = Client()
    browser.force_login(manager)
    refused = browser.get(DOOR)
    assert refused.status_code == 422
    assert "MED-OUT-01" not in refused.content.decode()
    assert Client().get(DOOR).status_code == 401
    accountant = member_of_staff("accountant", Role.ACCOUNTANT)
    with pytest.raises(NotAllowed):
        services.offer_enrolment(acting_staff=accountant, group=None, holder=accountant, label="x")
    headers = {"Authorization": f"Bearer {own_phone(manager).token}"}
    Grant.objects.filter(staff=manager).update(role=Role.ACCOUNTANT)
    assert Client().get(DOOR, headers=headers).status_code == 403
