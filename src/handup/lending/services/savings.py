"""What people do with compulsory savings: open an account, pay in, pay out, take a movement back.
Setting them off against a loan takes two persons (`savings_set_off`).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.groups.models import Group
from handup.kernel.credit.savings import taken
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.ledger.models import Entry
from handup.ledger.services import Part, fact_lines, post_entry, reverse_entry
from handup.ledger.services import Source as Origin
from handup.lending.errors import (
    AlreadyReversed,
    AmountNotPositive,
    BeforeItsEvent,
    FutureDate,
    NotReversible,
    OneBorrower,
)
from handup.lending.models import Application, Lender, SavingsAccount, SavingsMove
from handup.lending.rules.codes import Method, SavingsMoveKind, Source
from handup.lending.services import posting
from handup.lending.services import savings_kept as kept
from handup.lending.services.days import EVIDENCED, check_date
from handup.lending.services.rows import next_codes
from handup.org import audit
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.duties import ReasonNeeded
from handup.org.models import Office, StaffUser
from handup.org.permissions import require
from handup.people.models import Enterprise, Person
from handup.people.services.store import refuse_erased
from handup.projects.models import Programme

SOURCE_KIND = "SAVINGS"
MOST_PARTS = 1 << 10
"""Behind so many loans at most one payment of savings stood."""
BY_HAND = frozenset({SavingsMoveKind.PAID_IN, SavingsMoveKind.PAID_OUT})


class SavingsHeld(Refusal):
    """The saver has an account at this lender already: {code}."""


class MoreThanFree(Refusal):
    """Only {free} are free; the rest stands behind a loan that is not repaid."""


def open_savings(
    *,
    acting_staff: StaffUser,
    lender: Lender,
    programme: Programme,
    opened_date: date,
    person: Person | None = None,
    group: Group | None = None,
    enterprise: Enterprise | None = None,
    officer: StaffUser | None = None,
    office: Office | None = None,
    id: UUID | None = None,
) -> SavingsAccount:
    """Open the account a saver pays into before her first loan.

    Raises NotAllowed, OutOfSight, OneBorrower, PersonErased, SavingsHeld, FutureDate.
    """
    who = {"person": person, "group": group, "enterprise": enterprise}
    stored = already_stored(
        SavingsAccount, id, acting_staff, lender=lender, opened_date=opened_date, **who
    )
    if stored is not None:
        require(acting_staff, "lending.open_savings", stored)
        return stored
    if sum(saver is not None for saver in who.values()) != 1:
        raise OneBorrower(field="person")
    refuse_erased(person)
    if opened_date > timezone.localdate():
        raise FutureDate(field="opened_date", date=opened_date)
    place: Any = person or group
    row = SavingsAccount(
        id=id or new_id(),
        lender=lender,
        programme=programme,
        office=office or getattr(place, "office", None),
        officer=officer or acting_staff,
        currency=lender.currency,
        opened_date=opened_date,
        opened_by=acting_staff,
        **who,
    )
    require(acting_staff, "lending.open_savings", row)
    with transaction.atomic():
        held = SavingsAccount.objects.filter(lender=lender, currency=lender.currency, **who)
        if (found := held.first()) is not None:
            raise SavingsHeld(field="person", code=found.code)
        row.code = next_codes("SAVINGS", 1)[0]
        row.save(force_insert=True)
        audit.record(acting_staff, "lending.open_savings", row)
    return row


def open_savings_for(
    *, acting_staff: StaffUser, application: Application, opened_date: date, id: UUID | None = None
) -> SavingsAccount:
    """Open the account of who asks for a loan, at the lender of its product. Raises as
    open_savings.
    """
    person, group = application.person, application.group
    return open_savings(
        acting_staff=acting_staff,
        lender=application.product_version.product.lender,
        programme=application.programme,
        opened_date=opened_date,
        person=person,
        group=group,
        enterprise=None if person or group else application.enterprise,
        officer=application.officer,
        office=application.office,
        id=id,
    )


def pay_in_savings(
    *,
    acting_staff: StaffUser,
    account: SavingsAccount,
    value_date: date,
    units: int,
    method: Method = Method.CASH,
    reference: str = "",
    source: Source = Source.WEB,
    id: UUID | None = None,
    permission: str = "lending.pay_in_savings",
) -> SavingsMove:
    """Record what a saver paid in, behind no loan yet.

    Raises NotAllowed, OutOfSight, AmountNotPositive, FutureDate, BackDated, SavingsMoved and what
    the ledger refuses.
    """
    require(acting_staff, permission, account)
    told = {"method": method.value, "reference": reference}
    content = {"account": account, "units": units, "value_date": value_date, **told}
    if (stored := already_stored(SavingsMove, id, acting_staff, **content)) is not None:
        return stored
    if units <= 0:
        raise AmountNotPositive(field="units")
    check_date(value_date, timezone.localdate(), evidenced=source in EVIDENCED)
    with transaction.atomic():
        locked = kept.lock(account)
        move = _move(locked, SavingsMoveKind.PAID_IN, units, value_date, acting_staff, id, told)
        _post(locked, move, "COMPULSORY_SAVED", acting_staff)
        audit.record(acting_staff, "lending.pay_in_savings", move, {"units": units})
    return move


def pay_out_savings(
    *,
    acting_staff: StaffUser,
    account: SavingsAccount,
    value_date: date,
    units: int,
    method: Method = Method.CASH,
    reference: str = "",
    source: Source = Source.WEB,
    id: UUID | None = None,
    permission: str = "lending.pay_out_savings",
) -> SavingsMove:
    """Give savings back that stand behind no open loan; returns the movement, the last of several
    where they stood behind several repaid loans.

    Raises NotAllowed, OutOfSight, AmountNotPositive, FutureDate, BackDated, SavingsMoved,
    MoreThanFree and what the ledger refuses (no money in the till).
    """
    require(acting_staff, permission, account)
    also = {"value_date": value_date, "method": method.value, "reference": reference}
    if (
        stored := already_stored(SavingsMove, id, acting_staff, account=account, **also)
    ) is not None:
        moves = SavingsMove.objects.filter(pk__in=_ids(stored.pk), account=account)
        if sum(each.units for each in moves) != -units:
            raise SameIdOtherContent(field="units")
        return stored
    if units <= 0:
        raise AmountNotPositive(field="units")
    check_date(value_date, timezone.localdate(), evidenced=source in EVIDENCED)
    with transaction.atomic():
        locked = kept.lock(account)
        free = kept.free_units(locked, value_date)
        if units > free:
            raise MoreThanFree(field="units", free=kept.money(free, locked.currency))
        told = {"method": method.value, "reference": reference}
        parts = taken(kept.free_by_loan(locked), units)
        ids = _ids(id or new_id())
        move: SavingsMove | None = None
        for place, (loan, part) in enumerate(parts, 1):
            pk = ids[len(parts) - place]
            kind = SavingsMoveKind.PAID_OUT
            move = _move(
                locked, kind, -part, value_date, acting_staff, pk, {**told, "loan_id": loan}
            )
            _post(locked, move, "COMPULSORY_RETURNED", acting_staff)
            audit.record(acting_staff, "lending.pay_out_savings", move, {"units": part})
    assert move is not None
    return move


def _ids(last: UUID) -> list[UUID]:
    """The ids of the movements of one payment, the last first: each always the same."""
    return [UUID(int=last.int ^ place) for place in range(MOST_PARTS)]


def _move(
    account: SavingsAccount,
    kind: SavingsMoveKind,
    units: int,
    on: date,
    staff: StaffUser,
    id: UUID | None,
    told: Mapping[str, Any],
) -> SavingsMove:
    made: SavingsMove = SavingsMove.objects.create(
        id=id or new_id(),
        account=account,
        kind=kind.value,
        units=units,
        value_date=on,
        recorded_by=staff,
        **told,
    )
    return made


def _post(account: SavingsAccount, move: SavingsMove, kind: str, staff: StaffUser) -> None:
    """Money against what is owed to the saver; a mirror of a bank's book posts nothing."""
    book = posting.book_of(account.lender)
    if book is None:
        return
    paid_in = kind == "COMPULSORY_SAVED"
    subject = kept.subject_of(account, move.loan_id)
    sides = (None, subject) if paid_in else (subject, None)
    post_entry(
        acting_staff=staff,
        book=book,
        kind=kind,
        source=Origin(posting.DOMAIN, SOURCE_KIND, move.pk, kept.PURPOSE),
        lines=fact_lines(
            kind,
            {"AMOUNT": Part(abs(move.units), *sides)},
            money_role=posting.money_role(account.lender, move.method),
            currency=account.currency,
            branch=account.office_id,
        ),
        happened_date=move.value_date,
        branch=account.office_id,
        already_happened=paid_in,
    )


