"""The money of grants: tranches paid and taken back, things handed over; each posted by the
ledger's rules.
"""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.ledger.models import Entry
from handup.ledger.services import (
    EntryIn,
    Part,
    Source,
    fact_lines,
    post_entries,
    reverse_entry,
)
from handup.lending.errors import BeforeItsEvent
from handup.lending.models import AssetTransfer, EnterpriseGrant, GrantTranche
from handup.lending.rules.codes import Method
from handup.lending.rules.codes import Source as Door
from handup.lending.services.conditions import refuse_stopped
from handup.lending.services.days import EVIDENCED, check_date
from handup.lending.services.funds import hold_to_money
from handup.lending.services.grants import TrancheNotPaid, hold_approved
from handup.org import audit
from handup.org.duties import ReasonNeeded, require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require

DOMAIN = "lending"
PAY = "lending.pay_grant"
PURPOSE = "GRANT"
"""Entries of grants carry it, so that they are told from those of loan events."""


class ConditionNotMet(Refusal):
    """The condition of this tranche is still to be met: {condition}."""


class TrancheBefore(Refusal):
    """Tranche {number} comes first: it is not paid yet, or its use is not checked."""


class UsedOtherwise(Refusal):
    """Tranche {number} was not used as agreed; nothing more is paid until that is put right."""


class TranchePaid(Refusal):
    """This tranche is already paid."""


class TrancheAfter(Refusal):
    """A later tranche stands on this one; take that one back first."""


class AlreadyHandedOver(Refusal):
    """This is already handed over."""


class ReceiptMissing(Refusal):
    """Write the number of the receipt the receiver signed."""


def pay_tranche(
    *,
    acting_staff: StaffUser,
    tranche: GrantTranche,
    paid_date: date,
    method: Method,
    receipt: str,
    reason: str = "",
    source: Door = Door.WEB,
    permission: str = PAY,
) -> GrantTranche:
    """Pay a tranche: by another person than who proposed or approved it, in order, once its
    condition is met and the money before was used as agreed; posted to the grant's book. A day too
    long ago for one person is held to two (`earlier`); permission: of the step this is part of.

    Raises NotAllowed, OutOfSight, SamePerson, ReasonNeeded, GrantNotApproved, GrantBefore,
    FundShort, FutureDate, BackDated, TranchePaid, ConditionNotMet, TrancheBefore, UsedOtherwise,
    ReceiptMissing, DisbursementStopped and what the ledger refuses.
    """
    require(acting_staff, permission, tranche)
    if not receipt.strip():
        raise ReceiptMissing(field="receipt")
    _check_day(paid_date, source, "paid_date")
    with transaction.atomic():
        grant = hold_approved(tranche.grant, paid_date, "paid_date")
        refuse_stopped([grant.programme_id])
        row = GrantTranche.objects.get(pk=tranche.pk)
        _may_pay(grant, row)
        _other_hands(acting_staff, grant, row.units, reason)
        row.paid_date, row.paid_by = paid_date, acting_staff
        row.method, row.receipt = method.value, receipt.strip()
        row.payment = new_id()
        row.save(update_fields=("paid_date", "paid_by", "method", "receipt", "payment"))
        _post(acting_staff, grant, "TRANCHE", row.payment, row.units, paid_date, method)
        audit.record(acting_staff, "lending.pay_tranche", row, {"grant": str(grant.pk)})
    return row


def _check_day(on: date, source: Door, field: str) -> None:
    """Refuse a day to come, and one so long ago that another person has to confirm it."""
    check_date(on, timezone.localdate(), evidenced=source in EVIDENCED, field=field)


def _may_pay(grant: EnterpriseGrant, row: GrantTranche) -> None:
    if row.paid_date is not None:
        raise TranchePaid()
    if row.condition and row.condition_met_date is None:
        raise ConditionNotMet(condition=row.condition)
    for earlier in grant.tranches.filter(number__lt=row.number).order_by("number"):
        if earlier.paid_date is None or earlier.use_checked_date is None:
            raise TrancheBefore(number=earlier.number)
        if not earlier.use_as_agreed:
            raise UsedOtherwise(number=earlier.number)


def _other_hands(staff: StaffUser, grant: EnterpriseGrant, units: int, reason: str) -> None:
    require_other_person(
        staff,
        grant.proposed_by_id,
        grant.approved_by_id,
        step="lending.pay_grant",
        amount=units,
        reason=reason,
        obj=grant,
    )


