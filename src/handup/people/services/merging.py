"""Make two records of one person one, and take it apart again: nothing is lost, nothing in the
books is rewritten, every row that moved is listed (people.md 4.8)."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.apps import apps
from django.db import IntegrityError, transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.org import audit
from handup.org.duties import require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight, require
from handup.org.rules.duties import Duty
from handup.org.scope import hidden_changed, without_opened
from handup.people import merging
from handup.people.models import Match, MergeRecord, Person
from handup.people.queries.duplicates import in_use
from handup.people.queries.merging import later_rows
from handup.people.rules.duplicates import MatchReason, MatchState, allowed
from handup.people.rules.merging import FIELDS, Registered, earlier_first, taken
from handup.people.services.days import DayToCome
from handup.people.services.duplicates import ReasonDoesNotFit
from handup.people.services.match_keys import keep_keys
from handup.people.services.store import change

MERGE, UNMERGE = "people.merge_persons", "people.unmerge_persons"
DUTIES = (Duty(MERGE), Duty(UNMERGE))


class NotOnePerson(Refusal):
    """These two records were not decided to be one person. Decide that first."""


class AlreadyMerged(Refusal):
    """One of these records has joined another one already."""


class MergeOfErased(Refusal):
    """One of these records was erased. Nothing can be made one with it, or taken apart."""


class FieldUnknown(Refusal):
    """There is no field {name} to choose."""


class AlreadyTakenApart(Refusal):
    """These records were taken apart already."""


class MergedFurther(Refusal):
    """Her record joined another one since. Take that apart first."""


class MergedBefore(Refusal):
    """A day before the records were made one, {date}, is not possible."""


class RowUnknown(Refusal):
    """This record is not one of those that came since. Open the page again."""


class CannotBeGiven(Refusal):
    """The other person has this already: {what}. Leave it where it is."""


class StaysWhereItIs(Refusal):
    """This cannot be given to the other person: {what}. Leave it where it is."""


@dataclass(frozen=True, slots=True)
class Sides:
    """The record that stays and the one that goes."""

    stays: Person
    goes: Person


def sides_of(match: Match) -> Sides:
    """The earlier registration stays."""
    one, other = (
        Registered(person.registered_date, person.recorded_at, person.pk)
        for person in (match.first, match.second)
    )
    stays, _goes = earlier_first(one, other)
    if stays == match.first_id:
        return Sides(match.first, match.second)
    return Sides(match.second, match.first)


def values_of(person: Person) -> dict[str, object]:
    """Her own fields by column, as they are chosen from."""
    return {name: getattr(person, name) for columns in FIELDS.values() for name in columns}


def merge_persons(
    *,
    acting_staff: StaffUser,
    match: Match,
    merged_date: date,
    picked: Collection[str] = (),
    why_alone: str = "",
) -> MergeRecord:
    """Make two records one, once a match was decided to be one person.

    The earlier registration stays, the other id and number stay valid for it. `picked`: fields of
    `FIELDS` taken from the record that goes; what only that one knows is taken anyhow; all names
    and documents stay. Each domain moves its rows (`merging.on_merge`), which are listed.

    Where money was booked for either or either takes part in a programme and one person alone
    decided the match, another one has to merge. Raises NotOnePerson, AlreadyMerged, MergeOfErased,
    FieldUnknown, DayToCome, SamePerson, OutOfSight and what a domain refuses.
    """
    require(acting_staff, MERGE, match)
    if unknown := sorted(set(picked) - set(FIELDS)):
        raise FieldUnknown(field="picked", name=unknown[0])
    if merged_date > timezone.localdate():
        raise DayToCome(field="merged_date", date=merged_date)
    with transaction.atomic():
        match = _locked(match, acting_staff)
        sides = sides_of(match)
        stays, goes = sides.stays, sides.goes
        used = in_use((stays.pk, goes.pk))
        if used and match.confirmed_by_id is None:
            require_other_person(
                acting_staff, match.decided_by_id, step=MERGE, reason=why_alone, obj=match
            )
        merge = merging.Merge(stays.pk, goes.pk, merged_date, acting_staff.pk)
        for move in merging.on_merge:
            move(merge)
        values = _take_fields(stays, goes, picked, acting_staff)
        change(goes, acting_staff, merged_date=merged_date)
        record = MergeRecord(
            survivor=stays, merged=goes, match=match, merged_date=merged_date,
            merged_by=acting_staff, moved=merge.moved, changes=merge.changes, made=merge.made,
            picked=sorted(picked), values=json.dumps(values), looks=merge.looks,
        )  # fmt: skip
        record.save(force_insert=True)
        keep_keys([stays.pk, goes.pk])
        rows = sum(len(ids) for ids in merge.moved.values())
        audit.record(acting_staff, MERGE, record, {"rows": rows, "into": str(stays.pk)})
    hidden_changed()
    return record


def _locked(match: Match, staff: StaffUser) -> Match:
    """The match with both records, held for the merge, when it may go on."""
    found: Match = Match._base_manager.select_for_update().get(pk=match.pk)
    both = Person._base_manager.select_for_update().filter(pk__in=(found.first_id, found.second_id))
    persons = {person.pk: person for person in both.order_by("pk")}
    found.first, found.second = persons[found.first_id], persons[found.second_id]
    if found.state != MatchState.SAME.value:
        raise NotOnePerson
    if any(person.erased_date is not None for person in persons.values()):
        raise MergeOfErased
    if any(person.merged_date is not None for person in persons.values()):
        raise AlreadyMerged
    seen = Person.objects.visible_to(without_opened(staff)).filter(pk__in=list(persons))
    if seen.count() != len(persons):
        raise OutOfSight
    return found


def _take_fields(
    stays: Person, goes: Person, picked: Collection[str], staff: StaffUser
) -> dict[str, list[object]]:
    """Take the fields chosen; what stood there and stands there now, by column."""
    before, other = values_of(stays), values_of(goes)
    columns = [name for field in taken(before, other, picked) for name in FIELDS[field]]
    if columns:
        _set(stays, staff, {name: other[name] for name in columns})
    return {name: [merging.plain(before[name]), merging.plain(other[name])] for name in columns}


def _set(person: Person, staff: StaffUser, values: Mapping[str, object]) -> None:
    """Set her own fields; the hash of a telephone follows it."""
    names = dict(values)
    if "phone" in names:
        person.phone = str(names["phone"])
        change(person, staff, **names, phone_hash="")
    else:
        change(person, staff, **names)


def unmerge_persons(
    *,
    acting_staff: StaffUser,
    record: MergeRecord,
    undone_date: date,
    reason: MatchReason,
    to_other: Collection[str] = (),
    why_alone: str = "",
) -> MergeRecord:
    """Take two records apart: the listed rows move back, the chosen fields stand as before unless
    somebody changed them since, and the two are remembered as two persons for this reason.

    `to_other`: rows that came since and belong to the other person, as `later_rows` names them;
    the rest stays. Where money was booked or she takes part, another person than who merged takes
    them apart. Raises AlreadyTakenApart, MergedFurther, MergeOfErased, MergedBefore, DayToCome,
    ReasonDoesNotFit, RowUnknown, CannotBeGiven, StaysWhereItIs,
    SamePerson.
    """
    require(acting_staff, UNMERGE, record)
    if not allowed(MatchState.DIFFERENT, reason):
        raise ReasonDoesNotFit(field="reason")
    if undone_date > timezone.localdate():
        raise DayToCome(field="undone_date", date=undone_date)
    with transaction.atomic():
        record = _standing(record, undone_date)
        stays, goes = record.survivor, record.merged
        if in_use((stays.pk,)):
            require_other_person(
                acting_staff, record.merged_by_id, step=UNMERGE, reason=why_alone, obj=record
            )
        later = {row.code for row in later_rows(record, acting_staff)}
        if set(to_other) - later:
            raise RowUnknown(field="to_other")
        left = merging.restore(stays.pk, goes.pk, record.moved, record.changes, record.made)
        left += _fields_back(stays, record, acting_staff)
        for take_back in merging.on_unmerge:
            take_back(stays.pk, goes.pk)
        change(goes, acting_staff, merged_date=None)
        for code in sorted(to_other):
            _give(code, goes.pk)
        record.undone_date, record.undone_by = undone_date, acting_staff
        record.left_as_is, record.values = left, ""
        record.save(update_fields=["undone_date", "undone_by", "left_as_is", "values"])
        keep_keys([stays.pk, goes.pk])
        _two_persons(record.match, acting_staff, reason, undone_date)
        facts: audit.Facts = {"given": len(to_other), "left": len(left)}
        audit.record(acting_staff, UNMERGE, record, facts)
    hidden_changed()
    return record


def _standing(record: MergeRecord, on: date) -> MergeRecord:
    found: MergeRecord = MergeRecord._base_manager.select_for_update().get(pk=record.pk)
    if found.undone_date is not None:
        raise AlreadyTakenApart
    if found.survivor.erased_date is not None or found.merged.erased_date is not None:
        raise MergeOfErased
    if found.survivor.merged_date is not None:
        raise MergedFurther
    if on < found.merged_date:
        raise MergedBefore(field="undone_date", date=found.merged_date)
    return found


def _fields_back(stays: Person, record: MergeRecord, staff: StaffUser) -> list[str]:
    """Set the fields back that nobody changed since; the names of the others."""
    told: dict[str, list[object]] = json.loads(record.values or "{}")
    same = {
        name: merging.loaded(Person, name, before)
        for name, (before, after) in told.items()
        if merging.plain(getattr(stays, name)) == after
    }
    if same:
        _set(stays, staff, same)
    return [f"people.person.{name}" for name in told if name not in same]


def _give(code: str, person: UUID) -> None:
    column, _colon, pk = code.partition(":")
    model, name = merging.column_of(column)
    try:
        with transaction.atomic():
            model._base_manager.filter(pk=pk).update(**{f"{name}_id": person})
    except IntegrityError as fault:
        what = str(apps.get_model(model._meta.label)._meta.verbose_name)
        kind = CannotBeGiven if _is_double(fault) else StaysWhereItIs
        raise kind(field="to_other", what=what) from fault


def _is_double(fault: IntegrityError) -> bool:
    """Whether the database refused a second row of its kind, in the words of either."""
    said = str(getattr(fault.__cause__, "sqlite_errorname", ""))
    return said.endswith("_UNIQUE") or getattr(fault.__cause__, "sqlstate", "") == "23505"


def _two_persons(match: Match, staff: StaffUser, reason: MatchReason, on: date) -> None:
    """Remember that they are two, until a document becomes equal."""
    match.state, match.reason = MatchState.DIFFERENT.value, reason.value
    match.decided_by, match.decided_date, match.confirmed_by = staff, on, None
    match.save(update_fields=["state", "reason", "decided_by", "decided_date", "confirmed_by"])


class NothingToLookAt(Refusal):
    """There is nothing to look at here, or somebody has done it."""


def look_at_merge(
    *, acting_staff: StaffUser, record: MergeRecord, looked_date: date
) -> MergeRecord:
    """Say that what a merge left to look at was looked at. Raises NothingToLookAt, DayToCome."""
    require(acting_staff, "people.look_at_merge", record)
    if looked_date > timezone.localdate():
        raise DayToCome(field="looked_date", date=looked_date)
    with transaction.atomic():
        record = MergeRecord._base_manager.select_for_update().get(pk=record.pk)
        if not record.looks or record.looked_date is not None or record.undone_date is not None:
            raise NothingToLookAt
        record.looked_by, record.looked_date = acting_staff, looked_date
        record.save(update_fields=["looked_by", "looked_date"])
        audit.record(acting_staff, "people.look_at_merge", record)
    return record
