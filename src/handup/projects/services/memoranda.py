"""What was signed with partners and what each side owes: recorded, kept, ended."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.projects.models import Document, Memorandum, Obligation, Organisation, Programme
from handup.projects.rules.duties import MemorandumKind, ObligationKind, due_dates
from handup.projects.services.programmes import EndBeforeStart, TitleMissing
from handup.projects.services.store import add, change


class WhatMissing(Refusal):
    """Write what is owed."""


class AmountMissing(Refusal):
    """Money to pay has an amount above zero and a currency."""


class NotASide(Refusal):
    """What is owed is owed by the partner who signed, or by us."""


class DueOutsideMemorandum(Refusal):
    """It falls due outside the days of the memorandum."""


class MetAlready(Refusal):
    """This was done already, on {done}."""


class ResultMissing(Refusal):
    """Write what came of it."""


class EndedAlready(Refusal):
    """This memorandum ended already, on {ended}."""


class EndReasonMissing(Refusal):
    """Write why it ends."""


class DoneAhead(Refusal):
    """This day is still to come; write it down once it has been."""


class PaperElsewhere(Refusal):
    """This document belongs to another programme."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorandumIn:
    """What was signed, with whom, until when; without a last day until somebody ends it."""

    organisation: Organisation
    kind: MemorandumKind
    title: str
    signed_date: date
    last_date: date | None = None
    reference: str = ""
    document: Document | None = None
    remark: str = ""
    id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObligationIn:
    """What one side owes: the partner, or we when no party is named. Amounts in smallest units.

    every_months: it falls due again every so many months, up to the last day of the memorandum.
    """

    kind: ObligationKind
    what: str
    due_date: date
    party: Organisation | None = None
    amount_units: int | None = None
    currency: str = ""
    every_months: int = 0
    id: UUID | None = None


def _check_paper(programme_id: UUID, document: Document | None) -> None:
    if document is not None and document.programme_id != programme_id:
        raise PaperElsewhere(field="document")


def record_memorandum(
    *, acting_staff: StaffUser, programme: Programme, memorandum: MemorandumIn
) -> Memorandum:
    """Record what was signed with a partner. Raises TitleMissing, EndBeforeStart, PaperElsewhere,
    SameIdOtherContent.
    """
    told = memorandum
    row = Memorandum(
        id=told.id or new_id(),
        programme=programme,
        organisation=told.organisation,
        kind=told.kind.value,
        title=told.title.strip(),
        reference=told.reference.strip(),
        signed_date=told.signed_date,
        last_date=told.last_date,
        document=told.document,
        remark=told.remark.strip(),
        recorded_by=acting_staff,
    )
    require(acting_staff, "projects.record_memorandum", row)
    known = already_stored(
        Memorandum,
        told.id,
        programme=programme,
        organisation=told.organisation,
        title=row.title,
        signed_date=row.signed_date,
    )
    if known is not None:
        return known
    if not row.title:
        raise TitleMissing(field="title")
    if row.last_date is not None and row.last_date < row.signed_date:
        raise EndBeforeStart(field="last_date")
    _check_paper(programme.pk, told.document)
    add(acting_staff, "projects.record_memorandum", row, {"kind": row.kind})
    return row


def record_obligation(
    *, acting_staff: StaffUser, memorandum: Memorandum, obligation: ObligationIn
) -> list[Obligation]:
    """Record what one side owes, once for each day it falls due; returns every one of them.

    Raises WhatMissing, AmountMissing, NotASide, EndedAlready, DueOutsideMemorandum,
    SameIdOtherContent.
    """
    told, what = obligation, obligation.what.strip()
    require(acting_staff, "projects.record_memorandum", memorandum)
    known = already_stored(
        Obligation, told.id, memorandum=memorandum, what=what, due_date=told.due_date
    )
    if known is not None:
        return [known]
    if memorandum.ended_date is not None:
        raise EndedAlready(ended=memorandum.ended_date)
    if not what:
        raise WhatMissing(field="what")
    if told.party is not None and told.party.pk != memorandum.organisation_id:
        raise NotASide(field="party")
    money = told.kind is ObligationKind.PAYMENT
    if money and (not told.amount_units or told.amount_units < 0 or not told.currency):
        raise AmountMissing(field="amount_units")
    last = memorandum.last_date
    if told.due_date < memorandum.signed_date or (last is not None and told.due_date > last):
        raise DueOutsideMemorandum(field="due_date")
    rows = [
        Obligation(
            id=told.id if told.id is not None and place == 0 else new_id(),
            memorandum=memorandum,
            party=told.party,
            kind=told.kind.value,
            what=what,
            due_date=due,
            amount_units=told.amount_units if money else None,
            currency=told.currency if money else "",
            recorded_by=acting_staff,
        )
        for place, due in enumerate(due_dates(told.due_date, told.every_months, last))
    ]
    with transaction.atomic():
        Obligation.objects.bulk_create(rows)
        audit.record_many(
            audit.line(acting_staff, "projects.record_obligation", row, {"kind": row.kind})
            for row in rows
        )
    return rows


def meet_obligation(
    *,
    acting_staff: StaffUser,
    obligation: Obligation,
    done_date: date,
    result: str,
    today: date,
    document: Document | None = None,
) -> Obligation:
    """Record that what was owed was done, and what came of it. Raises ResultMissing, DoneAhead,
    MetAlready, PaperElsewhere.
    """
    require(acting_staff, "projects.meet_obligation", obligation)
    if not result.strip():
        raise ResultMissing(field="result")
    if done_date > today:
        raise DoneAhead(field="done_date")
    _check_paper(obligation.memorandum.programme_id, document)
    with transaction.atomic():
        row = Obligation.objects.select_for_update().get(pk=obligation.pk)
        if row.done_date is not None:
            raise MetAlready(done=row.done_date)
        change(
            acting_staff,
            "projects.meet_obligation",
            row,
            done_date=done_date,
            result=result.strip(),
            document=document,
        )
    return row


def end_memorandum(
    *, acting_staff: StaffUser, memorandum: Memorandum, ended_date: date, reason: str, today: date
) -> Memorandum:
    """End a memorandum before its last day, with the reason; what is still open stays open.

    Raises EndReasonMissing, DoneAhead, EndedAlready, EndBeforeStart.
    """
    require(acting_staff, "projects.end_memorandum", memorandum)
    if not reason.strip():
        raise EndReasonMissing(field="reason")
    if ended_date > today:
        raise DoneAhead(field="ended_date")
    if ended_date < memorandum.signed_date:
        raise EndBeforeStart(field="ended_date")
    with transaction.atomic():
        row = Memorandum.objects.select_for_update().get(pk=memorandum.pk)
        if row.ended_date is not None:
            raise EndedAlready(ended=row.ended_date)
        change(
            acting_staff,
            "projects.end_memorandum",
            row,
            ended_date=ended_date,
            end_reason=reason.strip(),
        )
    return row
