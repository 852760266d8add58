"""The closed lists of lending, spelt as they are stored."""

from enum import StrEnum


class LenderMode(StrEnum):
    """Whose money it is and whose risk."""

    BANK_OWN = "BANK_OWN"
    BANK_FACILITY = "BANK_FACILITY"
    BANK_GUARANTEED = "BANK_GUARANTEED"
    DIRECT = "DIRECT"


OWN_BOOK_MODES = frozenset({LenderMode.DIRECT, LenderMode.BANK_FACILITY})
"""Loans of these modes are assets of the programme and post LOANS; the others are mirrors of a
bank's book.
"""

OWN_MODES = sorted(mode.value for mode in OWN_BOOK_MODES)
"""The same, spelt as they are stored."""


class ApplicationState(StrEnum):
    """Where an application stands."""

    SUBMITTED = "SUBMITTED"
    APPRAISED = "APPRAISED"
    APPROVED = "APPROVED"
    RETURNED = "RETURNED"
    DECLINED = "DECLINED"
    SIGNED = "SIGNED"
    EXPIRED = "EXPIRED"


class Outcome(StrEnum):
    """What a committee decides and a member votes."""

    APPROVE = "APPROVE"
    APPROVE_LESS = "APPROVE_LESS"
    RETURN = "RETURN"
    DECLINE = "DECLINE"


class ConditionStep(StrEnum):
    """The step a condition of a decision stands before."""

    SIGNING = "SIGNING"
    PAY_OUT = "PAY_OUT"


class Band(StrEnum):
    """What the grid score recommends."""

    REFUSE = "REFUSE"
    DISCUSS = "DISCUSS"
    FAVOUR = "FAVOUR"


class LoanState(StrEnum):
    """A projection of the fold; never set by hand."""

    AGREED = "AGREED"
    ACTIVE = "ACTIVE"
    SETTLED = "SETTLED"
    WRITTEN_OFF = "WRITTEN_OFF"
    REFINANCED = "REFINANCED"
    TRANSFERRED = "TRANSFERRED"
    CANCELLED = "CANCELLED"


class EventKind(StrEnum):
    """What can happen to a loan; the fold (`loan.py`) applies all of them."""

    AGREED = "AGREED"
    DISBURSED = "DISBURSED"
    REPAID = "REPAID"
    EARLY_REPAID = "EARLY_REPAID"
    PAID_OFF = "PAID_OFF"
    WITHDRAWN = "WITHDRAWN"
    GUARANTOR_PAID = "GUARANTOR_PAID"
    MEMBER_PAID_FOR = "MEMBER_PAID_FOR"
    INSURANCE_PAID = "INSURANCE_PAID"
    SAVINGS_SET_OFF = "SAVINGS_SET_OFF"
    CHARGED = "CHARGED"
    WAIVED = "WAIVED"
    RESCHEDULED = "RESCHEDULED"
    RESTRUCTURED = "RESTRUCTURED"
    MORATORIUM = "MORATORIUM"
    REFUNDED = "REFUNDED"
    WRITTEN_OFF = "WRITTEN_OFF"
    RECOVERED = "RECOVERED"
    REFINANCED = "REFINANCED"
    OPENING_POSITION = "OPENING_POSITION"
    TRANSFERRED = "TRANSFERRED"
    CANCELLED = "CANCELLED"
    REVERSED = "REVERSED"


class Method(StrEnum):
    """How money changed hands."""

    CASH = "CASH"
    BANK = "BANK"
    MOBILE = "MOBILE"


class Parked(StrEnum):
    """Where money lies that nobody hands over: in suspense before it was known for whom, saved by
    the borrower before it paid her loan, or between two books of ours. No method anybody chooses.
    """

    SUSPENSE = "SUSPENSE"
    SAVINGS = "SAVINGS"
    INTERBOOK = "INTERBOOK"


class Payer(StrEnum):
    """Who brought the money of a payment, seen from the borrower; nobody else's name is kept."""

    BORROWER = "BORROWER"
    HOUSEHOLD = "HOUSEHOLD"
    GROUP = "GROUP"
    BUYER = "BUYER"
    EMPLOYER = "EMPLOYER"
    OTHER = "OTHER"


class SavingsGround(StrEnum):
    """Why savings may be set off against a loan: the saver agreed, or it is late for long."""

    AGREED = "AGREED"
    LATE = "LATE"


class SavingsMoveKind(StrEnum):
    """What moves on an account of compulsory savings."""

    PAID_IN = "PAID_IN"
    SAVED = "SAVED"
    BOUND = "BOUND"
    TAKEN_OVER = "TAKEN_OVER"
    SET_OFF = "SET_OFF"
    PAID_OUT = "PAID_OUT"
    REVERSED = "REVERSED"


class GuaranteeMoveKind(StrEnum):
    """What moves between a guarantee fund and the bank it covers."""

    PAID = "PAID"
    RECOVERED = "RECOVERED"
    REVERSED = "REVERSED"


class Source(StrEnum):
    """Through which door a loan event came."""

    WEB = "WEB"
    API = "API"
    DEVICE = "DEVICE"
    BANK_FILE = "BANK_FILE"
    IMPORT = "IMPORT"
    DEMONSTRATION = "DEMONSTRATION"
    OLD_BOOK = "OLD_BOOK"
    BACK_DATED = "BACK_DATED"


class LineState(StrEnum):
    """What became of one row of a bank file."""

    READY = "READY"
    FAULT = "FAULT"
    POSTED = "POSTED"
    ALREADY_POSTED = "ALREADY_POSTED"


class Effect(StrEnum):
    """What an event did besides settling rows: to what is owed, to the principal, to money."""

    CHARGED = "CHARGED"
    WAIVED = "WAIVED"
    CAPITALISED = "CAPITALISED"
    CARRIED = "CARRIED"
    HANDED_OVER = "HANDED_OVER"
    REFUNDED = "REFUNDED"
    LENT = "LENT"
    WRITTEN_OFF = "WRITTEN_OFF"
    FEE_BACK = "FEE_BACK"
    PREMIUM_BACK = "PREMIUM_BACK"
    PREMIUM = "PREMIUM"


class EnrolmentState(StrEnum):
    """Where a participant of a pathway stands."""

    RUNNING = "RUNNING"
    GRADUATED = "GRADUATED"
    LEFT = "LEFT"


class ProposalState(StrEnum):
    """Where a proposal that needs a second person stands."""

    PROPOSED = "PROPOSED"
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"


class EarlierKind(StrEnum):
    """What of an earlier day another person confirms, beside what happens to one loan."""

    SAVINGS_IN = "SAVINGS_IN"
    SAVINGS_OUT = "SAVINGS_OUT"
    SAVINGS_REVERSED = "SAVINGS_REVERSED"
    GUARANTEE_PAID = "GUARANTEE_PAID"
    GUARANTEE_RECOVERED = "GUARANTEE_RECOVERED"
    GUARANTEE_REVERSED = "GUARANTEE_REVERSED"
    COLLECTION = "COLLECTION"
    REPAID_AGAIN = "REPAID_AGAIN"
    COLLECTION_AGAIN = "COLLECTION_AGAIN"
    GRANT_PAID = "GRANT_PAID"
    GRANT_TAKEN_BACK = "GRANT_TAKEN_BACK"
    GRANT_HANDED_OVER = "GRANT_HANDED_OVER"
