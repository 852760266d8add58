"""The API door of `ledger`: the same services the pages call."""

from handup.ledger.api import books, draft_batches, runs, statements
from handup.ledger.api.access import router

__all__ = ["books", "draft_batches", "router", "runs", "statements"]
