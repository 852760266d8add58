"""Whom a wrong try is counted against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest


def username_of(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """The user name tried: from the credentials, or from the sign-in form. Capitals are not told
    apart, as signing in does not: each way to write a name would else have tries of its own.
    """
    found = (credentials or {}).get("username") or request.POST.get("login", "")
    return str(found).lower()[:255]
