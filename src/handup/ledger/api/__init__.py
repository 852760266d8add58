"""The API door of `ledger`: the same services the pages call."""

from handup.ledger.api import (
    audit,
    books,
    charts,
    consolidations,
    cost_keys,
    costed_services,
    draft_batches,
    runs,
    statements,
    tills,
)
from handup.ledger.api.access import router

__all__ = [
    "audit",
    "books",
    "charts",
    "consolidations",
    "cost_keys",
    "costed_services",
    "draft_batches",
    "router",
    "runs",
    "statements",
    "tills",
]
