"""What was signed with partners and what each side owes: recorded, kept, ended."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.duties import require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.projects.models import Document, Memorandum, Obligation, Organisation, Programme
from handup.projects.rules.duties import MOST_DAYS, MemorandumKind, ObligationKind, due_dates
from handup.projects.rules.states import DocumentState
from handup.projects.services.programmes import EndBeforeStart, TitleMissing
from handup.projects.services.store import add, change

MOMENT = timedelta(seconds=2)


class WhatMissing(Refusal):
    """Write what is owed."""


class AmountMissing(Refusal):
    """Money to pay has an amount above zero and a currency."""


class NotASide(Refusal):
    """What is owed is owed by the partner who signed, or by us."""


class DueOutsideMemorandum(Refusal):
    """It falls due outside the days of the memorandum."""


class UntilWhenMissing(Refusal):
    """It falls due again and again, and the memorandum has no last day. Write until when."""


class TooManyDays(Refusal):
    """It would fall due more than {most} times. Let it end earlier, or fall due less often."""


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


class DoneBeforeSigned(Refusal):
    """This day lies before the memorandum was signed, on {signed}."""


class EndAfterLastDay(Refusal):
    """This day lies after the last day of the memorandum, {last}; it ends then by itself."""


class AgreementWithoutPaper(Refusal):
    """An agreement on a hand-over is the signed paper: name the document, made final."""


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

    every_months: it falls due again every so many months, up to until_date, without one up to the
    last day of the memorandum.
    """

    kind: ObligationKind
    what: str
    due_date: date
    party: Organisation | None = None
    amount_units: int | None = None
    currency: str = ""
    every_months: int = 0
    until_date: date | None = None
    id: UUID | None = None


def not_to_come(day: date, *, field: str) -> None:
    """Refuse a day that has not come yet for what is said to have been done. Raises DoneAhead."""
    if day > timezone.localdate():
        raise DoneAhead(field=field)


def _check_paper(programme_id: UUID, document: Document | None) -> None:
    if document is not None and document.programme_id != programme_id:
        raise PaperElsewhere(field="document")


def is_final(document: Document | None) -> bool:
    """Whether there is a paper and it is final."""
    return document is not None and document.state == DocumentState.FINAL


