"""The words people read for the codes of this domain."""

from collections.abc import Mapping
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from handup.people.rules import codes as c
from handup.people.rules import duplicates as d
from handup.people.rules import glass as gl
from handup.people.rules import grievances as g
from handup.people.rules import impact as im
from handup.people.rules import referrals as rf
from handup.people.rules import requests as r
from handup.people.rules import sharing as sh
from handup.people.rules.card_parts import Status
from handup.people.rules.instruments import Instrument
from handup.people.rules.matching.decide import Fitting, Guard, Verdict
from handup.people.rules.merging import MergeLook
from handup.people.rules.ranking import RankingStatus
from handup.people.rules.selection import Outcome, SelectionState
from handup.people.rules.targeting import Part, RunKind

Labels = Mapping[StrEnum, Promise]

SEX: Labels = {
    c.Sex.F: _("woman"),
    c.Sex.M: _("man"),
    c.Sex.OTHER: pgettext_lazy("sex", "other"),
    c.Sex.NOT_ASKED: _("not asked"),
    c.Sex.NOT_ANSWERED: _("not answered"),
}
BIRTH_PRECISION: Labels = {
    c.BirthPrecision.DAY: _("to the day"),
    c.BirthPrecision.MONTH: _("to the month"),
    c.BirthPrecision.YEAR: _("to the year"),
    c.BirthPrecision.AGE: _("from a told age"),
    c.BirthPrecision.UNKNOWN: _("not known"),
}
NAME_KIND: Labels = {
    c.NameKind.REGISTERED: _("name"),
    c.NameKind.ALIAS: _("also known as"),
    c.NameKind.BEFORE_MARRIAGE: _("name before marriage"),
    c.NameKind.ROMANISED: _("name in Latin letters"),
}
SCRIPT: Labels = {
    c.Script.LATIN: _("Latin"),
    c.Script.ARMENIAN: _("Armenian"),
    c.Script.CYRILLIC: _("Cyrillic"),
    c.Script.ARABIC: _("Arabic"),
    c.Script.OTHER: pgettext_lazy("script", "other"),
}
PAPER_KIND: Labels = {
    c.PaperKind.NATIONAL_ID: _("identity card"),
    c.PaperKind.PASSPORT: _("passport"),
    c.PaperKind.REFUGEE_CARD: _("refugee card"),
    c.PaperKind.BIRTH_CERTIFICATE: _("birth certificate"),
    c.PaperKind.OTHER: pgettext_lazy("document", "other"),
}
HOUSEHOLD_ROLE: Labels = {
    c.HouseholdRole.HEAD: _("head of the household"),
    c.HouseholdRole.MEMBER: _("member"),
    c.HouseholdRole.COLLECTOR: _("collects for the household"),
}
LEAVING_MISTAKE: Labels = {
    c.LeavingMistake.OTHER_PERSON: _("it was somebody else"),
    c.LeavingMistake.OTHER_DAY: _("it was another day"),
    c.LeavingMistake.NOT_TRUE: _("what we were told was not true"),
}
KINSHIP: Labels = {
    c.Kinship.SELF: _("the head"),
    c.Kinship.SPOUSE: _("wife or husband"),
    c.Kinship.CHILD: _("child"),
    c.Kinship.PARENT: _("parent"),
    c.Kinship.SIBLING: _("brother or sister"),
    c.Kinship.GRANDCHILD: _("grandchild"),
    c.Kinship.OTHER_RELATIVE: _("other relative"),
    c.Kinship.NOT_RELATED: _("not related"),
    c.Kinship.NOT_KNOWN: _("not known"),
}
SEASON: Labels = {
    c.Season.WINTER: _("winter camp"),
    c.Season.SPRING: _("spring camp"),
    c.Season.SUMMER: _("summer camp"),
    c.Season.AUTUMN: _("autumn camp"),
    c.Season.NEXT: _("next seen"),
}
FORMALITY: Labels = {
    c.Formality.INFORMAL: _("not registered"),
    c.Formality.REGISTERED: _("registered"),
    c.Formality.LICENSED: _("registered and licensed"),
    c.Formality.NOT_KNOWN: _("not known"),
}
JOB_KIND: Labels = {
    c.JobKind.FARM: _("farm work"),
    c.JobKind.OFF_FARM: _("work off the farm"),
    c.JobKind.PROCESSING: _("processing of farm produce"),
}
LEGAL_STATUS: Labels = {
    c.LegalStatusKind.REFUGEE: _("refugee"),
    c.LegalStatusKind.ASYLUM_SEEKER: _("asylum seeker"),
    c.LegalStatusKind.STATELESS: _("stateless"),
    c.LegalStatusKind.IDP: _("internally displaced"),
    c.LegalStatusKind.RETURNEE: _("returnee"),
    c.LegalStatusKind.RETURNED_ASYLUM_SEEKER: _("returned asylum seeker"),
    c.LegalStatusKind.NATURALISED: _("naturalised"),
    c.LegalStatusKind.HOST: _("host community"),
}
STATUS_SOURCE: Labels = {
    c.StatusSource.DOCUMENT: _("a document shown"),
    c.StatusSource.AUTHORITY: _("an authority"),
    c.StatusSource.TOLD: _("told by the person"),
}
VULNERABILITY: Labels = {
    c.VulnerabilityKind.WIDOWED: _("widowed"),
    c.VulnerabilityKind.SINGLE_PARENT: _("single parent"),
    c.VulnerabilityKind.LANDLESS: _("without land"),
    c.VulnerabilityKind.EX_COMBATANT: _("former soldier"),
    c.VulnerabilityKind.LOST_REMITTANCES: _("lost money sent from abroad"),
    c.VulnerabilityKind.OUT_OF_SCHOOL: _("out of school"),
    c.VulnerabilityKind.NO_MIGRATION_CHANCE: _("no possibility of work abroad"),
    c.VulnerabilityKind.ILL_HEALTH: _("ill health in the family"),
    c.VulnerabilityKind.LOST_WORK: _("lost work"),
}
DERIVED: Labels = {
    c.Derived.WOMAN_HEAD: _("woman heading a household"),
    c.Derived.CHILD_HEAD: _("child heading a household"),
    c.Derived.LARGE_FAMILY: _("family with three or more children"),
    c.Derived.LOW_INCOME: _("low income"),
    c.Derived.DISABILITY: _("great difficulty in daily life"),
}
CHANNEL: Labels = {
    c.Channel.MEDIA: _("radio, television or newspaper"),
    c.Channel.LEADER: _("a community leader"),
    c.Channel.OPEN_DAY: _("open day"),
    c.Channel.PARTNER: _("a partner organisation"),
    c.Channel.WORD_OF_MOUTH: _("relatives or neighbours"),
    c.Channel.ONLINE: _("internet"),
    c.Channel.OTHER: pgettext_lazy("channel", "other"),
    c.Channel.UNKNOWN: _("not known"),
}
ENQUIRY_STATE: Labels = {
    c.EnquiryState.OPEN: pgettext_lazy("enquiry", "open"),
    c.EnquiryState.REGISTERED: _("became a registration"),
    c.EnquiryState.CLOSED: pgettext_lazy("enquiry", "closed"),
}
CONSENT_PURPOSE: Labels = {
    c.ConsentPurpose.SERVICE: _("being served by the programme"),
    c.ConsentPurpose.SHARE_BANK: _("sharing with the bank"),
    c.ConsentPurpose.SHARE_PARTNER: _("sharing with partner organisations"),
    c.ConsentPurpose.SHARE_AUTHORITY: _("sharing with authorities"),
    c.ConsentPurpose.CONTACT_LATER: _("being asked again later"),
    c.ConsentPurpose.PHOTO_STORY: _("photograph or story"),
    c.ConsentPurpose.RESEARCH: _("research"),
    c.ConsentPurpose.TRANSFER: _("being handed over to the local institution"),
}
CONSENT_METHOD: Labels = {
    c.ConsentMethod.SIGNATURE: _("signature"),
    c.ConsentMethod.MARK: _("mark or fingerprint"),
    c.ConsentMethod.VOICE: _("recorded voice"),
    c.ConsentMethod.WITNESSED: _("spoken before a witness"),
}
CONSENT_END: Labels = {
    c.ConsentEnd.WITHDRAWN: _("withdrawn"),
    c.ConsentEnd.EXPIRED: _("expired"),
    c.ConsentEnd.RENEWED: _("renewed"),
}
CAPACITY: Labels = {
    c.Capacity.SELF: _("the person"),
    c.Capacity.GUARDIAN: _("parent or guardian"),
    c.Capacity.REPRESENTATIVE: _("representative"),
}
PARTICIPATION: Labels = {
    c.ParticipationState.APPLIED: _("applied"),
    c.ParticipationState.NEEDS_INFORMATION: _("information is missing"),
    c.ParticipationState.ELIGIBLE: _("eligible"),
    c.ParticipationState.NOT_ELIGIBLE: _("not eligible"),
    c.ParticipationState.WAITING: _("on the waiting list"),
    c.ParticipationState.ACTIVE: _("taking part"),
    c.ParticipationState.PAUSED: _("paused"),
    c.ParticipationState.GRADUATED: _("graduated"),
    c.ParticipationState.EXITED: _("left"),
    c.ParticipationState.MERGED: _("merged with another record"),
}
REASON: Labels = {
    c.Reason.UNDER_AGE: _("too young"),
    c.Reason.OVER_AGE: _("too old"),
    c.Reason.OUTSIDE_AREA: _("lives outside the area of the programme"),
    c.Reason.ABOVE_CUTOFF: _("better off than the line of the programme"),
    c.Reason.NO_TARGET_STATUS: _("belongs to none of the groups the programme serves"),
    c.Reason.ALREADY_SERVED: _("already served by a similar programme"),
    c.Reason.DUPLICATE: _("registered twice"),
    c.Reason.CONFLICT_OF_INTEREST: _("conflict of interest"),
    c.Reason.MOVED: _("moved away"),
    c.Reason.WITHDREW: _("withdrew"),
    c.Reason.NO_CONTACT: _("could not be reached"),
    c.Reason.DIED: _("died"),
    c.Reason.MISCONDUCT: _("misconduct"),
    c.Reason.COMPLETED: _("completed"),
    c.Reason.RULE_MET: _("meets the rule of the programme"),
    c.Reason.MISSING_FACTS: _("facts are missing"),
    c.Reason.PLACE_FOUND: _("a place is free"),
    c.Reason.NO_PLACE: _("no place is free yet"),
    c.Reason.APPEAL: _("appeal"),
    c.Reason.PERSONAL: _("personal reasons"),
    c.Reason.RESUMED: _("goes on after a pause"),
}
INSTRUMENT: Labels = {
    Instrument.WG_SS: _("Daily activities (Washington Group)"),
    Instrument.HHS: _("Household hunger"),
    Instrument.FCS: _("Food consumption"),
    Instrument.RCSI: _("Coping with too little food"),
    Instrument.LCS_EN: _("Coping with essential needs"),
    Instrument.LCS_FS: _("Coping for food"),
}
RUN_KIND: Labels = {
    RunKind.POINTS: _("points of a scorecard"),
    RunKind.PMT: _("proxy means test"),
}
SELECTION_STATE: Labels = {
    SelectionState.PROPOSED: pgettext_lazy("selection", "proposed"),
    SelectionState.DECIDED: pgettext_lazy("selection", "decided"),
}
OUTCOME: Labels = {
    Outcome.TAKEN: _("taken"),
    Outcome.NEXT: _("on the waiting list"),
    Outcome.PASSED_OVER: _("passed over"),
}
SAMPLE_PART: Labels = {
    Part.INCLUSION: _("poor and taken"),
    Part.UNDERCOVERAGE: _("poor and left out"),
    Part.LEAKAGE: _("not poor and taken"),
    Part.EXCLUSION: _("not poor and left out"),
}
CARD_STATUS: Labels = {
    Status.SCORED: _("scored"),
    Status.INCOMPLETE: _("something is not known"),
}
COMPARTMENT: Labels = {
    c.CompartmentKind.TRAFFICKING: _("trafficking"),
    c.CompartmentKind.VIOLENCE: _("violence"),
    c.CompartmentKind.HEALTH: _("health"),
    c.CompartmentKind.CHILD: _("child protection"),
    c.CompartmentKind.STAFF_COMPLAINT: _("complaint about staff"),
    c.CompartmentKind.PERSON: _("the whole person"),
}
ALL: tuple[Labels, ...] = (LEGAL_STATUS, VULNERABILITY, DERIVED, REASON)

