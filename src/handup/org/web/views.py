"""The small posts of the frame: language, and the choice of programme or branch."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from handup.org.models import StaffUser
from handup.org.web import navigation


def _back(request: HttpRequest) -> str:
    """The page it was posted from, when it is one of ours."""
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return target
    return "/"


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch the interface language; for a staff user it is kept on her account."""
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        raise Http404
    if isinstance(request.user, StaffUser):
        StaffUser.objects.filter(pk=request.user.pk).update(language=language)
    response = HttpResponseRedirect(_back(request))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@require_POST
def choose(request: HttpRequest, key: str) -> HttpResponse:
    """Keep a choice of the top bar in the session; an empty one means all."""
    chooser = next((c for c in navigation.choosers if c.key == key), None)
    if chooser is None:
        raise Http404
    choice = request.POST.get("choice", "")
    offered = {str(code) for code, _label in chooser.options(request.user)}
    if choice and choice not in offered:
        raise Http404
    request.session[key] = choice
    return HttpResponseRedirect(_back(request))
