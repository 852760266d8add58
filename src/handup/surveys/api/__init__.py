"""The API door of `surveys`: questionnaires, rounds, cases, sets of answers, quality of data."""

from handup.surveys.api import corrections, quality, reading
from handup.surveys.api.operations import router

__all__ = ["corrections", "quality", "reading", "router"]
