"""The work of a small house in two parts: which roles each of its two persons holds, so that every
step that asks for a second person finds one (rulings A2). Pure.
"""

from enum import StrEnum

from handup.org.rules.access import Role


class Part(StrEnum):
    """One person's part of the work."""

    FIELD = "FIELD"
    OFFICE = "OFFICE"


ROLES_OF: dict[Part, tuple[Role, ...]] = {
    Part.FIELD: (
        Role.OUTREACH,
        Role.CLERK,
        Role.FIELD_OFFICER,
        Role.TARGETING_OFFICER,
        Role.TRAINING_OFFICER,
        Role.TRAINER,
        Role.ADVISOR,
        Role.LOAN_OFFICER,
        Role.GROUP_SUPERVISOR,
        Role.ACCOUNTANT,
    ),
    Part.OFFICE: (
        Role.MANAGER,
        Role.DIRECTOR,
        Role.FINANCE_MANAGER,
        Role.CASHIER,
        Role.APPRAISER,
        Role.COMMITTEE,
        Role.ME_OFFICER,
        Role.ADJUDICATOR,
        Role.FOCAL_POINT,
        Role.COMPLAINTS_OFFICER,
        Role.DPO,
    ),
}
