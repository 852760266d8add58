"""What lending must know of an applicant from the domains below: identity, consent, certificates,
plan, arrears.

Set-based, so that a batch of applications costs as many statements as one. Nothing here is a
protected status.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from math import ceil
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce

from handup.kernel.dates import age_on
from handup.kernel.money import WHOLE_BPS
from handup.lending.models import (
    Facility,
    Guarantee,
    GuaranteeMove,
    Lender,
    Loan,
    LoanEvent,
    LoanTranche,
)
from handup.lending.rules.codes import EventKind, LenderMode, LoanState
from handup.lending.rules.eligibility import ApplicantFacts
from handup.lending.rules.guarantees import callable_units, held
from handup.org.prepared import prepared
from handup.people.models import Consent, Person, PersonDocument
from handup.people.rules.codes import ConsentEnd, ConsentPurpose
from handup.plans.rules.figures import VersionFigures
from handup.training.models import Certificate
from handup.training.rules.states import CertificateState


@dataclass(frozen=True, slots=True)
class Limits:
    """What a lender can still lend, in smallest units; None = not limited by us."""

    facility_units: int | None = None
    guarantee_units: int | None = None


@dataclass(frozen=True, slots=True)
class Sharing:
    """What a borrower must have agreed to, and towards whom where her consent names one."""

    purpose: ConsentPurpose
    recipient_id: UUID | None


def consent_purpose(lender: Lender) -> Sharing:
    """What a borrower must have agreed to: her data go to the bank unless the programme lends
    itself.
    """
    if LenderMode(lender.mode) is LenderMode.DIRECT:
        return Sharing(ConsentPurpose.SERVICE, None)
    return Sharing(ConsentPurpose.SHARE_BANK, lender.organisation_id)


@dataclass(frozen=True, slots=True)
class Ask:
    """Whose facts, as of which day."""

    borrower_id: UUID
    on: date


def person_facts(asks: Mapping[UUID, Ask], sharing: Sharing) -> Mapping[UUID, ApplicantFacts]:
    """Gather the facts of persons, each as of its own day, by the caller's keys."""
    ids = list({ask.borrower_id for ask in asks.values()})
    known = {person_id: (born, shown) for person_id, born, shown in _born_and_seen(ids)}
    certificates = _certificates(ids)
    consents = _consents(ids, sharing)
    loans = loans_of("person_id", ids)
    found = {}
    for key, ask in asks.items():
        born, shown = known.get(ask.borrower_id, (None, None))
        late, before = lending_history(loans[ask.borrower_id], ask.on)
        found[key] = ApplicantFacts(
            age=age_on(born, ask.on) if born else None,
            has_identity=shown is not None and shown <= ask.on,
            has_consent=_agrees(consents[ask.borrower_id], ask.on),
            certificates=tuple(
                sorted({code for code, span in certificates[ask.borrower_id] if span.holds(ask.on)})
            ),
            arrears_days=late,
            loans_before=before,
        )
    return found


@prepared
def _born_and_seen(ids: list[UUID]) -> QuerySet[Any, Any]:
    """When persons were born, and when the first paper of each was seen."""
    papers = PersonDocument.objects.filter(person=OuterRef("pk")).order_by("seen_date")
    rows = Person.objects.filter(pk__in=ids).order_by()
    return rows.values_list("pk", "birth_date", Subquery(papers.values("seen_date")[:1]))


def agreeing(asks: Mapping[UUID, Ask], sharing: Sharing) -> Mapping[UUID, bool]:
    """Whether each person agrees, as of her day, that the lender is told, by the caller's keys."""
    consents = _consents(list({ask.borrower_id for ask in asks.values()}), sharing)
    return {key: _agrees(consents[ask.borrower_id], ask.on) for key, ask in asks.items()}


def _percent_up(percent: Fraction | None) -> int | None:
    """A percentage in whole per cent, rounded against the borrower."""
    return None if percent is None else ceil(percent)


def with_savings(facts: ApplicantFacts, savings_units: int) -> ApplicantFacts:
    """Add the savings somebody saw."""
    return replace(facts, savings_units=savings_units)


def with_plan(facts: ApplicantFacts, plan: VersionFigures | None) -> ApplicantFacts:
    """Add what the plan says that the loan rests on."""
    if plan is None:
        return facts
    return replace(
        facts,
        has_plan=True,
        months_in_the_red=plan.months_in_red,
        lowest_dscr=plan.lowest_dscr,
        plan_dscr=plan.plan_dscr,
        indebtedness_x100=_percent_up(plan.indebtedness_percent),
        too_indebted=plan.too_indebted,
    )


@dataclass(frozen=True, slots=True)
class Span:
    """Days from one to another, both included; no last day = still open."""

    first: date
    last: date | None

    def holds(self, on: date) -> bool:
        """Tell whether a day lies within."""
        return self.first <= on and (self.last is None or on <= self.last)


