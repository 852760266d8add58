"""What an act is called, by its code: the words of its page."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module, util

from django.conf import settings
from django.utils.encoding import force_str

from handup.org.web.columns import Label
from handup.org.web.forms import FormPage


@lru_cache
def _words() -> dict[str, Label]:
    """The words of the acts that no page of their own names, as each domain tells them."""
    found: dict[str, Label] = {}
    for domain in settings.DOMAINS:
        name = f"handup.{domain}.act_words"
        if util.find_spec(name) is not None:
            found |= import_module(name).WORDS
    return found


@lru_cache
def _titles() -> dict[str, Label]:
    """What the page of each act is called, by the act's code.

    The page named like the act (CallSecurity, `call_security`), else the one title that all pages
    asking its permission share: where they differ, none of them is the act's own.
    """
    named: dict[str, Label] = {}
    shared: dict[str, dict[str, Label]] = {}
    waiting = FormPage.__subclasses__()
    while waiting:
        page = waiting.pop(0)
        waiting += page.__subclasses__()
        code, title = getattr(page, "permission", ""), getattr(page, "title", "")
        if code and title:
            shared.setdefault(code, {})[force_str(title)] = title
            if page.__name__.lower() == code.split(".", 1)[-1].replace("_", ""):
                named[code] = title
    alike = {code: next(iter(told.values())) for code, told in shared.items() if len(told) == 1}
    return alike | named


def spoken(action: str) -> str:
    """The name of an act as its page says it; the words of its code where it has no page:
    "org.add_area" → "add area".
    """
    title = _words().get(action) or _titles().get(action)
    return force_str(title) if title else action.split(".", 1)[-1].replace("_", " ")
