"""Who acts when a command is typed: a staff user named on it."""

from handup.kernel.errors import Refusal
from handup.org.models import StaffUser


class UnknownStaff(Refusal):
    """There is no staff user {username}."""


def named_staff(username: str) -> StaffUser:
    """A staff user who still works here. Raises UnknownStaff."""
    found: StaffUser | None = StaffUser.objects.filter(username=username, is_active=True).first()
    if found is None:
        raise UnknownStaff(username=username)
    return found
