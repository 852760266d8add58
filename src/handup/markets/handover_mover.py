"""What `markets` carries to a successor: chains, prices, studies, contracts, promises, policy,
jobs, technology.
"""

from typing import Any

from handup.projects.movers import Counter, Match, Mover


def without_names(values: dict[str, Any]) -> dict[str, Any]:
    """A delivery as it goes: without who handed it over and took it, who may be staying."""
    return values | {"given_by": "", "taken_by": ""}


MOVER = Mover(
    "markets",
    needed=("markets.Commodity",),
    under={"markets.CommodityUnit": "commodity"},
    matched=(
        Match("markets.Commodity", by=("code",), same=("base_unit",)),
        Match("markets.CommodityUnit", by=("commodity_id", "name"), same=("milli",)),
    ),
    nobody=(
        "markets.SupplyContract",
        "markets.ContractNote",
        "markets.Delivery",
        "markets.OpportunityStart",
        "markets.TechnologyAdoption",
    ),
    change={"markets.Delivery": without_names},
    every=("markets.PriceIndex",),
    counters=(
        Counter("prices", "markets.PriceObservation"),
        Counter("policy issues", "markets.PolicyIssue"),
    ),
)