GRIEVANCE_KIND: Labels = {
    g.GrievanceKind.TARGETING: _("who was chosen"),
    g.GrievanceKind.PAYMENT: _("a payment"),
    g.GrievanceKind.STAFF: _("staff"),
    g.GrievanceKind.DATA: _("her data"),
    g.GrievanceKind.SERVICE: _("a service"),
    g.GrievanceKind.GROUP: _("a group"),
    g.GrievanceKind.BANK: _("a bank"),
    g.GrievanceKind.PARTNER: _("a partner"),
    g.GrievanceKind.REQUEST: _("a request"),
    g.GrievanceKind.PRAISE: _("praise"),
}
SENSITIVITY: Labels = {
    g.Sensitivity.EXPLOITATION: _("sexual exploitation or abuse"),
    g.Sensitivity.FRAUD: _("fraud"),
    g.Sensitivity.STAFF_CONDUCT: _("conduct of staff"),
    g.Sensitivity.DATA_BREACH: _("data got out"),
}
GRIEVANCE_STATE: Labels = {
    g.GrievanceState.RECEIVED: pgettext_lazy("grievance", "received"),
    g.GrievanceState.ACKNOWLEDGED: pgettext_lazy("grievance", "acknowledged"),
    g.GrievanceState.IN_PROGRESS: pgettext_lazy("grievance", "being looked into"),
    g.GrievanceState.RESOLVED: pgettext_lazy("grievance", "resolved"),
    g.GrievanceState.REJECTED: pgettext_lazy("grievance", "not upheld"),
    g.GrievanceState.APPEALED: pgettext_lazy("grievance", "appealed"),
    g.GrievanceState.CLOSED: pgettext_lazy("grievance", "closed"),
    g.GrievanceState.WITHDRAWN: pgettext_lazy("grievance", "taken back"),
}
MATCH_STATE: Labels = {
    d.MatchState.OPEN: pgettext_lazy("match", "to be compared"),
    d.MatchState.SAME: _("one person"),
    d.MatchState.DIFFERENT: _("two persons"),
    d.MatchState.UNSURE: _("not sure yet"),
}
MATCH_SOURCE: Labels = {
    d.MatchSource.NEWCOMER: _("at registration"),
    d.MatchSource.BATCH: _("in a file"),
    d.MatchSource.REGISTER: _("check of all records"),
}
MATCH_VERDICT: Labels = {
    Verdict.LIKELY: _("likely one person"),
    Verdict.POSSIBLE: _("possibly one person"),
    Verdict.DOCUMENT_CONFLICT: _("one document, two persons?"),
    Verdict.NONE: _("no match"),
}
MATCH_GUARD: Labels = {
    Guard.HOUSEHOLD: _("members of one household"),
    Guard.NAMES_DIFFER: _("both names differ"),
    Guard.TWINS: _("twins, or brother and sister?"),
    Guard.TOLD_DIFFERENT: _("told to be two persons"),
}
MATCH_REASON: Labels = {
    d.MatchReason.DOCUMENT_SEEN: _("her document was seen"),
    d.MatchReason.PERSON_ASKED: _("the person was asked"),
    d.MatchReason.RECORDS_COMPARED: _("the records were compared"),
    d.MatchReason.BOTH_MET: _("both persons were met"),
    d.MatchReason.FAMILY: _("relatives"),
    d.MatchReason.DOCUMENT_MISWRITTEN: _("a document number was miswritten"),
    d.MatchReason.TOO_LITTLE_KNOWN: _("too little is known"),
}
MERGE_LOOK: Labels = {
    MergeLook.TWO_OPEN_LOANS: _("she has more than one open loan"),
    MergeLook.GUARANTEES_HERSELF: _("she guarantees a loan of her own"),
    MergeLook.TWO_SAVINGS: _("she has two savings accounts at one lender"),
    MergeLook.TWO_HOUSEHOLDS: _("she belongs to two households"),
    MergeLook.SAME_COHORT: _("she was enrolled twice in one course"),
    MergeLook.SAME_ROUND: _("she was asked twice in one survey round"),
    MergeLook.SAME_PATHWAY: _("she was on a pathway of one programme twice"),
    MergeLook.SAME_VACANCY: _("she was proposed twice for one work"),
    MergeLook.SAME_TECHNOLOGY: _("she took up one technology twice"),
    MergeLook.CONSENT_WITHDRAWN: _("one record holds a consent that the other withdrew"),
}
MERGE_FIELD: Mapping[str, Promise] = {
    "name": _("name"),
    "father_name": _("father's name"),
    "birth_date": _("birth date"),
    "sex": _("sex"),
    "phone": _("telephone"),
    "settlement": _("settlement"),
    "address": _("exact place"),
    "languages": _("languages"),
    "programme": _("programme"),
    "office": _("office"),
    "case_officer": _("case officer"),
}
MATCH_FIELD: Mapping[str, Promise] = {
    "prior": _("before comparing"),
    "first_name": _("first name"),
    "last_name": _("family name"),
    "father_name": _("father's name"),
    "birth_date": _("birth date"),
    "sex": _("sex"),
    "phone": _("telephone"),
    "settlement": _("settlement"),
    "document": _("document"),
}
FITTING: Labels = {
    Fitting.EQUAL: pgettext_lazy("comparison", "equal"),
    Fitting.CLOSE: pgettext_lazy("comparison", "nearly equal"),
    Fitting.SIMILAR: pgettext_lazy("comparison", "similar"),
    Fitting.WEAK: pgettext_lazy("comparison", "hardly similar"),
    Fitting.ELSE: pgettext_lazy("comparison", "different"),
    Fitting.MISSING: pgettext_lazy("comparison", "not known"),
}
REQUEST_KIND: Labels = {
    r.RequestKind.ACCESS: _("to see what is held"),
    r.RequestKind.RECTIFICATION: _("to correct it"),
    r.RequestKind.OBJECTION: _("to stop a use of it"),
    r.RequestKind.ERASURE: _("to erase it"),
    r.RequestKind.AUTHORITY: _("an authority asks for it"),
}
REQUEST_STATE: Labels = {
    r.RequestState.ASKED: pgettext_lazy("request", "asked"),
    r.RequestState.IDENTIFIED: pgettext_lazy("request", "identity checked"),
    r.RequestState.HELD: pgettext_lazy("request", "held"),
    r.RequestState.APPROVED: pgettext_lazy("request", "approved"),
    r.RequestState.DONE: pgettext_lazy("request", "erased"),
    r.RequestState.CERTIFIED: pgettext_lazy("request", "erased and proved"),
    r.RequestState.ANSWERED: pgettext_lazy("request", "answered"),
    r.RequestState.REFUSED: pgettext_lazy("request", "refused"),
    r.RequestState.WITHDRAWN: pgettext_lazy("request", "taken back"),
}
IDENTITY_CHECK: Labels = {
    r.IdentityCheck.KNOWN: _("known to the staff member"),
    r.IdentityCheck.DOCUMENT: _("showed a document"),
    r.IdentityCheck.CARD: _("showed the programme's card"),
    r.IdentityCheck.QUESTIONS: _("answered questions only she can"),
    r.IdentityCheck.MANDATE: _("somebody with a written mandate"),
}
HOLD_REASON: Labels = {
    r.HoldReason.LOAN: _("an open loan"),
    r.HoldReason.SAVINGS: _("savings or a place in a group"),
    r.HoldReason.COMPLAINT: _("an open complaint"),
    r.HoldReason.COURT: _("a court"),
    r.HoldReason.LAW: _("a law"),
}
SHARED_FIELD: Labels = {
    sh.SharedField.PSEUDONYM: _("a number of its own for each person"),
    sh.SharedField.SEX: _("sex"),
    sh.SharedField.AGE_BAND: _("age band"),
    sh.SharedField.AREA: _("district, or province where few live"),
    sh.SharedField.STATE: _("how she takes part"),
    sh.SharedField.SINCE: _("takes part since"),
    sh.SharedField.NUMBER: _("registration number"),
    sh.SharedField.NAME: _("name"),
    sh.SharedField.BIRTH_DATE: _("birth date"),
    sh.SharedField.SETTLEMENT: _("settlement"),
    sh.SharedField.PHONE: _("telephone"),
    sh.SharedField.COLUMNS: _("a snapshot of the facts that are counted, without names"),
    sh.SharedField.COLUMNS_STATUS: _("legal status, disability and target groups in it"),
}
AGREEMENT_STATE: Labels = {
    sh.AgreementState.DRAFT: pgettext_lazy("agreement", "draft"),
    sh.AgreementState.SIGNED: pgettext_lazy("agreement", "signed"),
    sh.AgreementState.ACTIVE: pgettext_lazy("agreement", "in force"),
    sh.AgreementState.ENDED: pgettext_lazy("agreement", "ended"),
    sh.AgreementState.DESTRUCTION_PROVEN: pgettext_lazy("agreement", "destruction proved"),
}
DISCLOSURE_STATE: Labels = {
    sh.DisclosureState.QUEUED: pgettext_lazy("data given", "being made"),
    sh.DisclosureState.READY: pgettext_lazy("data given", "ready to be taken"),
    sh.DisclosureState.TAKEN: pgettext_lazy("data given", "taken"),
    sh.DisclosureState.EXPIRED: pgettext_lazy("data given", "not taken in time"),
    sh.DisclosureState.REFUSED: pgettext_lazy("data given", "refused"),
}
NOT_GIVEN: Labels = {
    sh.NotGiven.AGREEMENT: _("the agreement is not in force"),
    sh.NotGiven.CONSENT: _("somebody has withdrawn her consent"),
    sh.NotGiven.ROLE: _("the role does not reach that far"),
    sh.NotGiven.NOBODY: _("nobody agrees to it"),
}
REFERRAL_STATE: Labels = {
    rf.ReferralState.DRAFT: pgettext_lazy("referral", "draft"),
    rf.ReferralState.SENT: pgettext_lazy("referral", "sent"),
    rf.ReferralState.RECEIVED: pgettext_lazy("referral", "received there"),
    rf.ReferralState.ACCEPTED: pgettext_lazy("referral", "accepted"),
    rf.ReferralState.DONE: pgettext_lazy("referral", "done"),
    rf.ReferralState.REJECTED: pgettext_lazy("referral", "not accepted"),
    rf.ReferralState.REVOKED: pgettext_lazy("referral", "called back"),
    rf.ReferralState.NO_ANSWER: pgettext_lazy("referral", "no answer"),
}
GLASS_REASON: Labels = {
    gl.GlassReason.LIFE_OR_HEALTH: _("her life or health is in danger"),
    gl.GlassReason.CHILD: _("a child is in danger"),
    gl.GlassReason.VIOLENCE: _("she is threatened"),
    gl.GlassReason.MONEY_AT_RISK: _("her money is at risk now"),
    gl.GlassReason.AT_THE_DOOR: _("she stands before you and is served by others"),
    gl.GlassReason.OTHER: _("another reason"),
}
GLASS_STATE: Labels = {
    gl.GlassState.OPEN: pgettext_lazy("emergency access", "open"),
    gl.GlassState.EXPIRED: _("over, to review"),
    gl.GlassState.REVIEWED: _("in order"),
    gl.GlassState.ABUSE: _("misused"),
}


