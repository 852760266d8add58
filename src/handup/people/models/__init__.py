"""Tables of people: outreach, persons, households, enterprises, statuses, consents, taking part."""

from handup.people.models.consents import (
    Consent,
    ConsentEnding,
    ConsentNotice,
    ConsentRefusal,
)
from handup.people.models.duplicates import Match, MatchKey, NameAlias
from handup.people.models.enterprises import Enterprise, Ownership
from handup.people.models.glass import BreakGlass
from handup.people.models.grievances import Grievance, GrievanceStep, GrievanceTeamMember
from handup.people.models.households import Household, HouseholdFact, Membership, PovertyLine
from handup.people.models.impact import ImpactAssessment, ImpactRisk
from handup.people.models.instruments import Instrument, InstrumentAnswer
from handup.people.models.matching import MatchModel
from handup.people.models.merges import Alias, MergeRecord
from handup.people.models.outreach import Campaign, Enquiry, OutreachEvent
from handup.people.models.participation import (
    EligibilityRule,
    Participation,
    ParticipationEvent,
)
from handup.people.models.persons import Person, PersonDocument, PersonName
from handup.people.models.places import SeasonPlace
from handup.people.models.protection import (
    CASE_TABLES,
    CaseAction,
    CaseDocument,
    CaseMove,
    CaseNote,
    CaseTeamMember,
    Compartment,
)
from handup.people.models.ranking import RankedPile, RankingMeeting, WealthRanking
from handup.people.models.referrals import Referral, ReferralPriority
from handup.people.models.requests import ErasureCertificate, SubjectRequest
from handup.people.models.scorecards import Assessment, Scorecard
from handup.people.models.selection import Selection, SelectionLine
from handup.people.models.sharing import DisclosedPerson, Disclosure, SharingAgreement
from handup.people.models.statuses import LegalStatus, Vulnerability
from handup.people.models.targeting import (
    MeansScore,
    ProxyMeansTest,
    SampleVisit,
    TargetingRow,
    TargetingRun,
)

__all__ = [
    "CASE_TABLES",
    "Alias",
    "Assessment",
    "BreakGlass",
    "Campaign",
    "CaseAction",
    "CaseDocument",
    "CaseMove",
    "CaseNote",
    "CaseTeamMember",
    "Compartment",
    "Consent",
    "ConsentEnding",
    "ConsentNotice",
    "ConsentRefusal",
    "DisclosedPerson",
    "Disclosure",
    "EligibilityRule",
    "Enquiry",
    "Enterprise",
    "ErasureCertificate",
    "Grievance",
    "GrievanceStep",
    "GrievanceTeamMember",
    "Household",
    "HouseholdFact",
    "ImpactAssessment",
    "ImpactRisk",
    "Instrument",
    "InstrumentAnswer",
    "LegalStatus",
    "Match",
    "MatchKey",
    "MatchModel",
    "MeansScore",
    "Membership",
    "MergeRecord",
    "NameAlias",
    "OutreachEvent",
    "Ownership",
    "Participation",
    "ParticipationEvent",
    "Person",
    "PersonDocument",
    "PersonName",
    "PovertyLine",
    "ProxyMeansTest",
    "RankedPile",
    "RankingMeeting",
    "Referral",
    "ReferralPriority",
    "SampleVisit",
    "Scorecard",
    "SeasonPlace",
    "Selection",
    "SelectionLine",
    "SharingAgreement",
    "SubjectRequest",
    "TargetingRow",
    "TargetingRun",
    "Vulnerability",
    "WealthRanking",
]
