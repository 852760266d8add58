"""Whether an area is a town or countryside, and since when."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored, none_stored
from handup.org.models import Area, AreaClass, Settlement, StaffUser
from handup.org.permissions import require

ADD = "org.add_area"


class SettlementUnknown(Refusal):
    """Say URBAN for a town or RURAL for countryside, not {told!r}."""


class AreaOfSettlementUnknown(Refusal):
    """There is no area with the code {codes}. Add it first. Nothing was kept."""


class SettlementTwice(Refusal):
    """Two lines tell of {code} since the same day. Keep one of them. Nothing was kept."""


class SettlementOutsideArea(Refusal):
    """{code} is in force from {since} to {until}. Choose a day within."""


@dataclass(frozen=True, slots=True)
class SettlementIn:
    """What one area is, by its code; `since` None means as far back as anything is known."""

    area_code: str
    settlement: str
    since: date | None = None
    id: UUID = field(default_factory=new_id)


def tell_settlements(*, acting_staff: StaffUser, told: Sequence[SettlementIn]) -> list[AreaClass]:
    """Keep whether areas are towns or countryside. What was told of the same area and day before is
    replaced; the same again changes nothing.

    Raises NotAllowed, SettlementUnknown, AreaOfSettlementUnknown, SettlementTwice,
    SettlementOutsideArea, SameIdOtherContent.
    """
    require(acting_staff, ADD)
    _check(told)
    with transaction.atomic():
        codes = sorted({one.area_code for one in told})
        rows = Area.objects.select_for_update().filter(code__in=codes).order_by("path")
        areas = {area.code: area for area in rows}
        unknown = [code for code in codes if code not in areas]
        if unknown:
            raise AreaOfSettlementUnknown(field="area", codes=", ".join(unknown[:5]))
        for one in told:
            _refuse_outside(areas[one.area_code], one.since)
        return keep(acting_staff, [(areas[one.area_code], one) for one in told])


def _check(told: Sequence[SettlementIn]) -> None:
    seen = set()
    for one in told:
        if one.settlement not in Settlement.values:
            raise SettlementUnknown(field="settlement", told=one.settlement)
        if (one.area_code, one.since) in seen:
            raise SettlementTwice(field="lines", code=one.area_code)
        seen.add((one.area_code, one.since))


def _refuse_outside(area: Area, since: date | None) -> None:
    first, last = area.valid_from, area.valid_to
    if since is not None and ((first and since < first) or (last and since > last)):
        raise SettlementOutsideArea(
            field="since", code=area.code, since=first or "\u2026", until=last or "\u2026"
        )


def keep(staff: StaffUser, told: Sequence[tuple[Area, SettlementIn]]) -> list[AreaClass]:
    """Store what is told of areas that are locked, or new, inside a transaction."""
    if not told:
        return []
    are_new = none_stored(AreaClass, [one.id for _area, one in told])
    current = AreaClass.objects.filter(replaced_at=None, area__in=[area for area, _one in told])
    held = {(row.area_id, row.from_date): row for row in current}
    found, fresh, replaced = [], [], []
    for area, one in told:
        content = {"area": area, "settlement": one.settlement, "from_date": one.since}
        known = None if are_new else already_stored(AreaClass, one.id, staff, **content)
        before = held.get((area.pk, one.since))
        if known is not None or (before and before.settlement == one.settlement):
            found.append(known or before)
            continue
        if before is not None:
            replaced.append(before.pk)
        row = AreaClass(
            id=one.id,
            area=area,
            settlement=one.settlement,
            from_date=one.since,
            told_by=staff,
        )
        fresh.append(row)
        found.append(row)
    AreaClass.objects.filter(pk__in=replaced).update(replaced_at=timezone.now())
    AreaClass.objects.bulk_create(fresh)
    audit.record_many(
        audit.line(
            staff,
            "org.tell_settlement",
            row.area,
            {
                "code": row.area.code,
                "settlement": row.settlement,
                "since": row.from_date.isoformat() if row.from_date else "",
            },
        )
        for row in fresh
    )
    return [row for row in found if row is not None]
