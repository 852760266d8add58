"""Self-help groups, savings groups, cooperatives, associations: meetings, savings, internal
loans."""
