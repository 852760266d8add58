"""What the API of people takes and gives; secrets are taken, never given."""

from datetime import date
from typing import Annotated, TypeVar
from uuid import UUID

from django.db.models import Model
from ninja import Schema
from pydantic import Field

from handup.org.interface import Currency, LongText, Text, Units
from handup.org.models import StaffUser
from handup.people.queries.merging import shown
from handup.people.rules import codes as c
from handup.people.rules.matching.decide import Fitting, Verdict
from handup.projects.rules.dates import Precision

M = TypeVar("M", bound=Model)
Word = Annotated[Text, Field(max_length=120)]
Code = Annotated[Text, Field(max_length=40, min_length=1)]
Language = Annotated[Text, Field(max_length=10)]
Phone = Annotated[Text, Field(max_length=40)]
Line = Annotated[Text, Field(max_length=200)]
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2200, 12, 31))]
Count = Annotated[int, Field(ge=0, le=30_000)]


def found(model: type[M], staff: StaffUser, pk: UUID) -> M:
    """Return the record she may see (of a person: the one that stays). Raises OutOfSight."""
    row: M = shown(model, staff, pk)
    return row


def named(model: type[M], staff: StaffUser, pk: UUID | None) -> M | None:
    """The same for a reference that may be left out."""
    return None if pk is None else found(model, staff, pk)


class CampaignTold(Schema):
    """A campaign to start."""

    programme_id: UUID
    code: Code
    title: Line
    channel: c.Channel
    language: Language
    start_date: Day
    end_date: Day | None = None
    cost_units: Units | None = None
    currency: Currency | None = None
    budget_line_id: UUID | None = None
    office_id: UUID | None = None


class CampaignOut(Schema):
    """A campaign."""

    id: UUID
    programme_id: UUID
    code: str
    title: str
    channel: str
    language: str
    start_date: date
    end_date: date | None
    cost_units: int | None
    currency: str


class EventTold(Schema):
    """An event with heads counted {sex: {age band: number}}."""

    title: Line
    event_date: Day
    heads: dict[c.Sex, dict[Annotated[Text, Field(max_length=20)], Count]]
    area_id: UUID | None = None
    place: Line = ""


class EventOut(Schema):
    """An event."""

    id: UUID
    campaign_id: UUID
    title: str
    event_date: date
    heads: dict[str, dict[str, int]]


class EnquiryTold(Schema):
    """An enquiry, named or not."""

    programme_id: UUID
    enquiry_date: Day
    channel: c.Channel = c.Channel.UNKNOWN
    campaign_id: UUID | None = None
    name: Line = ""
    phone: Phone = ""
    language: Language = ""
    wish: Annotated[Text, Field(max_length=300)] = ""
    area_id: UUID | None = None
    office_id: UUID | None = None


class EnquiryOut(Schema):
    """An enquiry, without its telephone."""

    id: UUID
    programme_id: UUID
    campaign_id: UUID | None
    name: str
    wish: str
    channel: str
    state: str
    enquiry_date: date
    due_date: date
    person_id: UUID | None


class ClosingTold(Schema):
    """Why an enquiry is closed."""

    reason: Line
    closed_date: Day


class NameTold(Schema):
    """One name."""

    first_name: Word
    last_name: Word = ""
    kind: c.NameKind = c.NameKind.REGISTERED


class PaperTold(Schema):
    """A document somebody saw."""

    kind: c.PaperKind
    number: Annotated[Text, Field(max_length=60)]
    issuer: Word = ""
    issue_date: Day | None = None
    valid_to: Day | None = None


class PaperSeen(PaperTold):
    """A document with the day it was seen."""

    seen_date: Day


class StatusTold(Schema):
    """A legal status."""

    status: c.LegalStatusKind
    from_date: Day
    to_date: Day | None = None
    source: c.StatusSource = c.StatusSource.TOLD


class StatusOut(Schema):
    """A legal status."""

    id: UUID
    status: str
    from_date: date
    to_date: date | None
    source: str


class VulnerabilityTold(Schema):
    """Something told."""

    kind: c.VulnerabilityKind
    from_date: Day
    to_date: Day | None = None
    source: c.StatusSource = c.StatusSource.TOLD


class VulnerabilityOut(Schema):
    """Something told."""

    id: UUID
    kind: str
    from_date: date
    to_date: date | None
    source: str


class ConsentTold(Schema):
    """One agreement."""

    purpose: c.ConsentPurpose
    notice_id: UUID
    method: c.ConsentMethod
    given_date: Day
    expires_date: Day | None = None
    recipient_id: UUID | None = None
    capacity: c.Capacity = c.Capacity.SELF
    signatory: Line = ""


class ConsentOut(Schema):
    """One agreement."""

    id: UUID
    person_id: UUID
    purpose: str
    notice_id: UUID
    recipient_id: UUID | None
    method: str
    given_date: date
    expires_date: date | None


class WithdrawalTold(Schema):
    """From which day a consent ends."""

    withdrawn_date: Day


class WithdrawalOut(Schema):
    """The end of a consent."""

    id: UUID
    consent_id: UUID
    how: str
    end_date: date


class PersonTold(Schema):
    """A registration."""

    names: Annotated[list[NameTold], Field(min_length=1, max_length=8)]
    registered_date: Day
    sex: c.Sex = c.Sex.NOT_ASKED
    birth_date: Day | None = None
    birth_precision: c.BirthPrecision = c.BirthPrecision.DAY
    father_name: Word = ""
    phone: Phone = ""
    address: Line = ""
    languages: Annotated[list[Language], Field(max_length=8)] = []
    area_id: UUID | None = None
    office_id: UUID | None = None
    programme_id: UUID | None = None
    enquiry_id: UUID | None = None
    papers: Annotated[list[PaperTold], Field(max_length=8)] = []
    statuses: Annotated[list[StatusTold], Field(max_length=8)] = []
    vulnerabilities: Annotated[list[VulnerabilityTold], Field(max_length=12)] = []
    consents: Annotated[list[ConsentTold], Field(max_length=8)] = []


