"""A refusal in the reader's language, for pages and forms."""

from __future__ import annotations

from django.utils.translation import gettext

from handup.kernel.errors import Refusal


def message_of(refusal: Refusal) -> str:
    """The refusal's sentence in the active language, with its places filled in."""
    template = gettext(refusal.template)
    if not refusal.places:
        return template
    try:
        return template.format(**refusal.places)
    except (KeyError, IndexError, ValueError):
        return str(refusal)
