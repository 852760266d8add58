"""What a provider is paid for: results that were checked, each person once (training.md T17)."""

from enum import StrEnum


class ProviderResult(StrEnum):
    """A result a provider is paid for."""

    COMPLETED = "COMPLETED"
    PLACED = "PLACED"


class ClaimState(StrEnum):
    """From counted to paid; one that is refused, or taken back once paid, leaves its persons for a
    further claim.
    """

    DUE = "DUE"
    APPROVED = "APPROVED"
    PAID = "PAID"
    REFUSED = "REFUSED"
    BACK = "BACK"


class ClaimRefusal(StrEnum):
    """Why a claim is not paid."""

    NOT_PROVED = "NOT_PROVED"
    WRONG_COUNT = "WRONG_COUNT"
    TERMS_BROKEN = "TERMS_BROKEN"
    NO_MONEY = "NO_MONEY"


class ClaimBack(StrEnum):
    """Why a paid claim was taken back."""

    NOT_PROVED = "NOT_PROVED"
    WRONG_AMOUNT = "WRONG_AMOUNT"
    PAID_TWICE = "PAID_TWICE"
    NOT_HANDED_OVER = "NOT_HANDED_OVER"


PLACEMENT_MONTHS = (3, 6, 12, 24)