class PersonOut(Schema):
    """A person, without what opens only for a purpose."""

    id: UUID
    registration_no: str
    display_name: str
    sex: str
    birth_date: date | None
    birth_precision: str
    area_id: UUID | None
    office_id: UUID | None
    programme_id: UUID | None
    registered_date: date


class PartOut(Schema):
    """What one field adds: how it fits, its weight in bits; `prior` is what was known before."""

    field: str
    fitting: Fitting
    bits: float


class HintOut(Schema):
    """A person a newcomer may already be: how sure, 0 to 1, and what each field adds to it."""

    person_id: UUID
    registration_no: str
    display_name: str
    verdict: Verdict
    probability: float
    bits: float
    parts: list[PartOut]


class RegistrationOut(Schema):
    """The stored person and the hints."""

    person: PersonOut
    possible_duplicates: list[HintOut]


class MemberTold(Schema):
    """A member of a household: a person who is registered."""

    person_id: UUID
    role: c.HouseholdRole = c.HouseholdRole.MEMBER
    relation: c.Kinship = c.Kinship.NOT_KNOWN


class HouseholdFactTold(Schema):
    """What a household tells of itself."""

    fact_date: Day
    adults: Count | None = None
    children: Count | None = None
    monthly_income_units: Units | None = None
    currency: Currency | None = None


class HouseholdTold(Schema):
    """A household."""

    members: Annotated[list[MemberTold], Field(min_length=1, max_length=60)]
    registered_date: Day
    area_id: UUID | None = None
    office_id: UUID | None = None
    programme_id: UUID | None = None
    fact: HouseholdFactTold | None = None


class HouseholdOut(Schema):
    """A household."""

    id: UUID
    code: str
    area_id: UUID | None
    programme_id: UUID | None
    registered_date: date


class HouseholdFactOut(Schema):
    """What a household told."""

    id: UUID
    household_id: UUID
    fact_date: date
    adults: int | None
    children: int | None
    monthly_income_units: int | None
    currency: str


class HeadTold(Schema):
    """Who heads a household from when."""

    person_id: UUID
    change_date: Day
    former_head_relation: c.Kinship = c.Kinship.NOT_KNOWN


class MembershipOut(Schema):
    """A membership."""

    id: UUID
    household_id: UUID
    person_id: UUID
    role: str
    relation: str
    from_date: date
    to_date: date | None


class OwnerTold(Schema):
    """An owner with her share in basis points."""

    person_id: UUID
    share_bps: Annotated[int, Field(ge=1, le=10_000)] = 10_000


class EnterpriseTold(Schema):
    """An enterprise."""

    trade: Word
    owners: Annotated[list[OwnerTold], Field(min_length=1, max_length=60)]
    registered_date: Day
    name: Word = ""
    trade_code: Annotated[Text, Field(max_length=20)] = ""
    start_date: Day | None = None
    start_precision: Precision = Precision.DAY
    formality: c.Formality = c.Formality.NOT_KNOWN
    job_kind: c.JobKind | None = None
    workers_family: Count = 0
    workers_paid: Count = 0
    workers_women: Count = 0
    area_id: UUID | None = None
    office_id: UUID | None = None
    programme_id: UUID | None = None


class EnterpriseOut(Schema):
    """An enterprise."""

    id: UUID
    code: str
    name: str
    trade: str
    job_kind: str
    formality: str
    start_date: date | None
    workers_family: int
    workers_paid: int
    workers_women: int
    programme_id: UUID | None
    closed_date: date | None


class ApplicationTold(Schema):
    """A person applies."""

    person_id: UUID
    programme_id: UUID
    applied_date: Day
    phase_id: UUID | None = None


class DecisionTold(Schema):
    """As of which day the rule decides."""

    decided_date: Day


class MoveTold(Schema):
    """The next step, with its reason."""

    to_state: c.ParticipationState
    reason: c.Reason
    on: Day


class DecisionOut(Schema):
    """What the rule saw and said."""

    result: str | None = None
    version: int | None = None
    reasons: list[str] = []
    missing: list[str] = []


class ParticipationOut(Schema):
    """A participation."""

    id: UUID
    person_id: UUID
    programme_id: UUID
    state: str
    reason: str
    applied_date: date
    decided_date: date | None
    started_date: date | None
    ended_date: date | None
    decision: DecisionOut


class NoticeTold(Schema):
    """A notice to publish."""

    version: Annotated[Text, Field(max_length=20, min_length=1)]
    language: Language
    text: LongText
    purposes: list[c.ConsentPurpose]
    data_categories: Annotated[list[Word], Field(max_length=30)] = []
    valid_from: Day
    programme_id: UUID | None = None


class NoticeOut(Schema):
    """A notice."""

    id: UUID
    version: str
    language: str
    text: str
    purposes: list[str]
    valid_from: date


class RuleTold(Schema):
    """A rule to publish: the tree as people.rules.eligibility describes it."""

    programme_id: UUID
    title: Line
    tree: dict[str, object]
    valid_from: Day
    appeal_route: Annotated[Text, Field(max_length=300)] = ""


class RuleOut(Schema):
    """A version of a rule."""

    id: UUID
    programme_id: UUID
    version: int
    title: str
    tree: dict[str, object]
    valid_from: date
    valid_to: date | None
