"""Providers paid on results: terms, a claim of who reached the result, its approval and payment
(training.md T17).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger.errors import DayToCome
from handup.ledger.models import Book, Entry, Fund
from handup.ledger.rules.words import UNRESTRICTED_ID
from handup.ledger.services import (
    EntryIn,
    Part,
    Source,
    fact_lines,
    post_entries,
    reverse_entry,
)
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.people.queries.merging import present_ids
from handup.people.queries.persons import hidden_from_all
from handup.projects.models import Organisation, Programme
from handup.training.models import (
    Course,
    Enrolment,
    Placement,
    ProviderClaim,
    ProviderClaimLine,
    ProviderTerms,
)
from handup.training.rules.provider_pay import (
    PLACEMENT_MONTHS,
    ClaimBack,
    ClaimRefusal,
    ClaimState,
    ProviderResult,
)
from handup.training.rules.states import (
    PAID_PLACEMENTS,
    CohortState,
    EnrolmentState,
    PlacementState,
)
from handup.training.rules.support import SupportMethod
from handup.training.services.books import paying_book
from handup.training.services.common import another_person, not_before, same
from handup.training.services.refusals import (
    ClaimCountedByHerself,
    ClaimNotProved,
    ClaimPayerDecided,
    ClaimTakenByPayer,
    MonthOfPlacement,
    NobodyToClaim,
    NotInThisState,
    ReasonMissing,
    SupportReceiptMissing,
)

DOMAIN = "training"
KIND = "RESULTS_PAID"
PURPOSE = "PROVIDER"
TERMS_SAME = (
    "programme_id",
    "provider_id",
    "course_id",
    "result",
    "month",
    "amount_units",
    "starts",
    "ends",
)


def set_provider_terms(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    provider: Organisation,
    result: ProviderResult,
    amount_units: int,
    starts: date,
    ends: date,
    month: int | None = None,
    course: Course | None = None,
    id: UUID | None = None,
) -> ProviderTerms:
    """Say what a provider is paid for each person, in smallest units of the programme's currency.

    A placement is counted 3, 6, 12 or 24 months after completion. Raises MonthOfPlacement,
    DateBefore.
    """
    row = ProviderTerms(
        id=id or new_id(),
        programme=programme,
        provider=provider,
        course=course,
        result=ProviderResult(result).value,
        month=month,
        amount_units=amount_units,
        starts=starts,
        ends=ends,
        set_by=acting_staff,
    )
    require(acting_staff, "training.set_provider_terms", row)
    existing: ProviderTerms | None = ProviderTerms.objects.filter(pk=row.pk).first()
    if existing is not None:
        return same(existing, row, TERMS_SAME)
    months = PLACEMENT_MONTHS if row.result == ProviderResult.PLACED else (None,)
    if month not in months:
        raise MonthOfPlacement(field="month")
    not_before(ends, starts, field="ends")
    with transaction.atomic():
        row.save(force_insert=True)
        audit.record(acting_staff, "training.set_provider_terms", row, {"units": amount_units})
    return row


def results_reached(terms: ProviderTerms, until: date) -> QuerySet[Enrolment]:
    """Enrolments whose result stands by a day, claimed or not: only of the provider's own cohorts
    of the programme that are closed, none that was opened again for a correction.
    """
    rows = Enrolment.objects.filter(
        state=EnrolmentState.COMPLETED,
        cohort__programme=terms.programme_id,
        cohort__provider=terms.provider_id,
        cohort__state__in=(CohortState.CLOSED, CohortState.CORRECTED),
    )
    if terms.course_id is not None:
        rows = rows.filter(cohort__course=terms.course_id)
    last = min(until, terms.ends)
    if terms.result == ProviderResult.COMPLETED:
        return rows.filter(completed_date__range=(terms.starts, last))
    placed = Placement.objects.filter(
        state=PlacementState.VERIFIED,
        kind__in=[kind.value for kind in PAID_PLACEMENTS],
        month=terms.month or 0,
        verified_date__range=(terms.starts, last),
    )
    return rows.filter(pk__in=placed.values("enrolment_id"))


def who_reached(terms: ProviderTerms, until: date) -> list[Enrolment]:
    """Those who reached the result by a day and stand in no claim yet, each person once: neither
    under these terms nor, with this same course, under others for the same result. Whose two
    records were made one is one person.

    Restricted persons are in no claim: what is paid for them is agreed outside it.
    """
    rows = results_reached(terms, until).exclude(person_id__in=hidden_from_all())
    claimed = ProviderClaimLine.objects.filter(terms=terms, counts=True)
    by_others = ProviderClaimLine.objects.filter(
        terms__programme=terms.programme_id,
        terms__result=terms.result,
        terms__month=terms.month,
        counts=True,
    )
    rows = rows.exclude(pk__in=by_others.values("enrolment_id"))
    now = present_ids()
    paid = {now.get(pk, pk) for pk in claimed.values_list("enrolment__person_id", flat=True)}
    found: dict[UUID, Enrolment] = {}
    for row in rows.order_by("completed_date", "id"):
        person = now.get(row.person_id, row.person_id)
        if person not in paid:
            found.setdefault(person, row)
    return list(found.values())


def draw_up_claim(
    *, acting_staff: StaffUser, terms: ProviderTerms, until: date, id: UUID | None = None
) -> ProviderClaim:
    """Count who reached the result by a day; raises NobodyToClaim, DayToCome, DateBefore."""
    require(acting_staff, "training.draw_up_claim", terms)
    existing: ProviderClaim | None = ProviderClaim.objects.filter(pk=id).first() if id else None
    if existing is not None:
        return same(existing, ProviderClaim(terms=terms, until=until), ("terms_id", "until"))
    if until > timezone.localdate():
        raise DayToCome(field="until")
    not_before(until, terms.starts, field="until")
    with transaction.atomic():
        of_programme = ProviderTerms.objects.filter(programme=terms.programme_id)
        rows_held = of_programme.select_for_update().order_by("pk")
        held = {row.pk: row for row in rows_held}[terms.pk]  # two terms may name the same persons
        rows = who_reached(held, until)
        if not rows:
            raise NobodyToClaim(field="until")
        claim = ProviderClaim(
            id=id or new_id(),
            terms=held,
            until=until,
            persons=len(rows),
            amount_units=len(rows) * held.amount_units,
            currency=held.programme.currency,
            drawn_by=acting_staff,
        )
        claim.save(force_insert=True)
        ProviderClaimLine.objects.bulk_create(
            (
                ProviderClaimLine(
                    id=uuid5(claim.pk, str(row.pk)), claim=claim, terms=held, enrolment=row
                )
                for row in rows
            ),
            batch_size=300,
        )
        audit.record(acting_staff, "training.draw_up_claim", claim, {"persons": len(rows)})
    return claim


def approve_claim(
    *, acting_staff: StaffUser, claim: ProviderClaim, approved_date: date, reason: str = ""
) -> ProviderClaim:
    """Approve a claim, by another person than who counted it; the same approval twice is one.

    Raises NotInThisState, DateBefore, DayToCome, ClaimNotProved, ClaimCountedByHerself.
    """
    require(acting_staff, "training.approve_claim", claim)
    with transaction.atomic():
        told = {"approved_by": acting_staff, "approved_date": approved_date}
        row, done = _locked(claim, ClaimState.DUE, to=ClaimState.APPROVED, told=told)
        if done:
            return row
        _decided_on(row, approved_date, "approved_date")
        _refuse_unproved(row)
        another_person(
            acting_staff,
            row.drawn_by_id,
            step="training.approve_claim",
            refusal=ClaimCountedByHerself,
            reason=reason,
            obj=row,
        )
        _now(row, ClaimState.APPROVED, told)
        audit.record(acting_staff, "training.approve_claim", row)
    return row


def refuse_claim(
    *,
    acting_staff: StaffUser,
    claim: ProviderClaim,
    refused_date: date,
    refusal: ClaimRefusal,
) -> ProviderClaim:
    """Refuse a claim, saying why; its persons may stand in a further one. The same twice is one.

    Raises NotInThisState, DateBefore, DayToCome.
    """
    require(acting_staff, "training.approve_claim", claim)
    with transaction.atomic():
        told = {
            "approved_by": acting_staff,
            "approved_date": refused_date,
            "refusal": ClaimRefusal(refusal).value,
        }
        waiting = (ClaimState.DUE, ClaimState.APPROVED)
        row, done = _locked(claim, *waiting, to=ClaimState.REFUSED, told=told)
        if done:
            return row
        _decided_on(row, refused_date, "refused_date")
        _now(row, ClaimState.REFUSED, told)
        row.lines.update(counts=False)
        audit.record(acting_staff, "training.refuse_claim", row)
    return row


def pay_claim(
    *,
    acting_staff: StaffUser,
    claim: ProviderClaim,
    paid_date: date,
    method: SupportMethod,
    receipt: str,
    book: Book | None = None,
    fund: Fund | None = None,
    reason: str = "",
) -> ProviderClaim:
    """Pay an approved claim and post it in the programme's book, by a third person.

    book: without one the programme's only open book; none is posted to where it keeps none here.
    The same payment twice is one. Raises SupportReceiptMissing, ClaimPayerDecided, NotInThisState,
    DateBefore, DayToCome, ClaimNotProved and what the ledger refuses.
    """
    require(acting_staff, "training.pay_claim", claim)
    if not receipt.strip():
        raise SupportReceiptMissing(field="receipt")
    if paid_date > timezone.localdate():
        raise DayToCome(field="paid_date")
    with transaction.atomic():
        told = {
            "paid_by": acting_staff,
            "paid_date": paid_date,
            "method": SupportMethod(method).value,
            "receipt": receipt.strip(),
            "fund": fund,
        } | ({} if book is None else {"book": book})
        row, done = _locked(claim, ClaimState.APPROVED, to=ClaimState.PAID, told=told)
        if done:
            return row
        not_before(paid_date, row.approved_date, field="paid_date")
        _refuse_unproved(row)
        another_person(
            acting_staff,
            row.drawn_by_id,
            row.approved_by_id,
            step="training.pay_claim",
            refusal=ClaimPayerDecided,
            reason=reason,
            obj=row,
        )
        paying = paying_book(row.terms.programme, row.currency, book)
        _now(row, ClaimState.PAID, told | {"book": paying, "payment": new_id()})
        if row.book is not None:
            post_entries([_entry(row, row.book, paid_date)], acting_staff=acting_staff)
        audit.record(acting_staff, "training.pay_claim", row, {"receipt": row.receipt})
    return row


def take_back_claim(
    *,
    acting_staff: StaffUser,
    claim: ProviderClaim,
    taken_date: date,
    back_reason: ClaimBack | str,
    reason: str = "",
) -> ProviderClaim:
    """Take back a claim that was paid, by another person than who paid it: its entry is reversed,
    and its persons may stand in a further claim. The same twice is one.

    reason: where one person is all there is. Raises NotInThisState, DateBefore, DayToCome,
    ReasonMissing, ClaimTakenByPayer and what the ledger refuses.
    """
    require(acting_staff, "training.take_back_claim", claim)
    if not back_reason:
        raise ReasonMissing(field="back_reason")
    if taken_date > timezone.localdate():
        raise DayToCome(field="taken_date")
    with transaction.atomic():
        told = {
            "taken_by": acting_staff,
            "taken_date": taken_date,
            "back_reason": ClaimBack(back_reason).value,
        }
        row, done = _locked(claim, ClaimState.PAID, to=ClaimState.BACK, told=told)
        if done:
            return row
        not_before(taken_date, row.paid_date, field="taken_date")
        another_person(
            acting_staff,
            row.paid_by_id,
            step="training.take_back_claim",
            refusal=ClaimTakenByPayer,
            reason=reason,
            obj=row,
        )
        _reverse(row, acting_staff, taken_date)
        _now(row, ClaimState.BACK, told)
        row.lines.update(counts=False)
        audit.record(
            acting_staff,
            "training.take_back_claim",
            row,
            {"receipt": row.receipt, "why": row.back_reason},
        )
    return row


def _reverse(row: ProviderClaim, staff: StaffUser, taken_date: date) -> None:
    """Reverse the entry of the payment, where one was posted."""
    if row.payment is None:
        return
    entry = Entry.objects.filter(
        source_domain=DOMAIN, source_id=row.payment, source_purpose=PURPOSE
    ).first()
    if entry is not None:
        reverse_entry(
            acting_staff=staff,
            entry=entry,
            happened_date=taken_date,
            source=Source(DOMAIN, KIND, row.payment, f"{PURPOSE}_BACK"),
            already_happened=True,
        )


def _decided_on(row: ProviderClaim, day: date, field: str) -> None:
    """Refuse a decision before the last result it is about, or on a day to come."""
    not_before(day, row.until, field=field)
    if day > timezone.localdate():
        raise DayToCome(field=field)


def _refuse_unproved(row: ProviderClaim) -> None:
    """Refuse a claim that counts a person whose result no longer stands."""
    reached = results_reached(row.terms, row.until)
    if row.lines.filter(counts=True).exclude(enrolment__in=reached).exists():
        raise ClaimNotProved


def _locked(
    claim: ProviderClaim, *states: ClaimState, to: ClaimState, told: Mapping[str, Any]
) -> tuple[ProviderClaim, bool]:
    """Hold a claim that stands in one of these states; true where this very step was taken already
    and is only sent again. Raises NotInThisState.
    """
    rows = ProviderClaim.objects.select_for_update(of=("self",)).select_related("terms__programme")
    row: ProviderClaim = rows.get(pk=claim.pk)
    if row.state == to and all(getattr(row, name) == value for name, value in told.items()):
        return row, True
    if row.state not in states:
        raise NotInThisState(state=row.get_state_display())
    return row, False


def _now(row: ProviderClaim, state: ClaimState, told: Mapping[str, Any]) -> None:
    """Write the new state of a claim with what was told of it."""
    row.state = state
    for name, value in told.items():
        setattr(row, name, value)
    row.save(update_fields=("state", *told))


def _entry(row: ProviderClaim, book: Book, paid_date: date) -> EntryIn:
    assert row.payment is not None
    lines = fact_lines(
        KIND,
        {"AMOUNT": Part(row.amount_units)},
        money_role=row.method,
        currency=row.currency,
        fund=row.fund_id or UNRESTRICTED_ID,
    )
    return EntryIn(
        book=book,
        kind=KIND,
        source=Source(DOMAIN, KIND, row.payment, PURPOSE),
        lines=lines,
        happened_date=paid_date,
    )
