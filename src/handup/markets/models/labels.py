"""The words people read for the codes of this domain."""

from collections.abc import Mapping
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from handup.markets.rules.contracts import ContractState, Point
from handup.markets.rules.policy import PolicyStage
from handup.markets.rules.prices import Flag

Labels = Mapping[StrEnum, Promise]


class BaseUnit(StrEnum):
    """In what a product is measured."""

    KG = "KG"
    L = "L"
    PIECE = "PIECE"


class Stage(StrEnum):
    """What an actor does with the goods."""

    INPUTS = "INPUTS"
    PRODUCTION = "PRODUCTION"
    COLLECTION = "COLLECTION"
    PROCESSING = "PROCESSING"
    TRANSPORT = "TRANSPORT"
    WHOLESALE = "WHOLESALE"
    EXPORT = "EXPORT"
    RETAIL = "RETAIL"


class PriceLevel(StrEnum):
    """At which point of its way a price is told."""

    FARM = "FARM"
    WHOLESALE = "WHOLESALE"
    RETAIL = "RETAIL"


class Availability(StrEnum):
    """How easily the product is to be had."""

    GOOD = "GOOD"
    LIMITED = "LIMITED"
    NONE = "NONE"


class PriceState(StrEnum):
    """Where a price stands: doubted ones wait for a second person, published ones go on boards."""

    RECORDED = "RECORDED"
    FLAGGED = "FLAGGED"
    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"
    PUBLISHED = "PUBLISHED"


class StudyState(StrEnum):
    """Whether a study still asks."""

    RUNNING = "RUNNING"
    DONE = "DONE"


class OpportunityState(StrEnum):
    """What became of an opportunity."""

    OPEN = "OPEN"
    TAKEN_UP = "TAKEN_UP"
    DROPPED = "DROPPED"


class PriceKind(StrEnum):
    """How the price of a contract is made."""

    FIXED = "FIXED"
    MARKET = "MARKET"


class NoteKind(StrEnum):
    """What went wrong under a contract."""

    SIDE_SELLING = "SIDE_SELLING"
    LATE_INPUTS = "LATE_INPUTS"
    GOODS_REFUSED = "REFUSED"
    LATE_PAYMENT = "LATE_PAYMENT"
    OTHER = "OTHER"


class IssueState(StrEnum):
    """Whether an issue is worked on."""

    ACTIVE = "ACTIVE"
    PARKED = "PARKED"
    CLOSED = "CLOSED"


class Claim(StrEnum):
    """Which part the programme had in what happened to an issue."""

    NONE = "NONE"
    POSSIBLE = "POSSIBLE"
    LIKELY = "LIKELY"
    CONFIRMED = "CONFIRMED_BY_TARGET"


class SupportKind(StrEnum):
    """With what an association was helped."""

    REGISTRATION = "REGISTRATION"
    ADVICE = "ADVICE"
    TRAINING = "TRAINING"
    MEETING = "MEETING"
    EQUIPMENT = "EQUIPMENT"
    MONEY = "MONEY"


class JobKind(StrEnum):
    """What a job is about."""

    FARM = "FARM"
    OFF_FARM = "OFF_FARM"
    PROCESSING = "PROCESSING"


class VacancyState(StrEnum):
    """Whether anybody may still be proposed."""

    OPEN = "OPEN"
    FILLED = "FILLED"
    CLOSED = "CLOSED"


class MatchState(StrEnum):
    """What came of a proposal."""

    PROPOSED = "PROPOSED"
    DECLINED = "DECLINED"
    PLACED = "PLACED"


class TrialKind(StrEnum):
    """Whether a technology was shown or tried out."""

    DEMONSTRATION = "DEMONSTRATION"
    TRIAL = "TRIAL"


class Heard(StrEnum):
    """What was answered."""

    YES = "YES"
    NO = "NO"
    UNKNOWN = "UNKNOWN"


