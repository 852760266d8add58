"""Session rules: how long, how many, when the second factor was shown, and what ends them
(protection.md 4.10).

Idle 30 minutes, 15 once the session has shown secrets; 12 hours at most; three at a time, the
oldest gives way.
"""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.auth import logout
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from handup.org.models import StaffSession

if TYPE_CHECKING:
    from handup.org.models import StaffUser

IDLE = timedelta(minutes=30)
IDLE_SENSITIVE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=12)
AT_ONCE = 3
FRESH = timedelta(minutes=5)
NOTED_EVERY = timedelta(minutes=1)

BEGAN, SEEN, SENSITIVE, FACTOR = "began_at", "seen_at", "sensitive", "second_factor_at"
_BROWSERS = ("Firefox", "Edg", "OPR", "Chrome", "Safari")
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Macintosh", "Linux")


@dataclass(frozen=True, slots=True)
class SessionClock:
    """The instants a session keeps, in seconds."""

    began_at: float
    seen_at: float
    sensitive: bool

    def is_over(self, now: float) -> bool:
        """Tell whether it has been idle or open for too long."""
        idle = IDLE_SENSITIVE if self.sensitive else IDLE
        return now - self.seen_at > idle.total_seconds() or (
            now - self.began_at > ABSOLUTE.total_seconds()
        )


def browser_of(agent: str) -> str:
    """Shorten a browser's name for itself to what its owner recognises."""
    browser = next((name for name in _BROWSERS if name in agent), "?")
    system = next((name for name in _SYSTEMS if name in agent), "?")
    return f"{ {'Edg': 'Edge', 'OPR': 'Opera'}.get(browser, browser) } / {system}"


def begin(request: HttpRequest, staff: "StaffUser") -> None:
    """Start the clock of a session and let the oldest beyond three give way."""
    now = time.time()
    request.session[BEGAN] = request.session[SEEN] = now
    if request.session.session_key is None:
        request.session.create()
    StaffSession.objects.update_or_create(
        key=request.session.session_key,
        defaults={
            "staff": staff,
            "browser": browser_of(request.headers.get("User-Agent", "")),
            "address": request.META.get("REMOTE_ADDR", "")[:45],
            "last_seen_at": timezone.now(),
        },
    )
    for old in StaffSession.objects.filter(staff=staff).order_by("-recorded_at")[AT_ONCE:]:
        end(old)


def clock_of(request: HttpRequest) -> SessionClock | None:
    """Read the clock of this request's session; None when it has not begun."""
    began, seen = request.session.get(BEGAN), request.session.get(SEEN)
    if not isinstance(began, float) or not isinstance(seen, float):
        return None
    return SessionClock(began, seen, bool(request.session.get(SENSITIVE)))


def touch(request: HttpRequest, clock: SessionClock) -> None:
    """Note, at most once a minute, that the session is in use."""
    now = time.time()
    if now - clock.seen_at < NOTED_EVERY.total_seconds():
        return
    request.session[SEEN] = now
    StaffSession.objects.filter(key=request.session.session_key).update(last_seen_at=timezone.now())


def mark_sensitive(request: HttpRequest) -> None:
    """Shorten the idle time of a session that has shown secrets."""
    if not request.session.get(SENSITIVE):
        request.session[SENSITIVE] = True


def mark_second_factor(request: HttpRequest) -> None:
    """Note that the second factor was shown just now."""
    request.session[FACTOR] = time.time()


def has_second_factor(request: HttpRequest) -> bool:
    """Tell whether this session was opened with a second factor."""
    return isinstance(request.session.get(FACTOR), float)


def is_fresh(request: HttpRequest) -> bool:
    """Tell whether the second factor was shown in the last five minutes.

    Asked before an export, emergency access, a grant, a key or a change of factor.
    """
    at = request.session.get(FACTOR)
    return isinstance(at, float) and time.time() - at <= FRESH.total_seconds()


def close(request: HttpRequest) -> None:
    """End the session of this request."""
    StaffSession.objects.filter(key=request.session.session_key).delete()
    logout(request)


def end(session: StaffSession) -> None:
    """End one session wherever it is open."""
    with transaction.atomic():
        Session.objects.filter(session_key=session.key).delete()
        session.delete()


def end_all(staff: "StaffUser", *, but: str | None = None) -> int:
    """End every session of a staff user, but the one with this key; return how many."""
    rows = StaffSession.objects.filter(staff=staff).exclude(key=but or "")
    ended = 0
    for session in rows:
        end(session)
        ended += 1
    return ended
