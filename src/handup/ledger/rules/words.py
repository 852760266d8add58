"""The closed word lists of the books."""

from enum import StrEnum
from uuid import UUID


class BookKind(StrEnum):
    """Whose money a book tells of."""

    PROGRAMME = "PROGRAMME"
    LENDER = "LENDER"
    GUARANTEE_FUND = "GUARANTEE_FUND"
    GROUP = "GROUP"


class BookStatus(StrEnum):
    """A closed book takes no further entry, and neither does one that a successor keeps now."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"
    MOVED = "MOVED"


class AccountType(StrEnum):
    """The side of the statements an account stands on; MEMO stands beside them."""

    ASSET = "ASSET"
    LIABILITY = "LIABILITY"
    EQUITY = "EQUITY"
    INCOME = "INCOME"
    EXPENSE = "EXPENSE"
    MEMO = "MEMO"


DEBIT_TYPES = frozenset({AccountType.ASSET, AccountType.EXPENSE, AccountType.MEMO})


class CashKind(StrEnum):
    """Whether an account is money in hand, money at a bank or on a phone, or no money account."""

    NONE = "NONE"
    CASH = "CASH"
    BANK = "BANK"


class CashClass(StrEnum):
    """Where a movement of money stands in the cash-flow statement, by its counter-account."""

    OPERATING = "OPERATING"
    LENDING = "LENDING"
    INVESTING = "INVESTING"
    FINANCING = "FINANCING"
    FX = "FX"


class PeriodStatus(StrEnum):
    """OPEN takes facts, SOFT_CLOSED approved adjustments only, CLOSED nothing."""

    OPEN = "OPEN"
    SOFT_CLOSED = "SOFT_CLOSED"
    CLOSED = "CLOSED"


class FundKind(StrEnum):
    """What binds the money of a fund."""

    UNRESTRICTED = "UNRESTRICTED"
    PURPOSE = "PURPOSE"
    TIME = "TIME"
    REVOLVING = "REVOLVING"


class DraftStatus(StrEnum):
    """The way of an entry written by hand, until another person approves it."""

    DRAFT = "DRAFT"
    POSTED = "POSTED"
    DECLINED = "DECLINED"


class CountStatus(StrEnum):
    """The way of a till that was counted, until another person has seen it."""

    COUNTED = "COUNTED"
    CONFIRMED = "CONFIRMED"
    DECLINED = "DECLINED"


class InputKind(StrEnum):
    """A figure of the outside world: rates in ppm for the days stated, amounts in units."""

    INFLATION = "INFLATION"
    MARKET_RATE = "MARKET_RATE"
    IN_KIND = "IN_KIND"


class RunKind(StrEnum):
    """What is posted for a whole book at the end of a period."""

    ACCRUAL = "ACCRUAL"
    FEES = "FEES"
    PROVISION = "PROVISION"
    REVALUATION = "REVALUATION"
    RELEASE = "RELEASE"
    SHARING = "SHARING"
    CLOSING = "CLOSING"


LOAN_RUNS = (RunKind.ACCRUAL, RunKind.FEES, RunKind.PROVISION)
"""What is posted of loans before a month is closed."""

REVERSAL = "REVERSAL"
ADJUSTMENT = "ADJUSTMENT"
MANUAL = "MANUAL"
OPENING = "OPENING"
INTEREST_PAID = "INTEREST_PAID"
"""Interest paid on what a funder lent, also where nothing of the loan goes back with it."""
COST_SHARED = "COST_SHARED"
REVALUATION = "REVALUATION"
CLOSING = "CLOSING"

BY_THE_BOOKS = frozenset({REVALUATION, CLOSING})
"""Kinds the books post about themselves: on any account and fund, with lines of zero units."""

CASH_BELOW_ZERO_FLAG = "CASH_BELOW_ZERO"
OUTSIDE_FUND_FLAG = "OUTSIDE_FUND"
"""On what had already happened when it was posted: money of a fund that ended comes back all the
same.
"""

UNRESTRICTED_ID = UUID("00000000-0000-7000-8000-000000000001")
