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


def view_at(path: str) -> type | None:
    """The class of the page at an address; None where there is none. Found once for all records."""
    return _view_at(_ID.sub(_ANY, path))


@lru_cache(maxsize=1024)
def _view_at(path: str) -> type | None:
    try:
        return getattr(resolve(path).func, "view_class", None)
    except Resolver404:
        return None


def leads(href: str, staff: Any) -> str:
    """The address as it is when its page is open to `staff`; empty otherwise.

    Only the role is asked, not the record behind the address.
    """
    if not href.startswith("/"):
        return href
    if not getattr(staff, "is_authenticated", False):
        return href
    permission = getattr(view_at(urlsplit(href).path), "permission", "") or ""
    return href if navigation.allowed(staff, permission) else ""
