"""Pure rules of a group's own money: limits, charges, shares, votes. The credit engine is
kernel.credit."""
