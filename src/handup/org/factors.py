"""What follows when a second factor is shown, added or taken away; allauth tells it by
signal only.
"""

import logging
from typing import Any

from django.http import HttpRequest

from handup.org import sessions

logger = logging.getLogger("handup.factors")


def used(*, request: HttpRequest, user: Any, authenticator: Any, **_: Any) -> None:
    """A factor was shown: the session is open, and fresh for five minutes. Which kind it was stands
    in the log of the program.
    """
    logger.info("second factor %s shown by %s", authenticator.type, user.pk)
    sessions.mark_second_factor(request)


def changed(*, request: HttpRequest, user: Any, **_: Any) -> None:
    """A factor was added by someone who has just proved herself: her other sessions end."""
    logger.info("second factor added by %s", user.pk)
    sessions.mark_second_factor(request)
    sessions.end_all(user, but=request.session.session_key)


def removed(*, request: HttpRequest, user: Any, **_: Any) -> None:
    """A factor was taken away: her other sessions end."""
    logger.info("second factor taken away from %s", user.pk)
    sessions.end_all(user, but=request.session.session_key)
