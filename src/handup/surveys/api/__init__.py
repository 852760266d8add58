"""The API door of `surveys`: questionnaires, rounds, cases, sets of answers."""

from handup.surveys.api.operations import router

__all__ = ["router"]
