"""Funding and budgets: every amount with its rate, pairs checked and flagged, sums exact on
approval."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from uuid import UUID

from babel.numbers import get_currency_precision
from django.db import transaction

from handup.kernel.errors import Fault, Faults, Refusal
from handup.kernel.ids import new_id
from handup.kernel.money import round_to
from handup.org import audit
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.duties import require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.projects.models import (
    Budget,
    BudgetLine,
    FundingAgreement,
    Organisation,
    Phase,
    Programme,
)
from handup.projects.models.labels import BUDGET_STATE, FundingKind
from handup.projects.rates import check_rate_day, rate_for, refuse_far
from handup.projects.rules.pairs import RATE_SCALE, as_kept, check_pair
from handup.projects.rules.states import BudgetState
from handup.projects.services.memoranda import not_to_come
from handup.projects.services.programmes import check_phase
from handup.projects.services.store import add, change


class AmountBelowZero(Refusal):
    """An amount cannot be below zero."""


class RateMissing(Refusal):
    """An amount in another currency needs its rate, the date of the rate and its source; where the
    register has the rate, the date alone."""


class RateNotAboveZero(Refusal):
    """A rate is more than zero."""


class RateAfterItsLine(Refusal):
    """The rate is dated after the year of the line."""


class LineTwice(Refusal):
    """The code {code} stands in this budget twice."""


class ParentMissing(Refusal):
    """The line {parent} above {code} is not in this budget."""


class BudgetEmpty(Refusal):
    """A budget has at least one line."""


class RevisionReasonMissing(Refusal):
    """Write why the budget is revised."""


class NotADraft(Refusal):
    """Only a draft is approved. This budget is {state}."""


class ChildrenDoNotAdd(Refusal):
    """The lines under {code} add to {total} {currency}, not to {stated}: the difference is
    {difference}."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetLineIn:
    """One line as printed: whole smallest units and the step each amount was printed to.

    `rate` = units of `currency` one unit of the reporting currency is worth, with date and
    source; with the date alone it is that of the register (`projects/rates.py`). Of
    `reporting_units` and `rate` one is enough; both are checked against each other.
    """

    code: str
    title: str
    currency: str
    amount_units: int
    parent_code: str = ""
    year: int | None = None
    step_units: int = 1
    reporting_units: int | None = None
    reporting_step_units: int = 1
    rate: Fraction | None = None
    rate_date: date | None = None
    rate_source: str = ""


def record_funding(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    funder: Organisation,
    kind: FundingKind,
    currency: str,
    amount_units: int | None = None,
    phase: Phase | None = None,
    terms: str = "",
    signed_date: date | None = None,
    conditions: str = "",
    reference: str = "",
    id: UUID | None = None,
) -> FundingAgreement:
    """Record who funds a programme; an amount nobody named stays open. Raises AmountBelowZero,
    DoneAhead.
    """
    row = FundingAgreement(
        id=id or new_id(),
        programme=programme,
        phase=phase,
        funder=funder,
        kind=kind.value,
        currency=currency,
        amount_units=amount_units,
        terms=terms,
        signed_date=signed_date,
        conditions=conditions,
        reference=reference,
    )
    require(acting_staff, "projects.record_funding", row)
    known = already_stored(
        FundingAgreement,
        id,
        acting_staff,
        programme=programme,
        funder=funder,
        amount_units=amount_units,
    )
    if known is not None:
        return known
    check_phase(programme, phase)
    if amount_units is not None and amount_units < 0:
        raise AmountBelowZero(field="amount_units")
    if signed_date is not None:
        not_to_come(signed_date, field="signed_date")
    add(acting_staff, "projects.record_funding", row)
    return row


def _digits(currency: str) -> int:
    digits: int = get_currency_precision(currency)
    return int(10**digits)


def _line_faults(lines: Sequence[BudgetLineIn], reporting: str) -> list[tuple[int, Refusal]]:
    found: list[tuple[int, Refusal]] = []
    codes = [line.code for line in lines]
    for row, line in enumerate(lines):
        if codes.index(line.code) < row:
            found.append((row, LineTwice(field="code", code=line.code)))
        if line.parent_code and line.parent_code not in codes:
            refusal = ParentMissing(field="parent", parent=line.parent_code, code=line.code)
            found.append((row, refusal))
        if line.amount_units < 0 or (line.reporting_units or 0) < 0:
            found.append((row, AmountBelowZero(field="amount_units")))
        if line.currency != reporting and (fault := _rate_fault(line)):
            found.append((row, fault))
    return found