def choices(labels: Labels) -> list[tuple[str, Promise]]:
    """Turn a table of labels into a field's choices."""
    return [(code.value, label) for code, label in labels.items()]


def word_for(code: str) -> str:
    """Return the word for a category or a reason; a rule's own reason is shown as it was
    written."""
    for table in ALL:
        for known, label in table.items():
            if known.value == code:
                return str(label)
    return code.replace("_", " ").lower()


RANKING_STATE: Labels = {
    c.RankingState.OPEN: pgettext_lazy("wealth ranking", "open"),
    c.RankingState.CLOSED: pgettext_lazy("wealth ranking", "ended"),
}
PILE_MISTAKE: Labels = {
    c.PileMistake.MISWRITTEN: _("it was written down wrongly"),
    c.PileMistake.OTHER_HOUSEHOLD: _("another household was meant"),
    c.PileMistake.GROUP_SAYS: _("the group says so when it is read back"),
}
RANKING_STATUS: Labels = {
    RankingStatus.RANKED: pgettext_lazy("wealth ranking", "ranked"),
    RankingStatus.RERANK: pgettext_lazy("wealth ranking", "to be laid again"),
    RankingStatus.NEEDS_THIRD_RANKING: pgettext_lazy("wealth ranking", "laid by too few groups"),
}
IMPACT_STATE: Labels = {
    im.ImpactState.DRAFT: pgettext_lazy("impact assessment", "being written"),
    im.ImpactState.DECIDED: pgettext_lazy("impact assessment", "decided"),
    im.ImpactState.REPLACED: pgettext_lazy("impact assessment", "replaced by a later one"),
}
IMPACT_DECISION: Labels = {
    im.ImpactDecision.GO: _("it may be done"),
    im.ImpactDecision.WITH_MEASURES: _("it may be done with the measures"),
    im.ImpactDecision.STOP: _("it is not done"),
}
LEVEL: Labels = {
    im.Level.LOW: pgettext_lazy("risk", "low"),
    im.Level.MEDIUM: pgettext_lazy("risk", "medium"),
    im.Level.HIGH: pgettext_lazy("risk", "high"),
}
LIKELIHOOD = ((1, _("hardly")), (2, _("possible")), (3, _("probable")))
SEVERITY = ((1, _("slight")), (2, _("serious")), (3, _("grave")))
