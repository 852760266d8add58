"""What follows when a second factor is shown, added or taken away; allauth tells it by
signal only.
"""

from typing import Any

from django.http import HttpRequest

from handup.org import sessions


def used(*, request: HttpRequest, **_: Any) -> None:
    """A factor was shown: the session is open, and fresh for five minutes."""
    sessions.mark_second_factor(request)


def changed(*, request: HttpRequest, user: Any, **_: Any) -> None:
    """A factor was added by someone who has just proved herself: her other sessions end."""
    sessions.mark_second_factor(request)
    sessions.end_all(user, but=request.session.session_key)


def removed(*, request: HttpRequest, user: Any, **_: Any) -> None:
    """A factor was taken away: her other sessions end."""
    sessions.end_all(user, but=request.session.session_key)
