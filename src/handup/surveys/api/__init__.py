"""The API door of `surveys`: questionnaires, rounds, cases, sets of answers, quality of data."""

from handup.surveys.api import corrections, paper, quality, reading
from handup.surveys.api.operations import router

__all__ = ["corrections", "paper", "quality", "reading", "router"]