def _certificates(ids: list[UUID]) -> Mapping[UUID, list[tuple[str, Span]]]:
    found: dict[UUID, list[tuple[str, Span]]] = defaultdict(list)
    for person_id, code, issued, valid_to in _valid_certificates(ids):
        found[person_id].append((code, Span(issued, valid_to)))
    return found


@prepared
def _valid_certificates(ids: list[UUID]) -> QuerySet[Any, Any]:
    rows = Certificate.objects.filter(enrolment__person_id__in=ids, state=CertificateState.VALID)
    return rows.order_by().values_list(
        "enrolment__person_id",
        "enrolment__cohort__course__curriculum__code",
        "issued_date",
        "valid_to",
    )


def _last_day(ends: Sequence[date | None]) -> date | None:
    """The last day of a consent, from its own last day and the day it was ended."""
    expires, ended = ends
    lasts = [] if expires is None else [expires]
    if ended is not None:
        lasts.append(ended - timedelta(days=1))
    return min(lasts, default=None)


@dataclass(frozen=True, slots=True)
class Agreed:
    """One consent: its days, and whether she took it back."""

    span: Span
    withdrawn: bool


def _agrees(consents: Sequence[Agreed], on: date) -> bool:
    """Whether she agreed on a day; what she has taken back since is never used again, until she
    agrees anew.
    """
    return bool(consents) and not consents[-1].withdrawn and any(c.span.holds(on) for c in consents)


def _consents(ids: list[UUID], sharing: Sharing) -> Mapping[UUID, list[Agreed]]:
    """Consents by person, the latest last."""
    found: dict[UUID, list[Agreed]] = defaultdict(list)
    rows = _consents_to(ids, sharing.purpose.value, sharing.recipient_id)
    for person_id, given, how, *ends in rows:
        withdrawn = how == ConsentEnd.WITHDRAWN.value
        found[person_id].append(Agreed(Span(given, _last_day(ends)), withdrawn))
    return found


@prepared
def _consents_to(ids: list[UUID], purpose: str, recipient_id: UUID | None) -> QuerySet[Any, Any]:
    towards = Q(recipient=None) | Q(recipient_id=recipient_id)
    rows = Consent.objects.filter(towards, person_id__in=ids, purpose=purpose)
    return rows.order_by("given_date", "id").values_list(
        "person_id", "given_date", "ending__how", "expires_date", "ending__end_date"
    )


Loans = list[tuple[date | None, date | None, date | None, str]]


def loans_of(column: str, ids: list[UUID]) -> Mapping[UUID, Loans]:
    """The loans of many borrowers by the column that names them (person_id, group_id or
    enterprise_id); those never paid out left out, and those that go on under another lender, whose
    loan there is told.
    """
    found: dict[UUID, Loans] = defaultdict(list)
    for borrower, *rest in _LOANS_BY[column](ids):
        found[borrower].append((rest[0], rest[1], rest[2], rest[3]))
    return found


def _loans_by(column: str) -> Callable[[list[UUID]], list[tuple[Any, ...]]]:
    @prepared
    def paid_out(ids: list[UUID]) -> QuerySet[Any, Any]:
        moved = LoanEvent.objects.filter(
            loan=OuterRef("pk"),
            kind=EventKind.TRANSFERRED.value,
            reversed_by=None,
            payload__has_key="into",
        )
        return (
            Loan.objects.filter(**{f"{column}__in": ids})
            .exclude(state__in=(LoanState.CANCELLED.value, LoanState.AGREED.value))
            .filter(~Q(state=LoanState.TRANSFERRED.value) | ~Q(Exists(moved)))
            .order_by()
            .values_list(column, "disbursed_date", "next_due_date", "settled_date", "state")
        )

    return paid_out


_LOANS_BY = {column: _loans_by(column) for column in ("person_id", "group_id", "enterprise_id")}


WRITTEN_OFF_DAYS = 10_000
"""A loan written off counts as this many days late: it stops a new one until a committee
waives it.
"""


def lending_history(loans: Loans, on: date) -> tuple[int, int]:
    """Days late on a day, as the loans stand now, and how many loans were paid out before it."""
    late = before = 0
    for disbursed, next_due, _settled, state in loans:
        if disbursed is None or disbursed > on:
            continue
        before += 1
        if state == LoanState.WRITTEN_OFF:
            late = WRITTEN_OFF_DAYS
        elif next_due is not None and next_due < on:
            late = max(late, (on - next_due).days)
    return late, before


def limits(lender: Lender, on: date, without: Collection[UUID] = ()) -> Limits:
    """What is left of the lender's facilities and guarantees in force on a day (lending.md
    section 3): below zero when more is promised than they hold, as when the last one has run out.
    without: loans whoever reads it may not know of; what is decided counts them all.
    """
    return limits_on(lender, {on}, without)[on]


