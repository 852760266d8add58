"""`visible_to`: the one way from a table to what a staff member may see of it."""

from collections.abc import Callable, Collection, Iterable
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils import timezone

from handup.org.bulk import insert_rows, update_rows
from handup.org.declared import grants_for, is_reading
from handup.org.lengths import refuse_unfit, refuse_unfit_values
from handup.org.rules.access import GrantFact, Place, ScopeKind

if TYPE_CHECKING:
    from handup.org.models import StaffUser

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True, slots=True)
class ScopePaths:
    """Look-ups from a model to where it lies, e.g. `office="loan__office_id"`; absent = not reached
    that way.

    `person` leads to the person a row is about, so that hidden persons stay hidden; `shared` leads
    over a to-many relation to the persons a row belongs to (a household, an enterprise), which is
    hidden once all of them are; `many` says that a path crosses a to-many relation; `linked`
    returns a second way in for a grant (a person served by two programmes), as an EXISTS that costs
    nothing when the first way is enough; `known` does the same for reading alone: a write is
    refused there as if the record did not exist. `other`: where a row lies that hangs on one of two
    records, when the first paths lead nowhere. `withheld` returns which rows are kept even from
    those whose grants reach them (a complaint from whom it is about). `narrowed` returns what a
    grant's role lets it read of the rows it reaches, None for all of them (an appraiser reads what
    is open for appraisal). `sealed` returns which rows keep their files even from who may read them
    (a photo that names everybody). `gone` names a day: a row that has one stands for nothing of its
    own any more, and nobody sees it.
    """

    office: str = ""
    area: str = ""
    programme: str = ""
    organisation: str = ""
    caseload: str = ""
    person: str = ""
    shared: tuple[str, ...] = ()
    many: bool = False
    linked: "Callable[[GrantFact, StaffUser], Q | None] | None" = None
    known: "Callable[[GrantFact, StaffUser], Q | None] | None" = None
    other: "ScopePaths | None" = None
    withheld: "Callable[[StaffUser], Q] | None" = None
    narrowed: "Callable[[GrantFact, StaffUser], Q | None] | None" = None
    sealed: "Callable[[StaffUser], Q] | None" = None
    gone: str = ""

    @property
    def persons(self) -> tuple[str, ...]:
        """Every path to the one person a row is about."""
        own = (self.person,) if self.person else ()
        return own if self.other is None else (*own, *self.other.persons)

    @property
    def shares(self) -> tuple[str, ...]:
        """Every path to persons a row belongs to."""
        return self.shared if self.other is None else (*self.shared, *self.other.shares)

    def narrows(self, grant: GrantFact, staff: "StaffUser") -> bool:
        """Whether a grant reads only some of the rows it reaches."""
        own = self.narrowed is not None and self.narrowed(grant, staff) is not None
        return own or (self.other is not None and self.other.narrows(grant, staff))


# A domain that hides persons, or opens one to one staff member for a while, adds a callable: staff
# -> rows of a person's id and None for whom she may not know of, or the moment it ends for whom she
# opened. Every request asks it once.
exceptions: "list[Callable[[StaffUser], Iterable[tuple[UUID, datetime | None]]]]" = []


def grant_q(
    paths: ScopePaths, grant: GrantFact, staff: "StaffUser", *, reading: bool = True
) -> Q | None:
    """Return the filter of one grant, or None when the model cannot be reached by it."""
    own = _own_q(paths, grant, staff, reading=reading)
    if paths.other is not None:
        own = _either(own, _own_q(paths.other, grant, staff, reading=reading))
    known = paths.known(grant, staff) if reading and paths.known is not None else None
    if known is None or (own is not None and not own):
        return own
    return known if own is None else own | known


def _either(first: Q | None, second: Q | None) -> Q | None:
    """Rows reached one way or the other; an empty filter reaches all."""
    if first is None or second is None:
        return second if first is None else first
    return first | second if first and second else Q()


def _own_q(paths: ScopePaths, grant: GrantFact, staff: "StaffUser", *, reading: bool) -> Q | None:
    if grant.nowhere:
        return None
    q = Q()
    if reading and paths.narrowed is not None:
        q &= paths.narrowed(grant, staff) or Q()
    if grant.organisation_id is not None:
        if not paths.organisation:
            return None
        q &= Q(**{paths.organisation: grant.organisation_id})
    if grant.scope is ScopeKind.ALL:
        return q
    path, value = {
        ScopeKind.PROJECT: (paths.programme, grant.programme_id),
        ScopeKind.OFFICE: (paths.office, grant.office_id),
        ScopeKind.AREA: (
            f"{paths.area}__in" if paths.area else "",
            list(grant.area_ids),
        ),
        ScopeKind.CASELOAD: (paths.caseload, staff.pk),
    }[grant.scope]
    way = Q(**{path: value}) if path else None
    second = paths.linked(grant, staff) if paths.linked else None
    if way is None or second is None:
        way = way if second is None else second
    else:
        way |= second
    return None if way is None else q & way