def record_memorandum(
    *, acting_staff: StaffUser, programme: Programme, memorandum: MemorandumIn
) -> Memorandum:
    """Record what was signed with a partner. Raises TitleMissing, EndBeforeStart, DoneAhead,
    PaperElsewhere, SameIdOtherContent, and AgreementWithoutPaper on a hand-over without its final
    document.
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
        acting_staff,
        programme=programme,
        organisation=told.organisation,
        kind=row.kind,
        title=row.title,
        reference=row.reference,
        signed_date=row.signed_date,
        last_date=row.last_date,
        document=told.document,
        remark=row.remark,
    )
    if known is not None:
        return known
    if not row.title:
        raise TitleMissing(field="title")
    if row.last_date is not None and row.last_date < row.signed_date:
        raise EndBeforeStart(field="last_date")
    not_to_come(row.signed_date, field="signed_date")
    _check_paper(programme.pk, told.document)
    if told.kind is MemorandumKind.HANDOVER and not is_final(told.document):
        raise AgreementWithoutPaper(field="document")
    add(acting_staff, "projects.record_memorandum", row, {"kind": row.kind})
    return row


def agreements(programme: UUID, successor: UUID, *, on: date) -> list[Memorandum]:
    """The agreements on a hand-over to a successor in force on a day whose paper was made final; it
    may have been superseded since.
    """
    rows = Memorandum._base_manager.filter(
        programme=programme,
        organisation=successor,
        kind=MemorandumKind.HANDOVER.value,
        document__isnull=False,
    ).exclude(document__state=DocumentState.DRAFT.value)
    return [row for row in rows if row.holds_on(on)]


def require_agreed_by_another(
    acting_staff: StaffUser, programme: UUID, successor: UUID, *, on: date
) -> None:
    """Let somebody pack under an agreement somebody else recorded. Raises SamePerson or
    ReasonNeeded by profile.
    """
    hands = [row.recorded_by_id for row in agreements(programme, successor, on=on)]
    if all(hand == acting_staff.pk for hand in hands):
        require_other_person(acting_staff, *hands, step="projects.pack_transfer")


def record_obligation(
    *, acting_staff: StaffUser, memorandum: Memorandum, obligation: ObligationIn
) -> list[Obligation]:
    """Record what one side owes, once for each day it falls due; returns every one of them.

    Raises WhatMissing, AmountMissing, NotASide, EndedAlready, DueOutsideMemorandum,
    UntilWhenMissing, TooManyDays, SameIdOtherContent.
    """
    require(acting_staff, "projects.record_memorandum", memorandum)
    told = obligation
    with transaction.atomic():
        memorandum = Memorandum.objects.select_for_update().get(pk=memorandum.pk)
        days = due_dates(told.due_date, told.every_months, told.until_date or memorandum.last_date)
        first = _obligation(acting_staff, memorandum, told)
        if known := _stored_series(acting_staff, told, first, days):
            return known
        _refuse_obligation(memorandum, told, first, days)
        rows = [first, *(_obligation(acting_staff, memorandum, told, day) for day in days[1:])]
        for row in rows:
            row.series = first.pk
        Obligation.objects.bulk_create(rows)
        audit.record_many(
            audit.line(acting_staff, "projects.record_obligation", row, {"kind": row.kind})
            for row in rows
        )
    return rows


def _obligation(
    staff: StaffUser, memorandum: Memorandum, told: ObligationIn, again: date | None = None
) -> Obligation:
    """The row of the first day, or of one on which it falls due again."""
    money = told.kind is ObligationKind.PAYMENT
    return Obligation(
        id=told.id if told.id is not None and again is None else new_id(),
        memorandum=memorandum,
        party=told.party,
        kind=told.kind.value,
        what=told.what.strip(),
        due_date=again or told.due_date,
        amount_units=told.amount_units if money else None,
        currency=told.currency if money else "",
        recorded_by=staff,
    )


def _stored_series(
    staff: StaffUser, told: ObligationIn, first: Obligation, days: list[date]
) -> list[Obligation]:
    """All that was recorded under this id before. Raises SameIdOtherContent."""
    names = ("memorandum", "party", "kind", "what", "due_date", "amount_units", "currency")
    known = already_stored(
        Obligation, told.id, staff, **{name: getattr(first, name) for name in names}
    )
    if known is None:
        return []
    rows = list(Obligation.objects.filter(series=known.pk)) or _before_series(known, names)
    if [row.due_date for row in rows] != days:
        raise SameIdOtherContent(field="every_months")
    return rows


def _before_series(known: Obligation, names: Iterable[str]) -> list[Obligation]:
    """What was recorded with a row before the house kept which belong together: the same in all but
    its day, put down in the same moment.
    """
    alike = {name: getattr(known, name) for name in names if name != "due_date"}
    return list(
        Obligation.objects.filter(
            **alike,
            series=None,
            recorded_by=known.recorded_by_id,
            due_date__gte=known.due_date,
            recorded_at__range=(known.recorded_at - MOMENT, known.recorded_at + MOMENT),
        )
    )


def _refuse_obligation(
    memorandum: Memorandum, told: ObligationIn, first: Obligation, days: list[date]
) -> None:
    """Refuse what cannot be owed under a memorandum."""
    if memorandum.ended_date is not None:
        raise EndedAlready(ended=memorandum.ended_date)
    if not first.what:
        raise WhatMissing(field="what")
    if told.party is not None and told.party.pk != memorandum.organisation_id:
        raise NotASide(field="party")
    money = told.kind is ObligationKind.PAYMENT
    if money and (not told.amount_units or told.amount_units < 0 or not told.currency):
        raise AmountMissing(field="amount_units")
    last = memorandum.last_date
    for name, day in (("due_date", told.due_date), ("until_date", told.until_date)):
        if day is None:
            continue
        if day < memorandum.signed_date or (last is not None and day > last):
            raise DueOutsideMemorandum(field=name)
    if told.every_months and told.until_date is None and last is None:
        raise UntilWhenMissing(field="until_date")
    if len(days) > MOST_DAYS:
        raise TooManyDays(field="every_months", most=MOST_DAYS)


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
    DoneBeforeSigned, MetAlready, PaperElsewhere.
    """
    require(acting_staff, "projects.meet_obligation", obligation)
    if not result.strip():
        raise ResultMissing(field="result")
    if done_date > today:
        raise DoneAhead(field="done_date")
    signed = obligation.memorandum.signed_date
    if done_date < signed:
        raise DoneBeforeSigned(field="done_date", signed=signed)
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
    """End a memorandum before its last day, with the reason; what falls due after that is no longer
    owed.

    Raises EndReasonMissing, DoneAhead, EndedAlready, EndBeforeStart, EndAfterLastDay.
    """
    require(acting_staff, "projects.end_memorandum", memorandum)
    if not reason.strip():
        raise EndReasonMissing(field="reason")
    if ended_date > today:
        raise DoneAhead(field="ended_date")
    if ended_date < memorandum.signed_date:
        raise EndBeforeStart(field="ended_date")
    if memorandum.last_date is not None and ended_date > memorandum.last_date:
        raise EndAfterLastDay(field="ended_date", last=memorandum.last_date)
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
