"""The address without a path leads somewhere for everyone."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from handup.org.models import Grant, StaffUser
from handup.org.rules.access import Role, ScopeKind


@pytest.fixture
def officer(db: None, settings: LazySettings) -> StaffUser:
    """A loan officer, the second factor aside."""
    settings.SECOND_FACTOR_REQUIRED = False
    staff, today = StaffUser.objects.create_user("officer"), timezone.localdate()
    ends = today + timedelta(days=30)
    Grant.objects.create(
        staff=staff, role=Role.LOAN_OFFICER, scope=ScopeKind.ALL, starts=today, ends=ends
    )
    return staff


def test_a_stranger_is_asked_to_sign_in(db: None, client: Client) -> None:
    answer = client.get("/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in/")


def test_an_officer_lands_on_a_page_she_may_open(officer: StaffUser, client: Client) -> None:
    client.force_login(officer)
    assert client.get("/", follow=True).status_code == 200


def test_somebody_without_a_role_lands_on_her_account(officer: StaffUser, client: Client) -> None:
    Grant.objects.all().delete()
    client.force_login(officer)
    answer = client.get("/", follow=True)
    assert answer.status_code == 200