def _post(
    staff: StaffUser,
    grant: EnterpriseGrant,
    kind: str,
    payment: UUID,
    units: int,
    on: date,
    method: Method,
) -> None:
    """Expense up, money down, in the grant's book and fund, if kept in one. Raises FundShort."""
    if grant.book is None:
        return
    lines = fact_lines(
        "GRANT_GIVEN",
        {"AMOUNT": Part(units, ("grant", grant.pk))},
        money_role="CASH" if method is Method.CASH else "BANK",
        currency=grant.currency,
        fund=grant.fund_id,
        branch=grant.office_id,
    )
    entry = EntryIn(
        book=grant.book,
        kind="GRANT_GIVEN",
        source=Source(DOMAIN, kind, payment, PURPOSE),
        lines=lines,
        happened_date=on,
        branch=grant.office_id,
    )
    hold_to_money([entry])
    post_entries([entry], acting_staff=staff)


def take_back_tranche(
    *,
    acting_staff: StaffUser,
    tranche: GrantTranche,
    taken_date: date,
    reason: str,
    source: Door = Door.WEB,
    permission: str = "lending.reverse_grant",
) -> GrantTranche:
    """Undo a payment that was wrong: its entry is reversed, the tranche waits again.

    Raises NotAllowed, OutOfSight, ReasonNeeded, TrancheNotPaid, BeforeItsEvent, TrancheAfter,
    FutureDate, BackDated.
    """
    require(acting_staff, permission, tranche)
    if not reason.strip():
        raise ReasonNeeded(field="reason")
    _check_day(taken_date, source, "taken_date")
    with transaction.atomic():
        grant = hold_approved(tranche.grant, taken_date, "taken_date")
        row = GrantTranche.objects.get(pk=tranche.pk)
        if row.paid_date is None or row.payment is None:
            raise TrancheNotPaid()
        if taken_date < row.paid_date:
            raise BeforeItsEvent(field="taken_date", date=taken_date, event=row.paid_date)
        if grant.tranches.filter(number__gt=row.number, paid_date__isnull=False).exists():
            raise TrancheAfter()
        entry = Entry.objects.filter(
            source_domain=DOMAIN, source_id=row.payment, source_purpose=PURPOSE
        ).first()
        if entry is not None:
            reverse_entry(
                acting_staff=acting_staff,
                entry=entry,
                happened_date=taken_date,
                source=Source(DOMAIN, "TRANCHE", row.payment, f"{PURPOSE}_BACK"),
                already_happened=True,
            )
        row.paid_date = row.paid_by = row.payment = row.use_as_agreed = None
        row.use_checked_date = row.use_checked_by = None
        row.method = row.receipt = row.use_note = ""
        row.save()
        audit.record(acting_staff, "lending.take_back_tranche", row, {"grant": str(grant.pk)})
    return row


def hand_over_asset(
    *,
    acting_staff: StaffUser,
    asset: AssetTransfer,
    handed_over_date: date,
    receipt: str,
    method: Method | None = None,
    reason: str = "",
    source: Door = Door.WEB,
    permission: str = PAY,
) -> AssetTransfer:
    """Hand a kit or an animal over against a signed receipt. method: how it was bought, then its
    value is posted; None: it stands in the books already.

    Raises NotAllowed, OutOfSight, SamePerson, ReasonNeeded, GrantNotApproved, GrantBefore,
    FundShort, FutureDate, BackDated, AlreadyHandedOver, ReceiptMissing, DisbursementStopped (where
    it is bought) and what the ledger refuses.
    """
    require(acting_staff, permission, asset)
    if not receipt.strip():
        raise ReceiptMissing(field="receipt")
    _check_day(handed_over_date, source, "handed_over_date")
    with transaction.atomic():
        grant = hold_approved(asset.grant, handed_over_date, "handed_over_date")
        row = AssetTransfer.objects.get(pk=asset.pk)
        if row.handed_over_date is not None:
            raise AlreadyHandedOver()
        _other_hands(acting_staff, grant, row.value_units, reason)
        row.handed_over_date, row.handed_over_by = handed_over_date, acting_staff
        row.receipt = receipt.strip()
        if method is not None:
            refuse_stopped([grant.programme_id])
            row.method, row.payment = method.value, new_id()
            _post(
                acting_staff,
                grant,
                "ASSET",
                row.payment,
                row.value_units,
                handed_over_date,
                method,
            )
        row.save(
            update_fields=("handed_over_date", "handed_over_by", "receipt", "method", "payment")
        )
        audit.record(acting_staff, "lending.hand_over_asset", row, {"grant": str(grant.pk)})
    return row
