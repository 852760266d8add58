"""Which role may do what in `surveys`."""

from handup.org.rules.access import Role

PERMISSIONS: dict[str, frozenset[Role]] = {}
