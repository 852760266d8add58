"""Around every web request: an id for the log, refusals as pages, the reader's own language."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils import translation

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import duties
from handup.org.limits import TooOften
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.web.forms import DUTY_REASON
from handup.org.web.refusals import message_of
from handup.org.web.words import LookAgain, start_again

logger = logging.getLogger("handup.requests")
Answer = Callable[[HttpRequest], HttpResponseBase]
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


class RequestIdMiddleware:
    """Gives every request an id, shown on error pages and written to the log."""

    def __init__(self, get_response: Answer) -> None:
        """Keep what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the id in a header."""
        number = new_id().hex[-12:]
        request.request_id = number  # type: ignore[attr-defined]  # the frame and the log read it
        response = self.get_response(request)
        response.headers["X-Request-Id"] = number
        return response


class NoNulMiddleware:
    """Refuses an address or a form that holds the sign NUL: no text of a person has it, and
    PostgreSQL breaks at it.
    """

    def __init__(self, get_response: Answer) -> None:
        """Keep what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        """Answer 400 before any page reads what was sent."""
        sent = [request.GET]
        if request.content_type in FORMS and not request.path.startswith("/api/"):
            sent.append(request.POST)
        for values in sent:
            if any("\x00" in text for name in values for text in (name, *values.getlist(name))):
                raise BadRequest
        return None


class LanguageMiddleware:
    """Speaks the staff user's language; before sign-in, the one LocaleMiddleware found."""

    def __init__(self, get_response: Answer) -> None:
        """Keep what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer in the staff user's language."""
        staff = getattr(request, "user", None)
        language = getattr(staff, "language", "") if staff is not None else ""
        if language and language in dict(settings.LANGUAGES):
            translation.activate(language)
            request.LANGUAGE_CODE = language
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", translation.get_language() or "en")
        return response


class DutyReasonMiddleware:
    """Hands on the reason somebody gives who does alone what two should do: the field
    `_duty_reason` of a page, the header `Duty-Reason` of the interface.
    """

    def __init__(self, get_response: Answer) -> None:
        """Keep what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the reason at hand."""
        reason = request.headers.get("Duty-Reason", "")
        if request.content_type in FORMS and not request.path.startswith("/api/"):
            reason = request.POST.get(DUTY_REASON, "")
        with duties.said(reason):
            return self.get_response(request)


class RefusalMiddleware:
    """Turns a refusal no page caught into a page: 403 not allowed, 404 out of sight, 409 anything
    else.
    """

    def __init__(self, get_response: Answer) -> None:
        """Keep what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a refusal; every other fault goes its way."""
        if not isinstance(exception, Refusal):
            return None
        if isinstance(exception, LookAgain):
            return start_again(request, exception)
        status = 409
        if isinstance(exception, NotAllowed):
            status = 403
        elif isinstance(exception, OutOfSight):
            status = 404
        elif isinstance(exception, TooOften):
            status = 429
        logger.warning("refused %s %s", exception.code, getattr(request, "request_id", ""))
        return refusal_response(request, exception, status)


def refusal_response(request: HttpRequest, refusal: Refusal, status: int) -> HttpResponse:
    """The page (or the JSON, for a script that asks for it) of a refusal."""
    message = message_of(refusal)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"code": refusal.code, "detail": message}, status=status)
    template, context = f"{status}.html", {"message": message}
    if isinstance(refusal, duties.ReasonNeeded) and request.content_type in FORMS:
        return render(request, "reason.html", context | {"sent": _sent(request)}, status=status)
    return render(request, template, context, status=status)


def _sent(request: HttpRequest) -> list[tuple[str, str]]:
    """What was sent, to be sent again with the reason."""
    left_out = {"csrfmiddlewaretoken", DUTY_REASON}
    names = [name for name in request.POST if name not in left_out]
    return [(name, value) for name in names for value in request.POST.getlist(name)]
