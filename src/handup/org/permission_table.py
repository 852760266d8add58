"""Permissions of the house itself."""

from handup.org.permissions import roles
from handup.org.rules.access import Role

PERMISSIONS = {
    "org.load_edited_list": frozenset(Role) - {Role.INTEGRATION, Role.FUNDER, Role.SUCCESSOR},
    "org.keep_filters": frozenset(Role) - {Role.INTEGRATION},
    "org.view_audit": roles(Role.DPO, Role.AUDITOR),
    "org.view_reads": roles(Role.DPO, Role.AUDITOR),
    "org.view_restricted_reads": roles(Role.DPO, Role.AUDITOR),
    "org.view_retention": roles(Role.DPO, Role.AUDITOR),
    "org.approve_retention": roles(Role.DPO),
    "org.view_staff": roles(Role.ADMINISTRATOR, Role.DPO),
    "org.give_grant": roles(Role.ADMINISTRATOR),
    "org.ask_grant": roles(Role.MANAGER, Role.DIRECTOR),
    "org.view_grant_requests": roles(
        Role.MANAGER, Role.DIRECTOR, Role.ADMINISTRATOR, Role.DPO, Role.AUDITOR
    ),
    "org.end_grant": roles(Role.ADMINISTRATOR, Role.DPO),
    "org.review_grant": roles(Role.DPO),
    "org.register_staff": roles(Role.ADMINISTRATOR),
    "org.change_setting": roles(Role.ADMINISTRATOR),
    "org.view_sealed_keys": roles(Role.ADMINISTRATOR, Role.DPO, Role.AUDITOR, Role.DIRECTOR),
    "org.seal_keys": roles(Role.ADMINISTRATOR),
    "org.view_condition": roles(Role.ADMINISTRATOR, Role.DIRECTOR, Role.DPO, Role.AUDITOR),
    "org.handle_jobs": roles(Role.ADMINISTRATOR),
    "org.view_webhooks": roles(Role.ADMINISTRATOR, Role.DPO, Role.AUDITOR),
    "org.keep_webhooks": roles(Role.ADMINISTRATOR),
    "org.give_token": roles(Role.ADMINISTRATOR),
    "org.enrol_device": roles(Role.ADMINISTRATOR),
    "org.view_incident": roles(Role.DPO, Role.AUDITOR, Role.DIRECTOR, Role.FOCAL_POINT),
    "org.report_incident": frozenset(Role) - {Role.INTEGRATION},
    "org.handle_incident": roles(Role.DPO, Role.DIRECTOR),
    "org.declare_trip": roles(Role.ADMINISTRATOR, Role.MANAGER, Role.DIRECTOR),
    "org.set_protection": roles(Role.DPO),
    "org.view_duties": roles(Role.DIRECTOR, Role.AUDITOR, Role.DPO),
    "org.view_matrix": roles(
        Role.ADMINISTRATOR,
        Role.MANAGER,
        Role.DIRECTOR,
        Role.FINANCE_MANAGER,
        Role.AUDITOR,
        Role.DPO,
    ),
    "org.review_duty": roles(Role.DIRECTOR, Role.AUDITOR, Role.DPO),
    "org.view_proofs": roles(
        Role.ACCOUNTANT, Role.FINANCE_MANAGER, Role.DIRECTOR, Role.AUDITOR, Role.ADMINISTRATOR
    ),
    "org.view_calendar": roles(Role.ADMINISTRATOR, Role.MANAGER, Role.LOAN_OFFICER, Role.AUDITOR),
    "org.enter_closed_day": roles(Role.ADMINISTRATOR),
    "org.open_office": roles(Role.ADMINISTRATOR),
    "org.add_area": roles(Role.ADMINISTRATOR),
    "org.record_rate": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER),
}
