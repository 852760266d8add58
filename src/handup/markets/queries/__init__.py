"""Reads of markets used in more than one place."""

from handup.markets.queries.chains import (
    RoundMargins,
    latest_of_each,
    margins_of,
    rounds_that_count,
)

__all__ = ["RoundMargins", "latest_of_each", "margins_of", "rounds_that_count"]
