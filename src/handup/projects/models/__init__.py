"""Tables of funded work: programmes and phases, institutions, money promised, documents,
lessons."""

from handup.projects.models.drawing import Purchase, Withdrawal
from handup.projects.models.handover import (
    Handover,
    HandoverMove,
    HandoverOption,
    ReadinessItem,
    TransferBatch,
    TransferStay,
)
from handup.projects.models.knowledge import (
    Document,
    DocumentType,
    Lesson,
    LessonApplication,
    StatedFigure,
)
from handup.projects.models.memoranda import Memorandum, Obligation
from handup.projects.models.missions import MissionAction
from handup.projects.models.money import Budget, BudgetLine, FundingAgreement
from handup.projects.models.organisations import Organisation, OrganisationKind, Partner
from handup.projects.models.programmes import AreaLink, Phase, Programme, RelatedProgramme
from handup.projects.models.search import SearchEntry

__all__ = [
    "AreaLink",
    "Budget",
    "BudgetLine",
    "Document",
    "DocumentType",
    "FundingAgreement",
    "Handover",
    "HandoverMove",
    "HandoverOption",
    "Lesson",
    "LessonApplication",
    "Memorandum",
    "MissionAction",
    "Obligation",
    "Organisation",
    "OrganisationKind",
    "Partner",
    "Phase",
    "Programme",
    "Purchase",
    "ReadinessItem",
    "RelatedProgramme",
    "SearchEntry",
    "StatedFigure",
    "TransferBatch",
    "TransferStay",
    "Withdrawal",
]