class ScopedQuerySet(models.QuerySet[M], Generic[M]):
    """A queryset that can be cut down to what one staff member may see."""

    def visible_to(self, staff: "StaffUser") -> "ScopedQuerySet[M]":
        """Return the rows her live grants reach; none when no role of hers may read this model."""
        view: str = getattr(self.model, "VIEW", "")
        return self._allowed(staff, view, reading=True) if view else self.all()

    def reached_with(self, staff: "StaffUser", code: str) -> "ScopedQuerySet[M]":
        """Return the rows with which her live grants let her do this, as `may` tells of each."""
        return self._allowed(staff, code, reading=is_reading(code))

    def _allowed(self, staff: "StaffUser", code: str, *, reading: bool) -> "ScopedQuerySet[M]":
        grants = grants_for(staff, code)
        if not grants:
            return self.none()
        paths: ScopePaths | None = getattr(self.model, "SCOPE", None)
        rows = self.all() if paths is None else self._reached(paths, grants, staff, reading)
        if paths is not None and (paths.persons or paths.shares):
            rows = leave_out(rows, unseen_by(staff, code))
        if paths is not None and paths.withheld is not None:
            rows = rows.exclude(paths.withheld(staff))
        if paths is not None and paths.gone:
            rows = rows.filter(**{paths.gone: None})
        return rows

    def update(self, **values: Any) -> int:
        """Update in one statement; an expression for an encrypted column is refused as a plain text
        is. Raises TextTooLong, NumberTooLarge.
        """
        refuse_unfit_values(self.model, values)
        for name, value in values.items():
            if hasattr(value, "resolve_expression"):
                refuse = getattr(self.model._meta.get_field(name), "refuse_expression", None)
                if refuse is not None:
                    refuse()
        return super().update(**values)

    update.alters_data = True  # type: ignore[attr-defined]  # templates may not call it

    def bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        """Insert many rows, with one prepared statement of plain values where nothing else is
        asked. Raises TextTooLong, NumberTooLarge.
        """
        rows = list(objs)
        if not args and kwargs.keys() <= {"batch_size"}:
            insert_rows(rows)
            return rows
        refuse_unfit(rows)
        return super().bulk_create(rows, *args, **kwargs)

    def bulk_update(
        self, objs: Iterable[M], fields: Iterable[str], batch_size: int | None = None
    ) -> int:
        """Update the named fields of many rows, which hold plain values, with one prepared
        statement instead of one long CASE per piece. Raises TextTooLong, NumberTooLarge.

        An encrypted column is refused as before: the hash beside it would not follow.
        """
        rows, names = list(objs), tuple(fields)
        if any(hasattr(self.model._meta.get_field(name), "refuse_expression") for name in names):
            return super().bulk_update(rows, names, batch_size)
        return update_rows(self.model, names, rows)

    def _reached(
        self, paths: ScopePaths, grants: list[GrantFact], staff: "StaffUser", reading: bool
    ) -> "ScopedQuerySet[M]":
        ways = (grant_q(paths, grant, staff, reading=reading) for grant in grants)
        parts = [part for part in ways if part is not None]
        opened = opened_to(staff) if reading and paths.persons else frozenset()
        if opened:
            parts += [Q(**{f"{path}__in": list(opened)}) for path in paths.persons]
        if not parts:
            return self.none()
        if any(not part for part in parts):
            return self.all()
        q = parts[0]
        for part in parts[1:]:
            q |= part
        if paths.many:
            return self.filter(pk__in=self.model._base_manager.filter(q).values("pk"))
        return self.filter(q)


# The manager of every model of the house; a plain assignment, so that mypy knows its rows.
ScopedManager = models.Manager.from_queryset(ScopedQuerySet)


_hidden_version = 0


def hidden_changed() -> None:
    """Forget who was hidden from whom: called when a compartment opens, closes or changes team."""
    global _hidden_version
    _hidden_version += 1


@dataclass(frozen=True, slots=True)
class _Exceptions:
    """What a scope does not say: who is hidden from a reader, and who is open to her till when."""

    version: int
    hidden: frozenset[UUID]
    opened: dict[UUID, datetime]


