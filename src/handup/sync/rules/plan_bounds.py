"""What a plan may say that was written on a phone: names of its sums, bounds of its finance."""

from handup.kernel.chain import LIMIT
from handup.kernel.credit.codes import Repayment

UNITS_MOST, BPS_MOST, MONTHS_MOST = LIMIT - 1, 100_000, 60
MONEY = (
    *("own_cash_units", "grant_units", "opening_stock_units"),
    *("capital_units", "liabilities_units", "buffer_units"),
)
FINANCE = {
    "loan_units": (1, UNITS_MOST),
    "rate_bps": (0, BPS_MOST),
    "instalments": (1, MONTHS_MOST),
    "grace_instalments": (0, MONTHS_MOST),
    "fee_withheld_units": (0, UNITS_MOST),
    "multiple_units": (1, UNITS_MOST),
    "least_units": (0, UNITS_MOST),
    "most_units": (0, UNITS_MOST),
    "most_grace": (0, MONTHS_MOST),
    "instalment_unit": (1, UNITS_MOST),
}
REPAYMENTS = (Repayment.EQUAL_INSTALMENTS, Repayment.EQUAL_PRINCIPAL, Repayment.BULLET)
"""How loans are repaid that a phone works out."""
