"""Around every request: session rules, second factor, the read log, and the headers that protect a
browser.
"""

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from handup.org import reads, sessions
from handup.org.classes import ORDER, DataClass, highest
from handup.org.models import Door, ReadAction
from handup.org.rules.access import SECOND_FACTOR_ROLES

if TYPE_CHECKING:
    from handup.org.models import StaffUser

Answer = Callable[[HttpRequest], HttpResponseBase]

API_PREFIX = "/api/"
DEVICE_PREFIXES = ("/sync/", "/collect/")
PERMISSIONS_POLICY = (
    ", ".join(
        f"{feature}=()"
        for feature in (
            "accelerometer",
            "autoplay",
            "browsing-topics",
            "display-capture",
            "gyroscope",
            "magnetometer",
            "midi",
            "payment",
            "usb",
            "xr-spatial-tracking",
        )
    )
    + ", camera=(self), geolocation=(self), microphone=(self), publickey-credentials-get=(self)"
)


def staff_of(request: HttpRequest) -> "StaffUser | None":
    """Return who asks: the token's or the session's staff user, None when nobody is signed in."""
    staff = getattr(request, "auth_staff", None) or getattr(request, "user", None)
    return cast("StaffUser", staff) if staff is not None and staff.is_authenticated else None


class Middleware:
    """The shape every middleware here shares."""

    def __init__(self, get_response: Answer) -> None:
        """Keep what answers."""
        self.get_response = get_response


class HeadersMiddleware(Middleware):
    """Nothing is kept by browsers, and a sign-out empties their cache (never their storage: it
    holds unsent work).
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the headers of protection.md 4.10."""
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cache-Control", "no-store")
        match = request.resolver_match
        if match is not None and match.view_name == "account_logout" and request.method == "POST":
            response.headers["Clear-Site-Data"] = '"cache"'
        return response


class SessionRulesMiddleware(Middleware):
    """Ends sessions that were idle or open for too long."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or send to the sign-in page."""
        if not request.user.is_authenticated:
            return self.get_response(request)
        clock = sessions.clock_of(request)
        if clock is None:
            sessions.begin(request, request.user)
        elif clock.is_over(time.time()):
            sessions.close(request)
            if not request.path.startswith(API_PREFIX):
                return redirect(settings.LOGIN_URL)
        else:
            sessions.touch(request, clock)
        return self.get_response(request)


class SecondFactorMiddleware(Middleware):
    """Lets a role that sees or moves something work only in a session opened with a
    second factor.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or send to where the second factor is set up."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponseBase | None:
        """Stop before the page when the factor is missing; sign-in and account pages stay open."""
        if not settings.SECOND_FACTOR_REQUIRED or not request.user.is_authenticated:
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name.startswith(("account_", "mfa_")) or name == "org:set_language":
            return None
        staff = request.user
        if sessions.has_second_factor(request) or not needs_second_factor(staff):
            return None
        if request.path.startswith(API_PREFIX):
            sessions.close(request)
            return None
        return redirect("mfa_index")


def needs_second_factor(staff: "StaffUser") -> bool:
    """Tell whether one of her roles asks for a second factor."""
    return any(grant.role in SECOND_FACTOR_ROLES for grant in staff.access)


class ReadLogMiddleware(Middleware):
    """Writes what the request showed before the answer leaves; when that fails, so does
    the read.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer once the row is stored."""
        response = self.get_response(request)
        staff = staff_of(request)
        if response.status_code in {403, 404} and request.resolver_match is not None:
            if staff is not None:
                self._denied(request, staff)
            return response
        entry = reads.write_noted(request, staff, door_of(request))
        secret = entry is not None and ORDER.index(DataClass(entry.highest)) >= ORDER.index(
            DataClass.S
        )
        if secret and request.user.is_authenticated:  # a token has no session to shorten
            sessions.mark_sensitive(request)
        return response

    def _denied(self, request: HttpRequest, staff: "StaffUser") -> None:
        match = request.resolver_match
        assert match is not None
        noted = reads.noted_of(request)
        reads.write_entry(
            staff=staff,
            door=door_of(request),
            action=ReadAction.DENIED.value,
            persons=asked_ids(match.kwargs),
            highest=highest(noted.classes if noted else []).value,
            purpose=match.view_name[:200],
            request_id=str(getattr(request, "request_id", "")),
        )


def asked_ids(kwargs: Mapping[str, object]) -> list[str]:
    """Return the record ids an address named."""
    found = []
    for value in kwargs.values():
        try:
            found.append(str(UUID(str(value))))
        except ValueError:
            continue
    return found


def door_of(request: HttpRequest) -> str:
    """Tell which way this request came."""
    if request.path.startswith(API_PREFIX):
        return Door.API.value
    return Door.SYNC.value if request.path.startswith(DEVICE_PREFIXES) else Door.WEB.value
