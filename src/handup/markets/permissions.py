"""Which role may do what in `markets`."""

from handup.org.permissions import roles
from handup.org.rules.access import Role

INSIDE = frozenset(Role) - {Role.BANK_CLERK}
CHAIN_OFFICERS = roles(
    Role.MANAGER, Role.ADVISOR, Role.ME_OFFICER, Role.GROUP_SUPERVISOR, Role.INTEGRATION
)
ASKERS = CHAIN_OFFICERS | {Role.FIELD_OFFICER}

PERMISSIONS: dict[str, frozenset[Role]] = {
    "markets.view_commodity": INSIDE,
    "markets.view_chain": INSIDE,
    "markets.register_commodity": CHAIN_OFFICERS,
    "markets.open_chain": CHAIN_OFFICERS,
    "markets.record_round": ASKERS,
}
