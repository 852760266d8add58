"""Pure rules of markets: margins along a chain and how they moved."""
