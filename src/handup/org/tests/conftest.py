"""The cast of the web tests."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from handup.org.models import Grant, StaffUser
from handup.org.rules.access import Role, ScopeKind


def with_role(username: str, *roles: Role) -> StaffUser:
    """A staff user with these roles everywhere."""
    staff = StaffUser.objects.create_user(username, "long enough pass", display_name=username)
    today = timezone.localdate()
    for role in roles:
        Grant.objects.create(
            staff=staff,
            role=role,
            scope=ScopeKind.ALL,
            starts=today - timedelta(days=1),
            ends=today + timedelta(days=30),
        )
    return staff


@pytest.fixture
def officer(db: None) -> StaffUser:
    """A loan officer."""
    return with_role("officer", Role.LOAN_OFFICER)


@pytest.fixture
def administrator(db: None) -> StaffUser:
    """The administrator."""
    return with_role("administrator", Role.ADMINISTRATOR)


@pytest.fixture
def auditor(db: None) -> StaffUser:
    """An auditor."""
    return with_role("auditor", Role.AUDITOR)


@pytest.fixture
def accountant(db: None) -> StaffUser:
    """An accountant."""
    return with_role("accountant", Role.ACCOUNTANT)


@pytest.fixture
def protection_officer(db: None) -> StaffUser:
    """The data protection officer."""
    return with_role("dpo", Role.DPO)
