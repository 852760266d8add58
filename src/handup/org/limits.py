"""How often a staff user may do what could empty the register: 429 beyond it, logged (protection.md
4.10).
"""

import logging
import time
from dataclasses import dataclass

from django.core.cache import cache
from django.http import HttpRequest

from handup.kernel.errors import Refusal
from handup.org import reads
from handup.org.models import StaffUser

logger = logging.getLogger("handup.limits")


@dataclass(frozen=True, slots=True)
class Limit:
    """So many within so many seconds."""

    times: int
    seconds: int


LIMITS = {
    "search": Limit(60, 60),
    "reveal": Limit(30, 60),
    "verify": Limit(30, 60),
    "sync": Limit(60, 60),
}
EXPORTS_A_DAY = 10


class TooOften(Refusal):
    """That was too often. Wait a little and try again."""


def require_within(request: HttpRequest, what: str, who: str = "") -> None:
    """Count one more of `what` for the staff user (or `who`, or the address). Raises TooOften."""
    limit = LIMITS[what]
    staff = getattr(request, "auth_staff", None) or getattr(request, "user", None)
    name = who or str(getattr(staff, "pk", None) or request.META.get("REMOTE_ADDR", ""))
    window = int(time.time()) // limit.seconds
    key = f"limit:{what}:{name}:{window}"
    cache.add(key, 0, timeout=limit.seconds * 2)
    if cache.incr(key) > limit.times:
        logger.warning("limit %s reached by %s", what, name)
        raise TooOften


def require_export_left(staff: StaffUser) -> None:
    """Refuse the eleventh export within a day. Raises TooOften."""
    if reads.exports_today(staff) >= EXPORTS_A_DAY:
        logger.warning("limit export reached by %s", staff.pk)
        raise TooOften
