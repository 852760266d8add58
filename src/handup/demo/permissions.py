"""Which role may do what in `demo`."""

from handup.org.rules.access import Role

PERMISSIONS: dict[str, frozenset[Role]] = {}
