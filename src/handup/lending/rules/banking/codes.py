"""The closed lists of the bank channel, spelt as they are stored."""

from enum import StrEnum

from handup.lending.rules.banking.files import Form

__all__ = [
    "AccountKind",
    "BatchState",
    "BookWhen",
    "Form",
    "LineFate",
    "MatchKind",
    "MatchState",
    "OrderState",
    "PainVersion",
    "Reason",
]


class AccountKind(StrEnum):
    """Where the account is kept."""

    BANK = "BANK"
    MOBILE = "MOBILE"


class LineFate(StrEnum):
    """What became of one line of a statement."""

    FAULT = "FAULT"  # wrong; listed, never posted
    KNOWN = "KNOWN"  # came in an earlier statement
    MATCHED = "MATCHED"  # belongs to a loan, a payment order or what a reversal took back
    OPEN = "OPEN"  # lies on suspense and waits for a person
    PROPOSED = "PROPOSED"  # lies on suspense; one person said what it is, another must agree
    BOOKED = "BOOKED"  # belongs to no loan; moved from suspense to another account
    TAKEN_BACK = "TAKEN_BACK"  # the bank reversed it


ON_SUSPENSE = frozenset({LineFate.OPEN, LineFate.PROPOSED})


class MatchKind(StrEnum):
    """What a person says a line on suspense is."""

    LOANS = "LOANS"
    ROLE = "ROLE"
    RECORDED = "RECORDED"


class MatchState(StrEnum):
    """Where a match made by a person stands."""

    PROPOSED = "PROPOSED"
    CONFIRMED = "CONFIRMED"
    DECLINED = "DECLINED"
    UNDONE = "UNDONE"


class Reason(StrEnum):
    """Why a line belongs to a loan, or why it was not posted by itself."""

    REFERENCE = "REFERENCE"
    NUMBER = "NUMBER"
    ACCOUNT = "ACCOUNT"
    NAME = "NAME"
    NAME_LIKE = "NAME_LIKE"
    AMOUNT = "AMOUNT"
    WHOLE_DEBT = "WHOLE_DEBT"
    NEAR_DUE = "NEAR_DUE"
    ORDER = "ORDER"
    TAKES_BACK = "TAKES_BACK"
    # why not
    NO_REFERENCE = "NO_REFERENCE"
    SEVERAL_LOANS = "SEVERAL_LOANS"
    LOAN_UNKNOWN = "LOAN_UNKNOWN"
    LOAN_NOT_OPEN = "LOAN_NOT_OPEN"
    LOAN_OF_ANOTHER = "LOAN_OF_ANOTHER"
    OTHER_CURRENCY = "OTHER_CURRENCY"
    BEFORE_PAYOUT = "BEFORE_PAYOUT"
    FUTURE_VALUE = "FUTURE_VALUE"
    PERHAPS_RECORDED = "PERHAPS_RECORDED"
    MONEY_WENT = "MONEY_WENT"
    NOT_FOUND = "NOT_FOUND"
    OTHER_AMOUNT = "OTHER_AMOUNT"
    ALREADY_PAID_OUT = "ALREADY_PAID_OUT"
    LATER_EVENTS = "LATER_EVENTS"
    SAVINGS_GONE = "SAVINGS_GONE"


class PainVersion(StrEnum):
    """The version of payment orders a bank takes."""

    V03 = "001.001.03"
    V09 = "001.001.09"


class BookWhen(StrEnum):
    """When a payment order counts as paid out."""

    CONFIRMED = "CONFIRMED"
    RELEASED = "RELEASED"


class BatchState(StrEnum):
    """Where a file of payment orders stands."""

    DRAFT = "DRAFT"
    CHECKED = "CHECKED"
    RELEASED = "RELEASED"
    SENT = "SENT"
    ACCEPTED = "ACCEPTED"
    PARTLY = "PARTLY"
    REJECTED = "REJECTED"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


class OrderState(StrEnum):
    """Where one payment order stands."""

    WAITING = "WAITING"
    SENT = "SENT"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    CONFIRMED = "CONFIRMED"
    RETURNED = "RETURNED"
    CANCELLED = "CANCELLED"


LIVE_ORDERS = frozenset({OrderState.WAITING, OrderState.SENT, OrderState.ACCEPTED})
"""Orders by which money may still go out."""
