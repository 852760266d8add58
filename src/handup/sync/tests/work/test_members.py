"""Somebody joins a group on an officer's own phone: admitted once under the id of the phone, also
whoever was registered on the same phone; what does not fit waits and admits nobody."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from handup.groups.models import GroupFact, Member
from handup.kernel.ids import new_id
from handup.org import scope
from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.people import subject
from handup.people.models import ConsentNotice, Person
from handup.projects.models import Programme
from handup.sync import joining, persons, services
from handup.sync.models import WorkFact
from handup.sync.tests.work.test_attendance import own_phone, states
from handup.sync.tests.work.test_people import notice, person_told, told
from handup.sync.tests.work.test_scores import group, out
from handup.sync.work_queries import work_of
from handup.training.tests.conftest import START, MakePerson, member_of_staff

__all__ = ["group", "notice", "out"]
DAY = date(2026, 1, 20)
"""In the third week of the group: nobody joins after the eighth."""


def joins(group: Any, who: object, day: date = DAY) -> dict[str, Any]:
    return told("admit_member", {"group": str(group.pk), "person": str(who)}, day.isoformat())


def test_the_phone_carries_the_groups_she_admits_to(
    out: StaffUser, group: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the most a phone takes, it is told how many more there are."""
    pack = work_of(out)[0]
    assert pack["joining"] == [{"id": group.pk, "name": "Morning star"}]
    other = work_of(member_of_staff("cash", Role.CASHIER))[0]
    assert (pack["joining_left"], other["joining"], other["joining_left"]) == (0, [], 0)
    monkeypatch.setattr(joining, "MOST_GROUPS", 0)
    assert joining.joining_of(out) == {"joining": [], "joining_left": 1}


def test_whoever_joins_is_admitted_once(out: StaffUser, group: Any, person: MakePerson) -> None:
    device = own_phone(out).device
    nare = person("Nare")
    fact = joins(group, nare.pk)
    for _time in range(2):
        assert states(services.receive_work([fact], acting_staff=out, device=device)) == ["DONE"]
    row = Member.objects.get()
    assert (str(row.pk), row.person, row.member_no) == (fact["id"], nare, 1)
    assert row.joined_date == DAY
    assert GroupFact.objects.filter(name="admit_member").count() == 1


def test_whoever_was_registered_on_the_phone_joins_when_the_office_knows_her(
    out: StaffUser, group: Any, notice: ConsentNotice, programme: Programme
) -> None:
    """The admission arrives first and waits for her registration."""
    device = own_phone(out).device
    registered = person_told(notice, programme)
    fact = joins(group, registered["id"])
    for facts, came in (([fact], ["WAITING"]), ([registered, fact], ["DONE", "DONE"])):
        assert states(services.receive_work(facts, acting_staff=out, device=device)) == came
    assert str(Member.objects.get().person) == "Nare Sahakyan"


@pytest.fixture
def hidden(person: MakePerson) -> Iterator[Person]:
    """Somebody whom a case team hides."""
    row = person("Hidden")

    def hides_her(_staff: StaffUser) -> list[tuple[UUID, None]]:
        return [(row.pk, None)]

    scope.exceptions.append(hides_her)
    scope.hidden_changed()
    yield row
    scope.exceptions.remove(hides_her)
    scope.hidden_changed()


def test_what_does_not_fit_waits_and_admits_nobody(
    out: StaffUser, group: Any, person: MakePerson, hidden: Person
) -> None:
    device = own_phone(out).device
    nare = person("Nare")
    facts = [
        joins(group, nare.pk, date(2020, 1, 1)),
        joins(group, nare.pk, START),
        joins(group, new_id()),
        joins(group, hidden.pk),
        told("admit_member", {"group": str(new_id()), "person": str(nare.pk)}, DAY.isoformat()),
        joins(group, "Nare"),
        told("admit_member", {"group": str(group.pk)}, DAY.isoformat()),
    ]
    answers = services.receive_work(facts, acting_staff=out, device=device)
    assert states(answers) == [*["WAITING"] * 5, *["REFUSED"] * 2]
    assert answers[2].reason == answers[3].reason, "hidden is as unknown"
    assert not Member.objects.exists()


def test_whom_she_opened_in_an_emergency_to_be_read_joins_no_group(
    out: StaffUser, group: Any, hidden: Person
) -> None:
    until = timezone.now() + timedelta(hours=1)

    def opened(_staff: StaffUser) -> list[tuple[UUID, datetime]]:
        return [(hidden.pk, until)]

    scope.exceptions.append(opened)
    scope.hidden_changed()
    try:
        assert Person.objects.visible_to(out).filter(pk=hidden.pk).exists()
        facts = [joins(group, hidden.pk)]
        answers = services.receive_work(facts, acting_staff=out, device=own_phone(out).device)
    finally:
        scope.exceptions.remove(opened)
        scope.hidden_changed()
    assert states(answers) == ["WAITING"]
    assert not Member.objects.exists()


def test_whoever_was_erased_meanwhile_is_admitted_nowhere(
    out: StaffUser, group: Any, person: MakePerson
) -> None:
    nare = person("Nare")
    Person.objects.filter(pk=nare.pk).update(erased_date=DAY)
    told_of_her = [joins(group, nare.pk)]
    answers = services.receive_work(told_of_her, acting_staff=out, device=own_phone(out).device)
    assert states(answers) == ["LEFT_OUT"]
    assert WorkFact.objects.get().told == ""
    assert not Member.objects.exists()


def test_what_waits_of_her_is_in_her_file_and_goes_with_her(
    out: StaffUser, group: Any, person: MakePerson
) -> None:
    device = own_phone(out).device
    nare = person("Nare")
    services.receive_work([joins(group, nare.pk, START)], acting_staff=out, device=device)
    told_back = "".join(str(tell(nare.pk)) for tell in subject.collect)
    assert str(group.pk) in told_back
    persons.erase(nare.pk)
    row = WorkFact.objects.get()
    assert (row.state, row.told) == ("LEFT_OUT", "")
