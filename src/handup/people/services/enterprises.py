"""Register enterprises with their owners, one by one or in bulk, and keep who owned them when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.kernel.money import WHOLE_BPS
from handup.org import audit
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.models import Area, Office, StaffUser
from handup.org.permissions import require
from handup.people.models import Enterprise, Ownership, Person
from handup.people.queries.merging import current_id
from handup.people.rules import codes as c
from handup.people.services.days import refuse_to_come
from handup.people.services.registration import own_caseload_only, registration_numbers
from handup.people.services.store import (
    audit_all,
    change,
    insert,
    known_rows,
    refuse_all,
    refuse_any,
    refuse_erased,
    refuse_left_by_all,
    refused_by,
    require_places,
)
from handup.projects.models import Programme
from handup.projects.rules.dates import Precision


class TradeMissing(Refusal):
    """Write what the enterprise does."""


class OwnersMissing(Refusal):
    """An enterprise has at least one owner."""


class SharesOverWhole(Refusal):
    """The shares of the owners together are more than the whole."""


class ShareOutOfRange(Refusal):
    """A share lies between 0.01 % and 100 %."""


class WomenOverWorkers(Refusal):
    """More women work here than people. Check the numbers."""


class StartInFuture(Refusal):
    """The enterprise starts after the day of registration, {on}."""


class StartAfterClosing(Refusal):
    """The enterprise was closed on {closed_date}; it began before."""


class OwnerTwice(Refusal):
    """The same person stands among the owners twice."""


class AlreadyClosed(Refusal):
    """This enterprise was closed on {closed_date}."""


@dataclass(frozen=True, slots=True)
class OwnerIn:
    """An owner and her share in basis points (10 000 = the whole)."""

    person: Person
    share_bps: int = WHOLE_BPS


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterpriseIn:
    """One enterprise as it is registered."""

    trade: str
    owners: tuple[OwnerIn, ...]
    registered_date: date
    name: str = ""
    trade_code: str = ""
    start_date: date | None = None
    start_precision: Precision = Precision.DAY
    formality: c.Formality = c.Formality.NOT_KNOWN
    job_kind: c.JobKind | None = None
    workers_family: int = 0
    workers_paid: int = 0
    workers_women: int = 0
    area: Area | None = None
    office: Office | None = None
    programme: Programme | None = None
    case_officer: StaffUser | None = None
    id: UUID | None = None


def _faults_of(item: EnterpriseIn) -> Iterator[Refusal]:
    if not item.trade.strip():
        yield TradeMissing(field="trade")
    if not item.owners:
        yield OwnersMissing(field="owners")
    if len({owner.person.pk for owner in item.owners}) < len(item.owners):
        yield OwnerTwice(field="owners")
    yield from refused_by(refuse_erased, *(owner.person for owner in item.owners))
    if any(not 1 <= owner.share_bps <= WHOLE_BPS for owner in item.owners):
        yield ShareOutOfRange(field="share_bps")
    elif sum(owner.share_bps for owner in item.owners) > WHOLE_BPS:
        yield SharesOverWhole(field="share_bps")
    if item.workers_women > item.workers_family + item.workers_paid:
        yield WomenOverWorkers(field="workers_women")
    yield from refused_by(refuse_to_come, "registered_date", item.registered_date)
    if item.start_date is not None and item.start_date > item.registered_date:
        yield StartInFuture(field="start_date", on=item.registered_date.isoformat())


def _row(item: EnterpriseIn, code: str, staff: StaffUser) -> Enterprise:
    officer = item.case_officer or (staff if own_caseload_only(staff) else None)
    return Enterprise(
        id=item.id or new_id(),
        code=code,
        name=item.name.strip(),
        trade=item.trade.strip(),
        trade_code=item.trade_code,
        start_date=item.start_date,
        start_precision=item.start_precision.value,
        formality=item.formality.value,
        job_kind=item.job_kind.value if item.job_kind else "",
        workers_family=item.workers_family,
        workers_paid=item.workers_paid,
        workers_women=item.workers_women,
        area=item.area,
        office=item.office or staff.home_office,
        programme=item.programme,
        case_officer=officer,
        registered_date=item.registered_date,
        registered_by=staff,
    )


def _owned_from(item: EnterpriseIn) -> date:
    return item.start_date or item.registered_date


def _store(items: Sequence[EnterpriseIn], staff: StaffUser, *, single: bool) -> list[Enterprise]:
    refusals = [(row, fault) for row, item in enumerate(items) for fault in _faults_of(item)]
    refuse_all(refusals, single=single)
    codes = registration_numbers(len(items), Enterprise, "E")
    rows = [_row(item, code, staff) for item, code in zip(items, codes, strict=True)]
    require_places(staff, "people.register_enterprise", rows)
    shares = [
        Ownership(
            enterprise=row,
            person=owner.person,
            share_bps=owner.share_bps,
            from_date=_owned_from(item),
        )
        for item, row in zip(items, rows, strict=True)
        for owner in item.owners
    ]
    with transaction.atomic():
        insert(rows, staff)
        insert(shares, staff)
        facts: list[audit.Facts] = [{"owners": len(item.owners)} for item in items]
        audit_all(staff, "people.register_enterprise", rows, facts)
    return rows


def register_enterprises(
    *, acting_staff: StaffUser, items: Sequence[EnterpriseIn]
) -> list[Enterprise]:
    """Register many enterprises in one transaction. Raises Faults by row; stored ids come back
    unchanged, to whoever may register there."""
    require(acting_staff, "people.register_enterprise")
    ids = [item.id for item in items if item.id is not None]
    known = known_rows(Enterprise, ids, acting_staff, "people.register_enterprise")
    made = iter(_store([i for i in items if i.id not in known], acting_staff, single=False))
    return [known[item.id] if item.id in known else next(made) for item in items]


def _known(staff: StaffUser, told: EnterpriseIn) -> Enterprise | None:
    """The enterprise registered under this id, if there is one. Raises SameIdOtherContent,
    OutOfSight.
    """
    known = already_stored(Enterprise, told.id, staff, trade=told.trade.strip())
    if known is None:
        return None
    require(staff, "people.register_enterprise", known)
    ever = set(Ownership._base_manager.filter(enterprise=known).values_list("person", flat=True))
    if not ever.issuperset(current_id(owner.person.pk) for owner in told.owners):
        raise SameIdOtherContent(field="owners")
    return known


def register_enterprise(*, acting_staff: StaffUser, enterprise: EnterpriseIn) -> Enterprise:
    """Register one enterprise.

    Raises TradeMissing, OwnersMissing, OwnerTwice, ShareOutOfRange, SharesOverWhole,
    WomenOverWorkers, StartInFuture, DayToCome, PersonErased.
    """
    require(acting_staff, "people.register_enterprise")
    if (known := _known(acting_staff, enterprise)) is not None:
        return known
    for owner in enterprise.owners:
        require(acting_staff, "people.register_enterprise", owner.person)
    return _store([enterprise], acting_staff, single=True)[0]


def correct_enterprise(
    *,
    acting_staff: StaffUser,
    enterprise: Enterprise,
    name: str,
    trade: str,
    formality: c.Formality,
    job_kind: c.JobKind | None,
    workers_family: int,
    workers_paid: int,
    workers_women: int,
    area: Area | None,
    start_date: date | None,
) -> Enterprise:
    """Correct what was written of an enterprise; its history keeps the former values. A first day
    that is changed is known to the day. What is written already is left as it is.

    Raises TradeMissing, WomenOverWorkers, StartInFuture, StartAfterClosing, PersonErased.
    """
    require(acting_staff, "people.register_enterprise", enterprise)
    refuse_left_by_all(Ownership._base_manager.filter(enterprise=enterprise))
    told: dict[str, object] = {
        "name": name.strip(),
        "trade": trade.strip(),
        "formality": formality.value,
        "job_kind": job_kind.value if job_kind else "",
        "workers_family": workers_family,
        "workers_paid": workers_paid,
        "workers_women": workers_women,
        "area": area,
        "start_date": start_date,
    }
    changed = {field: new for field, new in told.items() if getattr(enterprise, field) != new}
    faults: list[Refusal] = []
    if not told["trade"]:
        faults.append(TradeMissing(field="trade"))
    if workers_women > workers_family + workers_paid:
        faults.append(WomenOverWorkers(field="workers_women"))
    if "start_date" in changed:
        faults += refused_by(_check_start, enterprise, start_date)
        changed["start_precision"] = Precision.DAY.value
    refuse_any(faults)
    if changed:
        with transaction.atomic():
            change(enterprise, acting_staff, **changed)
            facts: audit.Facts = {"fields": ", ".join(sorted(changed))}
            audit.record(acting_staff, "people.correct_enterprise", enterprise, facts)
    return enterprise


def _check_start(enterprise: Enterprise, start_date: date | None) -> None:
    if start_date is None:
        return
    if start_date > enterprise.registered_date:
        raise StartInFuture(field="start_date", on=enterprise.registered_date.isoformat())
    if enterprise.closed_date is not None and start_date > enterprise.closed_date:
        raise StartAfterClosing(field="start_date", closed_date=enterprise.closed_date.isoformat())


def close_enterprise(
    *, acting_staff: StaffUser, enterprise: Enterprise, closed_date: date
) -> Enterprise:
    """Record that an enterprise stopped. Raises AlreadyClosed, DayToCome, StartInFuture when it had
    not begun."""
    require(acting_staff, "people.register_enterprise", enterprise)
    refuse_to_come("closed_date", closed_date)
    with transaction.atomic():
        list(Enterprise._base_manager.select_for_update(of=("self",)).filter(pk=enterprise.pk))
        enterprise.refresh_from_db(fields=["start_date", "closed_date"])
        if enterprise.closed_date is not None:
            raise AlreadyClosed(closed_date=enterprise.closed_date.isoformat())
        if enterprise.start_date is not None and closed_date < enterprise.start_date:
            raise StartInFuture(field="closed_date", on=closed_date.isoformat())
        change(enterprise, acting_staff, closed_date=closed_date)
        audit.record(acting_staff, "people.close_enterprise", enterprise)
    return enterprise
