"""Which record stays when two are one person, whose value of a field is taken, what a person has to
look at afterwards. Pure.

Source: people.md 4.8.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from handup.people.rules.codes import BirthPrecision, ParticipationState, Sex
from handup.people.rules.taking_part import ENDED


class MergeLook(StrEnum):
    """What a merge leaves to a person to look at."""

    TWO_OPEN_LOANS = "TWO_OPEN_LOANS"
    GUARANTEES_HERSELF = "GUARANTEES_HERSELF"
    TWO_SAVINGS = "TWO_SAVINGS"
    TWO_HOUSEHOLDS = "TWO_HOUSEHOLDS"
    SAME_COHORT = "SAME_COHORT"
    SAME_ROUND = "SAME_ROUND"
    SAME_PATHWAY = "SAME_PATHWAY"
    SAME_VACANCY = "SAME_VACANCY"
    SAME_TECHNOLOGY = "SAME_TECHNOLOGY"
    CONSENT_WITHDRAWN = "CONSENT_WITHDRAWN"


FIELDS: Mapping[str, tuple[str, ...]] = {
    "name": ("display_name", "sort_key"),
    "father_name": ("father_name",),
    "birth_date": ("birth_date", "birth_precision"),
    "sex": ("sex",),
    "phone": ("phone",),
    "settlement": ("area_id",),
    "address": ("address",),
    "languages": ("languages",),
    "programme": ("programme_id",),
    "office": ("office_id",),
    "case_officer": ("case_officer_id",),
}
"""What is chosen field by field, with the columns of each; all names and documents stay."""
NOTHING: frozenset[object] = frozenset(
    ("", None, Sex.NOT_ASKED.value, Sex.NOT_ANSWERED.value, BirthPrecision.UNKNOWN.value)
)


class Registered(NamedTuple):
    """When a record was made: the order in which one of two stays."""

    on: date
    recorded_at: datetime
    id: UUID


def earlier_first(one: Registered, other: Registered) -> tuple[UUID, UUID]:
    """The record that stays and the one that goes: the earlier registration stays."""
    first, second = sorted((one, other))
    return first.id, second.id


def is_known(values: Iterable[object]) -> bool:
    """Whether a field says anything."""
    first = next(iter(values))
    return bool(first) if isinstance(first, list) else first not in NOTHING


def to_ask(stays: Mapping[str, object], goes: Mapping[str, object]) -> tuple[str, ...]:
    """The fields both records know and tell differently: a person picks."""
    return tuple(
        name
        for name, columns in FIELDS.items()
        if is_known(stays[column] for column in columns)
        and is_known(goes[column] for column in columns)
        and stays[columns[0]] != goes[columns[0]]
    )


def taken(
    stays: Mapping[str, object], goes: Mapping[str, object], picked: Iterable[str]
) -> tuple[str, ...]:
    """The fields taken from the record that goes: those picked, and those the other does not
    know."""
    wanted = set(picked)
    return tuple(
        name
        for name, columns in FIELDS.items()
        if is_known(goes[column] for column in columns)
        and (name in wanted or not is_known(stays[column] for column in columns))
        and any(stays[column] != goes[column] for column in columns)
    )


class TakingPart(NamedTuple):
    """One of two participations in one programme."""

    state: str
    applied: date
    recorded_at: datetime
    id: UUID


def goes_on(one: TakingPart, other: TakingPart) -> UUID:
    """Which of two participations goes on: one that has not ended, then the earlier."""

    def order(row: TakingPart) -> tuple[bool, date, datetime, UUID]:
        return ParticipationState(row.state) in ENDED, row.applied, row.recorded_at, row.id

    return min(one, other, key=order).id
