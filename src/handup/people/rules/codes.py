"""The codes of this domain, one list each (people.md section 3). Pure."""

from enum import StrEnum


class Sex(StrEnum):
    """As told; not asked and not answered are answers too."""

    F = "F"
    M = "M"
    OTHER = "OTHER"
    NOT_ASKED = "NOT_ASKED"
    NOT_ANSWERED = "NOT_ANSWERED"


class Corrected(StrEnum):
    """What of a person a phone may correct."""

    SEX = "SEX"
    BIRTH = "BIRTH"
    FATHER_NAME = "FATHER_NAME"
    AREA = "AREA"
    PHONE = "PHONE"


class CorrectionWhy(StrEnum):
    """Why it is corrected: it was written down wrong, it is otherwise since, or it is known better
    now.
    """

    WRITTEN_WRONG = "WRITTEN_WRONG"
    CHANGED_SINCE = "CHANGED_SINCE"
    TOLD_ANEW = "TOLD_ANEW"


class BirthPrecision(StrEnum):
    """How exactly a birth date is known; AGE: counted back from a told age."""

    DAY = "DAY"
    MONTH = "MONTH"
    YEAR = "YEAR"
    AGE = "AGE"
    UNKNOWN = "UNKNOWN"


class NameKind(StrEnum):
    """Which of a person's names it is."""

    REGISTERED = "REGISTERED"
    ALIAS = "ALIAS"
    BEFORE_MARRIAGE = "BEFORE_MARRIAGE"
    ROMANISED = "ROMANISED"


class Script(StrEnum):
    """The letters a name is written in."""

    LATIN = "LATIN"
    ARMENIAN = "ARMENIAN"
    CYRILLIC = "CYRILLIC"
    ARABIC = "ARABIC"
    OTHER = "OTHER"


class PaperKind(StrEnum):
    """Documents a person shows."""

    NATIONAL_ID = "NATIONAL_ID"
    PASSPORT = "PASSPORT"
    REFUGEE_CARD = "REFUGEE_CARD"
    BIRTH_CERTIFICATE = "BIRTH_CERTIFICATE"
    OTHER = "OTHER"


class HouseholdRole(StrEnum):
    """What a member is in the household."""

    HEAD = "HEAD"
    MEMBER = "MEMBER"
    COLLECTOR = "COLLECTOR"


class LeavingMistake(StrEnum):
    """Why it is taken back that somebody left a household."""

    OTHER_PERSON = "OTHER_PERSON"
    OTHER_DAY = "OTHER_DAY"
    NOT_TRUE = "NOT_TRUE"


class Kinship(StrEnum):
    """What a member is to the head."""

    SELF = "SELF"
    SPOUSE = "SPOUSE"
    CHILD = "CHILD"
    PARENT = "PARENT"
    SIBLING = "SIBLING"
    GRANDCHILD = "GRANDCHILD"
    OTHER_RELATIVE = "OTHER_RELATIVE"
    NOT_RELATED = "NOT_RELATED"
    NOT_KNOWN = "NOT_KNOWN"


class Season(StrEnum):
    """In which season somebody who moves with her animals is at a place; NEXT: she is seen there
    next, whatever the season."""

    WINTER = "WINTER"
    SPRING = "SPRING"
    SUMMER = "SUMMER"
    AUTUMN = "AUTUMN"
    NEXT = "NEXT"


