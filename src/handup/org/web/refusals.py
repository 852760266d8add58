"""A refusal in the reader's language, for pages and forms."""

from __future__ import annotations

from handup.kernel.errors import Refusal


def message_of(refusal: Refusal) -> str:
    """The refusal's sentence in the active language, with its places filled in."""
    return refusal.said()
