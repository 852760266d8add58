"""Which role may do what in `projects`."""

from handup.org.permissions import roles
from handup.org.rules.access import Role

EVERYONE = frozenset(Role)
STAFF = frozenset(Role) - {Role.FUNDER, Role.SUCCESSOR, Role.BANK_CLERK}
MONEY_READERS = roles(
    Role.MANAGER,
    Role.DIRECTOR,
    Role.ACCOUNTANT,
    Role.FINANCE_MANAGER,
    Role.ME_OFFICER,
    Role.AUDITOR,
    Role.FUNDER,
    Role.INTEGRATION,
)
HANDOVER_READERS = roles(
    Role.MANAGER,
    Role.DIRECTOR,
    Role.ACCOUNTANT,
    Role.FINANCE_MANAGER,
    Role.ME_OFFICER,
    Role.DPO,
    Role.AUDITOR,
    Role.FUNDER,
    Role.SUCCESSOR,
)

PERMISSIONS: dict[str, frozenset[Role]] = {
    "projects.view_programme": EVERYONE,
    "projects.view_organisation": EVERYONE,
    "projects.view_stated_figure": EVERYONE,
    "projects.view_document": EVERYONE,
    "projects.view_lesson": STAFF | {Role.FUNDER, Role.SUCCESSOR},
    "projects.view_budget": MONEY_READERS,
    "projects.ask_withdrawal": roles(Role.MANAGER, Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "projects.end_withdrawal": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "projects.plan_purchase": roles(Role.MANAGER, Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "projects.view_memorandum": MONEY_READERS - {Role.FUNDER},
    # The funder reads what its missions asked for (rulings 30).
    "projects.view_mission_action": MONEY_READERS,
    "projects.record_mission_action": roles(Role.MANAGER, Role.DIRECTOR, Role.ME_OFFICER),
    "projects.end_mission_action": roles(
        Role.MANAGER, Role.DIRECTOR, Role.ACCOUNTANT, Role.FINANCE_MANAGER, Role.ME_OFFICER
    ),
    "projects.open_programme": roles(Role.MANAGER),
    "projects.open_phase": roles(Role.MANAGER),
    "projects.change_phase_status": roles(Role.MANAGER),
    "projects.relate_programme": roles(Role.MANAGER),
    "projects.register_organisation": roles(Role.MANAGER, Role.ACCOUNTANT, Role.INTEGRATION),
    "projects.add_partner": roles(Role.MANAGER),
    "projects.add_area": roles(Role.MANAGER),
    "projects.record_memorandum": roles(Role.MANAGER, Role.DIRECTOR),
    "projects.end_memorandum": roles(Role.MANAGER, Role.DIRECTOR),
    "projects.meet_obligation": roles(
        Role.MANAGER, Role.DIRECTOR, Role.ACCOUNTANT, Role.FINANCE_MANAGER, Role.ME_OFFICER
    ),
    "projects.record_funding": roles(Role.MANAGER, Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "projects.prepare_budget": roles(Role.ACCOUNTANT, Role.FINANCE_MANAGER),
    "projects.approve_budget": roles(Role.MANAGER, Role.DIRECTOR),
    "projects.record_stated_figure": roles(Role.MANAGER, Role.ME_OFFICER),
    "projects.add_document_type": roles(Role.MANAGER),
    "projects.add_document": roles(Role.MANAGER, Role.ME_OFFICER, Role.ACCOUNTANT),
    "projects.publish_document": roles(Role.MANAGER, Role.DIRECTOR, Role.ME_OFFICER),
    "projects.propose_lesson": STAFF - {Role.INTEGRATION},
    "projects.decide_lesson": roles(Role.MANAGER, Role.ME_OFFICER),
    "projects.apply_lesson": roles(Role.MANAGER, Role.ME_OFFICER),
    "projects.view_handover": HANDOVER_READERS,
    "projects.view_transfer": HANDOVER_READERS - {Role.FUNDER, Role.SUCCESSOR},
    "projects.view_transfer_stay": roles(Role.MANAGER, Role.DIRECTOR, Role.DPO, Role.AUDITOR),
    "projects.open_handover": roles(Role.MANAGER),
    "projects.compare_option": roles(Role.MANAGER, Role.FINANCE_MANAGER),
    "projects.record_handover_papers": roles(Role.MANAGER),
    "projects.add_readiness_item": roles(Role.MANAGER),
    "projects.assess_readiness": roles(
        Role.MANAGER, Role.FINANCE_MANAGER, Role.ACCOUNTANT, Role.ME_OFFICER
    ),
    "projects.pass_gate": roles(Role.MANAGER, Role.DIRECTOR),
    "projects.send_back_handover": roles(Role.MANAGER, Role.DIRECTOR),
    "projects.stop_disbursement": roles(Role.MANAGER, Role.DIRECTOR),
    "projects.pack_transfer": roles(Role.MANAGER, Role.DIRECTOR),
    "projects.confirm_transfer": roles(Role.DIRECTOR, Role.FINANCE_MANAGER),
    "projects.load_transfer": roles(Role.ADMINISTRATOR, Role.MANAGER, Role.DIRECTOR),
    "projects.let_disbursement_go_on": roles(Role.MANAGER, Role.DIRECTOR),
}
