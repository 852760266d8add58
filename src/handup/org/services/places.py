"""Areas and branch offices: added, renamed, and taken out of use; never deleted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import transaction

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import Area, Office, Settlement, StaffUser
from handup.org.permissions import require
from handup.org.services.settlements import SettlementIn, SettlementUnknown, keep


class CodeTaken(Refusal):
    """There is a place with the code {code} already. Give this one another."""


class CodeNotPlain(Refusal):
    """A code has letters, digits, points, hyphens and underscores only, not {code!r}."""


class NameMissing(Refusal):
    """A place needs a name in at least one language."""


class AreaAboveUnknown(Refusal):
    """There is no area with the code {code} to lie in."""


class AreaNotInForce(Refusal):
    """{area} was given up on {day}. Choose the area that came after it."""


class AreaInUse(Refusal):
    """{area} still has areas in force below it: {below}. End these first."""


class SuccessorIsItself(Refusal):
    """An area cannot come after itself, nor can one that was given up come after another."""


class EndsBeforeItBegins(Refusal):
    """The area came into force on {day}; it cannot end before that."""


@dataclass(frozen=True, slots=True)
class AreaIn:
    """One area to add: its code, its name per language, the code of the area it lies in.

    What lies in nothing is a country, of level 0; its regions are level 1, what lies in these
    level 2 (protection.md 4.5).
    """

    code: str
    names: Mapping[str, str]
    parent_code: str = ""
    valid_from: date | None = None
    id: UUID = field(default_factory=new_id)
    settlement: str = ""
    """URBAN for a town, RURAL for countryside; empty where it is as the area it lies in."""


def _plain(code: str) -> str:
    code = code.strip()
    if not code or not all(sign.isalnum() or sign in ".-_" for sign in code):
        raise CodeNotPlain(field="code", code=code)
    return code


def _names(names: Mapping[str, str]) -> dict[str, str]:
    known = dict(settings.LANGUAGES)
    said = {key: text.strip() for key, text in names.items() if key in known and text.strip()}
    if not said:
        raise NameMissing(field="name")
    return said


def _in_force(area: Area | None, name: str = "area") -> None:
    if area is not None and area.valid_to is not None:
        raise AreaNotInForce(field=name, area=area, day=area.valid_to)


def add_areas(*, acting_staff: StaffUser, areas: Sequence[AreaIn]) -> list[Area]:
    """Add areas to the register, those above before those below; one statement for all of them.

    The same ids with the same content again change nothing. Raises NotAllowed, CodeTaken,
    CodeNotPlain, NameMissing, AreaAboveUnknown, AreaNotInForce, SettlementUnknown,
    SameIdOtherContent.
    """
    require(acting_staff, "org.add_area")
    with transaction.atomic():
        above = {
            area.code: area
            for area in Area.objects.filter(code__in={told.parent_code for told in areas})
        }
        taken = set(
            Area.objects.filter(code__in={told.code.strip() for told in areas}).values_list(
                "code", flat=True
            )
        )
        found: list[Area] = []
        fresh: list[Area] = []
        kinds: list[tuple[Area, SettlementIn]] = []
        for told in areas:
            names, code = _names(told.names), _plain(told.code)
            if told.settlement not in {"", *Settlement.values}:
                raise SettlementUnknown(field="settlement", told=told.settlement)
            known = already_stored(Area, told.id, acting_staff, code=code, names=names)
            if known is not None:
                found.append(known)
                continue
            if code in taken:
                raise CodeTaken(field="code", code=code)
            parent = above.get(told.parent_code) if told.parent_code else None
            if told.parent_code and parent is None:
                raise AreaAboveUnknown(field="parent", code=told.parent_code)
            _in_force(parent, "parent")
            area = Area(
                id=told.id,
                code=code,
                names=names,
                level=parent.level + 1 if parent else 0,
                parent=parent,
                path=f"{parent.path if parent else '/'}{code}/",
                valid_from=told.valid_from,
            )
            above[code] = area
            taken.add(code)
            fresh.append(area)
            if told.settlement:
                kinds.append((area, SettlementIn(code, told.settlement)))
        Area.objects.bulk_create(fresh)
        audit.record_many(
            audit.line(acting_staff, "org.add_area", area, {"code": area.code}) for area in fresh
        )
        keep(acting_staff, kinds)
    return [*found, *fresh]


def rename_area(*, acting_staff: StaffUser, area: Area, names: Mapping[str, str]) -> Area:
    """Correct the names of an area; its code, and what lies in it, stay. Raises NotAllowed,
    NameMissing.
    """
    require(acting_staff, "org.add_area")
    with transaction.atomic():
        row: Area = Area.objects.select_for_update().get(pk=area.pk)
        row.names = _names(names)
        row.save(update_fields=("names",))
        audit.record(acting_staff, "org.rename_area", row, {"code": row.code})
    return row


def end_area(
    *, acting_staff: StaffUser, area: Area, on: date, successor: Area | None = None
) -> Area:
    """Say that an area was given up, and which came after it: its records stay where they are.

    Raises NotAllowed, AreaNotInForce, AreaInUse, SuccessorIsItself, EndsBeforeItBegins.
    """
    require(acting_staff, "org.add_area")
    with transaction.atomic():
        row: Area = Area.objects.select_for_update().get(pk=area.pk)
        _in_force(row)
        if row.valid_from is not None and on < row.valid_from:
            raise EndsBeforeItBegins(field="on", day=row.valid_from)
        if successor is not None and (successor.pk == row.pk or successor.valid_to is not None):
            raise SuccessorIsItself(field="successor")
        below = [str(child) for child in row.children.filter(valid_to=None)[:3]]
        if below:
            raise AreaInUse(area=row, below=", ".join(below))
        row.valid_to, row.successor = on, successor
        row.save(update_fields=("valid_to", "successor"))
        audit.record(acting_staff, "org.end_area", row, {"code": row.code, "on": on.isoformat()})
    return row


def open_office(
    *,
    acting_staff: StaffUser,
    code: str,
    name: str,
    area: Area | None = None,
    id: UUID | None = None,
) -> Office:
    """Open a branch office; its area says where it works.

    Raises NotAllowed, CodeTaken, CodeNotPlain, NameMissing, AreaNotInForce, SameIdOtherContent.
    """
    require(acting_staff, "org.open_office")
    code, name = _plain(code), name.strip()
    known = already_stored(Office, id, acting_staff, code=code, name=name, area=area)
    if known is not None:
        return known
    if not name:
        raise NameMissing(field="name")
    _in_force(area)
    with transaction.atomic():
        if Office.objects.filter(code=code).exists():
            raise CodeTaken(field="code", code=code)
        row: Office = Office.objects.create(id=id or new_id(), code=code, name=name, area=area)
        audit.record(acting_staff, "org.open_office", row, {"code": code})
    return row


def change_office(
    *, acting_staff: StaffUser, office: Office, name: str, area: Area | None, active: bool
) -> Office:
    """Give an office another name or area, or take it out of use: what it did stays its own.

    Raises NotAllowed, NameMissing, AreaNotInForce.
    """
    require(acting_staff, "org.open_office")
    if not name.strip():
        raise NameMissing(field="name")
    with transaction.atomic():
        row: Office = Office.objects.select_for_update().get(pk=office.pk)
        if area is None or area.pk != row.area_id:
            _in_force(area)
        row.name, row.area, row.active = name.strip(), area, active
        row.save(update_fields=("name", "area", "active"))
        audit.record(
            acting_staff, "org.change_office", row, {"code": row.code, "active": int(active)}
        )
    return row
