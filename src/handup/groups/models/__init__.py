"""Tables of groups: the group and its members, its constitution, its facts and its meetings."""

from handup.groups.models.advice import AdviceVisit
from handup.groups.models.advocacy import GroupIssue
from handup.groups.models.bulk import BulkLine, BulkOrder
from handup.groups.models.collection import (
    CollectionPoint,
    Delivery,
    GateEntry,
    Producer,
    RateChart,
)
from handup.groups.models.dossiers import DossierMember, GroupDossier
from handup.groups.models.dues import DuesInvoice, DuesPayment, DuesTariff
from handup.groups.models.elections import BallotCount, Candidate, Delegate, Election
from handup.groups.models.facts import GroupFact, Meeting, MeetingAttendance, Resolution
from handup.groups.models.firms import Representative
from handup.groups.models.group import Constitution, Cycle, Group, Member, OfficeTerm
from handup.groups.models.kin import NextOfKin
from handup.groups.models.money import Fine, GroupKey, InternalLoan
from handup.groups.models.needs import Need, NeedsMeeting
from handup.groups.models.papersheets import PaperSheet
from handup.groups.models.payslips import (
    Deduction,
    Payslip,
    PayslipApproval,
    PayslipLine,
    PayslipRun,
)
from handup.groups.models.price_lines import PriceLine, PriceMessage, PriceMessageState
from handup.groups.models.sales import ProcessingBatch, ProduceSale, SalePayment, StockLoss
from handup.groups.models.scoring import (
    AssessmentMark,
    GroupAssessment,
    MarkDispute,
    MarkEvidence,
)
from handup.groups.models.shares import ShareMove, Statutes
from handup.groups.models.surplus import (
    DraftState,
    GatheredRefund,
    GatheredState,
    MemberUse,
    SurplusDraft,
    SurplusLine,
    SurplusYear,
)
from handup.groups.models.told import GroupTold

__all__ = [
    "AdviceVisit",
    "AssessmentMark",
    "BallotCount",
    "BulkLine",
    "BulkOrder",
    "Candidate",
    "CollectionPoint",
    "Constitution",
    "Cycle",
    "Deduction",
    "Delegate",
    "Delivery",
    "DossierMember",
    "DraftState",
    "DuesInvoice",
    "DuesPayment",
    "DuesTariff",
    "Election",
    "Fine",
    "GateEntry",
    "GatheredRefund",
    "GatheredState",
    "Group",
    "GroupAssessment",
    "GroupDossier",
    "GroupFact",
    "GroupIssue",
    "GroupKey",
    "GroupTold",
    "InternalLoan",
    "MarkDispute",
    "MarkEvidence",
    "Meeting",
    "MeetingAttendance",
    "Member",
    "MemberUse",
    "Need",
    "NeedsMeeting",
    "NextOfKin",
    "OfficeTerm",
    "PaperSheet",
    "Payslip",
    "PayslipApproval",
    "PayslipLine",
    "PayslipRun",
    "PriceLine",
    "PriceMessage",
    "PriceMessageState",
    "ProcessingBatch",
    "ProduceSale",
    "Producer",
    "RateChart",
    "Representative",
    "Resolution",
    "SalePayment",
    "ShareMove",
    "Statutes",
    "StockLoss",
    "SurplusDraft",
    "SurplusLine",
    "SurplusYear",
]
