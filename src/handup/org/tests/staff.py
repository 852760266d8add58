"""Somebody who works here, for the tests of every domain."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from handup.org.models import Grant, StaffUser
from handup.org.rules.access import Role, ScopeKind


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
