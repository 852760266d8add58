"""Which role may do what in `training`."""

from handup.org.rules.access import Role

PERMISSIONS: dict[str, frozenset[Role]] = {}
