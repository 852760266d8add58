"""Books, accounts, journal entries, periods: knows no loan and no group."""