def _rate_fault(line: BudgetLineIn) -> Refusal | None:
    if line.rate is None or line.rate_date is None or not line.rate_source:
        return RateMissing(field="rate")
    if line.rate <= 0 or round_to(line.rate * RATE_SCALE) == 0:
        return RateNotAboveZero(field="rate")
    if line.year is not None and line.rate_date.year > line.year:
        return RateAfterItsLine(field="rate_date")
    return None


def _with_rates(
    lines: Sequence[BudgetLineIn], reporting: str, *, confirmed: bool
) -> tuple[list[BudgetLineIn], list[tuple[int, Refusal]]]:
    """The lines with the register's rate where none is told; one that is told and far from it is
    asked about, unless somebody looked again.
    """
    filled, found = [], []
    for row, line in enumerate(lines):
        on = line.rate_date
        try:
            if line.currency != reporting and on is not None:
                check_rate_day(on)
                if line.rate is None:
                    told = rate_for(reporting, line.currency, on)
                    line = replace(
                        line, rate=told.rate, rate_date=told.rate_date, rate_source=told.source
                    )
                elif line.rate > 0 and not confirmed:
                    refuse_far(reporting, line.currency, line.rate, on)
        except Refusal as refusal:
            found.append((row, refusal))
        filled.append(line)
    return filled, found


def _checked(
    lines: Sequence[BudgetLineIn], reporting: str, *, confirmed: bool
) -> list[BudgetLineIn]:
    """The lines with their rates. Raises Faults, each with its line."""
    filled, unrated = _with_rates(lines, reporting, confirmed=confirmed)
    told = {row for row, _refusal in unrated}
    wrong = [
        (row, refusal)
        for row, refusal in _line_faults(filled, reporting)
        if row not in told or not isinstance(refusal, RateMissing)
    ]
    if found := sorted([*unrated, *wrong], key=lambda pair: pair[0]):
        raise Faults(
            [Fault(f.code, str(f), f"line {n + 1}", row=n + 1, column=f.field) for n, f in found]
        )
    return filled


def _row(budget: Budget, line: BudgetLineIn, parent: BudgetLine | None) -> BudgetLine:
    row = BudgetLine(
        budget=budget,
        parent=parent,
        code=line.code,
        title=line.title,
        year=line.year,
        currency=line.currency,
        amount_units=line.amount_units,
        step_units=line.step_units,
        reporting_units=line.amount_units,
        reporting_step_units=line.step_units,
    )
    if line.currency == budget.reporting_currency or line.rate is None:
        return row
    local = Fraction(line.amount_units, _digits(line.currency))
    cent = _digits(budget.reporting_currency)
    row.rate_numerator, row.rate_denominator = as_kept(Fraction(line.rate))
    rate = Fraction(row.rate_numerator, row.rate_denominator)
    row.rate_date, row.rate_source = line.rate_date, line.rate_source
    row.reporting_step_units = line.reporting_step_units
    if line.reporting_units is None:
        row.reporting_units = round_to(local / rate * cent)
        return row
    row.reporting_units = line.reporting_units
    pair = check_pair(
        local=local,
        foreign=Fraction(line.reporting_units, cent),
        rate=rate,
        step_local=Fraction(line.step_units, _digits(line.currency)),
        step_foreign=Fraction(line.reporting_step_units, cent),
    )
    row.pair_agrees = pair.agrees
    row.implied_rate = "" if pair.agrees else pair.implied_rate_text
    return row


