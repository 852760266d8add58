"""What figures counted of an erased person, moved apart from her id (protection.md 4.8, step 2).

Her record becomes a tombstone: an id, a day, where it was kept. Sex, age band, statuses and all
else that counted stand under a count key, a record of 128 random bits that nobody was ever known
by. No record that stays under her id leads to it: that she asked, that she was erased, and under
which other ids she was known (docs/decisions/0021).
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from secrets import token_bytes
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from handup.org.models import AuditLine
from handup.org.names_at_rest import names_of
from handup.org.triggers import is_kept, may_update
from handup.people import merging, subject
from handup.people.models import (
    Alias,
    BreakGlass,
    CaseMove,
    Compartment,
    ErasureCertificate,
    Match,
    MatchKey,
    MergeRecord,
    Participation,
    Person,
    SubjectRequest,
)
from handup.people.rules.codes import BirthPrecision, Sex
from handup.people.services.registration import registration_numbers

LAST = "~"
"""Where an erased person stands in lists that are sorted by name."""

STAYS: frozenset[type[models.Model]] = frozenset(
    {
        Alias,
        BreakGlass,
        CaseMove,
        Compartment,
        ErasureCertificate,
        Match,
        MatchKey,
        MergeRecord,
        SubjectRequest,
    }
)
"""That she asked and was erased, whom she was taken for, who opened her in an emergency, the cases
of her that are closed and blank: no figure counts it, and none of it leads to what counts."""

Columns = tuple[type[models.Model], str]


def counted_columns() -> Iterator[Columns]:
    """Every column that leads from what may be counted to a person."""
    for model, column in merging.person_columns(Person):
        if model not in STAYS:
            yield model, column


def set_apart(ids: Sequence[UUID], on: date) -> UUID:
    """Give what counts of a blanked person to a count key, and leave a tombstone under each of her
    ids, her present one first. Returns the key, which is written nowhere beside her.

    What she has twice, as in two lines of one targeting run since two records of hers were made
    one, goes to a second key that stands for the first, as her other record stood for her.
    """
    person = Person._base_manager.get(pk=ids[0])
    days = Participation._base_manager.filter(person__in=ids).order_by("applied_date")
    first = days.values_list("applied_date", flat=True).first()
    day = first or person.registered_date.replace(month=1, day=1)
    key = _make(person, day)
    others: dict[UUID, UUID] = {}
    for model, column in counted_columns():
        for one in ids:
            if not _give(model, column, one, key):
                if one not in others:
                    others[one] = _make(person, day, joined=key)
                _give(model, column, one, others[one])
    for give in subject.apart:
        give(ids, key)
    _tombstones(ids, on)
    return key


def _make(person: Person, day: date, *, joined: UUID | None = None) -> UUID:
    """The record figures count instead of hers; `joined` names the one it stands for. Its days are
    those of the first figure that looked at her, or the year she came: the day of the erasure
    would lead back to it."""
    key, moment = UUID(bytes=token_bytes(16)), datetime.combine(day, time(), tzinfo=UTC)
    (number,) = registration_numbers(1, Person, "X")
    (named, _father) = names_of(Person)
    Person._base_manager.bulk_create(
        [
            Person(
                id=key,
                recorded_at=moment,
                registration_no=number,
                sex=person.sex,
                birth_date=person.birth_date,
                birth_precision=person.birth_precision,
                area_id=person.area_id,
                office_id=person.office_id,
                programme_id=person.programme_id,
                case_officer_id=person.case_officer_id,
                registered_date=day,
                registered_by_id=person.registered_by_id,
                erased_date=day,
                merged_date=day if joined else None,
            )
        ]
    )
    Person._base_manager.filter(pk=key).update(
        display_name=named.at(key, erased_word()), sort_key=LAST
    )
    if joined:
        Alias._base_manager.create(old_id=key, person_id=joined, recorded_at=moment)
    return key


def _give(model: type[models.Model], column: str, one: UUID, key: UUID) -> bool:
    """Give the rows of one id; False where the key has already what one person has once."""
    rows: Any = model._base_manager.filter(**{f"{column}_id": one})
    if not rows.exists():
        return True
    try:
        with transaction.atomic():
            if is_kept(model, column):
                with may_update(connection, model._meta.label):
                    rows.update(**{f"{column}_id": key})
            else:
                rows.update(**{f"{column}_id": key})
    except IntegrityError:
        return False
    return True


def unname_lines(ids: Sequence[UUID]) -> None:
    """Take her id out of the lines that tell of a record given to the key: they would lead from
    her to it. The lines of what stays under her id are kept whole.
    """
    staying = [model._meta.label_lower for model in STAYS | {Person}]
    named = AuditLine._base_manager.filter(facts__person__in=[str(one) for one in ids])
    lines = list(named.exclude(object_type__in=staying))
    if not lines:
        return
    for line in lines:
        line.facts = {name: told for name, told in line.facts.items() if name != "person"}
    with may_update(connection, AuditLine._meta.label):
        AuditLine._base_manager.bulk_update(lines, ["facts"], batch_size=200)


def _tombstones(ids: Sequence[UUID], on: date) -> None:
    """An id, a day, and the office and programme that answer for it; nothing of her."""
    Person._base_manager.filter(pk__in=list(ids)).update(
        sex=Sex.NOT_ASKED.value,
        birth_date=None,
        birth_precision=BirthPrecision.UNKNOWN.value,
        area=None,
        case_officer=None,
        registered_date=on,
        erased_date=on,
    )


def erased_word() -> str:
    """What lists show instead of a name, in the language of the installation."""
    with override(settings.LANGUAGE_CODE):
        return _("erased")
