"""Who may do what, where: grants are role x scope with an end date (protection.md 4.1). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

# Domains that can be switched off; their data stay and come back with them (rulings A1).
SWITCHABLE = ("training", "surveys", "plans", "markets", "groups", "lending", "results")


class Role(StrEnum):
    """The field's working roles. What each may do is a table each domain declares."""

    OUTREACH = "OUTREACH"
    CLERK = "CLERK"
    FIELD_OFFICER = "FIELD_OFFICER"
    TARGETING_OFFICER = "TARGETING_OFFICER"
    ADJUDICATOR = "ADJUDICATOR"
    FOCAL_POINT = "FOCAL_POINT"
    COMPLAINTS_OFFICER = "COMPLAINTS_OFFICER"
    TRAINING_OFFICER = "TRAINING_OFFICER"
    TRAINER = "TRAINER"
    ADVISOR = "ADVISOR"
    APPRAISER = "APPRAISER"
    COMMITTEE = "COMMITTEE"
    LOAN_OFFICER = "LOAN_OFFICER"
    BANK_CLERK = "BANK_CLERK"
    CASHIER = "CASHIER"
    ACCOUNTANT = "ACCOUNTANT"
    FINANCE_MANAGER = "FINANCE_MANAGER"
    DIRECTOR = "DIRECTOR"
    MANAGER = "MANAGER"
    ME_OFFICER = "ME_OFFICER"
    ME_READER = "ME_READER"
    GROUP_SUPERVISOR = "GROUP_SUPERVISOR"
    DPO = "DPO"
    AUDITOR = "AUDITOR"
    ADMINISTRATOR = "ADMINISTRATOR"
    FUNDER = "FUNDER"
    SUCCESSOR = "SUCCESSOR"
    INTEGRATION = "INTEGRATION"


class ScopeKind(StrEnum):
    """How far a grant reaches."""

    CASELOAD = "CASELOAD"
    OFFICE = "OFFICE"
    AREA = "AREA"
    PROJECT = "PROJECT"
    ALL = "ALL"


# Who works for another house: her grant names it, and reaches only what is that house's.
OF_AN_ORGANISATION = frozenset({Role.BANK_CLERK})


@dataclass(frozen=True, slots=True)
class GrantFact:
    """One grant as the rules see it; area_ids hold the area and everything below it."""

    role: Role
    scope: ScopeKind
    starts: date
    ends: date
    office_id: UUID | None = None
    area_ids: frozenset[UUID] = frozenset()
    programme_id: UUID | None = None
    organisation_id: UUID | None = None

    @property
    def nowhere(self) -> bool:
        """Whether it reaches nothing, for want of the house she works for."""
        return self.organisation_id is None and self.role in OF_AN_ORGANISATION

    def live(self, on: date) -> bool:
        """Tell whether the grant holds on that day, both ends included."""
        return self.starts <= on <= self.ends


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lies, as far as its model says; a dimension the record lacks is None."""

    office_id: UUID | None = None
    area_id: UUID | None = None
    programme_id: UUID | None = None
    organisation_id: UUID | None = None
    caseload_staff_id: UUID | None = None


def reaches(grant: GrantFact, place: Place, staff_id: UUID) -> bool:
    """Tell whether a grant reaches a record; a dimension the record lacks is never reached."""
    if grant.nowhere:
        return False
    if grant.organisation_id is not None and place.organisation_id != grant.organisation_id:
        return False
    if grant.scope is ScopeKind.ALL:
        return True
    if grant.scope is ScopeKind.PROJECT:
        return grant.programme_id is not None and place.programme_id == grant.programme_id
    if grant.scope is ScopeKind.AREA:
        return place.area_id in grant.area_ids
    if grant.scope is ScopeKind.OFFICE:
        return grant.office_id is not None and place.office_id == grant.office_id
    return place.caseload_staff_id == staff_id


INCOMPATIBLE: tuple[tuple[frozenset[Role], frozenset[Role]], ...] = (
    (frozenset({Role.CASHIER}), frozenset({Role.ACCOUNTANT})),
    (frozenset({Role.DPO}), frozenset({Role.ADMINISTRATOR})),
    (frozenset({Role.TARGETING_OFFICER}), frozenset({Role.COMPLAINTS_OFFICER})),
    (frozenset({Role.ADMINISTRATOR}), frozenset(Role) - {Role.ADMINISTRATOR}),
)

SECOND_FACTOR_ROLES = frozenset(Role) - {
    Role.OUTREACH,
    Role.ME_READER,
    Role.FUNDER,
    Role.TRAINER,
}


def incompatible_pair(held: Iterable[Role], new: Role) -> Role | None:
    """Return a held role that may not sit in one person beside `new`, or None."""
    for role in held:
        if role == new:
            continue
        for left, right in INCOMPATIBLE:
            if (role in left and new in right) or (new in left and role in right):
                return role
    return None
