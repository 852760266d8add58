"""A program that speaks in clear where TLS is asked for is refused, not led on (ASVS V4.1.2): led
on, it would send its key in clear again each time and nobody would see it. Pages people open are
led on by Django.
"""

import logging
import re

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from handup.org.interface import problem
from handup.org.middleware import Middleware

logger = logging.getLogger("handup.requests")


def is_for_programs(path: str) -> bool:
    """Whether programs use this address, and no person opens it."""
    return any(re.match(one, path.lstrip("/")) for one in settings.SECURE_REDIRECT_EXEMPT)


class ClearTextMiddleware(Middleware):
    """Answers for TLS where it is missing."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Refuse before a key, a session or a body is looked at."""
        if not settings.SECURE or request.is_secure() or not is_for_programs(request.path):
            return self.get_response(request)
        logger.warning("refused %s %s", "CLEAR_TEXT", getattr(request, "request_id", ""))
        return problem(
            request,
            status=403,
            code="CLEAR_TEXT",
            title="Speak to this address over TLS (https).",
            detail="Nothing was done. A key that was sent in clear may be known to others: end it.",
        )
