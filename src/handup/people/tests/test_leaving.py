"""A leaving that was written down by mistake is taken back."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from handup.org.models import AuditLine, StaffUser
from handup.people.models import Household, Person
from handup.people.rules import codes as c
from handup.people.services import (
    HouseholdIn,
    MemberIn,
    change_head,
    join_household,
    leave_household,
    leaving,
    register_household,
    register_person,
    take_back_leaving,
)
from handup.people.services import households as h
from handup.people.tests.conftest import DAY, person_in, signed_in
from handup.projects.models import Programme

HEAD, WHY = c.HouseholdRole.HEAD, c.LeavingMistake.NOT_TRUE


def home_of(clerk: StaffUser, ani: Person, programme: Programme) -> tuple[Household, Person]:
    """Ani heads a household in which Nare lives."""
    nare = register_person(acting_staff=clerk, person=person_in(programme, "Nare")).person
    told = HouseholdIn(
        members=(MemberIn(ani, HEAD), MemberIn(nare)), registered_date=DAY, programme=programme
    )
    return register_household(acting_staff=clerk, household=told).household, nare


def test_a_leaving_is_taken_back_on_its_page_and_the_trail_says_why(
    clerk: StaffUser, ani: Person, programme: Programme, settings: Settings
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    home, nare = home_of(clerk, ani, programme)
    row = home.memberships.get(person=nare)
    with pytest.raises(leaving.StillThere):
        take_back_leaving(acting_staff=clerk, membership=row, reason=WHY)
    leave_household(acting_staff=clerk, membership=row, last_date=timezone.localdate())
    page = signed_in(clerk)
    there = f"/people/households/{home.pk}/stays/"
    assert nare.display_name in page.get(there).content.decode()
    assert ani.display_name not in page.get(there).content.decode()
    told = {"person": str(nare.pk), "reason": WHY.value}
    assert page.post(there, told).status_code == 302
    row.refresh_from_db()
    assert (row.to_date, row.from_date) == (None, DAY)
    line = AuditLine.objects.get(action="people.take_back_leaving")
    assert (line.facts["reason"], line.facts["person"]) == ("NOT_TRUE", str(nare.pk))
    again = page.post(
        f"/api/v1/people/households/{home.pk}/stays", {**told, "person_id": str(nare.pk)},
        "application/json",
    )  # fmt: skip
    assert (again.status_code, again.json()["code"]) == (422, "STILL_THERE")


def test_it_is_not_taken_back_over_what_came_afterwards(
    clerk: StaffUser, ani: Person, programme: Programme
) -> None:
    home, nare = home_of(clerk, ani, programme)
    today = timezone.localdate()
    row = home.memberships.get(person=nare)
    leave_household(acting_staff=clerk, membership=row, last_date=today - timedelta(days=2))
    back = join_household(acting_staff=clerk, household=home, person=nare, from_date=today)
    with pytest.raises(h.SamePersonTwice):
        take_back_leaving(acting_staff=clerk, membership=row, reason=WHY)
    back.delete()
    other = register_household(
        acting_staff=clerk,
        household=HouseholdIn(
            members=(MemberIn(nare, HEAD),), registered_date=today, programme=programme
        ),
    ).household
    with pytest.raises(leaving.LivesElsewhere):
        take_back_leaving(acting_staff=clerk, membership=row, reason=WHY)
    other.memberships.all().delete()
    take_back_leaving(acting_staff=clerk, membership=row, reason=WHY)
    change_head(acting_staff=clerk, household=home, new_head=nare, change_date=today)
    former = home.memberships.get(person=ani, role=HEAD)
    with pytest.raises(h.SamePersonTwice):
        take_back_leaving(acting_staff=clerk, membership=former, reason=WHY)
