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
    "markets.view_price": INSIDE,
    "markets.open_market": CHAIN_OFFICERS,
    "markets.assign_prices": CHAIN_OFFICERS,
    "markets.record_price": ASKERS,
    "markets.confirm_price": CHAIN_OFFICERS,
    "markets.publish_prices": CHAIN_OFFICERS,
    "markets.set_price_rule": roles(Role.MANAGER, Role.ME_OFFICER),
    "markets.record_price_index": roles(Role.MANAGER, Role.ME_OFFICER, Role.INTEGRATION),
    "markets.view_study": INSIDE,
    "markets.view_start": ASKERS | {Role.DIRECTOR, Role.SUCCESSOR},
    "markets.start_study": CHAIN_OFFICERS,
    "markets.record_opportunity": CHAIN_OFFICERS,
    "markets.trace_start": ASKERS,
}