BASE_UNIT: Labels = {
    BaseUnit.KG: _("kg"),
    BaseUnit.L: _("l"),
    BaseUnit.PIECE: _("piece"),
}
STAGE: Labels = {
    Stage.INPUTS: _("supplies inputs"),
    Stage.PRODUCTION: _("grows, rears or makes"),
    Stage.COLLECTION: _("collects"),
    Stage.PROCESSING: _("processes"),
    Stage.TRANSPORT: _("carries"),
    Stage.WHOLESALE: _("sells wholesale"),
    Stage.EXPORT: _("exports"),
    Stage.RETAIL: _("sells to who eats or uses it"),
}
PRICE_LEVEL: Labels = {
    PriceLevel.FARM: _("at the farm"),
    PriceLevel.WHOLESALE: _("wholesale"),
    PriceLevel.RETAIL: _("retail"),
}
AVAILABILITY: Labels = {
    Availability.GOOD: _("plenty"),
    Availability.LIMITED: _("little"),
    Availability.NONE: _("none"),
}
PRICE_STATE: Labels = {
    PriceState.RECORDED: _("recorded"),
    PriceState.FLAGGED: _("doubted"),
    PriceState.CONFIRMED: _("confirmed"),
    PriceState.REJECTED: _("rejected"),
    PriceState.PUBLISHED: _("published"),
}
PRICE_DOUBT: Labels = {
    Flag.JUMP: _("far from the ones before it"),
    Flag.FEW_QUOTES: _("too few were asked"),
    Flag.UNKNOWN_UNIT: _("nobody knows how much the unit holds"),
}
STUDY_STATE: Labels = {
    StudyState.RUNNING: _("running"),
    StudyState.DONE: _("done"),
}
OPPORTUNITY_STATE: Labels = {
    OpportunityState.OPEN: _("open"),
    OpportunityState.TAKEN_UP: _("taken up"),
    OpportunityState.DROPPED: _("dropped"),
}
PRICE_KIND: Labels = {
    PriceKind.FIXED: _("fixed"),
    PriceKind.MARKET: _("follows a market"),
}
CONTRACT_STATE: Labels = {
    ContractState.OFFER: _("offered"),
    ContractState.CHECKED: _("looked at"),
    ContractState.SIGNED: _("signed"),
    ContractState.RUNNING: _("running"),
    ContractState.FULFILLED: _("fulfilled"),
    ContractState.ENDED: _("ended"),
    ContractState.IN_DISPUTE: _("in dispute"),
}
POINT: Labels = {
    Point.PARTIES: _("Who the parties are, and that they may sign"),
    Point.PURPOSE: _("What the contract is for"),
    Point.PLACE: _("Where the goods are grown or made, and handed over"),
    Point.TIME: _("How long it lasts, and how it is renewed"),
    Point.QUANTITY: _("How much is sold, and what of what is over"),
    Point.QUALITY: _("Which grades there are, and what each means"),
    Point.INSPECTION: _("Who looks at the goods, when, and who is there"),
    Point.PRICE: _("How the price is made, in words both understand"),
    Point.PAYMENT: _("When and how it is paid"),
    Point.INPUTS: _("Which inputs and advances are given, and how they are paid back"),
    Point.DELIVERY: _("Who carries the goods, and from when they are the buyer's"),
    Point.EXCUSES: _("What excuses each side: weather, sickness, a closed road"),
    Point.BREACH: _("What follows when a side does not keep it"),
    Point.DISPUTE: _("Who settles a dispute, near enough and cheap enough"),
    Point.SIGNING: _("Everybody heard it read in her language and keeps a copy"),
}
NOTE_KIND: Labels = {
    NoteKind.SIDE_SELLING: _("sold to somebody else"),
    NoteKind.LATE_INPUTS: _("inputs came late"),
    NoteKind.GOODS_REFUSED: _("goods refused"),
    NoteKind.LATE_PAYMENT: _("paid late"),
    NoteKind.OTHER: _("something else"),
}
POLICY_STAGE: Mapping[PolicyStage, Promise] = {
    PolicyStage.IDENTIFIED: _("1 issue identified"),
    PolicyStage.EVIDENCE: _("2 evidence gathered"),
    PolicyStage.POSITION: _("3 position agreed"),
    PolicyStage.AGENDA: _("4 on the agenda"),
    PolicyStage.DRAFTED: _("5 drafted or negotiated"),
    PolicyStage.ADOPTED: _("6 adopted"),
    PolicyStage.APPLIED: _("7 applied"),
}
ISSUE_STATE: Labels = {
    IssueState.ACTIVE: _("worked on"),
    IssueState.PARKED: _("parked"),
    IssueState.CLOSED: _("closed"),
}
CLAIM: Labels = {
    Claim.NONE: _("none"),
    Claim.POSSIBLE: _("possible"),
    Claim.LIKELY: _("likely"),
    Claim.CONFIRMED: _("confirmed by whom it was asked of"),
}
SUPPORT_KIND: Labels = {
    SupportKind.REGISTRATION: _("registration"),
    SupportKind.ADVICE: _("advice"),
    SupportKind.TRAINING: _("training"),
    SupportKind.MEETING: _("meeting"),
    SupportKind.EQUIPMENT: _("equipment"),
    SupportKind.MONEY: _("money"),
}
JOB_KIND: Labels = {
    JobKind.FARM: _("on the farm"),
    JobKind.OFF_FARM: _("off the farm"),
    JobKind.PROCESSING: _("in processing"),
}
VACANCY_STATE: Labels = {
    VacancyState.OPEN: _("open"),
    VacancyState.FILLED: _("filled"),
    VacancyState.CLOSED: _("closed"),
}
MATCH_STATE: Labels = {
    MatchState.PROPOSED: _("proposed"),
    MatchState.DECLINED: _("came to nothing"),
    MatchState.PLACED: _("placed"),
}
TRIAL_KIND: Labels = {
    TrialKind.DEMONSTRATION: _("shown"),
    TrialKind.TRIAL: _("tried out"),
}
YES_NO: Labels = {
    Heard.YES: _("yes"),
    Heard.NO: _("no"),
    Heard.UNKNOWN: _("not asked"),
}


def choices(labels: Labels) -> list[tuple[str, Promise]]:
    """Return code and word, as a form or a model field takes them."""
    return [(code.value, word) for code, word in labels.items()]
