"""The words people read for the codes of this domain."""

from collections.abc import Mapping
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from handup.projects.rules.dates import Precision
from handup.projects.rules.duties import MemorandumKind, ObligationKind
from handup.projects.rules.missions import MissionActionState
from handup.projects.rules.states import BudgetState, DocumentState, LessonState, PhaseStatus


class PartnerRole(StrEnum):
    """What an institution does in a programme."""

    FUNDER = "FUNDER"
    IMPLEMENTER = "IMPLEMENTER"
    PROVIDER = "PROVIDER"
    BANK = "BANK"
    GOVERNMENT = "GOVERNMENT"
    SUCCESSOR = "SUCCESSOR"


class OrgKind(StrEnum):
    """What an institution is."""

    FUNDER = "FUNDER"
    IMPLEMENTER = "IMPLEMENTER"
    PROVIDER = "PROVIDER"
    BANK = "BANK"
    MICROFINANCE = "MICROFINANCE"
    BUYER = "BUYER"
    SUPPLIER = "SUPPLIER"
    GOVERNMENT = "GOVERNMENT"
    COOPERATIVE = "COOPERATIVE"
    ASSOCIATION = "ASSOCIATION"
    SUCCESSOR = "SUCCESSOR"
    OTHER = "OTHER"


class Reach(StrEnum):
    """Whether work is done in an area or people of it are served."""

    ACTIVITY = "ACTIVITY"
    BENEFICIARY = "BENEFICIARY"


class FundingKind(StrEnum):
    """How money was given."""

    GRANT = "GRANT"
    LOAN = "LOAN"


class Access(StrEnum):
    """Who may read a document."""

    PUBLIC = "PUBLIC"
    PARTNERS = "PARTNERS"
    INTERNAL = "INTERNAL"


class Bound(StrEnum):
    """What a printed number claims."""

    EXACT = "EXACT"
    OVER = "OVER"
    AT_LEAST = "AT_LEAST"
    ABOUT = "ABOUT"
    UP_TO = "UP_TO"


class Confidence(StrEnum):
    """How sure a lesson is."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


class Relation(StrEnum):
    """How one programme stands to another."""

    PRECEDES = "PRECEDES"
    FOLLOWS = "FOLLOWS"
    SISTER = "SISTER"
    PARENT = "PARENT"


class TargetKind(StrEnum):
    """What a lesson was applied to."""

    PHASE = "PHASE"
    DESIGN_DECISION = "DESIGN_DECISION"
    CURRICULUM = "CURRICULUM"
    LOAN_PRODUCT = "LOAN_PRODUCT"
    SETTING = "SETTING"


Labels = Mapping[StrEnum, Promise]

PRECISION: Labels = {
    Precision.DAY: _("day"),
    Precision.MONTH: _("month"),
    Precision.YEAR: _("year"),
}
PHASE_STATUS: Labels = {
    PhaseStatus.PIPELINE: _("in preparation"),
    PhaseStatus.ACTIVE: _("active"),
    PhaseStatus.SUSPENDED: _("suspended"),
    PhaseStatus.FINALISATION: _("being finished"),
    PhaseStatus.CLOSED: _("closed"),
}
BUDGET_STATE: Labels = {
    BudgetState.DRAFT: _("draft"),
    BudgetState.APPROVED: _("approved"),
    BudgetState.REVISED: _("replaced by a new version"),
}
DOCUMENT_STATE: Labels = {
    DocumentState.DRAFT: _("draft"),
    DocumentState.FINAL: _("final"),
    DocumentState.SUPERSEDED: _("replaced by a later version"),
}
LESSON_STATE: Labels = {
    LessonState.PROPOSED: _("proposed"),
    LessonState.ACCEPTED: _("accepted"),
    LessonState.APPLIED: _("applied"),
    LessonState.NOT_APPLIED: _("not applied"),
    LessonState.REVIEWED: _("reviewed"),
}
MEMORANDUM_KIND: Labels = {
    MemorandumKind.MOU: _("memorandum of understanding"),
    MemorandumKind.CONTRACT: _("contract"),
    MemorandumKind.HANDOVER: _("agreement on a hand-over"),
}
OBLIGATION_KIND: Labels = {
    ObligationKind.TASK: _("something to do"),
    ObligationKind.PAYMENT: _("money to pay"),
    ObligationKind.REPORT: _("a report"),
}
MISSION_ACTION_STATE: Labels = {
    MissionActionState.OPEN: _("open"),
    MissionActionState.DONE: _("done"),
    MissionActionState.DROPPED: _("dropped"),
}
PARTNER_ROLE: Labels = {
    PartnerRole.FUNDER: _("funder"),
    PartnerRole.IMPLEMENTER: _("implementer"),
    PartnerRole.PROVIDER: _("provider of training or services"),
    PartnerRole.BANK: _("bank"),
    PartnerRole.GOVERNMENT: _("government"),
    PartnerRole.SUCCESSOR: _("successor"),
}
ORG_KIND: Labels = {
    OrgKind.FUNDER: _("funder"),
    OrgKind.IMPLEMENTER: _("implementer"),
    OrgKind.PROVIDER: _("provider of training or services"),
    OrgKind.BANK: _("bank"),
    OrgKind.MICROFINANCE: _("microfinance institution"),
    OrgKind.BUYER: _("buyer"),
    OrgKind.SUPPLIER: _("supplier"),
    OrgKind.GOVERNMENT: _("government"),
    OrgKind.COOPERATIVE: _("cooperative"),
    OrgKind.ASSOCIATION: _("association"),
    OrgKind.SUCCESSOR: _("successor"),
    OrgKind.OTHER: _("other"),
}
REACH: Labels = {
    Reach.ACTIVITY: _("work is done here"),
    Reach.BENEFICIARY: _("people of this area are served"),
}
FUNDING_KIND: Labels = {FundingKind.GRANT: _("grant"), FundingKind.LOAN: _("loan")}
ACCESS: Labels = {
    Access.PUBLIC: _("everyone"),
    Access.PARTNERS: _("partners"),
    Access.INTERNAL: _("staff only"),
}
BOUND: Labels = {
    Bound.EXACT: _("exactly"),
    Bound.OVER: _("more than"),
    Bound.AT_LEAST: _("at least"),
    Bound.ABOUT: _("about"),
    Bound.UP_TO: _("up to"),
}
CONFIDENCE: Labels = {
    Confidence.LOW: _("low"),
    Confidence.MEDIUM: _("medium"),
    Confidence.HIGH: _("high"),
}
RELATION: Labels = {
    Relation.PRECEDES: _("comes before"),
    Relation.FOLLOWS: _("comes after"),
    Relation.SISTER: _("sister programme of"),
    Relation.PARENT: _("part of"),
}
TARGET_KIND: Labels = {
    TargetKind.PHASE: _("phase"),
    TargetKind.DESIGN_DECISION: _("design decision"),
    TargetKind.CURRICULUM: _("curriculum"),
    TargetKind.LOAN_PRODUCT: _("loan product"),
    TargetKind.SETTING: _("setting"),
}


def choices(labels: Labels) -> list[tuple[str, Promise]]:
    """Turn a table of labels into a field's choices."""
    return [(code.value, label) for code, label in labels.items()]
