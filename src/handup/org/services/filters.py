"""Keep what is often asked of a list, give it another name, let it go. Each is one's own."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import SavedFilter, StaffUser
from handup.org.permissions import OutOfSight, require

KEEP = "org.keep_filters"
MOST = 20
LONGEST = 40


class FilterNameMissing(Refusal):
    """Give it a name."""


class FilterNameTooLong(Refusal):
    """A name has at most {longest} letters."""


class NothingToKeep(Refusal):
    """Choose a filter first. Words that are searched for are not kept."""


class FilterNameTaken(Refusal):
    """You have one of this name for this list already. Give it another."""


class TooManyFilters(Refusal):
    """There are {most} of this list already. Delete one first."""


def save_filter(
    *,
    acting_staff: StaffUser,
    path: str,
    name: str,
    params: Mapping[str, str],
    id: UUID | None = None,
) -> SavedFilter:
    """Keep filters of a list under a name; path: the list's address, params: what it is asked.

    Raises NotAllowed, FilterNameMissing, FilterNameTooLong, NothingToKeep, FilterNameTaken,
    TooManyFilters, SameIdOtherContent.
    """
    require(acting_staff, KEEP)
    wanted = _name(name)
    told: dict[str, Any] = {"staff": acting_staff, "path": path, "name": wanted}
    stored = already_stored(SavedFilter, id, acting_staff, **told)
    if stored is not None:
        return stored
    if not params:
        raise NothingToKeep
    with transaction.atomic():
        StaffUser.objects.select_for_update(of=("self",)).get(pk=acting_staff.pk)
        mine = SavedFilter.objects.filter(staff=acting_staff, path=path)
        _refuse_taken(mine.values_list("name", flat=True), wanted)
        if mine.count() >= MOST:
            raise TooManyFilters(most=MOST)
        row = SavedFilter(id=id or new_id(), params=dict(params), **told)
        row.save(force_insert=True)
        audit.record(acting_staff, "org.save_filter", row)
    return row


def rename_filter(*, acting_staff: StaffUser, saved: SavedFilter, name: str) -> SavedFilter:
    """Give a filter of one's own another name. Raises NotAllowed, OutOfSight, FilterNameMissing,
    FilterNameTooLong, FilterNameTaken.
    """
    _require_own(acting_staff, saved)
    wanted = _name(name)
    with transaction.atomic():
        StaffUser.objects.select_for_update(of=("self",)).get(pk=acting_staff.pk)
        row: SavedFilter = SavedFilter.objects.get(pk=saved.pk)
        others = SavedFilter.objects.filter(staff=row.staff_id, path=row.path).exclude(pk=row.pk)
        _refuse_taken(others.values_list("name", flat=True), wanted)
        row.name = wanted
        row.save(update_fields=["name"])
        audit.record(acting_staff, "org.rename_filter", row)
    return row


def delete_filter(*, acting_staff: StaffUser, saved: SavedFilter) -> None:
    """Let a filter of one's own go. Raises NotAllowed, OutOfSight."""
    _require_own(acting_staff, saved)
    with transaction.atomic():
        audit.record(acting_staff, "org.delete_filter", saved)
        SavedFilter.objects.filter(pk=saved.pk).delete()


def _require_own(staff: StaffUser, saved: SavedFilter) -> None:
    """Whatever her roles reach, it is one's own alone."""
    require(staff, KEEP, saved)
    if saved.staff_id != staff.pk:
        raise OutOfSight


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name:
        raise FilterNameMissing(field="name")
    if len(name) > LONGEST:
        raise FilterNameTooLong(field="name", longest=LONGEST)
    return name


def _refuse_taken(names: Iterable[str], wanted: str) -> None:
    if wanted.casefold() in {name.casefold() for name in names}:
        raise FilterNameTaken(field="name")
