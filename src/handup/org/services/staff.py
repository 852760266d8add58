"""Staff users: registered and disabled by an administrator; no account exists before that."""

import secrets
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.org import audit, sessions
from handup.org.devices import already_stored
from handup.org.models import ApiToken, Office, StaffSession, StaffUser
from handup.org.permissions import OutOfSight, require
from handup.org.services import notices

if TYPE_CHECKING:
    from typing import Any


class UserNameTaken(Refusal):
    """{username} is already somebody's user name. Choose another."""


class CannotDisableYourself(Refusal):
    """You cannot disable yourself. Another administrator has to do it."""


def register_staff(
    *,
    acting_staff: StaffUser,
    username: str,
    display_name: str,
    email: str = "",
    language: str = "en",
    home_office: Office | None = None,
    id: UUID | None = None,
) -> StaffUser:
    """Store a staff user without a password; `issue_password` gives her the first one."""
    require(acting_staff, "org.register_staff")
    content: dict[str, Any] = {
        "username": username.strip(),
        "display_name": display_name.strip(),
        "email": email,
        "language": language,
        "home_office": home_office,
    }
    if (stored := already_stored(StaffUser, id, acting_staff, **content)) is not None:
        return stored
    staff = StaffUser(**content, **({"id": id} if id else {}))
    staff.set_unusable_password()
    try:
        with transaction.atomic():
            staff.save(force_insert=True)
            audit.record(acting_staff, "org.register_staff", staff)
    except IntegrityError as fault:
        raise UserNameTaken(field="username", username=username) from fault
    return staff


def issue_password(*, acting_staff: StaffUser, staff: StaffUser) -> str:
    """Give a staff user a new password, shown once to the administrator; her sessions end, her
    factors stay.
    """
    require(acting_staff, "org.register_staff")
    password = "-".join(secrets.token_hex(2) for _ in range(5))
    with transaction.atomic():
        staff.set_password(password)
        staff.save(update_fields=["password"])
        sessions.end_all(staff)
        audit.record(acting_staff, "org.issue_password", staff)
    return password


def disable_staff(*, acting_staff: StaffUser, staff: StaffUser) -> StaffUser:
    """Close an account: sessions, tokens and notices end at once, grants and history stay as they
    are; what only she could open, another takes over.
    """
    require(acting_staff, "org.register_staff")
    if staff == acting_staff:
        raise CannotDisableYourself
    with transaction.atomic():
        staff.is_active = False
        staff.save(update_fields=["is_active"])
        sessions.end_all(staff)
        ApiToken.objects.filter(staff=staff, revoked_at=None).update(revoked_at=timezone.now())
        notices.end_for(staff)
        audit.record(acting_staff, "org.disable_staff", staff)
    return staff


def end_session(*, acting_staff: StaffUser, session: StaffSession) -> None:
    """End one of her own sessions, on a browser she has left or lost. Another's is out of sight."""
    if session.staff_id != acting_staff.pk:
        raise OutOfSight
    with transaction.atomic():
        audit.record(acting_staff, "org.end_session", session)
        sessions.end(session)
