"""Run in the migrated data folder of the browser tests: one sign-in per role."""

from datetime import timedelta

from django.utils import timezone

from handup.org import demonstration
from handup.org.models import Grant, StaffUser
from handup.org.rules.access import Role, ScopeKind


def main() -> None:
    """Staff, grants and sign-ins."""
    demonstration.mark()
    today = timezone.localdate()
    cast = []
    for role in Role:
        name = role.value.lower().replace("_", "-")
        staff = StaffUser.objects.create_user(name, display_name=name.capitalize())
        Grant.objects.create(
            staff=staff,
            role=role,
            scope=ScopeKind.ALL,
            starts=today,
            ends=today + timedelta(days=30),
        )
        cast.append((staff, role.value))
    demonstration.make_sign_ins(cast)
