"""The words people read for the codes of a hand-over."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from handup.projects.models.labels import Labels
from handup.projects.rules.handover import (
    HandoverState,
    Part,
    ReadinessSection,
    ReadinessState,
    StayReason,
    TransferState,
    Way,
)

HANDOVER_STATE: Labels = {
    HandoverState.OPTIONS: _("options compared"),
    HandoverState.DECIDED: pgettext_lazy("how far a hand-over is", "decided"),
    HandoverState.REGISTERED: _("successor registered"),
    HandoverState.SHADOW: _("side by side, the old one decides"),
    HandoverState.SUPERVISED: _("supervised, the new one decides"),
    HandoverState.INDEPENDENT: _("independent"),
}
WAY: Labels = {
    Way.DIRECT: _("direct lending"),
    Way.PARTNER_BANK: _("through a partner bank"),
    Way.GUARANTEE_FUND: _("guarantee fund"),
}
SECTION: Labels = {
    ReadinessSection.LEGAL: _("legal"),
    ReadinessSection.GOVERNANCE: _("governance"),
    ReadinessSection.PEOPLE: _("people"),
    ReadinessSection.MONEY: _("money"),
    ReadinessSection.PORTFOLIO: _("portfolio"),
    ReadinessSection.SERVICES: _("services"),
    ReadinessSection.SYSTEMS: _("systems and data"),
    ReadinessSection.PARTNERS: _("partners"),
    ReadinessSection.CLIENTS: _("people served"),
}
READINESS_STATE: Labels = {
    ReadinessState.NOT_STARTED: _("not started"),
    ReadinessState.IN_PROGRESS: _("in progress"),
    ReadinessState.MET: _("met"),
    ReadinessState.NOT_APPLICABLE: _("does not apply"),
}
PART: Labels = {
    Part.BEFORE: _("not begun"),
    Part.SET_UP: _("setting up"),
    Part.EXPANSION: _("expansion"),
    Part.HAND_OVER: _("handing over"),
    Part.AFTER: _("past its end"),
}
TRANSFER_STATE: Labels = {
    TransferState.PACKED: _("packed"),
    TransferState.MOVED: _("moved, totals equal"),
}
STAY_REASON: Labels = {
    StayReason.REFUSED: _("refused"),
    StayReason.NOT_ASKED: _("not asked"),
    StayReason.TIED: _("goes, but a group or a loan she shares stays"),
}
ITEM: Mapping[str, Promise] = {
    "LEGAL_FORM": _("Legal form chosen with local legal advice"),
    "REGISTERED": _("Registered"),
    "LICENCE": _("Licence to lend, or lending through a bank"),
    "BOARD": _("Board elected"),
    "CONFLICTS": _("Rules on conflicts of interest"),
    "MEMBERS_VOICE": _("Members have a voice"),
    "MANAGER": _("Manager engaged"),
    "ACCOUNTANT": _("Accountant engaged"),
    "ADVISORS": _("Qualified advisors and appraisers engaged"),
    "CLOSED_BOOKS": _("Twelve months of closed books"),
    "AUDIT": _("Audit"),
    "SELF_SUFFICIENCY": _("Operating costs covered, or a signed plan of subsidy"),
    "LOAN_BY_LOAN": _("Portfolio agreed loan by loan with the lender"),
    "PAR30": _("Portfolio at risk over 30 days within its limit"),
    "CURRICULUM": _("Licence of the curriculum transferred"),
    "TRAINERS": _("Trainers active"),
    "PROVIDER": _("Agreement with the provider signed"),
    "RESTORED_BACKUP": _("Backup restored and proven"),
    "USERS_TRAINED": _("Users trained"),
    "CONSENT": _("Consent of the people to the transfer"),
    "AGREEMENTS": _("Agreements with bank, ministry and funder renewed"),
    "INFORMED": _("People informed in their language"),
    "COMPLAINTS": _("Way to complain tested"),
}


def item_text(code: str) -> Promise | str:
    """The words of a standard item; of another its code."""
    return ITEM.get(code, code)
