"""Value chains, prices, studies, buyers and contracts."""
