"""Which role may do what in `groups`."""

from handup.org.permissions import roles
from handup.org.rules.access import Role

_FIELD = roles(Role.FIELD_OFFICER, Role.GROUP_SUPERVISOR, Role.INTEGRATION)
_READ = _FIELD | roles(
    Role.MANAGER, Role.DIRECTOR, Role.ME_OFFICER, Role.LOAN_OFFICER, Role.AUDITOR, Role.SUCCESSOR
)
_CLERK = roles(Role.CLERK)
"""Who keeps the registers of a cooperative and collects at a point, but decides nothing."""

PERMISSIONS: dict[str, frozenset[Role]] = {
    "groups.view_group": _READ | _CLERK | roles(Role.ME_READER, Role.APPRAISER, Role.ADVISOR),
    "groups.view_member": _READ | _CLERK,
    "groups.view_fact": _FIELD | roles(Role.AUDITOR, Role.ME_OFFICER),
    "groups.view_internal_loan": _READ,
    "groups.register_group": _FIELD,
    "groups.adopt_constitution": _FIELD,
    "groups.admit_member": _FIELD,
    "groups.end_membership": _FIELD,
    "groups.elect_officer": _FIELD,
    "groups.start_cycle": _FIELD,
    "groups.open_meeting": _FIELD,
    "groups.record_in_meeting": _FIELD,
    "groups.close_meeting": _FIELD,
    "groups.cancel_meeting": _FIELD,
    "groups.keep_price_line": _FIELD | roles(Role.MANAGER),
    "groups.tell_groups": _FIELD | roles(Role.MANAGER, Role.ADVISOR),
    "groups.advise_group": _FIELD | roles(Role.MANAGER, Role.ADVISOR),
    "groups.vote_dues": _FIELD,
    "groups.invoice_dues": _FIELD,
    "groups.take_dues": _FIELD,
    "groups.name_representative": _FIELD,
    "groups.waive_dues": roles(Role.GROUP_SUPERVISOR),
    "groups.become_cooperative": _FIELD,
    "groups.keep_shares": _FIELD,
    "groups.divide_surplus": _FIELD,
    "groups.pay_surplus": _FIELD,
    "groups.keep_bulk_orders": _FIELD,
    "groups.keep_debts": _FIELD,
    "groups.keep_collection": _FIELD,
    "groups.collect_produce": _FIELD | _CLERK,
    "groups.take_up_issue": _FIELD | roles(Role.MANAGER),
    "groups.process_produce": _FIELD | _CLERK,
    "groups.sell_produce": _FIELD | _CLERK,
    "groups.draft_payslips": _FIELD | _CLERK,
    "groups.approve_payslips": _FIELD,
    "groups.pay_payslips": _FIELD,
    "groups.assess_group": _FIELD | roles(Role.ADVISOR),
    "groups.dispute_mark": _FIELD,
    "groups.answer_dispute": roles(Role.GROUP_SUPERVISOR, Role.MANAGER),
    "groups.name_next_of_kin": _FIELD,
    "groups.view_needs": _FIELD | roles(Role.MANAGER, Role.DIRECTOR, Role.ME_OFFICER, Role.AUDITOR),
    "groups.record_needs": _FIELD,
    "groups.decide_needs": roles(Role.GROUP_SUPERVISOR, Role.MANAGER),
    "groups.tell_needs": roles(Role.FIELD_OFFICER, Role.GROUP_SUPERVISOR, Role.MANAGER),
    "groups.transcribe_sheet": roles(Role.FIELD_OFFICER, Role.GROUP_SUPERVISOR),
    "groups.confirm_sheet": roles(Role.FIELD_OFFICER, Role.GROUP_SUPERVISOR),
    "groups.view_paper_sheet": roles(Role.FIELD_OFFICER, Role.GROUP_SUPERVISOR),
    "groups.view_kin": roles(Role.FIELD_OFFICER, Role.GROUP_SUPERVISOR),
    "groups.settle_members": roles(Role.FIELD_OFFICER, Role.GROUP_SUPERVISOR),
    "groups.graduate_group": roles(Role.GROUP_SUPERVISOR, Role.MANAGER),
    "groups.close_group": roles(Role.GROUP_SUPERVISOR, Role.MANAGER),
    "groups.share_dossier": roles(Role.FIELD_OFFICER, Role.GROUP_SUPERVISOR, Role.MANAGER),
    "groups.reverse_fact": roles(Role.GROUP_SUPERVISOR),
}
