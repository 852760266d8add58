"""The words people read for the codes of this domain."""

from collections.abc import Mapping
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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


def choices(labels: Labels) -> list[tuple[str, Promise]]:
    """Return code and word, as a form or a model field takes them."""
    return [(code.value, word) for code, word in labels.items()]