def _exceptions(staff: "StaffUser") -> _Exceptions:
    """Read once for each loaded staff object, and again when this process changes it."""
    held: _Exceptions | None = staff.__dict__.get("_exceptions")
    if held is not None and held.version == _hidden_version:
        return held
    hidden: set[UUID] = set()
    opened: dict[UUID, datetime] = {}
    for person, until in chain.from_iterable(ask(staff) for ask in exceptions):
        if until is None:
            hidden.add(person)
        else:
            opened[person] = max(until, opened.get(person, until))
    found = _Exceptions(_hidden_version, frozenset(hidden), opened)
    staff.__dict__["_exceptions"] = found
    return found


def hidden_from(staff: "StaffUser") -> frozenset[UUID]:
    """Persons a staff member may not know of: hidden ones, few by their nature. What is counted,
    summed up, chosen from or sent away leaves out also whom she opened in an emergency.
    """
    return _exceptions(staff).hidden


def unseen_by(staff: "StaffUser", code: str) -> frozenset[UUID]:
    """Persons for whom a permission does not count: hidden ones, and for reading without those
    whom she opened in an emergency, which is for reading only.
    """
    hidden = hidden_from(staff)
    return hidden - opened_to(staff) if hidden and is_reading(code) else hidden


def without_opened(staff: "StaffUser") -> "StaffUser":
    """The same reader without whom she opened in an emergency: who is meant where a list is sent
    away or a list of persons is drawn up, for an emergency opens one person to be read.
    """
    if not opened_to(staff):
        return staff
    other: StaffUser = copy(staff)
    other.opens_nobody = True
    return other


def on_no_team(staff: "StaffUser") -> "StaffUser":
    """The same reader as if she were on no case team and had opened nobody in an emergency: who is
    meant where what she keeps or carries away is read by others.
    """
    other: StaffUser = copy(staff)
    other.__dict__.pop("_exceptions", None)
    other.by_token = True  # which no case team comes with
    return other


def opened_to(staff: "StaffUser") -> frozenset[UUID]:
    """Persons open to a staff member for a while, beyond her scope; it ends by the clock."""
    opened = _exceptions(staff).opened
    if not opened or staff.opens_nobody:
        return frozenset()
    now = timezone.now()
    return frozenset(person for person, until in opened.items() if now < until)


Rows = TypeVar("Rows", bound="models.QuerySet[Any, Any]")


def leave_out(rows: Rows, hidden: Collection[UUID]) -> Rows:
    """Rows without those about hidden persons: what a count or a sum for one reader is made of."""
    paths: ScopePaths | None = getattr(rows.model, "SCOPE", None)
    if not hidden or paths is None:
        return rows
    for path in paths.persons:
        rows = rows.exclude(**{f"{path}__in": list(hidden)})
    unseen = of_hidden_only(rows.model, paths, hidden)
    return rows.exclude(pk__in=unseen) if unseen else rows


def ids_about(hidden: Collection[UUID]) -> set[Any]:
    """Ids of every record about hidden persons, and theirs: what a list of ids leaves out."""
    found: set[Any] = set(hidden)
    for model in apps.get_models() if hidden else ():
        paths: ScopePaths | None = getattr(model, "SCOPE", None)
        if paths is None:
            continue
        for path in paths.persons:
            rows = model._base_manager.filter(**{f"{path}__in": list(hidden)})
            found.update(rows.values_list("pk", flat=True))
        found |= of_hidden_only(model, paths, hidden)
    return found


def of_hidden_only(
    model: type[models.Model], paths: ScopePaths, hidden: Collection[UUID]
) -> set[Any]:
    """Ids of rows every one of whose persons is hidden: her home and her business go with her."""
    found: set[Any] = set()
    for path in paths.shares:
        inside = Q(**{f"{path}__in": list(hidden)})
        touched = list(model._base_manager.filter(inside).values_list("pk", flat=True).distinct())
        others = models.Count(path, filter=~inside)
        rows = model._base_manager.filter(pk__in=touched).order_by().annotate(others=others)
        found.update(rows.filter(others=0).values_list("pk", flat=True))
    return found


def follow(obj: models.Model, path: str) -> Any:
    """Read a value along a path of look-ups from one loaded record; None for an empty path."""
    value: Any = obj
    for part in path.split("__") if path else ():
        value = getattr(value, part) if value is not None else None
    return value if path else None


def place_of(obj: models.Model, paths: ScopePaths) -> Place:
    """Read from one loaded record where it lies, following the same paths as the queries."""
    place = Place(
        office_id=follow(obj, paths.office),
        area_id=follow(obj, paths.area),
        programme_id=follow(obj, paths.programme),
        organisation_id=follow(obj, paths.organisation),
        caseload_staff_id=follow(obj, paths.caseload),
    )
    return place_of(obj, paths.other) if paths.other is not None and place == Place() else place
