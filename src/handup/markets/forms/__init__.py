"""The forms of markets, by what they ask about."""
