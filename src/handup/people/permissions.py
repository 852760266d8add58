"""Which role may do what in `people`."""

from handup.org.rules.access import Role

PERMISSIONS: dict[str, frozenset[Role]] = {}
