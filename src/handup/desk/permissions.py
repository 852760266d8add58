"""Which role may do what in `desk`: its pages ask the permissions of the domains they show."""

from handup.org.rules.access import Role

PERMISSIONS: dict[str, frozenset[Role]] = {}
