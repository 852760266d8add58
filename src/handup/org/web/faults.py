"""The error pages Django itself asks for: bad request, not found, forged form, fault."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404, with nothing that tells whether a record exists."""
    return render(request, "404.html", status=404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose token does not fit."""
    return render(request, "403_csrf.html", status=403)


def fault(request: HttpRequest) -> HttpResponse:
    """500: a page that needs neither the database nor the session."""
    request_id = getattr(request, "request_id", "")
    return render(_bare(request), "500.html", {"request_id": request_id}, status=500)


def _bare(request: HttpRequest) -> HttpRequest:
    """A request without a session or a user, so that no context processor touches the database."""
    bare = HttpRequest()
    bare.META = request.META
    bare.path = request.path
    return bare
