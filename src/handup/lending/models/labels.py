"""The words people read for the codes of `rules/codes.py`."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from handup.kernel.credit.codes import Component
from handup.lending.rules.codes import (
    ApplicationState,
    Band,
    ConditionStep,
    EarlierKind,
    Effect,
    EventKind,
    GuaranteeMoveKind,
    LenderMode,
    LineState,
    LoanState,
    Method,
    Outcome,
    Parked,
    Payer,
    ProposalState,
    Source,
)
from handup.lending.rules.eligibility import Stop
from handup.lending.rules.follow_up import Channel, NextStep, PromiseState, SpokeWith
from handup.lending.rules.plan_checks import Compared, Verdict
from handup.lending.rules.security import CallOrder, CollateralKind, TieKind

Choices = list[tuple[str, str | Promise]]

STOP_LABELS: dict[Stop, str | Promise] = {
    Stop.NOT_ACTIVE: _("the group or enterprise is not active"),
    Stop.NO_SIGNATORY: _("nobody is known who may sign for it"),
    Stop.NO_IDENTITY: _("no identity document was seen"),
    Stop.NO_CONSENT: _("consent is missing"),
    Stop.UNDER_AGE: _("under age, or the age is not known"),
    Stop.EXCLUDED_ACTIVITY: _("the activity is on the exclusion list"),
    Stop.CERTIFICATE_MISSING: _("the certificate of training is missing"),
    Stop.SAVINGS_MISSING: _("the savings asked for are missing"),
    Stop.PLAN_MISSING: _("the business plan is missing"),
    Stop.ACTIVE_ARREARS: _("another loan is in arrears"),
    Stop.JOINT_MEMBER_LATE: _("a member of the joint group is late with her loan"),
    Stop.MONTHS_IN_THE_RED: _("months in the red in the plan"),
    Stop.DSCR_BELOW_ONE: _("in the worst month the money does not cover the instalment"),
    Stop.PLAN_DSCR_TOO_LOW: _("the plan's money does not cover the instalments well enough"),
    Stop.TOO_INDEBTED: _("too much debt already"),
    Stop.BELOW_MINIMUM: _("below the smallest amount of the product"),
    Stop.ABOVE_MAXIMUM: _("above the largest amount of the product"),
    Stop.NOT_A_MULTIPLE: _("not a multiple of the product's step"),
    Stop.TERM_TOO_SHORT: _("fewer instalments than the product allows"),
    Stop.TERM_TOO_LONG: _("more instalments than the product allows"),
    Stop.LIMIT_CYCLE: _("above what this borrower's next loan may be"),
    Stop.LIMIT_CYCLE_TERM: _("more instalments than this borrower's next loan may have"),
    Stop.LIMIT_FACILITY: _("the lender's facility is used up"),
    Stop.LIMIT_GUARANTEE: _("the guarantee is used up"),
}

COMPARED: dict[Compared, str | Promise] = {
    Compared.AMOUNT: _("Amount"),
    Compared.INSTALMENT: _("Dearest instalment"),
    Compared.CASH: _("Lowest cash"),
    Compared.HORIZON: _("Length"),
}
VERDICTS: dict[Verdict, str | Promise] = {
    Verdict.FITS: _("Fits"),
    Verdict.LOOK: _("Look at it"),
    Verdict.AGAINST: _("Does not fit"),
}

LENDER_MODES: Choices = [
    (LenderMode.DIRECT.value, _("The programme lends itself")),
    (LenderMode.BANK_FACILITY.value, _("A bank lends our money")),
    (LenderMode.BANK_GUARANTEED.value, _("A bank lends its money, we guarantee a share")),
    (LenderMode.BANK_OWN.value, _("A bank lends its money at its risk")),
]
APPLICATION_STATES: Choices = [
    (ApplicationState.SUBMITTED.value, _("Waiting for appraisal")),
    (ApplicationState.APPRAISED.value, _("Waiting for a decision")),
    (ApplicationState.APPROVED.value, _("Approved, waiting for signature")),
    (ApplicationState.RETURNED.value, _("Returned")),
    (ApplicationState.DECLINED.value, _("Declined")),
    (ApplicationState.SIGNED.value, _("Signed")),
    (ApplicationState.EXPIRED.value, _("Expired")),
]
OUTCOMES: Choices = [
    (Outcome.APPROVE.value, _("Approve")),
    (Outcome.APPROVE_LESS.value, _("Approve a smaller amount")),
    (Outcome.RETURN.value, _("Return for more work")),
    (Outcome.DECLINE.value, _("Decline")),
]
BANDS: Choices = [
    (Band.REFUSE.value, _("Score speaks against")),
    (Band.DISCUSS.value, _("To be discussed")),
    (Band.FAVOUR.value, _("Score speaks in favour")),
]
LOAN_STATES: Choices = [
    (LoanState.AGREED.value, _("Signed, not paid out")),
    (LoanState.ACTIVE.value, _("Running")),
    (LoanState.SETTLED.value, _("Repaid")),
    (LoanState.WRITTEN_OFF.value, _("Written off")),
    (LoanState.REFINANCED.value, _("Refinanced")),
    (LoanState.TRANSFERRED.value, _("Moved to another lender")),
    (LoanState.CANCELLED.value, _("Cancelled")),
]
EVENT_KINDS: Choices = [
    (EventKind.AGREED.value, _("Agreed")),
    (EventKind.DISBURSED.value, _("Disbursed")),
    (EventKind.REPAID.value, pgettext_lazy("event of a loan", "Repaid")),
    (EventKind.EARLY_REPAID.value, _("Repaid early")),
    (EventKind.PAID_OFF.value, _("Paid off")),
    (EventKind.WITHDRAWN.value, _("Withdrawn by the borrower")),
    (EventKind.GUARANTOR_PAID.value, _("Guarantor paid")),
    (EventKind.MEMBER_PAID_FOR.value, _("Paid by a group member")),
    (EventKind.INSURANCE_PAID.value, _("Insurance paid")),
    (EventKind.SAVINGS_SET_OFF.value, _("Savings set off")),
    (EventKind.CHARGED.value, _("Charged")),
    (EventKind.WAIVED.value, _("Waived")),
    (EventKind.RESCHEDULED.value, _("Rescheduled")),
    (EventKind.RESTRUCTURED.value, _("Restructured")),
    (EventKind.MORATORIUM.value, _("Moratorium")),
    (EventKind.REFUNDED.value, _("Refunded")),
    (EventKind.WRITTEN_OFF.value, _("Written off")),
    (EventKind.RECOVERED.value, _("Recovered after write-off")),
    (EventKind.REFINANCED.value, _("Refinanced")),
    (EventKind.OPENING_POSITION.value, _("Opening position")),
    (EventKind.TRANSFERRED.value, _("Moved to another lender")),
    (EventKind.CANCELLED.value, _("Cancelled")),
    (EventKind.REVERSED.value, _("Reversed")),
]
GUARANTEE_MOVES: Choices = [
    (GuaranteeMoveKind.PAID.value, _("paid to the bank")),
    (GuaranteeMoveKind.RECOVERED.value, _("came back from the bank")),
    (GuaranteeMoveKind.REVERSED.value, _("taken back")),
]
EARLIER_KINDS: Choices = [
    (EarlierKind.SAVINGS_IN.value, _("Savings paid in")),
    (EarlierKind.SAVINGS_OUT.value, _("Savings paid out")),
    (EarlierKind.SAVINGS_REVERSED.value, _("Savings taken back")),
    (EarlierKind.GUARANTEE_PAID.value, _("A guarantee's payment to the bank")),
    (EarlierKind.GUARANTEE_RECOVERED.value, _("Money back from the bank")),
    (EarlierKind.GUARANTEE_REVERSED.value, _("Money of a guarantee taken back")),
    (EarlierKind.COLLECTION.value, _("Collection")),
    (EarlierKind.REPAID_AGAIN.value, _("A repayment that looks recorded already")),
    (EarlierKind.COLLECTION_AGAIN.value, _("A collection that looks recorded already")),
    (EarlierKind.GRANT_PAID.value, _("A tranche of a grant paid")),
    (EarlierKind.GRANT_TAKEN_BACK.value, _("A payment of a grant taken back")),
    (EarlierKind.GRANT_HANDED_OVER.value, _("A thing of a grant handed over")),
]
PAYERS: Choices = [
    (Payer.BORROWER.value, _("the borrower")),
    (Payer.HOUSEHOLD.value, _("somebody of the household")),
    (Payer.GROUP.value, _("the group")),
    (Payer.BUYER.value, _("a buyer")),
    (Payer.EMPLOYER.value, _("an employer")),
    (Payer.OTHER.value, _("somebody else")),
]
METHODS: Choices = [
    (Method.CASH.value, _("Cash")),
    (Method.BANK.value, _("Bank")),
    (Method.MOBILE.value, _("Mobile money")),
]
METHODS_KEPT: Choices = [
    *METHODS,
    (Parked.SUSPENSE.value, _("Bank, matched later")),
    (Parked.INTERBOOK.value, _("Between our books")),
    (Parked.SAVINGS.value, _("From savings")),
]
SOURCES: Choices = [
    (Source.WEB.value, _("Web page")),
    (Source.API.value, _("API")),
    (Source.DEVICE.value, _("Field device")),
    (Source.BANK_FILE.value, _("Bank file")),
    (Source.IMPORT.value, _("Import")),
    (Source.DEMONSTRATION.value, _("Demonstration")),
    (Source.OLD_BOOK.value, _("Old portfolio")),
    (Source.BACK_DATED.value, _("An earlier day, confirmed by another person")),
]
LINE_STATES: Choices = [
    (LineState.READY.value, _("Ready")),
    (LineState.FAULT.value, _("Not posted: fault")),
    (LineState.POSTED.value, _("Posted")),
    (LineState.ALREADY_POSTED.value, _("Posted before")),
]
PROPOSAL_STATES: Choices = [
    (ProposalState.PROPOSED.value, _("Proposed")),
    (ProposalState.APPROVED.value, _("Approved")),
    (ProposalState.DECLINED.value, _("Declined")),
]
CALL_ORDERS: Choices = [
    (CallOrder.IN_ORDER.value, _("One after the other")),
    (CallOrder.PRO_RATA.value, _("Together, by what each answers for")),
]
COLLATERAL_KINDS: Choices = [
    (CollateralKind.LAND.value, _("Land")),
    (CollateralKind.BUILDING.value, _("Building")),
    (CollateralKind.VEHICLE.value, _("Vehicle")),
    (CollateralKind.MACHINE.value, _("Machine or tool")),
    (CollateralKind.LIVESTOCK.value, _("Livestock")),
    (CollateralKind.STOCK.value, _("Goods in stock")),
    (CollateralKind.DEPOSIT.value, _("Money deposited")),
    (CollateralKind.OTHER.value, _("Something else")),
]
TIE_KINDS: Choices = [
    (TieKind.RELATIVE.value, _("Relative")),
    (TieKind.CO_BORROWER.value, _("Co-borrower")),
    (TieKind.GUARANTOR.value, _("Guarantor")),
    (TieKind.BUSINESS.value, _("Business together")),
]
CHANNELS: Choices = [
    (Channel.CALL.value, _("Telephone")),
    (Channel.VISIT.value, _("Visit")),
    (Channel.OFFICE.value, _("At the office")),
    (Channel.MEETING.value, _("Group meeting")),
    (Channel.LETTER.value, _("Letter or notice")),
]
SPOKE_WITH: Choices = [
    (SpokeWith.BORROWER.value, _("the borrower")),
    (SpokeWith.HOUSEHOLD.value, _("somebody of the household")),
    (SpokeWith.GUARANTOR.value, _("a guarantor")),
    (SpokeWith.GROUP.value, _("the group")),
    (SpokeWith.NOBODY.value, _("nobody")),
]
NEXT_STEPS: Choices = [
    (NextStep.NONE.value, _("None")),
    (NextStep.CALL.value, _("Call again")),
    (NextStep.VISIT.value, _("Visit")),
    (NextStep.LETTER.value, _("Bring a printed notice")),
    (NextStep.OTHERS.value, _("Call who answers for the loan")),
    (NextStep.RESCHEDULE.value, _("Talk about new terms")),
    (NextStep.WRITE_OFF.value, _("Propose write-off")),
]
COMPONENTS: Choices = [
    (Component.PENALTY.value, _("Penalty")),
    (Component.FEE.value, _("Fee")),
    (Component.INTEREST.value, _("Interest")),
    (Component.PRINCIPAL.value, _("Principal")),
]
EFFECTS: Choices = [
    (Effect.CHARGED.value, _("Charged")),
    (Effect.WAIVED.value, _("Waived")),
    (Effect.CAPITALISED.value, _("Added to principal")),
    (Effect.CARRIED.value, _("Carried over")),
    (Effect.HANDED_OVER.value, _("Handed over")),
    (Effect.REFUNDED.value, _("Handed back")),
    (Effect.LENT.value, _("Lent anew")),
    (Effect.WRITTEN_OFF.value, _("Written off")),
    (Effect.FEE_BACK.value, _("Fees given back")),
    (Effect.PREMIUM_BACK.value, _("Premium given back")),
    (Effect.PREMIUM.value, _("Premium taken for the insurer")),
]
PROMISE_STATES: Choices = [
    (PromiseState.BROKEN.value, _("Broken")),
    (PromiseState.OPEN.value, _("Open")),
    (PromiseState.KEPT.value, _("Kept")),
    (PromiseState.REPLACED.value, _("Replaced by a later one")),
]
CONDITION_STEPS: Choices = [
    (ConditionStep.SIGNING.value, _("Signing")),
    (ConditionStep.PAY_OUT.value, _("Paying out")),
]
