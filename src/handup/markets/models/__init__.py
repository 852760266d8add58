"""Tables of markets: products, value chains."""

from handup.markets.models.chains import ChainActor, ChainFlow, ChainRound, ValueChain
from handup.markets.models.products import Commodity, CommodityUnit

__all__ = [
    "ChainActor",
    "ChainFlow",
    "ChainRound",
    "Commodity",
    "CommodityUnit",
    "ValueChain",
]
