"""Tables of markets: products, value chains, prices, studies."""

from handup.markets.models.chains import ChainActor, ChainFlow, ChainRound, ValueChain
from handup.markets.models.prices import (
    MarketPlace,
    PriceDuty,
    PriceIndex,
    PriceObservation,
    PriceRule,
)
from handup.markets.models.products import Commodity, CommodityUnit
from handup.markets.models.studies import Finding, Opportunity, OpportunityStart, Study

__all__ = [
    "ChainActor",
    "ChainFlow",
    "ChainRound",
    "Commodity",
    "CommodityUnit",
    "Finding",
    "MarketPlace",
    "Opportunity",
    "OpportunityStart",
    "PriceDuty",
    "PriceIndex",
    "PriceObservation",
    "PriceRule",
    "Study",
    "ValueChain",
]
