"""Every write of lending, each in a single form and, where it brings money or facts, in a
batch form.
"""

from handup.lending.services.agreements import (
    AgreementIn,
    Offer,
    make_offer,
    sign_agreement,
    sign_agreements,
)
from handup.lending.services.applications import (
    ApplicationIn,
    apply_for_loan,
    apply_for_loans,
)
from handup.lending.services.bank import check_bank_file, import_bank_file
from handup.lending.services.closing import (
    cancel_loan,
    propose_write_off,
    record_recovery,
    reverse_loan_event,
    write_off_loan,
)
from handup.lending.services.decisions import (
    AppraisalIn,
    DecisionIn,
    appraise_application,
    appraise_applications,
    cast_vote,
    decide_application,
    decide_applications,
)
from handup.lending.services.lenders import (
    approve_product,
    give_guarantee,
    open_lender,
    place_facility,
    propose_product,
)
from handup.lending.services.loans import (
    DisbursementIn,
    ExistingLoanIn,
    disburse_loan,
    disburse_loans,
    enter_loans,
)
from handup.lending.services.repayments import (
    RepaymentIn,
    record_repayment,
    record_repayments,
    reverse_repayment,
)

__all__ = [
    "AgreementIn",
    "ApplicationIn",
    "AppraisalIn",
    "DecisionIn",
    "DisbursementIn",
    "ExistingLoanIn",
    "Offer",
    "RepaymentIn",
    "apply_for_loan",
    "apply_for_loans",
    "appraise_application",
    "appraise_applications",
    "approve_product",
    "cancel_loan",
    "cast_vote",
    "check_bank_file",
    "decide_application",
    "decide_applications",
    "disburse_loan",
    "disburse_loans",
    "enter_loans",
    "give_guarantee",
    "import_bank_file",
    "make_offer",
    "open_lender",
    "place_facility",
    "propose_product",
    "propose_write_off",
    "record_recovery",
    "record_repayment",
    "record_repayments",
    "reverse_loan_event",
    "reverse_repayment",
    "sign_agreement",
    "sign_agreements",
    "write_off_loan",
]
