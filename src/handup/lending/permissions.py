"""Which role may do what in `lending`."""

from handup.org.declared import roles
from handup.org.rules.access import Role

_LENDING = (Role.LOAN_OFFICER, Role.MANAGER, Role.DIRECTOR, Role.FINANCE_MANAGER)
_BANK_READERS = (Role.ACCOUNTANT, Role.FINANCE_MANAGER, Role.MANAGER, Role.DIRECTOR)
_NAMELESS = (Role.ME_READER, Role.AUDITOR)
"""Who reads loans, lenders and products with a code in the place of who borrows; an auditor sees
registers, no content (protection.md 4.1; docs/decisions/0016).
"""
_COUNTER = (Role.LOAN_OFFICER, Role.CASHIER, Role.ACCOUNTANT, Role.INTEGRATION)
_BORROWERS = roles(
    *_LENDING,
    Role.ACCOUNTANT,
    Role.CASHIER,
    Role.ADVISOR,
    Role.APPRAISER,
    Role.COMMITTEE,
    Role.FIELD_OFFICER,
    Role.ME_OFFICER,
    Role.BANK_CLERK,
    Role.SUCCESSOR,
    Role.INTEGRATION,
)
"""Who reads loans with the name of who borrows."""

PERMISSIONS: dict[str, frozenset[Role]] = {
    "lending.view_lender": roles(
        *_LENDING,
        Role.ACCOUNTANT,
        Role.CASHIER,
        Role.ADVISOR,
        Role.APPRAISER,
        Role.COMMITTEE,
        Role.ME_OFFICER,
        *_NAMELESS,
        Role.SUCCESSOR,
    ),
    "lending.view_product": roles(
        *_LENDING,
        Role.ACCOUNTANT,
        Role.CASHIER,
        Role.ADVISOR,
        Role.APPRAISER,
        Role.COMMITTEE,
        Role.FIELD_OFFICER,
        Role.ME_OFFICER,
        *_NAMELESS,
        Role.BANK_CLERK,
        Role.SUCCESSOR,
    ),
    "lending.view_application": roles(
        *_LENDING, Role.ADVISOR, Role.APPRAISER, Role.COMMITTEE, Role.BANK_CLERK
    ),
    "lending.view_loan": _BORROWERS | {*_NAMELESS},
    "lending.view_borrower": _BORROWERS,
    "lending.view_bank_file": roles(
        Role.BANK_CLERK, Role.ACCOUNTANT, Role.FINANCE_MANAGER, Role.MANAGER
    ),
    "lending.view_bank_list": roles(
        Role.BANK_CLERK, Role.ACCOUNTANT, Role.FINANCE_MANAGER, Role.MANAGER
    ),
    "lending.view_grant": roles(
        *_LENDING,
        Role.ADVISOR,
        Role.FIELD_OFFICER,
        Role.CASHIER,
        Role.ACCOUNTANT,
        Role.ME_OFFICER,
    ),
    "lending.propose_grant": roles(
        Role.ADVISOR, Role.LOAN_OFFICER, Role.FIELD_OFFICER, Role.MANAGER
    ),
    "lending.approve_grant": roles(Role.MANAGER, Role.DIRECTOR),
    "lending.pay_grant": roles(Role.CASHIER, Role.LOAN_OFFICER, Role.FINANCE_MANAGER),
    "lending.check_grant": roles(Role.ADVISOR, Role.LOAN_OFFICER, Role.FIELD_OFFICER, Role.MANAGER),
    "lending.reverse_grant": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "lending.view_pathway": roles(
        *_LENDING,
        Role.AUDITOR,
        Role.ADVISOR,
        Role.FIELD_OFFICER,
        Role.ME_OFFICER,
        Role.SUCCESSOR,
    ),
    "lending.view_enrolment": roles(
        Role.LOAN_OFFICER,
        Role.MANAGER,
        Role.DIRECTOR,
        Role.ADVISOR,
        Role.FIELD_OFFICER,
        Role.ME_OFFICER,
    ),
    "lending.set_pathway": roles(Role.MANAGER, Role.DIRECTOR),
    "lending.enrol_in_pathway": roles(Role.ADVISOR, Role.FIELD_OFFICER, Role.MANAGER),
    "lending.check_pathway": roles(
        Role.ADVISOR, Role.LOAN_OFFICER, Role.FIELD_OFFICER, Role.MANAGER
    ),
    "lending.propose_graduation": roles(Role.ADVISOR, Role.FIELD_OFFICER, Role.MANAGER),
    "lending.decide_graduation": roles(Role.MANAGER, Role.DIRECTOR),
    "lending.view_security": roles(
        *_LENDING, Role.ADVISOR, Role.APPRAISER, Role.COMMITTEE, Role.BANK_CLERK, Role.SUCCESSOR
    ),
    "lending.view_passport": roles(
        Role.LOAN_OFFICER, Role.MANAGER, Role.FIELD_OFFICER, Role.ADVISOR, Role.SUCCESSOR
    ),
    "lending.view_condition": roles(
        *_LENDING, Role.ADVISOR, Role.APPRAISER, Role.COMMITTEE, Role.CASHIER, Role.BANK_CLERK
    ),
    "lending.view_application_document": roles(
        Role.LOAN_OFFICER,
        Role.MANAGER,
        Role.DIRECTOR,
        Role.ADVISOR,
        Role.APPRAISER,
        Role.COMMITTEE,
        Role.BANK_CLERK,
    ),
    "lending.view_follow_up": roles(
        Role.LOAN_OFFICER, Role.MANAGER, Role.DIRECTOR, Role.FIELD_OFFICER, Role.ADVISOR
    ),
    "lending.view_collection": roles(
        *_COUNTER,
        Role.FIELD_OFFICER,
        Role.FINANCE_MANAGER,
        Role.MANAGER,
        Role.DIRECTOR,
    ),
    "lending.record_collection": roles(*_COUNTER, Role.FIELD_OFFICER, Role.FINANCE_MANAGER),
    "lending.view_old_book": roles(
        Role.ACCOUNTANT, Role.FINANCE_MANAGER, Role.MANAGER, Role.DIRECTOR
    ),
    "lending.take_over_book": roles(Role.FINANCE_MANAGER, Role.MANAGER, Role.ACCOUNTANT),
    "lending.sign_old_book": roles(Role.FINANCE_MANAGER, Role.MANAGER, Role.DIRECTOR),
    "lending.undo_old_book": roles(Role.FINANCE_MANAGER, Role.DIRECTOR),
    "lending.open_lender": roles(Role.MANAGER, Role.DIRECTOR, Role.FINANCE_MANAGER),
    "lending.name_fund": roles(Role.DIRECTOR, Role.FINANCE_MANAGER),
    "lending.set_provision_table": roles(Role.DIRECTOR, Role.FINANCE_MANAGER),
    "lending.record_ratios": roles(Role.MANAGER, Role.FINANCE_MANAGER, Role.ACCOUNTANT),
    "lending.place_facility": roles(Role.DIRECTOR, Role.FINANCE_MANAGER),
    "lending.give_guarantee": roles(Role.DIRECTOR, Role.FINANCE_MANAGER),
    "lending.propose_product": roles(Role.MANAGER, Role.FINANCE_MANAGER, Role.LOAN_OFFICER),
    "lending.approve_product": roles(Role.MANAGER, Role.DIRECTOR, Role.FINANCE_MANAGER),
    "lending.apply_for_loan": roles(
        Role.ADVISOR, Role.LOAN_OFFICER, Role.FIELD_OFFICER, Role.MANAGER
    ),
    "lending.keep_document": roles(
        Role.ADVISOR, Role.LOAN_OFFICER, Role.APPRAISER, Role.MANAGER, Role.BANK_CLERK
    ),
    "lending.appraise_application": roles(Role.APPRAISER, Role.LOAN_OFFICER),
    "lending.cast_vote": roles(Role.COMMITTEE, Role.MANAGER, Role.DIRECTOR, Role.BANK_CLERK),
    "lending.decide_application": roles(
        Role.COMMITTEE, Role.MANAGER, Role.DIRECTOR, Role.BANK_CLERK
    ),
    "lending.sign_agreement": roles(Role.LOAN_OFFICER, Role.MANAGER),
    "lending.disburse_loan": roles(
        Role.CASHIER, Role.LOAN_OFFICER, Role.FINANCE_MANAGER, Role.BANK_CLERK
    ),
    "lending.meet_tranche": roles(
        Role.LOAN_OFFICER, Role.MANAGER, Role.FIELD_OFFICER, Role.ADVISOR
    ),
    "lending.cancel_loan": roles(Role.LOAN_OFFICER, Role.MANAGER),
    "lending.record_insurance": roles(
        Role.LOAN_OFFICER, Role.CASHIER, Role.ACCOUNTANT, Role.MANAGER, Role.FINANCE_MANAGER
    ),
    "lending.withdraw_loan": roles(*_COUNTER, Role.MANAGER, Role.FINANCE_MANAGER),
    "lending.enter_loan": roles(Role.FINANCE_MANAGER, Role.MANAGER, Role.ACCOUNTANT, Role.DIRECTOR),
    "lending.record_repayment": roles(*_COUNTER, Role.FIELD_OFFICER, Role.FINANCE_MANAGER),
    "lending.view_earlier": roles(
        Role.ACCOUNTANT, Role.FINANCE_MANAGER, Role.MANAGER, Role.DIRECTOR
    ),
    "lending.back_date": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER, Role.MANAGER),
    "lending.confirm_back_date": roles(
        Role.ACCOUNTANT, Role.FINANCE_MANAGER, Role.MANAGER, Role.DIRECTOR
    ),
    "lending.reverse_repayment": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER, Role.MANAGER),
    "lending.reverse_loan_event": roles(Role.FINANCE_MANAGER, Role.MANAGER),
    "lending.replay_loans": roles(Role.FINANCE_MANAGER, Role.DIRECTOR),
    "lending.propose_write_off": roles(Role.LOAN_OFFICER, Role.MANAGER, Role.FINANCE_MANAGER),
    "lending.write_off_loan": roles(Role.DIRECTOR, Role.FINANCE_MANAGER),
    "lending.quote_payoff": roles(*_COUNTER, Role.MANAGER, Role.FINANCE_MANAGER),
    "lending.charge_loan": roles(
        Role.LOAN_OFFICER, Role.ACCOUNTANT, Role.MANAGER, Role.FINANCE_MANAGER
    ),
    "lending.propose_waiver": roles(Role.LOAN_OFFICER, Role.MANAGER, Role.FINANCE_MANAGER),
    "lending.waive_charge": roles(Role.MANAGER, Role.DIRECTOR, Role.FINANCE_MANAGER),
    "lending.propose_refund": roles(Role.LOAN_OFFICER, Role.CASHIER, Role.ACCOUNTANT, Role.MANAGER),
    "lending.refund_overpayment": roles(Role.CASHIER, Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "lending.propose_change": roles(Role.LOAN_OFFICER, Role.MANAGER, Role.FINANCE_MANAGER),
    "lending.reschedule_loan": roles(Role.MANAGER, Role.DIRECTOR, Role.FINANCE_MANAGER),
    "lending.restructure_loan": roles(Role.MANAGER, Role.DIRECTOR, Role.FINANCE_MANAGER),
    "lending.refinance_loan": roles(Role.CASHIER, Role.DIRECTOR, Role.FINANCE_MANAGER),
    "lending.transfer_loan": roles(Role.DIRECTOR, Role.FINANCE_MANAGER),
    "lending.declare_moratorium": roles(Role.DIRECTOR, Role.FINANCE_MANAGER),
    "lending.view_savings": roles(
        *_LENDING,
        Role.ACCOUNTANT,
        Role.CASHIER,
        Role.ADVISOR,
        Role.APPRAISER,
        Role.FIELD_OFFICER,
        Role.BANK_CLERK,
        Role.SUCCESSOR,
    ),
    "lending.open_savings": roles(Role.LOAN_OFFICER, Role.CASHIER, Role.MANAGER),
    "lending.pay_in_savings": roles(*_COUNTER, Role.FIELD_OFFICER, Role.FINANCE_MANAGER),
    "lending.pay_out_savings": roles(Role.CASHIER, Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "lending.propose_set_off": roles(Role.LOAN_OFFICER, Role.ACCOUNTANT, Role.MANAGER),
    "lending.set_off_savings": roles(Role.FINANCE_MANAGER, Role.MANAGER, Role.DIRECTOR),
    "lending.reverse_savings": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER, Role.MANAGER),
    "lending.record_recovery": roles(*_COUNTER, Role.FINANCE_MANAGER),
    "lending.record_guarantor": roles(Role.LOAN_OFFICER, Role.ADVISOR, Role.MANAGER),
    "lending.record_collateral": roles(Role.LOAN_OFFICER, Role.ADVISOR, Role.MANAGER),
    "lending.release_security": roles(Role.LOAN_OFFICER, Role.MANAGER),
    "lending.form_joint_group": roles(Role.LOAN_OFFICER, Role.MANAGER),
    "lending.call_security": roles(Role.LOAN_OFFICER, Role.MANAGER, Role.FINANCE_MANAGER),
    "lending.view_premium": roles(*_BANK_READERS, Role.AUDITOR),
    "lending.name_insurer": roles(Role.FINANCE_MANAGER, Role.MANAGER),
    "lending.prepare_premiums": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "lending.pay_premiums": roles(Role.FINANCE_MANAGER, Role.DIRECTOR),
    "lending.view_guarantee": roles(
        *_LENDING,
        Role.AUDITOR,
        Role.ACCOUNTANT,
        Role.CASHIER,
        Role.COMMITTEE,
        Role.BANK_CLERK,
        Role.SUCCESSOR,
    ),
    "lending.call_guarantee": roles(
        Role.BANK_CLERK, Role.ACCOUNTANT, Role.LOAN_OFFICER, Role.MANAGER, Role.FINANCE_MANAGER
    ),
    "lending.pay_guarantee": roles(Role.FINANCE_MANAGER, Role.DIRECTOR),
    "lending.record_guarantee_recovery": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "lending.reverse_guarantee": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "lending.meet_condition": roles(Role.LOAN_OFFICER, Role.MANAGER),
    "lending.issue_passport": roles(Role.LOAN_OFFICER, Role.MANAGER, Role.FIELD_OFFICER),
    "lending.withdraw_passport": roles(
        Role.LOAN_OFFICER, Role.MANAGER, Role.FIELD_OFFICER, Role.ADVISOR
    ),
    "lending.view_line": roles(*_LENDING, Role.FIELD_OFFICER, Role.ADVISOR),
    "lending.keep_line": roles(Role.LOAN_OFFICER, Role.MANAGER, Role.FIELD_OFFICER),
    "lending.record_contact": roles(Role.LOAN_OFFICER, Role.FIELD_OFFICER, Role.MANAGER),
    "lending.declare_tie": roles(
        Role.LOAN_OFFICER,
        Role.ADVISOR,
        Role.APPRAISER,
        Role.COMMITTEE,
        Role.MANAGER,
        Role.DIRECTOR,
    ),
    "lending.compare_bank_list": roles(
        Role.BANK_CLERK, Role.ACCOUNTANT, Role.FINANCE_MANAGER, Role.MANAGER
    ),
    "lending.import_bank_file": roles(Role.BANK_CLERK, Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "lending.view_bank_account": roles(*_BANK_READERS, Role.AUDITOR),
    "lending.view_statement": roles(*_BANK_READERS),
    "lending.view_loan_account": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER, Role.CASHIER),
    "lending.view_payment_batch": roles(*_BANK_READERS, Role.BANK_CLERK),
    "lending.open_bank_account": roles(Role.FINANCE_MANAGER, Role.DIRECTOR),
    "lending.name_loan_account": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER, Role.CASHIER),
    "lending.import_statement": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "lending.match_line": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "lending.confirm_match": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "lending.undo_match": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "lending.view_stray_cash": roles(
        *_BANK_READERS, Role.CASHIER, Role.LOAN_OFFICER, Role.FIELD_OFFICER, Role.INTEGRATION
    ),
    "lending.take_stray_cash": roles(*_COUNTER, Role.FIELD_OFFICER, Role.FINANCE_MANAGER),
    "lending.place_stray_cash": roles(Role.CASHIER, Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "lending.confirm_stray_cash": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "lending.undo_stray_cash": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "lending.prepare_payments": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER, Role.CASHIER),
    "lending.release_payments": roles(Role.FINANCE_MANAGER, Role.DIRECTOR),
    "lending.import_payment_status": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER, Role.BANK_CLERK),
}
