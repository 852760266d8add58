"""Tables of markets, by what they hold; see the module of each."""

from handup.markets.models.chains import ChainActor, ChainFlow, ChainRound, ValueChain
from handup.markets.models.contracts import (
    ContractGrade,
    ContractNote,
    Delivery,
    SupplyContract,
)
from handup.markets.models.jobs import JobCheck, JobMatch, JobPlacement, JobTarget, Vacancy
from handup.markets.models.linkages import (
    AssociationSupport,
    Commitment,
    Linkage,
    PolicyEvent,
    PolicyIssue,
)
from handup.markets.models.prices import (
    MarketPlace,
    PriceDuty,
    PriceIndex,
    PriceObservation,
    PriceRule,
)
from handup.markets.models.products import Commodity, CommodityUnit
from handup.markets.models.studies import Finding, Opportunity, OpportunityStart, Study
from handup.markets.models.technology import (
    TechnologyAdoption,
    TechnologyNeed,
    TechnologyTrial,
)

__all__ = [
    "AssociationSupport",
    "ChainActor",
    "ChainFlow",
    "ChainRound",
    "Commitment",
    "Commodity",
    "CommodityUnit",
    "ContractGrade",
    "ContractNote",
    "Delivery",
    "Finding",
    "JobCheck",
    "JobMatch",
    "JobPlacement",
    "JobTarget",
    "Linkage",
    "MarketPlace",
    "Opportunity",
    "OpportunityStart",
    "PolicyEvent",
    "PolicyIssue",
    "PriceDuty",
    "PriceIndex",
    "PriceObservation",
    "PriceRule",
    "Study",
    "SupplyContract",
    "TechnologyAdoption",
    "TechnologyNeed",
    "TechnologyTrial",
    "Vacancy",
    "ValueChain",
]
