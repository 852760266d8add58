"""The table of permissions, declared by each domain; models filter their rows by it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from handup.org.rules.access import GrantFact, Role

if TYPE_CHECKING:
    from handup.org.models import StaffUser

_table: dict[str, frozenset[Role]] = {}


def roles(*names: Role) -> frozenset[Role]:
    """Name the roles of one permission."""
    return frozenset(names)


def register(permissions: Mapping[str, frozenset[Role]]) -> None:
    """Add a domain's permissions; one declared twice with other roles is a programming error."""
    for code, who in permissions.items():
        if _table.get(code, who) != who:
            raise ValueError(f"permission {code} is declared twice")
        _table[code] = who


def declared() -> Mapping[str, frozenset[Role]]:
    """Return every declared permission with its roles."""
    return _table


def grants_for(staff: "StaffUser", code: str) -> list[GrantFact]:
    """Return the live grants of a staff member whose role carries this permission."""
    if code not in _table:
        raise ValueError(f"permission {code} is not declared")
    return [grant for grant in staff.access if grant.role in _table[code]]