def reverse_savings(
    *,
    acting_staff: StaffUser,
    move: SavingsMove,
    reason: str,
    on: date,
    source: Source = Source.WEB,
    id: UUID | None = None,
    permission: str = "lending.reverse_savings",
) -> SavingsMove:
    """Take back what was paid in or out by mistake; what came with a payment of a loan goes back
    with that payment. permission: of the step this is part of.

    Raises NotAllowed, OutOfSight, ReasonNeeded, NotReversible, FutureDate, BackDated,
    BeforeItsEvent, AlreadyReversed, SavingsMoved, SavingsGone, SameIdOtherContent.
    """
    require(acting_staff, permission, move.account)
    told = {"reverses": move, "value_date": on, "reason": reason.strip()}
    if (stored := already_stored(SavingsMove, id, acting_staff, **told)) is not None:
        return stored
    if not reason.strip():
        raise ReasonNeeded(field="reason")
    if SavingsMoveKind(move.kind) not in BY_HAND:
        raise NotReversible(kind=move.get_kind_display())
    if on < move.value_date:
        raise BeforeItsEvent(field="value_date", date=on, event=move.value_date)
    check_date(on, timezone.localdate(), evidenced=source in EVIDENCED)
    with transaction.atomic():
        account = kept.lock(move.account)
        if SavingsMove.objects.filter(reverses=move).exists():
            raise AlreadyReversed()
        (made,) = kept.reverse_moves([move], on, reason.strip(), acting_staff, id=id)
        kept.refuse_below_zero([account])
        entry = Entry.objects.filter(
            source_domain=posting.DOMAIN, source_kind=SOURCE_KIND, source_id=move.pk
        ).first()
        if entry is not None:
            reverse_entry(
                acting_staff=acting_staff,
                entry=entry,
                happened_date=on,
                source=Origin(posting.DOMAIN, SOURCE_KIND, made.pk, kept.PURPOSE),
                already_happened=True,
            )
    return made
