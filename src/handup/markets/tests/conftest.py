"""The cast of markets' tests: a chain officer, a field officer of one office, an outsider."""

import pytest

from handup.markets.models import ValueChain
from handup.markets.tests.ground import milk_chain
from handup.org.models import Office, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.org.tests.staff import staff_with
from handup.projects.models import Programme


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
