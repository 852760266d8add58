"""Business plans with an adviser, financial plan, visits."""
