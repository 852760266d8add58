"""Asking for the second factor again before what cannot be taken back: exports, grants, keys."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from handup.org import sessions
from handup.org.middleware import needs_second_factor


def is_stale(request: HttpRequest) -> bool:
    """Whether this staff user must show her second factor again."""
    staff: Any = request.user
    if not settings.SECOND_FACTOR_REQUIRED or not needs_second_factor(staff):
        return False
    return not sessions.is_fresh(request)


def ask(request: HttpRequest) -> HttpResponseRedirect:
    """Lead to the page that asks for it, and back here."""
    return redirect_to_login(request.get_full_path(), reverse("mfa_reauthenticate"))
