"""The words people read for the codes of the bank channel."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from handup.lending.models.labels import Choices
from handup.lending.rules.banking.codes import (
    AccountKind,
    BatchState,
    BookWhen,
    Form,
    LineFate,
    MatchKind,
    MatchState,
    OrderState,
    PainVersion,
    Reason,
)

ACCOUNT_KINDS: Choices = [
    (AccountKind.BANK.value, _("Bank account")),
    (AccountKind.MOBILE.value, _("Mobile money")),
]
FORMS: Choices = [
    (Form.CAMT.value, _("ISO 20022 (camt.053, camt.054)")),
    (Form.MT940.value, _("SWIFT MT940")),
    (Form.CSV.value, _("Table as CSV")),
    (Form.XLSX.value, _("Table as XLSX")),
]
LINE_FATES: Choices = [
    (LineFate.FAULT.value, _("Not posted: fault")),
    (LineFate.KNOWN.value, _("Came before")),
    (LineFate.MATCHED.value, _("Matched")),
    (LineFate.OPEN.value, _("To be matched")),
    (LineFate.PROPOSED.value, _("Waits for a second person")),
    (LineFate.BOOKED.value, _("Booked elsewhere")),
    (LineFate.TAKEN_BACK.value, _("Taken back by the bank")),
]
MATCH_KINDS: Choices = [
    (MatchKind.LOANS.value, _("Repayment")),
    (MatchKind.ROLE.value, _("Not of a loan")),
    (MatchKind.RECORDED.value, _("Recorded by hand before")),
]
MATCH_STATES: Choices = [
    (MatchState.PROPOSED.value, _("Proposed")),
    (MatchState.CONFIRMED.value, _("In force")),
    (MatchState.DECLINED.value, _("Declined")),
    (MatchState.UNDONE.value, _("Undone")),
]
REASONS: dict[Reason, str | Promise] = {
    Reason.REFERENCE: _("names the loan's payment reference, check digit right"),
    Reason.NUMBER: _("names a number of the loan"),
    Reason.ACCOUNT: _("comes from the account known for this loan"),
    Reason.NAME: _("the payer has the borrower's name"),
    Reason.NAME_LIKE: _("the payer's name is like the borrower's"),
    Reason.AMOUNT: _("is exactly what is due next"),
    Reason.WHOLE_DEBT: _("is exactly all that is owed"),
    Reason.NEAR_DUE: _("came within a week of the due day"),
    Reason.ORDER: _("carries the number of a payment order"),
    Reason.TAKES_BACK: _("takes back an earlier line"),
    Reason.NO_REFERENCE: _("no payment reference was found in it"),
    Reason.SEVERAL_LOANS: _("it names several loans"),
    Reason.LOAN_UNKNOWN: _("no loan has the number it names"),
    Reason.LOAN_NOT_OPEN: _("the loan it names is not running"),
    Reason.LOAN_OF_ANOTHER: _("the loan it names is not kept in the book of this account"),
    Reason.OTHER_CURRENCY: _("the loan it names is in another currency"),
    Reason.BEFORE_PAYOUT: _("its day is before the loan was paid out"),
    Reason.FUTURE_VALUE: _("its value date is still to come; it counts from its booking day"),
    Reason.PERHAPS_RECORDED: _("the same amount was recorded by hand around that day"),
    Reason.MONEY_WENT: _("money went out, and no payment order is named"),
    Reason.NOT_FOUND: _("what it takes back was not found"),
    Reason.OTHER_AMOUNT: _("the amount differs from the one it names"),
    Reason.ALREADY_PAID_OUT: _("the loan is already paid out"),
    Reason.LATER_EVENTS: _("later events stand on what it takes back"),
    Reason.SAVINGS_GONE: _("what was saved with it is not there any more"),
}
PAIN_VERSIONS: Choices = [
    (PainVersion.V09.value, _("pain.001.001.09 (today's)")),
    (PainVersion.V03.value, _("pain.001.001.03 (older)")),
]
BOOK_WHEN: Choices = [
    (BookWhen.CONFIRMED.value, _("when the statement shows it")),
    (BookWhen.RELEASED.value, _("when the order is released")),
]
BATCH_STATES: Choices = [
    (BatchState.DRAFT.value, _("Draft")),
    (BatchState.CHECKED.value, _("Checked")),
    (BatchState.RELEASED.value, _("Released")),
    (BatchState.SENT.value, _("Sent to the bank")),
    (BatchState.ACCEPTED.value, _("Accepted by the bank")),
    (BatchState.PARTLY.value, _("Accepted in part")),
    (BatchState.REJECTED.value, _("Rejected by the bank")),
    (BatchState.CONFIRMED.value, _("Paid")),
    (BatchState.CANCELLED.value, _("Cancelled")),
]
ORDER_STATES: Choices = [
    (OrderState.WAITING.value, _("Waiting")),
    (OrderState.SENT.value, _("Sent")),
    (OrderState.ACCEPTED.value, _("Accepted")),
    (OrderState.REJECTED.value, _("Rejected")),
    (OrderState.CONFIRMED.value, _("Paid")),
    (OrderState.RETURNED.value, _("Came back")),
    (OrderState.CANCELLED.value, _("Cancelled")),
]
ROLES: Choices = [
    ("FINANCIAL_COST", _("Bank charges and interest")),
    ("OTHER_INCOME", _("Other income")),
    ("OTHER_COST", _("Other costs")),
    ("CASH", _("Money brought to or from the till")),
    ("BORROWINGS", _("Borrowed from banks and investors")),
    ("GRANT_DEFERRED", _("Grant received")),
    ("CAPITAL", _("Paid-in capital")),
    ("FACILITY_PLACED", _("Credit line placed with a bank")),
]
"""Where money of a line may belong that is of no loan: roles of the books."""
