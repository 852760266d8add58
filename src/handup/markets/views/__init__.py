"""Pages of markets, by what they show."""
