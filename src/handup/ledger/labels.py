"""The words a reader sees for the kinds of entries; a kind without a word is shown as its code."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from handup.kernel.errors import Refusal
from handup.ledger.errors import DoesNotBalance
from handup.org.web.money import format_money

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

KIND_LABELS: "dict[str, _StrOrPromise]" = {
    "ADJUSTMENT": _("Adjustment"),
    "BALANCE_OPENED": _("Carried in from the paper book"),
    "BANK_LINE_EXPLAINED": _("Bank money that belongs to no loan"),
    "BANK_LINE_UNMATCHED": _("Bank money not yet matched"),
    "CAPITAL_RECEIVED": _("Capital received"),
    "BANK_TO_BOX": _("Brought from the bank to the box"),
    "BANK_TO_MOBILE": _("Moved from the bank to the phone"),
    "BOX_TO_BANK": _("Brought from the box to the bank"),
    "BOX_TO_MOBILE": _("Moved from the box to the phone"),
    "CASH_OVER": _("More cash than in the books"),
    "FUND_MOVED": _("Moved between funds"),
    "MOBILE_TO_BANK": _("Moved from the phone to the bank"),
    "MOBILE_TO_BOX": _("Brought from the phone to the box"),
    "OVERPAID_REFUNDED": _("Paid back what a member paid too much"),
    "CASH_SHORT": _("Less cash than in the books"),
    "CASH_STRAY": _("Cash of nobody known taken in"),
    "CASH_STRAY_HANDED_BACK": _("Cash of nobody known handed back"),
    "CASH_STRAY_INCOME": _("Cash of nobody known written to income"),
    "CLAIM_PAID": _("Claim of a member paid"),
    "CLOSING": _("Closing of the year"),
    "COMPULSORY_RETURNED": _("Compulsory savings paid out"),
    "COMPULSORY_SAVED": _("Compulsory savings paid in"),
    "CONTRIBUTION_RECEIVED": _("Contribution received"),
    "COST_PAID": _("Cost paid"),
    "COST_SHARED": _("Cost shared between funds"),
    "BATCH_MADE": _("Produce processed"),
    "BUYER_PAID": _("Buyer paid"),
    "DEPOSIT_RETURNED": _("Deposit of a member given back"),
    "DEPOSIT_TAKEN": _("Deposit of a member taken"),
    "DUES_PAID": _("Dues paid"),
    "DUE_PAID": _("Share-out handed out"),
    "FACILITY_DRAWN": _("Credit line drawn"),
    "FACILITY_PLACED": _("Credit line placed"),
    "FEE_CHARGED": _("Fee charged"),
    "FEE_PAID": _("Fee paid"),
    "FEE_WAIVED": _("Fee waived"),
    "FINE_PAID": _("Fine paid"),
    "GOODS_SETTLED": _("Goods bought together settled"),
    "GRANT_EARNED": _("Grant earned"),
    "GRANT_GIVEN": _("Grant given"),
    "GRANT_RECEIVED": _("Grant received"),
    "GUARANTEE_CALLED": _("Guarantee paid"),
    "GUARANTEE_ENDED": _("Guarantee ended"),
    "GUARANTEE_GIVEN": _("Guarantee given"),
    "GUARANTEE_RECOVERED": _("Guarantee recovered"),
    "INCOME_RECEIVED": _("Income received"),
    "INPUTS_CHARGED": _("Inputs given to a producer"),
    "INTEREST_PAID": _("Interest paid to a funder"),
    "INTEREST_ACCRUED": _("Interest earned"),
    "INTEREST_STOPPED": _("Interest stopped"),
    "INTEREST_WAIVED": _("Interest waived"),
    "INSURANCE_HANDED_ON": _("Premiums handed on"),
    "PREMIUM_TAKEN": _("Premium taken for the insurer"),
    "LOAN_CAPITALISED": _("Added to the loan"),
    "LOAN_CREDIT_REFUNDED": _("Overpayment paid back"),
    "LOAN_DISBURSED": _("Loan paid out"),
    "LOAN_FEES_RETURNED": _("Fees given back"),
    "LOAN_RECOVERED": _("Recovered after writing off"),
    "LOAN_REFINANCED": _("Loan refinanced"),
    "LOAN_HANDED_OVER": _("Loan handed over"),
    "LOAN_TAKEN_OVER": _("Loan taken over"),
    "LOAN_REPAID": _("Loan repayment"),
    "LOAN_WRITTEN_OFF": _("Loan written off"),
    "LOANS_TAKEN_OVER": _("Loans taken over"),
    "MANUAL": _("Entry by hand"),
    "MEMBER_LOAN_PAID_OUT": _("Loan to a member"),
    "MEMBER_LOAN_REPAID": _("Repayment of a member"),
    "MEMBER_SETTLED": _("Savings and debts settled"),
    "OPENING": _("Opening balance"),
    "OUTSIDE_DEBT_RECEIVED": _("Borrowed from outside"),
    "OUTSIDE_DEBT_REPAID": _("Outside debt repaid"),
    "PAYSLIPS_APPROVED": _("Payslips of producers approved"),
    "PAYSLIP_PAID": _("Payslip of a producer paid"),
    "PRODUCE_SOLD": _("Produce sold"),
    "PRODUCE_TAKEN": _("Produce taken in"),
    "PROVISION_DOWN": _("Allowance for losses lowered"),
    "PROVISION_UP": _("Allowance for losses raised"),
    "REFUNDS_GIVEN_UP": _("Refunds of others given up"),
    "REFUNDS_TO_SHARES": _("Refunds of others made share capital"),
    "REVALUATION": _("Exchange revaluation"),
    "REVERSAL": _("Reversal"),
    "SAVINGS_BOUND": _("Savings put behind a loan"),
    "SAVINGS_RECEIVED": _("Savings received"),
    "SAVINGS_RETURNED": _("Savings paid back"),
    "STOCK_LOST": _("Goods spoiled in store"),
    "SURPLUS_DIVIDED": _("Surplus divided"),
    "SHARES_FROM_SAVINGS": _("Savings made share capital"),
    "SHARES_REDEEMED": _("Shares paid back"),
    "SHARES_SOLD": _("Shares sold"),
    "SUPPLIER_PAID": _("Supplier paid"),
    "SUPPORT_PAID": _("Support of a participant paid"),
    "RESULTS_PAID": _("Provider paid on results"),
}

FLAG_LABELS: "dict[str, _StrOrPromise]" = {
    "CASH_BELOW_ZERO": _("Cash fell below zero"),
    "OUTSIDE_FUND": _("Outside what its fund is for, or its days"),
}


def kind_label(kind: str) -> "_StrOrPromise":
    """The word for a kind of entry."""
    return KIND_LABELS.get(kind, kind)


def flag_labels(flags: str) -> "list[_StrOrPromise]":
    """The words for an entry's flags."""
    return [FLAG_LABELS.get(flag, flag) for flag in flags.split()]


REPORT_LABELS: "dict[str, _StrOrPromise]" = {
    "TRIAL": _("Trial balance"),
    "INCOME": _("Income statement"),
    "BALANCE": _("Balance sheet"),
    "CASH": _("Cash flow"),
}

CASH_HINT = _(
    "Opening + received + income \u2212 spent \u2212 lent + repaid + transfers + other = closing."
    " Written off is no movement of money."
)


PRACTICE = _("This book is for exercises.")


def spoken(refusal: Refusal, base: str) -> Refusal:
    """The same refusal with its difference as an amount of money, where it has one."""
    if not isinstance(refusal, DoesNotBalance):
        return refusal
    units, currency = refusal.places["difference"], str(refusal.places["currency"])
    if not isinstance(units, int):
        return refusal
    currency = base if currency == "base" else currency
    return DoesNotBalance(
        currency=currency,
        fund=refusal.places["fund"],
        difference=format_money(units, currency),
    )
