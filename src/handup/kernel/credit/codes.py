"""The codes of a loan's terms. Spelt as they are stored; labels are the domains' business."""

from enum import StrEnum


class DueUnit(StrEnum):
    """What due dates are counted in; MEETING takes them from the group's calendar."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"
    MEETING = "MEETING"


class OffDayRule(StrEnum):
    """Where a due date goes that falls on a day without business."""

    NONE = "NONE"
    NEXT = "NEXT"
    PREVIOUS = "PREVIOUS"
    NEXT_SAME_MONTH = "NEXT_SAME_MONTH"
    NEXT_MEETING = "NEXT_MEETING"


class RatePer(StrEnum):
    """The span the rate is stated for."""

    YEAR = "YEAR"
    MONTH = "MONTH"
    DAY = "DAY"


class Method(StrEnum):
    """Interest on the balance, or on the first principal."""

    DECLINING = "DECLINING"
    FLAT = "FLAT"


class Repayment(StrEnum):
    """What is equal from one instalment to the next."""

    EQUAL_INSTALMENTS = "EQUAL_INSTALMENTS"
    EQUAL_PRINCIPAL = "EQUAL_PRINCIPAL"
    PERCENT_OF_PRINCIPAL = "PERCENT_OF_PRINCIPAL"
    FIXED_INSTALMENT = "FIXED_INSTALMENT"
    PRINCIPAL_SHARES = "PRINCIPAL_SHARES"
    BULLET = "BULLET"


class DayCount(StrEnum):
    """How a period becomes a part of a year."""

    MONTHS_12 = "MONTHS_12"
    WEEKS_52 = "WEEKS_52"
    DAYS_365 = "DAYS_365"
    DAYS_360 = "DAYS_360"
    DAYS_364 = "DAYS_364"
    ACTUAL_ACTUAL = "ACTUAL_ACTUAL"
    ACTUAL_ACTUAL_ISDA = "ACTUAL_ACTUAL_ISDA"
    DAYS_START_YEAR = "DAYS_START_YEAR"
    WEEKS_7_365 = "WEEKS_7_365"
    WEEKS_7_360 = "WEEKS_7_360"


class Annuity(StrEnum):
    """Which rate the equal instalment is worked out with."""

    EACH_PERIOD_RATE = "EACH_PERIOD_RATE"
    FIRST_PERIOD_RATE = "FIRST_PERIOD_RATE"


class Smoothing(StrEnum):
    """Whether the equal instalment is tried once more to bring the last one near it."""

    NONE = "NONE"
    ONCE = "ONCE"


class Residue(StrEnum):
    """Who takes what rounding leaves."""

    LAST = "LAST"
    SPREAD = "SPREAD"
    OPEN_END = "OPEN_END"


class FeeKind(StrEnum):
    """What a charge is for."""

    FEE = "FEE"
    PENALTY = "PENALTY"
    INSURANCE = "INSURANCE"


class FeeWhen(StrEnum):
    """When a fee falls due."""

    DISBURSEMENT = "DISBURSEMENT"
    INSTALMENT = "INSTALMENT"
    DUE_DATE = "DUE_DATE"
    OVERDUE = "OVERDUE"


class FeeBase(StrEnum):
    """What a fee is a share of; FIXED is an amount."""

    FIXED = "FIXED"
    PRINCIPAL = "PRINCIPAL"
    INTEREST = "INTEREST"
    PRINCIPAL_AND_INTEREST = "PRINCIPAL_AND_INTEREST"


class FeeTaken(StrEnum):
    """How a fee at disbursement is taken."""

    WITHHELD = "WITHHELD"
    CASH = "CASH"
    CAPITALISED = "CAPITALISED"


class PenaltyKind(StrEnum):
    """How lateness is charged."""

    NONE = "NONE"
    FIXED = "FIXED"
    PER_DAY = "PER_DAY"


class PenaltyBase(StrEnum):
    """What a daily penalty is a share of; never penalties."""

    OVERDUE_PRINCIPAL = "OVERDUE_PRINCIPAL"
    OVERDUE_ALL = "OVERDUE_ALL"
    INSTALMENT = "INSTALMENT"


class Recalculation(StrEnum):
    """Whether interest follows the schedule, the real balance, or the balance day by day."""

    NONE = "NONE"
    BALANCE = "BALANCE"
    DAILY_RATE = "DAILY_RATE"


class EarlyEffect(StrEnum):
    """What money paid ahead changes."""

    REDUCE_NUMBER = "REDUCE_NUMBER"
    REDUCE_INSTALMENT = "REDUCE_INSTALMENT"
    SKIP_NEXT = "SKIP_NEXT"
    KEEP_INSTALMENT = "KEEP_INSTALMENT"


class PayoffInterest(StrEnum):
    """How far interest runs when a loan is paid off inside a period."""

    TO_THE_DAY = "TO_THE_DAY"
    TO_PERIOD_END = "TO_PERIOD_END"


class FlatRebate(StrEnum):
    """Whether a flat loan paid off early gives interest back."""

    BY_DAYS = "BY_DAYS"
    NONE = "NONE"


class AdvanceTo(StrEnum):
    """Which future instalments money paid ahead settles."""

    NEXT_INSTALMENT = "NEXT_INSTALMENT"
    LAST_INSTALMENT = "LAST_INSTALMENT"
    SPREAD_EVENLY = "SPREAD_EVENLY"


class ChargeVisibility(StrEnum):
    """Which charges a payment sees: by their dates, or by what was booked before it."""

    BY_DATE = "BY_DATE"
    BY_BOOKING = "BY_BOOKING"


class SavingsPosition(StrEnum):
    """Where compulsory savings stand among the parts of a payment."""

    AFTER_DUE = "AFTER_DUE"
    BEFORE_DUE = "BEFORE_DUE"


class SavingsHolder(StrEnum):
    """Who holds what is saved beside a loan: SEEN, somebody looked at it and it is not kept here;
    BANK, the lender for the saver; GROUP, the saver's group in its own book.
    """

    SEEN = "SEEN"
    BANK = "BANK"
    GROUP = "GROUP"


class RestructuredInPar(StrEnum):
    """How long a restructured loan counts as at risk."""

    ALWAYS = "ALWAYS"
    UNTIL_CURED = "UNTIL_CURED"
    NEVER = "NEVER"


class RowKind(StrEnum):
    """What a row of a schedule is."""

    DOWN_PAYMENT = "DOWN_PAYMENT"
    INSTALMENT = "INSTALMENT"
    CHARGES = "CHARGES"


class Component(StrEnum):
    """The parts of a due row."""

    PENALTY = "PENALTY"
    FEE = "FEE"
    INTEREST = "INTEREST"
    PRINCIPAL = "PRINCIPAL"


class When(StrEnum):
    """Where a payment's date lies beside a row's due date: after it, on it, before it."""

    PAST_DUE = "PAST_DUE"
    DUE = "DUE"
    IN_ADVANCE = "IN_ADVANCE"


class Strategy(StrEnum):
    """How a payment finds the parts it settles."""

    MATRIX = "MATRIX"
    ONE_BY_ONE = "ONE_BY_ONE"
    PRINCIPAL_FIRST_IN_ADVANCE = "PRINCIPAL_FIRST_IN_ADVANCE"


class Processing(StrEnum):
    """In a matrix: row by row, or cell by cell over all rows."""

    HORIZONTAL = "HORIZONTAL"
    VERTICAL = "VERTICAL"
