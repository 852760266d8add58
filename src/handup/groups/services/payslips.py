"""The payslips of a period: drafted from the deliveries, approved by two officers who are not paid
by them, posted, dropped or taken back (groups_cooperatives.md K7)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max, Q

from handup.groups.models import (
    Deduction,
    Delivery,
    Group,
    Member,
    OfficeTerm,
    Payslip,
    PayslipApproval,
    PayslipLine,
    PayslipRun,
    Producer,
)
from handup.groups.models.payslips import DeductionKind, RunState
from handup.groups.phones import require_office
from handup.groups.queries import constitution_on, money_now
from handup.groups.rules.constitution import completed
from handup.groups.rules.money import parts_of
from handup.groups.rules.payslips import Due, Worked, approvals_missing, work_out
from handup.groups.rules.statutes import DEDUCTIONS, NUMBERS
from handup.groups.services.assembly import stream_of
from handup.groups.services.deductions import DRAFT, owed_of, settle_loans
from handup.groups.services.facts import FactIn, Stream
from handup.groups.services.outside import (
    LOAN_OF,
    PRODUCER,
    Moved,
    move_money,
    require_come,
    take_back,
)
from handup.kernel.chain import Json
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require

APPROVE = "groups.approve_payslips"
STANDING = (RunState.DRAFT, RunState.APPROVED, RunState.PAID)
"""How far payslips are that were neither dropped nor taken back."""
NO_OFFICERS = ("KEY_HOLDER_1", "KEY_HOLDER_2", "KEY_HOLDER_3", "COUNTER_1", "COUNTER_2")
"""Who holds a key or counts is no officer by that."""


class PeriodBackwards(Refusal):
    """The last day of the period lies before its first, {first}."""


class ApprovedBefore(Refusal):
    """The period ends on {last}; it is approved on that day or later."""


class PeriodTooLong(Refusal):
    """A payslip is for {days} days at most."""


class PeriodTwice(Refusal):
    """Payslips go to {last} already. The next period begins after it."""


class DraftThere(Refusal):
    """Payslips until {day} are drafted already. Approve or drop them first."""


class NothingDelivered(Refusal):
    """Nothing was delivered until then that is not on a payslip."""


class NotADraft(Refusal):
    """These payslips are {state}."""


class NotAnOfficer(Refusal):
    """{member} holds no office of the group on {day}."""


class OwnPayslip(Refusal):
    """Nobody approves a payslip for himself; another officer must."""


class ApprovedTwice(Refusal):
    """{member} approved these payslips already."""


class OwesLess(Refusal):
    """A producer owes less on her loan by now. Drop the draft and make it anew."""


class PaidAlready(Refusal):
    """Somebody was paid already. Take that back first."""


def setting(group: Group, on: date, name: str) -> Any:
    """What the statutes of a day say, or their default where the group has none."""
    found = group.statutes.filter(from_date__lte=on).order_by("-version").first()
    default = list(DEDUCTIONS) if name == "deduction_order" else NUMBERS[name][0]
    return found.settings.get(name, default) if found else default


@transaction.atomic
def draft_payslips(
    *,
    acting_staff: StaffUser,
    group: Group,
    from_date: date,
    to_date: date,
    id: UUID | None = None,
) -> PayslipRun:
    """Draft the payslips of a period: every delivery until its last day that is on none yet, also
    one of earlier that came late, less deductions in the voted order down to the floor. Nothing
    is posted. The same id with the same period returns it unchanged.

    Raises InTheFuture, PeriodBackwards, PeriodTooLong, PeriodTwice, DraftThere, NothingDelivered,
    SameIdOtherContent.
    """
    require(acting_staff, DRAFT, group)
    stream = stream_of(group)
    group = stream.group
    told = {"group": group, "from_date": from_date, "to_date": to_date}
    if (known := already_stored(PayslipRun, id, acting_staff, **told)) is not None:
        return known
    _check_period(group, from_date, to_date)
    by_producer: dict[UUID, list[Delivery]] = defaultdict(list)
    rows = group.deliveries.filter(delivered_date__lte=to_date, payslip=None, is_reversed=False)
    for row in rows:
        by_producer[row.producer_id].append(row)
    if not by_producer:
        raise NothingDelivered(field="to_date")
    order = setting(group, to_date, "deduction_order")
    run = PayslipRun.objects.create(
        id=id or new_id(),
        number=(group.payslip_runs.aggregate(last=Max("number"))["last"] or 0) + 1,
        floor_bps=setting(group, to_date, "take_home_floor_bps"),
        deduction_order=" ".join(order),
        drafted_by=acting_staff,
        **told,
    )
    _write_slips(run, by_producer, order)
    audit.record(acting_staff, DRAFT, run, {"producers": len(by_producer)})
    return run


def next_period(group: Group, today: date) -> tuple[date, date]:
    """The days of the next payslips: they begin after the last ones, or with the first delivery
    that is on none, and last as long as was voted, up to yesterday at most."""
    last = _kept(group).aggregate(last=Max("to_date"))["last"]
    rows = group.deliveries.filter(payslip=None, is_reversed=False).order_by("delivered_date")
    first = rows.values_list("delivered_date", flat=True).first()
    start = last + timedelta(days=1) if last else first or today
    days = setting(group, today, "payslip_period_days")
    end = min(start + timedelta(days=days - 1), today - timedelta(days=1))
    return start, max(start, end)


def _kept(group: Group) -> Any:
    return group.payslip_runs.exclude(state__in=(RunState.DROPPED, RunState.REVERSED))


def _check_period(group: Group, from_date: date, to_date: date) -> None:
    require_come(to_date, "to_date")
    if to_date < from_date:
        raise PeriodBackwards(field="to_date", first=from_date)
    days = setting(group, to_date, "payslip_period_days")
    if (to_date - from_date).days + 1 > max(days, 1):
        raise PeriodTooLong(field="to_date", days=days)
    draft = group.payslip_runs.filter(state=RunState.DRAFT).first()
    if draft is not None:
        raise DraftThere(day=draft.to_date)
    last = _kept(group).aggregate(last=Max("to_date"))["last"]
    if last is not None and from_date <= last:
        raise PeriodTwice(field="from_date", last=last)


def _write_slips(
    run: PayslipRun, by_producer: dict[UUID, list[Delivery]], order: Sequence[str]
) -> None:
    open_rows = Deduction.objects.filter(
        group=run.group,
        producer__in=by_producer,
        is_reversed=False,
        taken_units__lt=F("units"),
        from_date__lte=run.to_date,
    ).select_related("loan")
    dues: dict[UUID, list[Deduction]] = defaultdict(list)
    for row in open_rows:
        dues[row.producer_id].append(row)
    left = _left_of(run, [row for rows in dues.values() for row in rows])
    for producer, deliveries in by_producer.items():
        worked = work_out(
            sum(row.amount_units for row in deliveries),
            [
                Due(str(row.pk), row.kind, row.from_date, left[row.pk])
                for row in dues[producer]
                if left[row.pk]
            ],
            order,
            run.floor_bps,
        )
        slip = Payslip.objects.create(
            run=run,
            producer_id=producer,
            volume_ml=sum(row.volume_ml for row in deliveries if row.is_payable),
            rejected_ml=sum(row.volume_ml for row in deliveries if not row.is_payable),
            gross_units=worked.gross,
            taken_units=worked.taken,
        )
        _write_lines(slip, worked)
        pks = [row.pk for row in deliveries]
        Delivery.objects.filter(pk__in=pks).update(payslip=slip)


def _left_of(run: PayslipRun, rows: list[Deduction]) -> dict[UUID, int]:
    """What is still due of each deduction; of a loan no more than it owes at the end of the
    period, over all that is to be taken for it."""
    found = {}
    money = money_now(run.group) if any(row.loan for row in rows) else None
    owing: dict[UUID, int] = {}
    for row in sorted(rows, key=lambda one: (one.from_date, one.pk)):
        due = row.left_units
        if row.loan is not None and money is not None:
            owes = owing.setdefault(row.loan.pk, owed_of(row.loan, run.to_date, money).total)
            due = min(due, owes)
            owing[row.loan.pk] = owes - due
        found[row.pk] = due
    return found


def _write_lines(slip: Payslip, worked: Worked) -> None:
    PayslipLine.objects.bulk_create(
        PayslipLine(
            slip=slip,
            deduction_id=UUID(key),
            due_units=line.taken + line.carried,
            taken_units=line.taken,
        )
        for key, line in worked.lines
    )


def missing_approvals(run: PayslipRun) -> set[UUID]:
    """The payslips of a run that still need another officer, by their ids."""
    slips = run.slips.select_related("producer")
    owners = {str(slip.pk): _who(slip.producer) for slip in slips}
    approvals = run.approvals.select_related("member")
    approvers = [_who(row.member) for row in approvals]
    return {UUID(pk) for pk in approvals_missing(owners, approvers)}


def _who(one: Producer | Member) -> str:
    """Who somebody is behind her number: the person, as one may deliver before she joins, or join
    again under another number; a member that is a group is that group."""
    if one.person_id is not None:
        return str(one.person_id)
    return str(one.member_id if isinstance(one, Producer) else one.pk)


def officers_on(group: Group, on: date) -> set[UUID]:
    """The members who hold an office on a day, keys and counting apart."""
    terms = OfficeTerm.objects.filter(group=group, from_date__lte=on)
    terms = terms.filter(Q(to_date=None) | Q(to_date__gt=on)).exclude(office__in=NO_OFFICERS)
    return set(terms.values_list("member_id", flat=True))


@transaction.atomic
def approve_payslips(
    *, acting_staff: StaffUser, run: PayslipRun, member: Member, on: date
) -> PayslipRun:
    """Write down that an officer of the group approved the payslips of a period. It counts for all
    but her own; once every payslip has two, what is taken off is posted. The same officer on the
    same day again changes nothing.

    Raises NotADraft, NotAnOfficer, OwnPayslip, ApprovedTwice, OwesLess, ApprovedBefore,
    InTheFuture, PhoneKeepsRecord.
    """
    require(acting_staff, APPROVE, run.group)
    stream, stored = _held(run)
    require_come(on, "on")
    if on < stored.to_date:
        raise ApprovedBefore(field="on", last=stored.to_date)
    if (
        stored.state in STANDING
        and stored.approvals.filter(member=member, approved_date=on).exists()
    ):
        return stored
    if stored.state != RunState.DRAFT:
        raise NotADraft(state=stored.get_state_display())
    if member.pk not in officers_on(stream.group, on):
        raise NotAnOfficer(field="member", member=member.member_no, day=on)
    if stored.approvals.filter(member=member).exists():
        raise ApprovedTwice(field="member", member=member.member_no)
    if all(_who(slip.producer) == _who(member) for slip in stored.slips.select_related("producer")):
        raise OwnPayslip(field="member")
    body: dict[str, Json] = {"run": str(stored.pk), "member": str(member.pk)}
    (fact,) = stream.append([FactIn("approve_payslips", body, on)], acting_staff)
    row = PayslipApproval.objects.create(run=stored, member=member, approved_date=on, fact=fact)
    audit.record(acting_staff, APPROVE, row)
    if not missing_approvals(stored):
        _post(acting_staff, stream, stored, on)
    return stored


def _held(run: PayslipRun) -> tuple[Stream, PayslipRun]:
    stream = stream_of(run.group)
    stored = PayslipRun.objects.select_related("fact").get(pk=run.pk)
    stored.group = stream.group
    return stream, stored


def _lines(run: PayslipRun) -> list[PayslipLine]:
    rows = PayslipLine.objects.filter(slip__run=run, taken_units__gt=0)
    rows = rows.select_related("slip__producer", "deduction__loan")
    return list(rows.order_by("slip__producer__number", "recorded_at", "pk"))


def _post(staff: StaffUser, stream: Stream, run: PayslipRun, on: date) -> None:
    """Post what is taken off: one fact of the whole period, one entry."""
    lines = _lines(run)
    if any(line.deduction.loan for line in lines):
        require_office(stream.group.pk)
    slips = run.slips.order_by("producer__number")
    body: dict[str, Json] = {
        "run": str(run.pk),
        "from": run.from_date.isoformat(),
        "to": run.to_date.isoformat(),
        "approvers": [str(pk) for pk in run.approvals.values_list("member", flat=True)],
        "units": sum(line.taken_units for line in lines),
        "lines": [
            {
                "producer": str(slip.producer_id),
                "gross": slip.gross_units,
                "taken": slip.taken_units,
                "net": slip.net_units,
            }
            for slip in slips
        ],
    }
    name = "run_payslips"
    if lines:
        moved = _moved(stream.group, lines, on)
        fact = move_money(staff, stream, name=name, body=body, on=on, moved=moved, uses_box=False)
    else:
        (fact,) = stream.append([FactIn(name, body, on)], staff)
    _note_taken(lines, 1)
    settle_loans(stream.group, [line.deduction.loan for line in lines if line.deduction.loan])
    run.state, run.fact = RunState.APPROVED, fact
    run.save(update_fields=("state", "fact"))
    see_whether_paid(run)


def _moved(group: Group, lines: list[PayslipLine], on: date) -> list[Moved]:
    moved = []
    money = money_now(group)
    settings = completed(constitution_on(group, on).settings)
    charge_first = settings["repayment_order"] == "CHARGE_FIRST"
    for line in lines:
        who, kind = line.slip.producer_id, line.deduction.kind
        if kind == DeductionKind.CHARGES:
            moved.append(Moved("CHARGES", line.taken_units, debit=who, kinds=(PRODUCER, PRODUCER)))
        elif line.deduction.loan is None:
            kinds = (PRODUCER, PRODUCER)
            moved.append(Moved("INPUTS", line.taken_units, debit=who, credit=who, kinds=kinds))
        else:
            loan = line.deduction.loan
            parts = parts_of(owed_of(loan, on, money), line.taken_units, charge_first=charge_first)
            if parts.units != line.taken_units:
                raise OwesLess
            key = str(loan.pk)
            money.principal[key] = money.principal.get(key, 0) - parts.principal
            money.charge_paid[key] = money.charge_paid.get(key, 0) + parts.charge
            for part, units in (("PRINCIPAL", parts.principal), ("CHARGE", parts.charge)):
                kinds = (PRODUCER, LOAN_OF)
                moved.append(Moved(part, units, debit=who, credit=loan.pk, kinds=kinds))
    return [one for one in moved if one.units]


def _note_taken(lines: list[PayslipLine], way: int) -> None:
    for line in lines:
        rows = Deduction.objects.filter(pk=line.deduction_id)
        rows.update(taken_units=F("taken_units") + way * line.taken_units)


def see_whether_paid(run: PayslipRun) -> None:
    """Approved payslips are paid once nobody waits for money."""
    waits = run.slips.filter(paid_date=None, gross_units__gt=F("taken_units")).exists()
    run.state = RunState.APPROVED if waits else RunState.PAID
    run.save(update_fields=("state",))


@transaction.atomic
def drop_payslips(*, acting_staff: StaffUser, run: PayslipRun) -> PayslipRun:
    """Drop a draft: its deliveries wait for the next one. Raises NotADraft."""
    require(acting_staff, DRAFT, run.group)
    _stream, stored = _held(run)
    if stored.state == RunState.DROPPED:
        return stored
    if stored.state != RunState.DRAFT:
        raise NotADraft(state=stored.get_state_display())
    return _ended(acting_staff, stored, RunState.DROPPED, "groups.drop_payslips")


def _ended(staff: StaffUser, run: PayslipRun, state: RunState, act: str) -> PayslipRun:
    Delivery.objects.filter(payslip__run=run).update(payslip=None)
    run.state = state
    run.save(update_fields=("state",))
    audit.record(staff, act, run)
    return run


@transaction.atomic
def take_back_payslips(*, acting_staff: StaffUser, run: PayslipRun, on: date) -> PayslipRun:
    """Take approved payslips back while nobody was paid: their entry is reversed, what was taken is
    due again, and the deliveries wait for the next draft. Raises NotADraft, PaidAlready,
    TakenBackBefore, InTheFuture, PhoneKeepsRecord."""
    require(acting_staff, "groups.reverse_fact", run.group)
    stream, stored = _held(run)
    if stored.fact is None or stored.state == RunState.REVERSED:
        raise NotADraft(state=stored.get_state_display())
    if stored.slips.exclude(paid_date=None).exists():
        raise PaidAlready
    lines = _lines(stored)
    if any(line.deduction.loan for line in lines):
        require_office(stream.group.pk)
    take_back(acting_staff, stream, stored.fact, on)
    _note_taken(lines, -1)
    settle_loans(stream.group, [line.deduction.loan for line in lines if line.deduction.loan])
    return _ended(acting_staff, stored, RunState.REVERSED, "groups.take_back_payslips")
