"""Which links a reader may follow: a page offers none that ends at "You may not do this".

What a link names is another domain's page as often as not; its view says which permission it asks.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve

from handup.org.web import navigation

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ANY = "00000000-0000-7000-8000-000000000000"


@lru_cache(maxsize=1024)
def _asked_by(path: str) -> str:
    """The permission the page at `path` asks; empty when it asks none or there is no such page."""
    try:
        view = resolve(path).func
    except Resolver404:
        return ""
    return str(getattr(getattr(view, "view_class", None), "permission", "") or "")


def leads(href: str, staff: Any) -> str:
    """The address as it is when its page is open to `staff`; empty otherwise.

    Only the role is asked, not the record behind the address.
    """
    if not href.startswith("/"):
        return href
    if not getattr(staff, "is_authenticated", False):
        return href
    permission = _asked_by(_ID.sub(_ANY, urlsplit(href).path))
    return href if navigation.allowed(staff, permission) else ""