class RankingState(StrEnum):
    """Whether neighbours may still lay households in piles."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"


class PileMistake(StrEnum):
    """Why the pile of a household is written anew."""

    MISWRITTEN = "MISWRITTEN"
    OTHER_HOUSEHOLD = "OTHER_HOUSEHOLD"
    GROUP_SAYS = "GROUP_SAYS"


class Formality(StrEnum):
    """Whether an enterprise is known to the state."""

    INFORMAL = "INFORMAL"
    REGISTERED = "REGISTERED"
    LICENSED = "LICENSED"
    NOT_KNOWN = "NOT_KNOWN"


class JobKind(StrEnum):
    """What kind of work an enterprise gives (rulings C21)."""

    FARM = "FARM"
    OFF_FARM = "OFF_FARM"
    PROCESSING = "PROCESSING"


class LegalStatusKind(StrEnum):
    """Legal statuses; they may overlap."""

    REFUGEE = "REFUGEE"
    ASYLUM_SEEKER = "ASYLUM_SEEKER"
    STATELESS = "STATELESS"
    IDP = "IDP"
    RETURNEE = "RETURNEE"
    RETURNED_ASYLUM_SEEKER = "RETURNED_ASYLUM_SEEKER"
    NATURALISED = "NATURALISED"
    HOST = "HOST"


class StatusSource(StrEnum):
    """Where a status or vulnerability is known from."""

    DOCUMENT = "DOCUMENT"
    AUTHORITY = "AUTHORITY"
    TOLD = "TOLD"


class VulnerabilityKind(StrEnum):
    """What a person tells of herself; nothing restricted is ever in this list (PE7)."""

    WIDOWED = "WIDOWED"
    SINGLE_PARENT = "SINGLE_PARENT"
    LANDLESS = "LANDLESS"
    EX_COMBATANT = "EX_COMBATANT"
    LOST_REMITTANCES = "LOST_REMITTANCES"
    OUT_OF_SCHOOL = "OUT_OF_SCHOOL"
    NO_MIGRATION_CHANCE = "NO_MIGRATION_CHANCE"
    ILL_HEALTH = "ILL_HEALTH"
    LOST_WORK = "LOST_WORK"


class Derived(StrEnum):
    """Categories computed from facts, never typed."""

    WOMAN_HEAD = "WOMAN_HEAD"
    CHILD_HEAD = "CHILD_HEAD"
    LARGE_FAMILY = "LARGE_FAMILY"
    LOW_INCOME = "LOW_INCOME"
    DISABILITY = "DISABILITY"


SEALED_CATEGORIES = frozenset({Derived.DISABILITY})
"""Computed from sealed answers: for rules and figures, never in a list of what a person is."""


class Channel(StrEnum):
    """How somebody heard of the programme, as she says; "unknown" keeps its row."""

    MEDIA = "MEDIA"
    LEADER = "LEADER"
    OPEN_DAY = "OPEN_DAY"
    PARTNER = "PARTNER"
    WORD_OF_MOUTH = "WORD_OF_MOUTH"
    ONLINE = "ONLINE"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"


class EnquiryState(StrEnum):
    """What became of an enquiry."""

    OPEN = "OPEN"
    REGISTERED = "REGISTERED"
    CLOSED = "CLOSED"


class ConsentPurpose(StrEnum):
    """What a person may agree to; nothing given = refused."""

    SERVICE = "SERVICE"
    SHARE_BANK = "SHARE_BANK"
    SHARE_PARTNER = "SHARE_PARTNER"
    SHARE_AUTHORITY = "SHARE_AUTHORITY"
    CONTACT_LATER = "CONTACT_LATER"
    PHOTO_STORY = "PHOTO_STORY"
    RESEARCH = "RESEARCH"
    TRANSFER = "TRANSFER"


DATA_CATEGORIES = frozenset(
    {
        "identity",
        "contact",
        "household",
        "status",
        "enterprise",
        "money",
        "training",
        "photograph",
    }
)
"""What a notice may say it is about, part by part; one that names none is about everything."""


class ConsentMethod(StrEnum):
    """How she agreed."""

    SIGNATURE = "SIGNATURE"
    MARK = "MARK"
    VOICE = "VOICE"
    WITNESSED = "WITNESSED"


class ConsentEnd(StrEnum):
    """How a consent ended."""

    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"
    RENEWED = "RENEWED"


class Capacity(StrEnum):
    """Who signed for her."""

    SELF = "SELF"
    GUARDIAN = "GUARDIAN"
    REPRESENTATIVE = "REPRESENTATIVE"


class ParticipationState(StrEnum):
    """Where a person's taking part in a programme stands (people.md 5)."""

    APPLIED = "APPLIED"
    NEEDS_INFORMATION = "NEEDS_INFORMATION"
    ELIGIBLE = "ELIGIBLE"
    NOT_ELIGIBLE = "NOT_ELIGIBLE"
    WAITING = "WAITING"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    GRADUATED = "GRADUATED"
    EXITED = "EXITED"
    MERGED = "MERGED"


class Reason(StrEnum):
    """Coded reasons of a decision or an exit; a rule may bring its own beside these."""

    UNDER_AGE = "UNDER_AGE"
    OVER_AGE = "OVER_AGE"
    OUTSIDE_AREA = "OUTSIDE_AREA"
    ABOVE_CUTOFF = "ABOVE_CUTOFF"
    NO_TARGET_STATUS = "NO_TARGET_STATUS"
    ALREADY_SERVED = "ALREADY_SERVED"
    DUPLICATE = "DUPLICATE"
    CONFLICT_OF_INTEREST = "CONFLICT_OF_INTEREST"
    MOVED = "MOVED"
    WITHDREW = "WITHDREW"
    NO_CONTACT = "NO_CONTACT"
    DIED = "DIED"
    MISCONDUCT = "MISCONDUCT"
    COMPLETED = "COMPLETED"
    RULE_MET = "RULE_MET"
    MISSING_FACTS = "MISSING_FACTS"
    PLACE_FOUND = "PLACE_FOUND"
    NO_PLACE = "NO_PLACE"
    APPEAL = "APPEAL"
    PERSONAL = "PERSONAL"
    RESUMED = "RESUMED"


class CompartmentKind(StrEnum):
    """Restricted compartments; PERSON hides the whole person."""

    TRAFFICKING = "TRAFFICKING"
    VIOLENCE = "VIOLENCE"
    HEALTH = "HEALTH"
    CHILD = "CHILD"
    STAFF_COMPLAINT = "STAFF_COMPLAINT"
    PERSON = "PERSON"
