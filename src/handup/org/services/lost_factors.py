"""Somebody lost her second factor and her recovery codes: an administrator takes it away once she
stands before him and a second person knows her, as on the day she was registered (V6.4.4).
"""

from enum import StrEnum

from allauth.mfa.models import Authenticator
from django.db import transaction

from handup.kernel.errors import Refusal
from handup.org import audit, sessions
from handup.org.models import StaffUser
from handup.org.permissions import require


class KnownBy(StrEnum):
    """How she was known when she came in person."""

    PAPER_SEEN = "PAPER_SEEN"
    WORKS_HERE = "WORKS_HERE"


class NotYourOwnFactor(Refusal):
    """You cannot take away your own second factor here. Another administrator has to do it."""


class NobodyVouches(Refusal):
    """Name a second member of staff who knows her and stood by: not you and not herself."""


class NoFactorThere(Refusal):
    """She has no second factor. She can sign in with her password and set one up."""


def take_factor_away(
    *, acting_staff: StaffUser, staff: StaffUser, known_by: KnownBy, vouched_by: StaffUser
) -> StaffUser:
    """Take away every second factor and recovery code of somebody who came in person; her sessions
    end, and with her password she is led to set one up. Who vouched and how she was known is kept.
    Raises NotYourOwnFactor, NobodyVouches, NoFactorThere.
    """
    require(acting_staff, "org.register_staff")
    if staff == acting_staff:
        raise NotYourOwnFactor
    if vouched_by in {acting_staff, staff} or not vouched_by.is_active:
        raise NobodyVouches(field="vouched_by")
    with transaction.atomic():
        gone, _each = Authenticator.objects.filter(user=staff).delete()
        if not gone:
            raise NoFactorThere
        sessions.end_all(staff)
        facts: audit.Facts = {"known_by": known_by.value, "vouched_by": str(vouched_by.pk)}
        audit.record(acting_staff, "org.take_factor_away", staff, facts)
    return staff
