"""How django-allauth behaves here: nobody signs up by herself."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter


class HouseAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Accounts are made by an administrator only."""

    def is_open_for_signup(self, request: Any) -> bool:
        """Never."""
        return False
