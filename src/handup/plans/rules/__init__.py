"""The arithmetic of a business plan: pure, exact, each figure rounded once."""
