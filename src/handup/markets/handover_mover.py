"""What `markets` carries to a successor: chains, prices, studies, contracts, promises, policy,
jobs, technology.
"""

from handup.projects.movers import Counter, Mover

MOVER = Mover(
    "markets",
    needed=("markets.Commodity",),
    under={"markets.CommodityUnit": "commodity"},
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
