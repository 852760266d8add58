"""Run in the migrated data folder of the browser tests: one sign-in per role."""

from datetime import timedelta

import django

django.setup()

from django.utils import timezone  # noqa: E402  (Django must be set up first)

from handup.org import demonstration  # noqa: E402  (Django must be set up first)
from handup.org.models import Grant, StaffUser  # noqa: E402  (Django must be set up first)
from handup.org.rules.access import Role, ScopeKind  # noqa: E402  (Django must be set up first)


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


main()
