"""The API door of `lending`: the same services the pages call."""

from handup.lending.api import applications, bank, lenders, loans
from handup.lending.api.access import router

__all__ = ["applications", "bank", "lenders", "loans", "router"]
