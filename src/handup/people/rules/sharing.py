"""What may be given to whom: fields, agreements, disclosures (protection.md 4.5). Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from handup.org.classes import DataClass
from handup.org.rules.access import Role
from handup.people.rules.codes import ConsentPurpose

LINK_HOURS = 24
SMALL_PLACE = 20
"""A place of level 2 with fewer persons in the file is told as its place of level 1."""


class SharedField(StrEnum):
    """A column a recipient may be given."""

    PSEUDONYM = "PSEUDONYM"
    SEX = "SEX"
    AGE_BAND = "AGE_BAND"
    AREA = "AREA"
    STATE = "STATE"
    SINCE = "SINCE"
    NUMBER = "NUMBER"
    NAME = "NAME"
    BIRTH_DATE = "BIRTH_DATE"
    SETTLEMENT = "SETTLEMENT"
    PHONE = "PHONE"
    COLUMNS = "COLUMNS"
    """The facts that are counted, in columns, under numbers made for the recipient."""
    COLUMNS_STATUS = "COLUMNS_STATUS"
    """Legal status, disability and target groups with them."""


F = SharedField
CLASS_OF: Mapping[SharedField, DataClass] = {
    F.PSEUDONYM: DataClass.I,
    F.SEX: DataClass.I,
    F.AGE_BAND: DataClass.I,
    F.AREA: DataClass.I,
    F.STATE: DataClass.I,
    F.SINCE: DataClass.I,
    F.NUMBER: DataClass.P,
    F.NAME: DataClass.P,
    F.BIRTH_DATE: DataClass.P,
    F.SETTLEMENT: DataClass.P,
    F.PHONE: DataClass.S,
    F.COLUMNS: DataClass.P,
    F.COLUMNS_STATUS: DataClass.S,
}
IN_COLUMNS = frozenset({F.COLUMNS, F.COLUMNS_STATUS})
"""What goes as a snapshot in columns, and is no column of a file of persons."""
BY_DEFAULT = tuple(field for field in SharedField if CLASS_OF[field] is DataClass.I)
"""Without names: what an agreement holds unless it says more."""
SHARING = (
    ConsentPurpose.SHARE_BANK,
    ConsentPurpose.SHARE_PARTNER,
    ConsentPurpose.SHARE_AUTHORITY,
    ConsentPurpose.RESEARCH,
)
_NAMED = frozenset({DataClass.I, DataClass.P})
_SECRET = _NAMED | {DataClass.S}
_OF_ROLE: Mapping[Role, frozenset[DataClass]] = {
    Role.ME_OFFICER: frozenset({DataClass.I}),
    Role.MANAGER: _NAMED,
    Role.FIELD_OFFICER: _SECRET,
    Role.LOAN_OFFICER: _SECRET,
    Role.FOCAL_POINT: _SECRET,
}
"""Up to which class each role that may send sees in its own scope (protection.md 4.1)."""


def fields_of_roles(roles: Iterable[Role]) -> frozenset[SharedField]:
    """The fields that somebody with these roles may give at all."""
    classes = {klass for role in roles for klass in _OF_ROLE.get(role, frozenset())}
    return frozenset(
        field for field in SharedField if CLASS_OF[field] in classes and field not in IN_COLUMNS
    )


class AgreementState(StrEnum):
    """The life of a sharing agreement."""

    DRAFT = "DRAFT"
    SIGNED = "SIGNED"
    ACTIVE = "ACTIVE"
    ENDED = "ENDED"
    DESTRUCTION_PROVEN = "DESTRUCTION_PROVEN"


A = AgreementState
NEXT: Mapping[AgreementState, AgreementState] = {
    A.DRAFT: A.SIGNED,
    A.SIGNED: A.ACTIVE,
    A.ACTIVE: A.ENDED,
    A.ENDED: A.DESTRUCTION_PROVEN,
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What of an agreement decides whether data may go."""

    state: AgreementState
    first: date
    last: date
    fields: frozenset[SharedField]


def in_force(terms: Terms, on: date) -> bool:
    """Whether anything may be given under it on a day."""
    return terms.state is A.ACTIVE and terms.first <= on <= terms.last


def given_fields(
    asked: Collection[SharedField], terms: Terms, of_role: Collection[SharedField]
) -> tuple[SharedField, ...]:
    """What is asked for, the agreement names and the role may give, in the order of the fields."""
    return tuple(f for f in SharedField if f in asked and f in terms.fields and f in of_role)


class DisclosureState(StrEnum):
    """The life of what is sent."""

    QUEUED = "QUEUED"
    READY = "READY"
    TAKEN = "TAKEN"
    EXPIRED = "EXPIRED"
    REFUSED = "REFUSED"


class NotGiven(StrEnum):
    """Why nothing was given."""

    AGREEMENT = "AGREEMENT"
    CONSENT = "CONSENT"
    ROLE = "ROLE"
    NOBODY = "NOBODY"


def link_ends(made: datetime) -> datetime:
    """Until when it can be taken."""
    return made + timedelta(hours=LINK_HOURS)


def told_places(places: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], str]:
    """The place told for each pair of level 1 and level 2: the finer where enough live there."""
    counted: dict[tuple[str, str], int] = {}
    for pair in places:
        counted[pair] = counted.get(pair, 0) + 1
    return {
        (first, second): second if second and number >= SMALL_PLACE else first
        for (first, second), number in counted.items()
    }