def prepare_budget(
    *,
    acting_staff: StaffUser,
    phase: Phase,
    reporting_currency: str,
    lines: Sequence[BudgetLineIn],
    reason: str = "",
    rates_confirmed: bool = False,
    id: UUID | None = None,
) -> Budget:
    """Prepare the next version of a phase's budget; pairs of amounts that disagree are kept and
    flagged. The same id twice is one version. rates_confirmed: somebody looked again at rates far
    from the register.

    Raises BudgetEmpty, RevisionReasonMissing, SameIdOtherContent, and Faults by line (LineTwice,
    ParentMissing, RateMissing, NoRateThen, RateFarFromRegister …).
    """
    said = {"phase": phase, "reporting_currency": reporting_currency, "reason": reason}
    if (known := already_stored(Budget, id, acting_staff, **said)) is not None:
        require(acting_staff, "projects.prepare_budget", phase)
        held = set(BudgetLine.objects.filter(budget=known).values_list("code", flat=True))
        if held != {line.code for line in lines}:
            raise SameIdOtherContent(field="lines")
        return known
    last = phase.budgets.order_by("-version").first()
    budget = Budget(
        id=id or new_id(),
        programme=phase.programme,
        phase=phase,
        version=1 if last is None else last.version + 1,
        reporting_currency=reporting_currency,
        reason=reason,
        prepared_by=acting_staff,
    )
    require(acting_staff, "projects.prepare_budget", phase)
    if not lines:
        raise BudgetEmpty(field="lines")
    if last is not None and not reason.strip():
        raise RevisionReasonMissing(field="reason")
    lines = _checked(lines, reporting_currency, confirmed=rates_confirmed)
    with transaction.atomic():
        add(acting_staff, "projects.prepare_budget", budget, {"lines": len(lines)})
        stored: dict[str, BudgetLine] = {}
        waiting = list(lines)
        while waiting:
            ready = [ln for ln in waiting if not ln.parent_code or ln.parent_code in stored]
            if not ready:
                raise ParentMissing(
                    field="parent", parent=waiting[0].parent_code, code=waiting[0].code
                )
            rows = [_row(budget, line, stored.get(line.parent_code)) for line in ready]
            BudgetLine.objects.bulk_create(rows)
            stored.update({row.code: row for row in rows})
            waiting = [line for line in waiting if line not in ready]
    return budget


def _refuse_wrong_sums(budget: Budget) -> None:
    lines = list(budget.lines.all())
    children: dict[UUID, list[BudgetLine]] = defaultdict(list)
    for line in lines:
        if line.parent_id is not None:
            children[line.parent_id].append(line)
    for parent in lines:
        below = children[parent.pk]
        if not below:
            continue
        own = sum(line.amount_units for line in below)
        reported = sum(line.reporting_units for line in below)
        pairs = [(reported, parent.reporting_units, budget.reporting_currency)]
        if all(line.currency == parent.currency for line in below):
            pairs.insert(0, (own, parent.amount_units, parent.currency))
        for total, stated, currency in pairs:
            if total != stated:
                raise ChildrenDoNotAdd(
                    code=parent.code,
                    total=total,
                    stated=stated,
                    currency=currency,
                    difference=total - stated,
                )


def _refuse_no_draft(budget: Budget) -> None:
    """Refuse what is approved or replaced as it is stored now. Raises NotADraft."""
    Phase.objects.select_for_update().get(pk=budget.phase_id)
    budget.refresh_from_db(fields=["state"])
    newer = budget.phase.budgets.filter(version__gt=budget.version)
    if budget.state != BudgetState.DRAFT:
        raise NotADraft(state=budget.get_state_display())
    if newer.exclude(state=BudgetState.DRAFT.value).exists():
        raise NotADraft(state=BUDGET_STATE[BudgetState.REVISED])


def approve_budget(
    *, acting_staff: StaffUser, budget: Budget, approved_date: date, reason: str = ""
) -> Budget:
    """Approve a draft somebody else prepared; the version before becomes REVISED.

    A draft older than what was approved is not: a newer version stands in its place. Raises
    NotADraft, DoneAhead, ChildrenDoNotAdd with the difference, SamePerson or ReasonNeeded by
    profile.
    """
    require(acting_staff, "projects.approve_budget", budget)
    not_to_come(approved_date, field="approved_date")
    with transaction.atomic():
        _refuse_no_draft(budget)
        _refuse_wrong_sums(budget)
        require_other_person(
            acting_staff,
            budget.prepared_by,
            step="projects.approve_budget",
            reason=reason,
            obj=budget,
        )
        for former in budget.phase.budgets.filter(state=BudgetState.APPROVED.value):
            former.state = BudgetState.REVISED.value
            former.save(update_fields=["state"])
            audit.record(acting_staff, "projects.revise_budget", former)
        change(
            acting_staff,
            "projects.approve_budget",
            budget,
            state=BudgetState.APPROVED.value,
            approved_by=acting_staff,
            approved_date=approved_date,
        )
    return budget
