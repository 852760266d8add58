"""Every write of lending, each in a single form and, where it brings money or facts, in a
batch form.
"""

from handup.lending.services.accounts import name_loan_account, open_bank_account
from handup.lending.services.again import apply_again
from handup.lending.services.agreed import (
    moratorium_payload,
    preview_of,
    propose_moratorium,
    propose_reschedule,
    propose_restructure,
    reschedule_payload,
    restructure_payload,
)
from handup.lending.services.agreements import (
    AgreementIn,
    make_offer,
    make_offers_ahead,
    sign_agreement,
    sign_agreements,
)
from handup.lending.services.applications import (
    ApplicationIn,
    apply_as_told,
    apply_for_loan,
    apply_for_loans,
)
from handup.lending.services.back_dating import propose_back_dated
from handup.lending.services.bank import check_bank_file, import_bank_file
from handup.lending.services.charges import (
    ChargeIn,
    charge_loan,
    charge_loans,
    propose_refund,
    propose_waiver,
)
from handup.lending.services.closing import (
    cancel_loan,
    record_recovery,
    reverse_loan_event,
)
from handup.lending.services.collecting import SheetOf, record_collection
from handup.lending.services.decisions import (
    AppraisalIn,
    DecisionIn,
    appraise_application,
    appraise_applications,
    decide_application,
    decide_applications,
)
from handup.lending.services.earlier import decide_earlier, propose_collection, propose_earlier
from handup.lending.services.insurance import record_insurance
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
from handup.lending.services.moratoria import Which, declare_moratorium, propose_moratoria
from handup.lending.services.one_page import apply_on_one_page
from handup.lending.services.paying_parts import pay_out_tranche
from handup.lending.services.payments import (
    cancel_payments,
    check_payments,
    import_payment_status,
    prepare_payments,
    release_payments,
    send_payments,
)
from handup.lending.services.payoff import (
    EarlyIn,
    PayoffIn,
    pay_off_loan,
    pay_off_loans,
    quote_payoff,
    record_early_repayment,
    record_early_repayments,
)
from handup.lending.services.proposals import (
    ChangeDecisionIn,
    ChangeIn,
    decide_change,
    decide_changes,
    propose_change,
    propose_changes,
)
from handup.lending.services.provisioning import set_provision_table
from handup.lending.services.ratios import record_ratios
from handup.lending.services.refinancing import propose_refinance
from handup.lending.services.repayments import RepaymentIn, record_repayment, record_repayments
from handup.lending.services.reversals import reverse_repayment
from handup.lending.services.savings import (
    open_savings,
    open_savings_for,
    pay_in_savings,
    pay_out_savings,
    reverse_savings,
)
from handup.lending.services.savings_set_off import propose_set_off
from handup.lending.services.sheet_lines import CollectedIn
from handup.lending.services.statements import check_statement, import_statement
from handup.lending.services.stray import (
    confirm_stray_cash,
    decline_stray_cash,
    place_stray_cash,
    take_stray_cash,
    undo_stray_cash,
)
from handup.lending.services.suspense import (
    PartIn,
    book_line,
    confirm_match,
    decline_match,
    match_line,
    pair_with_recorded,
    undo_match,
)
from handup.lending.services.taken_over import FoundIn
from handup.lending.services.told_again import report_collection, report_repayment
from handup.lending.services.tranches import meet_tranche
from handup.lending.services.transfers import Controls, propose_transfers, transfer_loans
from handup.lending.services.votes import cast_vote
from handup.lending.services.withdrawal import withdraw_loan
from handup.lending.services.write_offs import (
    WriteOffDecisionIn,
    WriteOffIn,
    propose_write_off,
    propose_write_offs,
    write_off_loan,
    write_off_loans,
)

__all__ = [
    "AgreementIn",
    "ApplicationIn",
    "AppraisalIn",
    "ChangeDecisionIn",
    "ChangeIn",
    "ChargeIn",
    "CollectedIn",
    "Controls",
    "DecisionIn",
    "DisbursementIn",
    "EarlyIn",
    "ExistingLoanIn",
    "FoundIn",
    "PartIn",
    "PayoffIn",
    "RepaymentIn",
    "SheetOf",
    "Which",
    "WriteOffDecisionIn",
    "WriteOffIn",
    "apply_again",
    "apply_as_told",
    "apply_for_loan",
    "apply_for_loans",
    "apply_on_one_page",
    "appraise_application",
    "appraise_applications",
    "approve_product",
    "book_line",
    "cancel_loan",
    "cancel_payments",
    "cast_vote",
    "charge_loan",
    "charge_loans",
    "check_bank_file",
    "check_payments",
    "check_statement",
    "confirm_match",
    "confirm_stray_cash",
    "decide_application",
    "decide_applications",
    "decide_change",
    "decide_changes",
    "decide_earlier",
    "declare_moratorium",
    "decline_match",
    "decline_stray_cash",
    "disburse_loan",
    "disburse_loans",
    "enter_loans",
    "give_guarantee",
    "import_bank_file",
    "import_payment_status",
    "import_statement",
    "make_offer",
    "make_offers_ahead",
    "match_line",
    "meet_tranche",
    "moratorium_payload",
    "name_loan_account",
    "open_bank_account",
    "open_lender",
    "open_savings",
    "open_savings_for",
    "pair_with_recorded",
    "pay_in_savings",
    "pay_off_loan",
    "pay_off_loans",
    "pay_out_savings",
    "pay_out_tranche",
    "place_facility",
    "place_stray_cash",
    "prepare_payments",
    "preview_of",
    "propose_back_dated",
    "propose_change",
    "propose_changes",
    "propose_collection",
    "propose_earlier",
    "propose_moratoria",
    "propose_moratorium",
    "propose_product",
    "propose_refinance",
    "propose_refund",
    "propose_reschedule",
    "propose_restructure",
    "propose_set_off",
    "propose_transfers",
    "propose_waiver",
    "propose_write_off",
    "propose_write_offs",
    "quote_payoff",
    "record_collection",
    "record_early_repayment",
    "record_early_repayments",
    "record_insurance",
    "record_ratios",
    "record_recovery",
    "record_repayment",
    "record_repayments",
    "release_payments",
    "report_collection",
    "report_repayment",
    "reschedule_payload",
    "restructure_payload",
    "reverse_loan_event",
    "reverse_repayment",
    "reverse_savings",
    "send_payments",
    "set_provision_table",
    "sign_agreement",
    "sign_agreements",
    "take_stray_cash",
    "transfer_loans",
    "undo_match",
    "undo_stray_cash",
    "withdraw_loan",
    "write_off_loan",
    "write_off_loans",
]
