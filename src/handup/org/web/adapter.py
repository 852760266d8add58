"""How django-allauth behaves here: nobody signs up, sessions follow the house's rules, secrets of
factors are sealed.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.core.exceptions import ValidationError

from handup.kernel.errors import Refusal
from handup.org import demonstration, keys, sessions
from handup.org.keys import FACTOR_PLACE, Ring
from handup.org.web.refusals import message_of


class HouseAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Accounts are made by an administrator only."""

    def is_open_for_signup(self, request: Any) -> bool:
        """Never."""
        return False

    def pre_authenticate(self, request: Any, **credentials: Any) -> None:
        """Refuse the sign-ins of a demonstration to anyone who is not at this machine."""
        super().pre_authenticate(request, **credentials)
        try:
            demonstration.require_here(request)
        except Refusal as refusal:
            raise ValidationError(message_of(refusal)) from refusal

    def login(self, request: Any, user: Any) -> None:
        """Sign in with a new session id and start its clock."""
        super().login(request, user)
        sessions.begin(request, user)

    def logout(self, request: Any) -> None:
        """Sign out and take the session off the list."""
        sessions.close(request)


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Seals the secrets of authenticator apps and the seed of recovery codes."""

    def encrypt(self, text: str) -> str:
        """Lock a secret with the field keys."""
        return keys.load().rings[Ring.FIELD].encrypt(text, FACTOR_PLACE)

    def decrypt(self, encrypted_text: str) -> str:
        """Unlock it."""
        return keys.load().rings[Ring.FIELD].decrypt(encrypted_text, FACTOR_PLACE)

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        """Keep the last factor of a staff user whose roles need one."""
        from handup.org.middleware import needs_second_factor

        others = type(authenticator).objects.filter(
            user=authenticator.user, type__in=("totp", "webauthn")
        )
        return others.exclude(pk=authenticator.pk).exists() or not needs_second_factor(
            authenticator.user
        )
