"""The table of permissions, declared by each domain; models filter their rows by it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from handup.org.rules.access import GrantFact, Role

if TYPE_CHECKING:
    from handup.org.models import StaffUser

_table: dict[str, frozenset[Role]] = {}
_by_knowing: set[str] = set()


def roles(*names: Role) -> frozenset[Role]:
    """Name the roles of one permission."""
    return frozenset(names)


def register(permissions: Mapping[str, frozenset[Role]]) -> None:
    """Add a domain's permissions; one declared twice with other roles is a programming error."""
    for code, who in permissions.items():
        if _table.get(code, who) != who:
            raise ValueError(f"permission {code} is declared twice")
        _table[code] = who


def by_knowing(*codes: str) -> None:
    """Say what needs no more than knowing the record it is asked for: it leaves that as it is."""
    _by_knowing.update(codes)


def declared() -> Mapping[str, frozenset[Role]]:
    """Return every declared permission with its roles."""
    return _table


def grants_for(staff: "StaffUser", code: str) -> list[GrantFact]:
    """Return the live grants of a staff member whose role carries this permission; none of what
    the installation has switched off.
    """
    if code not in _table:
        raise ValueError(f"permission {code} is not declared")
    if code.partition(".")[0] in staff.switched_off:
        return []
    return [grant for grant in staff.access if grant.role in _table[code]]


def is_reading(code: str) -> bool:
    """Tell whether knowing a record is enough for this: to view it, or to do what `by_knowing`
    names.
    """
    return code in _by_knowing or code.partition(".")[2].startswith("view_")
