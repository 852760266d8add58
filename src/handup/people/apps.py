"""Registers the domain `people` with the house."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Outreach, registration, households, enterprises, consent, eligibility, duplicates,
    referrals."""

    name = "handup.people"
    label = "people"

    def ready(self) -> None:
        """Declare the permissions of this domain."""
        from handup.org import permissions
        from handup.people.permissions import PERMISSIONS

        permissions.register(PERMISSIONS)
