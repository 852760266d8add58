"""The cast of markets' tests: a chain officer, a field officer of one office, an outsider."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from handup.markets.models import ValueChain
from handup.markets.tests.ground import milk_chain
from handup.org.models import Grant, Office, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.projects.models import Programme


def staff_with(
    username: str, *roles: Role, scope: ScopeKind = ScopeKind.ALL, **where: Any
) -> StaffUser:
    """Somebody with roles that reach so far."""
    staff = StaffUser.objects.create_user(username, "long enough pass", display_name=username)
    today = timezone.localdate()
    for role in roles:
        Grant.objects.create(
            staff=staff,
            role=role.value,
            scope=scope.value,
            starts=today - timedelta(days=1),
            ends=today + timedelta(days=90),
            **where,
        )
    return staff


@pytest.fixture
def office(db: None) -> Office:
    """The office the records lie in."""
    return Office.objects.create(code="o1", name="Hill office")


@pytest.fixture
def programme(db: None) -> Programme:
    """One programme that counts in a currency without small coins."""
    return Programme.objects.create(code="P1", title="Small enterprises", currency="RWF")


@pytest.fixture
def officer(db: None) -> StaffUser:
    """Works on chains, everywhere."""
    return staff_with("officer", Role.MANAGER)


@pytest.fixture
def other_officer(db: None) -> StaffUser:
    """A second person for what one may not do alone."""
    return staff_with("second", Role.MANAGER)


@pytest.fixture
def field_officer(office: Office) -> StaffUser:
    """Works for the hill office alone."""
    return staff_with("field", Role.FIELD_OFFICER, scope=ScopeKind.OFFICE, office_id=office.pk)


@pytest.fixture
def outsider(db: None) -> StaffUser:
    """Works for another office."""
    elsewhere = Office.objects.create(code="o2", name="Valley office")
    return staff_with(
        "outsider", Role.FIELD_OFFICER, scope=ScopeKind.OFFICE, office_id=elsewhere.pk
    )


@pytest.fixture
def bank_clerk(db: None) -> StaffUser:
    """Works for a bank and has no business here."""
    return staff_with("clerk", Role.BANK_CLERK)


@pytest.fixture
def chain(officer: StaffUser, programme: Programme, office: Office) -> ValueChain:
    """Milk from farm to shop, four actors, no prices yet."""
    return milk_chain(officer, programme, office)
