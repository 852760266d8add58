"""Every write of markets; see the module of each act."""

from handup.markets.services.chains import (
    FlowIn,
    add_actor,
    name_unit,
    open_chain,
    record_round,
    register_commodity,
)

__all__ = [
    "FlowIn",
    "add_actor",
    "name_unit",
    "open_chain",
    "record_round",
    "register_commodity",
]
