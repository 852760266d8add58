"""Who reads of somebody restricted is overseen: by the data protection officer and the auditor
without being told whom, and by the focal points of her case by name (docs/decisions/0015)."""

from time import time

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from handup.org import reads, sessions
from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.org.tests.staff import staff_with
from handup.people.models import Compartment, Person
from handup.people.rules import codes as c
from handup.people.services import protection as p
from handup.people.tests.conftest import signed_in

RESTRICTED = "/settings/reads/restricted/"
LOG = "/settings/reads/"


@pytest.fixture(autouse=True)
def no_second_factor(settings: Settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


def fresh(staff: StaffUser) -> Client:
    client = signed_in(StaffUser.objects.get(pk=staff.pk))
    session = client.session
    session[sessions.FACTOR] = time()
    session.save()
    return client


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.getvalue().decode()


def rows_of(client: Client, address: str) -> str:
    results = text(client, address).partition('id="results"')[2]
    return results.partition("</thead>")[2].partition("<footer")[0]


def kept_in(kind: c.CompartmentKind, keeper: StaffUser, person: Person) -> Compartment:
    return p.open_compartment(
        acting_staff=keeper, person=person, kind=kind, team=(), opened_date=timezone.localdate()
    )


def test_reads_of_a_hidden_person_are_told_without_her(
    focal_point: StaffUser, manager: StaffUser, ani: Person
) -> None:
    case = kept_in(c.CompartmentKind.PERSON, focal_point, ani)
    keeper = fresh(focal_point)
    text(keeper, f"/people/persons/{ani.pk}/")
    text(keeper, "/people/persons/?export=csv")
    assert fresh(manager).get(f"/people/persons/{ani.pk}/").status_code == 404

    for overseer in (staff_with("dpo", Role.DPO), staff_with("auditor", Role.AUDITOR)):
        client = fresh(overseer)
        told = text(client, RESTRICTED)
        rows = rows_of(client, RESTRICTED)
        assert rows.count("somebody restricted") == 2
        assert ("focal" in rows, "exported" in rows) == (True, True)
        sent = text(client, f"{RESTRICTED}?export=csv")
        for words in (str(ani.pk), ani.registration_no, ani.display_name, str(case.pk)):
            assert words not in told + sent
        assert len(sent.splitlines()) == 3
        assert "exported" not in rows_of(client, f"{LOG}?action=EXPORT")

    rows = rows_of(keeper, f"/people/cases/{case.pk}/seen/")
    assert ("exported" in rows, "denied" in rows, "manager" in rows) == (True, True, True)
    assert "/seen/" in text(keeper, f"/people/cases/{case.pk}/")


def test_a_case_is_not_told_by_who_saw_her(focal_point: StaffUser, ani: Person) -> None:
    """What showed it is of class R, which nobody sees beside her name."""
    dpo = fresh(staff_with("dpo", Role.DPO))
    before = rows_of(dpo, f"/people/persons/{ani.pk}/seen/")
    case = kept_in(c.CompartmentKind.VIOLENCE, focal_point, ani)
    text(fresh(focal_point), f"/people/cases/{case.pk}/")
    assert rows_of(dpo, f"/people/persons/{ani.pk}/seen/") == before
    told = rows_of(dpo, RESTRICTED)
    assert ("focal" in told, told.count("somebody restricted")) == (True, 1)


def test_only_overseers_see_that_somebody_restricted_was_read(
    focal_point: StaffUser, ani: Person
) -> None:
    case = kept_in(c.CompartmentKind.PERSON, focal_point, ani)
    others = set(Role) - {Role.DPO, Role.AUDITOR}
    everybody_else = staff_with("others", *sorted(others))
    assert fresh(everybody_else).get(RESTRICTED).status_code == 403
    assert fresh(everybody_else).get(f"/people/cases/{case.pk}/seen/").status_code == 404
    plain = fresh(staff_with("clerk only", Role.CLERK))
    assert plain.get(f"/people/cases/{case.pk}/seen/").status_code == 403


def test_many_hidden_persons_are_asked_for_in_parts(
    focal_point: StaffUser, ani: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "_AT_ONCE", 1)
    kept_in(c.CompartmentKind.PERSON, focal_point, ani)
    dpo = staff_with("dpo", Role.DPO)
    persons = [ani.pk, focal_point.pk]
    row = reads.write_entry(
        staff=focal_point, door="WEB", action="LIST", persons=persons, highest="P"
    )
    (entry,) = reads.entries_of_restricted(dpo)
    reads.masked(dpo, [entry])
    assert (entry.pk, entry.persons) == (row.pk, [""])
    assert [held.pk for held in reads.entries_for(dpo)] == [row.pk]
