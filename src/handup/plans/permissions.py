"""Which role may do what in `plans`."""

from handup.org.rules.access import Role

PERMISSIONS: dict[str, frozenset[Role]] = {}
