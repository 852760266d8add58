"""Registers the domain `people` with the house."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Outreach, registration, households, enterprises, consent, eligibility, duplicates,
    referrals."""

    name = "handup.people"
    label = "people"

    def ready(self) -> None:
        """Declare the permissions of this domain, and hide whom only a case team may know of."""
        from handup.org import permissions
        from handup.org.scope import hidden_persons
        from handup.people.permissions import PERMISSIONS
        from handup.people.queries import hidden_person_ids

        permissions.register(PERMISSIONS)
        if hidden_person_ids not in hidden_persons:
            hidden_persons.append(hidden_person_ids)