def limits_on(
    lender: Lender, days: Collection[date], without: Collection[UUID] = ()
) -> dict[date, Limits]:
    """The same for many days: the lender's loans are added up once, they are as they stand now."""
    facility, guarantee = _facility(lender, days, without), _guarantee(lender, days, without)
    return {on: Limits(facility.get(on), guarantee.get(on)) for on in days}


L = TypeVar("L", Facility, Guarantee)


def _in_force(rows: Iterable[L], on: date) -> list[L]:
    return [row for row in rows if in_force_on(row, on)]


def in_force_on(row: Facility | Guarantee, on: date) -> bool:
    """Whether it is signed and has not run out on a day."""
    return row.signed_date <= on and (row.expiry_date is None or row.expiry_date >= on)


def _facility(lender: Lender, days: Collection[date], without: Collection[UUID]) -> dict[date, int]:
    if LenderMode(lender.mode) is not LenderMode.BANK_FACILITY:
        return {}
    loans = lender.loans.exclude(pk__in=without) if without else lender.loans.all()
    sums = loans.aggregate(
        lent=Coalesce(Sum("disbursed_units"), 0),
        repaid=Coalesce(Sum("principal_paid_units"), 0),
        waiting=Coalesce(
            Sum(
                F("approved_units") - F("disbursed_units"),
                filter=Q(state=LoanState.AGREED)
                | Q(state=LoanState.ACTIVE, pk__in=LoanTranche.objects.values("loan")),
            ),
            0,
        ),
    )
    rows = list(lender.facilities.all())
    left: dict[date, int] = {}
    for on in days:
        live = _in_force(rows, on)
        left[on] = sum(row.limit_units for row in live) - sums["lent"] - sums["waiting"]
        if any(row.revolving for row in live):
            left[on] += sums["repaid"]
    return left


def _guarantee(
    lender: Lender, days: Collection[date], without: Collection[UUID]
) -> dict[date, int]:
    if LenderMode(lender.mode) is not LenderMode.BANK_GUARANTEED:
        return {}
    return {on: found.left for on, found in guarantees_on(lender, days, without).items()}


@dataclass(frozen=True, slots=True)
class Guarantees:
    """The guarantees of a lender that are in force on a day, together: the best cover, what they
    stand for and may stand for, and what is owed on the loans.
    """

    cover_bps: int
    committed: int
    held: int
    owed: int

    @property
    def left(self) -> int:
        """What may still be lent; all that is owed is too much where nothing is in force."""
        if not self.cover_bps:
            return -self.owed
        return (self.held - self.committed) * WHOLE_BPS // self.cover_bps


def guarantees_on(
    lender: Lender, days: Collection[date], without: Collection[UUID] = ()
) -> dict[date, Guarantees]:
    """The guarantees of a lender as they are in force on each of some days; without: as `limits`
    says.
    """
    owed = guaranteed_loans(lender, without)
    rows = list(lender.guarantees.annotate(out=out_of("call__guarantee", without)))
    found: dict[date, Guarantees] = {}
    for on in days:
        live = _in_force(rows, on)
        cover: int = max((row.cover_bps for row in live), default=0)
        found[on] = Guarantees(
            cover,
            sum(callable_units(units, cover, out) for units, out in owed) if cover else 0,
            sum(held(row.deposit_units, row.max_leverage_x100, vars(row)["out"]) for row in live),
            sum(units for units, _out in owed),
        )
    return found


def guaranteed_loans(lender: Lender, without: Collection[UUID] = ()) -> list[tuple[int, int]]:
    """What is, or is about to be, owed on each loan of a lender that a guarantee may stand for, and
    what was paid for it and has not come back.
    """
    rows = lender.loans.filter(state__in=(LoanState.ACTIVE, LoanState.AGREED))
    rows = rows.exclude(pk__in=without) if without else rows
    return list(
        rows.annotate(open_units=_open_units(), out=out_of("call__loan"))
        .order_by()
        .values_list("open_units", "out")
    )


def out_of(path: str, without: Collection[UUID] = ()) -> Coalesce:
    """What guarantees paid for the row of an outer query and did not get back; `path`: how a move
    names it; without: for which loans it does not count.
    """
    moves = GuaranteeMove.objects.filter(**{path: OuterRef("pk")}).order_by()
    moves = moves.exclude(call__loan__in=without) if without else moves
    return Coalesce(Subquery(moves.values(path).annotate(n=Sum("units")).values("n")), 0)


def _open_units() -> Coalesce:
    """Principal that is, or is about to be, owed."""
    return Coalesce(
        Case(
            When(state=LoanState.AGREED, then=F("approved_units")),
            When(
                pk__in=LoanTranche.objects.values("loan"),
                then=F("principal_units") + F("approved_units") - F("disbursed_units"),
            ),
            default=F("principal_units"),
        ),
        0,
    )
