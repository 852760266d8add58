"""Which role may do what in `results`."""

from handup.org.permissions import roles
from handup.org.rules.access import Role

PERMISSIONS: dict[str, frozenset[Role]] = {
    "results.view_figure": frozenset(Role) - {Role.BANK_CLERK, Role.ADMINISTRATOR},
    "results.open_rows": roles(
        Role.ME_OFFICER,
        Role.MANAGER,
        Role.DIRECTOR,
        Role.FIELD_OFFICER,
        Role.LOAN_OFFICER,
        Role.TRAINING_OFFICER,
        Role.GROUP_SUPERVISOR,
        Role.AUDITOR,
        Role.SUCCESSOR,
    ),
    "results.choose_indicators": roles(Role.ME_OFFICER, Role.MANAGER),
    "results.view_snapshot": roles(
        Role.ME_OFFICER,
        Role.MANAGER,
        Role.DIRECTOR,
        Role.ACCOUNTANT,
        Role.FINANCE_MANAGER,
        Role.AUDITOR,
    ),
    "results.compute_snapshot": roles(Role.ME_OFFICER),
    "results.check_figures": roles(Role.ME_OFFICER, Role.MANAGER),
    "results.approve_figures": roles(Role.MANAGER, Role.DIRECTOR),
    "results.plan_analysis": roles(Role.ME_OFFICER),
    "results.finish_analysis": roles(Role.ME_OFFICER, Role.MANAGER),
    "results.edit_logframe": roles(Role.ME_OFFICER, Role.MANAGER),
    "results.publish_table": roles(Role.MANAGER, Role.DIRECTOR),
    "results.type_value": roles(Role.ME_OFFICER),
    "results.write_report": roles(Role.ME_OFFICER, Role.MANAGER),
    "results.approve_report": roles(Role.MANAGER, Role.DIRECTOR),
    "results.view_exchange": roles(
        Role.ME_OFFICER,
        Role.MANAGER,
        Role.DIRECTOR,
        Role.ACCOUNTANT,
        Role.FINANCE_MANAGER,
        Role.AUDITOR,
    ),
    "results.set_exchange": roles(Role.ME_OFFICER, Role.MANAGER),
    "results.build_exchange": roles(Role.ME_OFFICER, Role.MANAGER),
    "results.check_exchange": roles(Role.ME_OFFICER, Role.MANAGER, Role.DIRECTOR),
    "results.publish_exchange": roles(Role.MANAGER, Role.DIRECTOR),
    "results.import_iati": roles(Role.MANAGER),
    "results.check_iati": roles(
        Role.ME_OFFICER,
        Role.MANAGER,
        Role.DIRECTOR,
        Role.ACCOUNTANT,
        Role.FINANCE_MANAGER,
        Role.AUDITOR,
    ),
}
