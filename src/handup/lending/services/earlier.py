"""Savings, money of guarantees and collections of a day too long ago for one person: one says what
happened and why only now, another confirms it, whole or not at all (lending.md 4.1, 4.4). The same
way as of what happens to one loan (`back_dating`); kept apart, since it is no loan's own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.groups.models import Group
from handup.kernel.credit.codes import AdvanceTo
from handup.kernel.ids import new_id
from handup.lending.errors import AlreadyProposed, ProposalDecided
from handup.lending.models import (
    AssetTransfer,
    Collection,
    EarlierRecord,
    EnterpriseGrant,
    GrantTranche,
    GuaranteeCall,
    GuaranteeMove,
    Lender,
    Loan,
    LoanEvent,
    SavingsAccount,
    SavingsMove,
)
from handup.lending.rules.codes import EarlierKind, Method, Payer, ProposalState, Source
from handup.lending.services import grant_money, guarantees, savings
from handup.lending.services.collecting import SheetOf, record_collection
from handup.lending.services.days import CONFIRM, PROPOSE, check_date
from handup.lending.services.repayments import record_repayment
from handup.lending.services.sheet_lines import CollectedIn, part_lines, read_unknown, till_of
from handup.lending.services.telling import check_told, hold_to_earlier, try_once, written
from handup.lending.still_here import earlier_here
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.duties import ReasonNeeded, may_take, require_other_person
from handup.org.models import Area, StaffUser
from handup.org.permissions import may, require

Made = SavingsMove | GuaranteeMove | Collection | LoanEvent | GrantTranche | AssetTransfer
Told = Mapping[str, Any]


def _savings_back(*, account: SavingsAccount, value_date: date, **told: Any) -> SavingsMove:
    """A movement of the account is taken back."""
    move = SavingsMove.objects.get(account=account, pk=told.pop("move"))
    return savings.reverse_savings(move=move, on=value_date, **told)


def _guarantee_back(*, call: GuaranteeCall, **told: Any) -> GuaranteeMove:
    """Money of the call is taken back."""
    move = GuaranteeMove.objects.get(call=call, pk=told.pop("move"))
    return guarantees.reverse_guarantee_move(move=move, **told)


def sheet_told(
    lines: Sequence[CollectedIn],
    unknown: Sequence[CollectedIn],
    only: Sequence[CollectedIn] | None = None,
) -> dict[str, list[list[Any]]]:
    """The lines of a sheet as they wait: of loans that whoever collected knows, and others. only:
    those of them.
    """
    told = {"lines": [line.written() for line in lines if only is None or line in only]}
    others = [line.written(known=False) for line in unknown if only is None or line in only]
    return told | ({"unknown": others} if others else {})


def sheet_of_payload(payload: Told) -> list[CollectedIn]:
    """All lines of a sheet that waits."""
    lines = [CollectedIn(UUID(pk), units, absent) for pk, units, absent in payload["lines"]]
    return [*lines, *read_unknown(payload.get("unknown", ()))]


def propose_collection(
    *,
    acting_staff: StaffUser,
    lines: Sequence[CollectedIn],
    value_date: date,
    proposed_date: date,
    reason: str,
    id: UUID | None = None,
    **told: Any,
) -> EarlierRecord:
    """Propose a sheet of a day too long ago for one person (`propose_earlier`); what names no loan
    she knows goes to suspense when it is confirmed, whoever confirms it.
    """
    here, unknown = part_lines(acting_staff, [line for line in lines if line.kept], id)
    return propose_earlier(
        acting_staff=acting_staff,
        kind=EarlierKind.COLLECTION,
        value_date=value_date,
        told={**told, **sheet_told(here, unknown)},
        proposed_date=proposed_date,
        reason=reason,
        id=id,
    )


def _collection(*, value_date: date, lines: Sequence[Sequence[Any]], **told: Any) -> Collection:
    """A whole sheet."""

    def one(model: Any, name: str) -> Any:
        pk = told.pop(name, None)
        return None if pk is None else model.objects.get(pk=pk)

    sheet = SheetOf(one(StaffUser, "officer"), one(Group, "group"), one(Area, "area"))
    told["data_date"] = date.fromisoformat(told["data_date"])
    told["till"] = one(Lender, "till")
    told["unknown"] = read_unknown(told.get("unknown", ()))
    collected = [CollectedIn(UUID(loan), units, absent) for loan, units, absent in lines]
    return record_collection(held_date=value_date, lines=collected, sheet=sheet, **told)


def _repaid(*, lines: Sequence[Sequence[Any]], **told: Any) -> LoanEvent:
    """One repayment."""
    ((loan, units, _absent),) = lines
    if "payer" in told:
        told["payer"] = Payer(told["payer"])
    if "advance_to" in told:
        told["advance_to"] = AdvanceTo(told["advance_to"])
    if "recorded_at" in told:
        told["recorded_at"] = datetime.fromisoformat(told["recorded_at"])
    return record_repayment(**{**told, "units": units, "loan": Loan.objects.get(pk=loan)})


def _grant_paid(*, tranche: str, value_date: date, id: UUID, **told: Any) -> GrantTranche:
    """Money of a grant."""
    row = GrantTranche.objects.get(pk=tranche)
    return grant_money.pay_tranche(tranche=row, paid_date=value_date, **told)


def _grant_back(*, tranche: str, value_date: date, id: UUID, **told: Any) -> GrantTranche:
    """A payment of a grant is taken back."""
    row = GrantTranche.objects.get(pk=tranche)
    return grant_money.take_back_tranche(tranche=row, taken_date=value_date, **told)


def _handed_over(*, asset: str, value_date: date, id: UUID, **told: Any) -> AssetTransfer:
    """A thing of a grant."""
    row = AssetTransfer.objects.get(pk=asset)
    return grant_money.hand_over_asset(asset=row, handed_over_date=value_date, **told)


@dataclass(frozen=True, slots=True)
class EarlierAct:
    """What records a kind, the permission of who says it, what it may be told and must be; units:
    which of what is told is the amount.
    """

    record: Callable[..., Made]
    permission: str
    told: frozenset[str]
    needs: frozenset[str]
    units: str = ""


_PAID = frozenset({"method", "reference"})
_UNITS = frozenset({"units"})
_MOVE = frozenset({"move", "reason"})
_SHEET = frozenset({"counted_units", "lines", "data_date"})
_WHOSE = frozenset({"compared", "officer", "group", "area", "unknown", "till"})
ACTS: Mapping[EarlierKind, EarlierAct] = {
    EarlierKind.SAVINGS_IN: EarlierAct(
        savings.pay_in_savings, "lending.pay_in_savings", _PAID | _UNITS, _UNITS, "units"
    ),
    EarlierKind.SAVINGS_OUT: EarlierAct(
        savings.pay_out_savings, "lending.pay_out_savings", _PAID | _UNITS, _UNITS, "units"
    ),
    EarlierKind.SAVINGS_REVERSED: EarlierAct(
        _savings_back, "lending.reverse_savings", _MOVE, _MOVE
    ),
    EarlierKind.GUARANTEE_PAID: EarlierAct(
        guarantees.pay_guarantee_call, "lending.pay_guarantee", _PAID | {"reason"}, frozenset()
    ),
    EarlierKind.GUARANTEE_RECOVERED: EarlierAct(
        guarantees.record_guarantee_recovery,
        "lending.record_guarantee_recovery",
        _PAID | {"recovered_units"},
        frozenset({"recovered_units"}),
        "recovered_units",
    ),
    EarlierKind.GUARANTEE_REVERSED: EarlierAct(
        _guarantee_back, "lending.reverse_guarantee", _MOVE, _MOVE
    ),
    EarlierKind.COLLECTION: EarlierAct(
        _collection, "lending.record_collection", _SHEET | _WHOSE, _SHEET, "counted_units"
    ),
    EarlierKind.COLLECTION_AGAIN: EarlierAct(
        _collection, "lending.record_collection", _SHEET | _WHOSE, _SHEET, "counted_units"
    ),
    EarlierKind.REPAID_AGAIN: EarlierAct(
        _repaid,
        "lending.record_repayment",
        _PAID | _UNITS | {"lines", "payer", "advance_to", "currency", "recorded_at"},
        _UNITS | {"lines"},
        "units",
    ),
    EarlierKind.GRANT_PAID: EarlierAct(
        _grant_paid,
        "lending.pay_grant",
        frozenset({"tranche", "method", "receipt", "reason"}),
        frozenset({"tranche", "method", "receipt"}),
    ),
    EarlierKind.GRANT_TAKEN_BACK: EarlierAct(
        _grant_back,
        "lending.reverse_grant",
        frozenset({"tranche", "reason"}),
        frozenset({"tranche", "reason"}),
    ),
    EarlierKind.GRANT_HANDED_OVER: EarlierAct(
        _handed_over,
        "lending.pay_grant",
        frozenset({"asset", "method", "receipt", "reason"}),
        frozenset({"asset", "receipt"}),
    ),
}


def propose_earlier(
    *,
    acting_staff: StaffUser,
    kind: EarlierKind,
    value_date: date,
    told: Told,
    proposed_date: date,
    reason: str,
    account: SavingsAccount | None = None,
    call: GuaranteeCall | None = None,
    id: UUID | None = None,
) -> EarlierRecord:
    """Propose what happened on a day too long ago for one person; another confirms it, and it
    counts from its own day. told: what its service is told besides its record and day (a collection
    its lines as loan, units and whether nobody came). It is tried at once.

    Raises NotAllowed, OutOfSight, NotToldOfIt, ToldTooLittle, NotBackDated, FutureDate,
    AlreadyProposed, ReasonNeeded, SameIdOtherContent and what its own service refuses.
    """
    act, payload = ACTS[kind], written(told)
    row = _row(kind, account, call, acting_staff, payload)
    require(acting_staff, PROPOSE, row)
    content = {"kind": kind.value, "value_date": value_date, "payload": payload}
    stored = already_stored(EarlierRecord, id, acting_staff, account=account, call=call, **content)
    if stored is not None:
        return stored
    check_told(told, act.told, act.needs)
    hold_to_earlier(value_date)
    if not reason.strip():
        raise ReasonNeeded(field="late_reason")
    row.id, row.value_date, row.reason = id or new_id(), value_date, reason.strip()
    row.proposed_by, row.proposed_date = acting_staff, proposed_date
    row.units = _amount(act, payload, call)
    with transaction.atomic():
        try_once(lambda: _carry_out(row, acting_staff, act.permission, new_id()))
        _refuse_twice(row)
        row.save(force_insert=True)
        audit.record(acting_staff, PROPOSE, row, {"kind": kind.value})
    return row


def hold_again(
    *,
    acting_staff: StaffUser,
    kind: EarlierKind,
    value_date: date,
    told: Told,
    reason: str | None,
    id: UUID | None = None,
) -> EarlierRecord:
    """Hold what looks recorded already until another person says whether it is other money. It is
    tried at once, so that only what could be recorded waits. reason: None where nobody could be
    asked.

    Raises NotAllowed, OutOfSight, FutureDate, BackDated, ReasonNeeded, SameIdOtherContent and what
    its own service refuses.
    """
    act, payload = ACTS[kind], written(told)
    row = _row(kind, None, None, acting_staff, payload)
    for loan in loans_of(row):
        require(acting_staff, act.permission, loan)
    content = {"kind": kind.value, "value_date": value_date, "payload": payload}
    if (stored := already_stored(EarlierRecord, id, acting_staff, **content)) is not None:
        return stored
    today = timezone.localdate()
    check_date(value_date, today)
    if reason is not None and not reason.strip():
        raise ReasonNeeded(field="separate")
    row.id, row.value_date, row.reason = id or new_id(), value_date, (reason or "").strip()
    row.proposed_by, row.proposed_date = acting_staff, today
    row.units = _amount(act, payload, None)
    with transaction.atomic():
        try_once(lambda: _carry_out(row, acting_staff, act.permission, new_id()))
        row.save(force_insert=True)
        audit.record(acting_staff, act.permission, row, {"kind": kind.value})
    return row


def _row(
    kind: EarlierKind,
    account: SavingsAccount | None,
    call: GuaranteeCall | None,
    staff: StaffUser,
    payload: Told,
) -> EarlierRecord:
    """Where it lies: with its account or loan; a collection where all its loans lie."""
    row = EarlierRecord(kind=kind.value, account=account, call=call, payload=dict(payload))
    of: Any = account if account is not None else call and call.loan
    if of is not None:
        row.office_id, row.programme_id = of.office_id, of.programme_id
        row.officer_id, row.currency = of.officer_id, of.currency
        row.organisation_id = of.lender.organisation_id
        return row
    grant = grant_of(row)
    if grant is not None:
        row.office_id, row.programme_id = grant.office_id, grant.programme_id
        row.officer_id, row.currency = grant.officer_id, grant.currency
        return row
    row.officer, row.office_id = staff, staff.home_office_id
    loans = loans_of(row)
    offices = {loan.office_id for loan in loans}
    programmes = {loan.programme_id for loan in loans}
    if len(offices) == 1:
        (row.office_id,) = offices
    if len(programmes) == 1:
        (row.programme_id,) = programmes
    row.currency = min((loan.currency for loan in loans), default="")
    if not loans and payload.get("unknown"):
        till = Lender.objects.get(pk=payload["till"]) if payload.get("till") else None
        row.currency = till_of((), till, staff).currency
    return row


def grant_of(row: EarlierRecord) -> EnterpriseGrant | None:
    """The grant whose money or thing it is about."""
    part = _part_of(row.payload)
    return None if part is None else part.grant


def _part_of(payload: Told) -> GrantTranche | AssetTransfer | None:
    """The tranche or thing it names."""
    if "tranche" in payload:
        return GrantTranche.objects.select_related("grant").get(pk=payload["tranche"])
    if "asset" in payload:
        return AssetTransfer.objects.select_related("grant").get(pk=payload["asset"])
    return None


def loans_of(row: EarlierRecord) -> list[Loan]:
    """The loans of a collection that waits."""
    ids = [line[0] for line in row.payload.get("lines", ())]
    return list(Loan.objects.filter(pk__in=ids))


def persons_of(row: EarlierRecord) -> list[UUID]:
    """Whom it is about."""
    if row.account is not None:
        found = [row.account.person_id]
    elif row.call is not None:
        found = [row.call.loan.person_id]
    elif (grant := grant_of(row)) is not None:
        found = [grant.person_id]
    else:
        found = [loan.person_id for loan in loans_of(row)]
    return [person for person in found if person is not None]


def _amount(act: EarlierAct, payload: Told, call: GuaranteeCall | None) -> int:
    if "move" in payload:
        table: Any = GuaranteeMove if call is not None else SavingsMove
        return abs(int(table.objects.get(pk=payload["move"]).units))
    if act.units:
        return int(payload[act.units])
    part = _part_of(payload)
    if part is not None:
        return part.units if isinstance(part, GrantTranche) else part.value_units
    return 0 if call is None else call.units


def _refuse_twice(row: EarlierRecord) -> None:
    """Money out waits one at a time: what is told twice is paid once. Raises AlreadyProposed."""
    waiting = EarlierRecord.objects.filter(kind=row.kind, state=ProposalState.PROPOSED)
    if (part := _part_of(row.payload)) is not None:
        name = "tranche" if isinstance(part, GrantTranche) else "asset"
        if waiting.filter(**{f"payload__{name}": str(part.pk)}).exists():
            raise AlreadyProposed()
    out = row.kind in (EarlierKind.GUARANTEE_PAID, EarlierKind.SAVINGS_OUT)
    if out and waiting.filter(account=row.account, call=row.call).exists():
        raise AlreadyProposed()


def _carry_out(row: EarlierRecord, staff: StaffUser, permission: str, id: UUID) -> Made:
    told = dict(row.payload)
    if "method" in told:
        told["method"] = Method(told["method"])
    if row.account is not None:
        told["account"] = row.account
    if row.call is not None:
        told["call"] = row.call
    return ACTS[EarlierKind(row.kind)].record(
        acting_staff=staff,
        value_date=row.value_date,
        source=Source.BACK_DATED,
        permission=permission,
        id=id,
        **told,
    )


def decide_earlier(
    *,
    acting_staff: StaffUser,
    record: EarlierRecord,
    decided_date: date,
    approve: bool = True,
    reason: str = "",
) -> EarlierRecord:
    """Confirm what another person said of an earlier day, or decline it; confirmed, it is recorded
    at once, as the one who confirms it. The same word again changes nothing.

    Raises NotAllowed, OutOfSight, SamePerson, ReasonNeeded, ProposalDecided and what its own
    service refuses by now.
    """
    require(acting_staff, CONFIRM, record)
    state = ProposalState.APPROVED if approve else ProposalState.DECLINED
    with transaction.atomic():
        locked = EarlierRecord.objects.select_for_update(of=("self",))
        row = locked.select_related("account", "call__loan").get(pk=record.pk)
        same = (acting_staff.pk, reason.strip()) == (row.decided_by_id, row.decided_reason)
        if row.state == state and same:
            return row
        if row.state != ProposalState.PROPOSED:
            raise ProposalDecided()
        require_other_person(
            acting_staff, row.proposed_by_id, step=CONFIRM, amount=row.units, reason=reason, obj=row
        )
        if not approve and not reason.strip():
            raise ReasonNeeded(field="reason")
        if approve:
            row.made = _carry_out(row, acting_staff, CONFIRM, new_id()).pk
        row.state, row.decided_by, row.decided_date = state.value, acting_staff, decided_date
        row.decided_reason = reason.strip()
        row.save(update_fields=("state", "decided_by", "decided_date", "decided_reason", "made"))
        audit.record(acting_staff, CONFIRM, row, {"kind": row.kind, "state": row.state})
    return row


def waiting_earlier(staff: StaffUser) -> list[EarlierRecord]:
    """What others said of earlier days and she may confirm, the oldest first."""
    rows = EarlierRecord.objects.visible_to(staff).filter(state=ProposalState.PROPOSED)
    related = ("proposed_by", "account__person", "call__loan__person")
    return [
        row
        for row in earlier_here(list(rows.select_related(*related).order_by("proposed_date", "id")))
        if may(staff, CONFIRM, row)
        and may_take(staff, row.proposed_by_id, step=CONFIRM, amount=row.units)
    ]
