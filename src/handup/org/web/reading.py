"""The way from a page to the read log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest


def note(
    request: HttpRequest, *, persons: Sequence[Any], action: str, highest: str, search: str = ""
) -> None:
    """Note that this request shows these persons; the read log writes one row before the answer
    leaves.
    """
    from importlib import import_module

    import_module("handup.org.reads").note(
        request, persons=persons, action=action, highest=highest, search=search
    )
