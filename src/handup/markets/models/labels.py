"""The words people read for the codes of this domain."""

from collections.abc import Mapping
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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


def choices(labels: Labels) -> list[tuple[str, Promise]]:
    """Return code and word, as a form or a model field takes them."""
    return [(code.value, word) for code, word in labels.items()]
