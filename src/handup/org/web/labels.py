"""Words for what is stored as a code: roles, scopes, profiles, domains."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from handup.org.rules.access import Role, ScopeKind
from handup.org.rules.duties import Profile
from handup.org.web.columns import Label

ROLES: dict[Role, Label] = {
    Role.OUTREACH: _("Outreach worker"),
    Role.CLERK: _("Registration clerk"),
    Role.FIELD_OFFICER: _("Field officer"),
    Role.TARGETING_OFFICER: _("Targeting officer"),
    Role.ADJUDICATOR: _("Adjudicator of duplicates"),
    Role.FOCAL_POINT: _("Protection focal point"),
    Role.COMPLAINTS_OFFICER: _("Complaints officer"),
    Role.TRAINING_OFFICER: _("Training officer"),
    Role.TRAINER: _("Trainer"),
    Role.ADVISOR: _("Business adviser"),
    Role.APPRAISER: _("Appraiser"),
    Role.COMMITTEE: _("Credit committee"),
    Role.LOAN_OFFICER: _("Loan officer"),
    Role.BANK_CLERK: _("Partner bank clerk"),
    Role.CASHIER: _("Cashier"),
    Role.ACCOUNTANT: _("Accountant"),
    Role.FINANCE_MANAGER: _("Finance manager"),
    Role.DIRECTOR: _("Director"),
    Role.MANAGER: _("Branch manager"),
    Role.ME_OFFICER: _("Monitoring officer"),
    Role.ME_READER: _("Reader of results"),
    Role.GROUP_SUPERVISOR: _("Group supervisor"),
    Role.DPO: _("Data protection officer"),
    Role.AUDITOR: _("Auditor"),
    Role.ADMINISTRATOR: _("Administrator"),
    Role.FUNDER: _("Funder"),
    Role.SUCCESSOR: _("Successor institution"),
    Role.INTEGRATION: _("Other program"),
}

SCOPES: dict[ScopeKind, Label] = {
    ScopeKind.CASELOAD: _("her own caseload"),
    ScopeKind.OFFICE: _("one office"),
    ScopeKind.AREA: _("one area and all below"),
    ScopeKind.PROJECT: _("one programme"),
    ScopeKind.ALL: _("everything"),
}

PROFILES: dict[Profile, Label] = {
    Profile.SOLO: _("One person: every step that asks for a second person asks for a reason"),
    Profile.SMALL: _("A small team: two persons suffice, exceptions are looked at each month"),
    Profile.STANDARD: _("An institution: who asks, who decides and who pays are different persons"),
    Profile.NATIONAL: _("A national programme: as an institution, over many offices"),
}

DOMAINS: dict[str, Label] = {
    "training": _("Training"),
    "surveys": _("Surveys"),
    "plans": _("Business plans"),
    "markets": _("Markets"),
    "groups": _("Groups"),
    "lending": _("Lending"),
    "results": _("Results"),
}


def role(code: str) -> Label:
    """The word of a stored role."""
    return ROLES.get(Role(code), code)
