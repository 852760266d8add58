"""The API door of `lending`: the same services the pages call."""

from handup.lending.api import (
    agreed,
    applications,
    bank,
    bank_lists,
    changes,
    conditions,
    follow_up,
    grants,
    lenders,
    loans,
    old_books,
    passports,
    portfolio,
    savings,
    security,
    statements,
    tranches,
)
from handup.lending.api.access import router

__all__ = [
    "agreed",
    "applications",
    "bank",
    "bank_lists",
    "changes",
    "conditions",
    "follow_up",
    "grants",
    "lenders",
    "loans",
    "old_books",
    "passports",
    "portfolio",
    "router",
    "savings",
    "security",
    "statements",
    "tranches",
]
