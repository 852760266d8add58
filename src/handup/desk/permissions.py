"""Which role may do what in `desk`: its pages ask the permissions of the domains they show."""

from handup.org.permissions import roles
from handup.org.rules.access import Role
from handup.people.permissions import ADJUDICATORS

IMPORTERS = roles(
    Role.CLERK,
    Role.FIELD_OFFICER,
    Role.TRAINING_OFFICER,
    Role.ACCOUNTANT,
    Role.FINANCE_MANAGER,
    Role.MANAGER,
    Role.INTEGRATION,
)

PERMISSIONS: dict[str, frozenset[Role]] = {
    "desk.view_board": roles(Role.DPO, Role.AUDITOR),
    "desk.view_import": IMPORTERS,
    "desk.import_file": IMPORTERS,
    "desk.match_columns": IMPORTERS,
    "desk.view_pair": ADJUDICATORS,
    "desk.decide_pair": ADJUDICATORS,
}
