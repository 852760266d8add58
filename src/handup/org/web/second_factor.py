"""The picture of a new authenticator's secret, drawn only for the person setting it up."""

from __future__ import annotations

import io

import segno
from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal import auth
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache


@never_cache
def factor_code(request: HttpRequest) -> HttpResponse:
    """The QR code of the secret kept in this session while an app is being set up; else 404."""
    if not request.session.get(auth.SECRET_SESSION_KEY):
        raise Http404
    secret = auth.get_totp_secret(regenerate=False)
    address = get_adapter().build_totp_url(request.user, secret)
    picture = io.BytesIO()
    segno.make(address, error="m").save(picture, kind="svg", scale=4, border=2)
    return HttpResponse(picture.getvalue(), content_type="image/svg+xml")
