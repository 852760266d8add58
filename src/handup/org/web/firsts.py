"""What comes first where a form offers nothing to choose: the words and the button of the empty
list the choice is made from.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import forms

from handup.org.web.lists import EmptyState as First
from handup.org.web.lists import ListPage

__all__ = ["First", "first_of"]


@lru_cache
def _by_model() -> dict[type[Any], First]:
    """The words of the first list of each model that has any, with the button that makes one."""
    found: dict[type[Any], First] = {}
    waiting = ListPage.__subclasses__()
    while waiting:
        page = waiting.pop(0)
        waiting += page.__subclasses__()
        model = getattr(page, "model", None)
        if model is None or page.empty is None:
            continue
        action = page.empty.action or page.primary
        if model not in found or (action and not found[model].action):
            found[model] = First(page.empty.title, page.empty.text, action)
    return found


def first_of(field: forms.Field) -> First | None:
    """What to do before anything can be chosen in this field; None where no list says it."""
    queryset = getattr(field, "queryset", None)
    return None if queryset is None else _by_model().get(queryset.model)
