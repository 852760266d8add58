"""What `markets` carries to a successor: chains, prices, studies, contracts, promises, policy,
jobs, technology.
"""

from handup.projects.movers import Counter, Match, Mover

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
        "markets.OpportunityStart",
        "markets.TechnologyAdoption",
    ),
    every=("markets.PriceIndex",),
    counters=(
        Counter("prices", "markets.PriceObservation"),
        Counter("policy issues", "markets.PolicyIssue"),
    ),
)
